//! The operators that can be checked: their numeric values, and where each entry comes from.

use crate::evaluate::serial;
use crate::method::Method;
use crate::operators::{
    Gradient, Hessian, HessianVector, Jacobian, JacobianVector, Operator, VectorJacobian,
};
use crate::workspace::Workspace;
use crate::{Adaptive, Error, Function, Status};

/// How an operator's entries relate to its lines.
pub(super) trait CheckableOperator: Operator {
    /// Where entry `k` comes from, of `n` coordinates; none where it is made of several lines.
    fn place(&self, n: usize, k: usize) -> Option<Place> {
        let _ = (n, k);
        None
    }

    /// The directions along which entry `k` of `n` is a second derivative; none where it is of first order.
    fn pair(&self, n: usize, k: usize) -> Option<Pair> {
        let _ = (n, k);
        None
    }
}

/// The two directions of a second derivative.
#[derive(Clone, Copy)]
pub(super) struct Pair {
    /// A coordinate.
    pub first: usize,
    /// A coordinate; none: the operator's vector.
    pub second: Option<usize>,
}

/// The line along which one output determines an entry.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// A coordinate; none: the operator's vector.
    pub coordinate: Option<usize>,
    /// An output; none: the outputs weighted by the operator's vector.
    pub output: Option<usize>,
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

/// What the adaptive method says of one entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numeric {
    pub value: f64,
    pub error: f64,
    pub status: Status,
}

/// Differentiates with error bars; also returns the evaluations.
pub(super) fn differentiate<O: CheckableOperator, F: Function>(
    method: &Adaptive,
    operator: &O,
    f: &mut F,
    x: &[f64],
    vector: &[f64],
) -> Result<(Vec<Numeric>, usize), Error> {
    let scheme = method.scheme();
    let mut workspace = Workspace::<f64, f64>::new();
    let Workspace {
        line_set,
        results,
        scratch,
        ..
    } = &mut workspace;
    let (kind, order) = operator.lines();
    line_set.begin(x.iter().copied(), f64::EPSILON, kind, order)?;
    scheme.validate(line_set)?;
    operator.prepare(vector, scheme, line_set)?;
    serial::run(scheme, line_set, f, scratch, results)?;
    operator.conclude(line_set, results);
    let entries = (0..operator.length(line_set, results)).map(|k| {
        let entry = operator.entry(line_set, results, k);
        Numeric {
            value: entry.value,
            error: entry.error,
            status: entry.status,
        }
    });
    Ok((entries.collect(), results.evaluations))
}

impl CheckableOperator for Gradient {
    fn place(&self, _: usize, k: usize) -> Option<Place> {
        Some(Place {
            coordinate: Some(k),
            output: Some(0),
        })
    }
}

impl CheckableOperator for Jacobian {
    fn place(&self, n: usize, k: usize) -> Option<Place> {
        Some(Place {
            coordinate: Some(k % n),
            output: Some(k / n),
        })
    }
}

impl CheckableOperator for JacobianVector {
    fn place(&self, _: usize, k: usize) -> Option<Place> {
        Some(Place {
            coordinate: None,
            output: Some(k),
        })
    }
}

impl CheckableOperator for VectorJacobian {
    fn place(&self, _: usize, k: usize) -> Option<Place> {
        Some(Place {
            coordinate: Some(k),
            output: None,
        })
    }
}

impl CheckableOperator for Hessian {
    fn pair(&self, n: usize, k: usize) -> Option<Pair> {
        Some(Pair {
            first: k / n,
            second: Some(k % n),
        })
    }
}

impl CheckableOperator for HessianVector {
    fn pair(&self, _: usize, k: usize) -> Option<Pair> {
        Some(Pair {
            first: k,
            second: None,
        })
    }
}
