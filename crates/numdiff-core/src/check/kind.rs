//! The derivatives that can be checked: their numeric values, and where each entry comes from.

use crate::evaluate::workspace::Buffers;
use crate::line::LineEstimate;
use crate::method::{Method, Question};
use crate::moves::AnyFunction;
use crate::operators::{
    AnyOperator, Gradient, Hessian, HessianVector, Jacobian, JacobianVector, Of, VectorJacobian,
};
use crate::{Adaptive, Error};

/// What is checked.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Gradient,
    Jacobian,
    Hessian,
    JacobianVector,
    VectorJacobian,
    HessianVector,
}

/// Where an entry comes from.
#[derive(Clone, Copy)]
pub(super) enum Origin {
    /// The line along which one output determines it.
    Line(Place),
    /// The directions along which it is a second derivative: a coordinate, and a coordinate or the vector.
    Corner(usize, Option<usize>),
}

/// A line and an output.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// A coordinate; none: the vector.
    pub coordinate: Option<usize>,
    /// An output; none: the outputs weighted by the vector.
    pub output: Option<usize>,
}

impl Kind {
    /// What it is called in the first line of a report, and in errors.
    pub fn names(self) -> [&'static str; 2] {
        match self {
            Kind::Gradient => ["gradient", "the gradient"],
            Kind::Jacobian => ["jacobian", "the Jacobian"],
            Kind::Hessian => ["hessian", "the Hessian"],
            Kind::JacobianVector => ["Jacobian-vector product", "the product"],
            Kind::VectorJacobian => ["vector-Jacobian product", "the product"],
            Kind::HessianVector => ["Hessian-vector product", "the product"],
        }
    }

    /// The shape of its entries for an x of this shape and an f of so many outputs.
    pub fn shape(self, x: Vec<usize>, outputs: usize) -> Vec<usize> {
        let n = x.iter().product();
        match self {
            Kind::Jacobian => vec![outputs, n],
            Kind::Hessian => vec![n, n],
            Kind::JacobianVector => vec![outputs],
            Kind::Gradient | Kind::VectorJacobian | Kind::HessianVector => x,
        }
    }

    /// Where entry `k` comes from, of `n` coordinates.
    pub fn origin(self, n: usize, k: usize) -> Origin {
        let line = |coordinate, output| Origin::Line(Place { coordinate, output });
        match self {
            Kind::Gradient => line(Some(k), Some(0)),
            Kind::Jacobian => line(Some(k % n), Some(k / n)),
            Kind::JacobianVector => line(None, Some(k)),
            Kind::VectorJacobian => line(Some(k), None),
            Kind::Hessian => Origin::Corner(k / n, Some(k % n)),
            Kind::HessianVector => Origin::Corner(k, None),
        }
    }

    /// The entries with their error bars by the adaptive method; also returns the evaluations.
    pub fn differentiate(
        self,
        f: &mut dyn AnyFunction,
        x: &[f64],
        vector: &[f64],
    ) -> Result<(Vec<LineEstimate>, usize), Error> {
        let operator: AnyOperator = match self {
            Kind::Gradient => Gradient.into(),
            Kind::Jacobian => Jacobian.into(),
            Kind::Hessian => Hessian(Of::Scalar).into(),
            Kind::JacobianVector => JacobianVector(Of::Outputs).into(),
            Kind::VectorJacobian => VectorJacobian.into(),
            Kind::HessianVector => HessianVector.into(),
        };
        let (method, mut buffers) = (Adaptive::new(), Buffers::default());
        let question = Question {
            scheme: method.scheme(),
            operator,
            x,
            vector,
            given: &[],
        };
        question.lines(f, &mut buffers)?;
        let found = buffers.found(&question.operator);
        Ok((found.entries().collect(), buffers.results.evaluations))
    }
}

impl Place {
    /// The output, or the weighted sum.
    pub fn value(&self, outputs: &[f64], vector: &[f64]) -> f64 {
        match self.output {
            Some(output) => outputs[output],
            None => outputs.iter().zip(vector).map(|(f, u)| f * u).sum(),
        }
    }

    /// The size of the output, or of the terms of the weighted sum.
    pub fn size(&self, outputs: &[f64], vector: &[f64]) -> f64 {
        match self.output {
            Some(output) => outputs[output].abs(),
            None => outputs.iter().zip(vector).map(|(f, u)| (f * u).abs()).sum(),
        }
    }
}
