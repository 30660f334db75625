//! Directions: what is made of the gradients so far.

mod bfgs;
mod conjugate_gradient;
mod lbfgs;
mod lbfgsb;
mod newton;
mod run;
mod steihaug;

pub(crate) use run::DescentRun;

use crate::Method;
use crate::interrupt::Interrupt;
use crate::matrix::dot;
use crate::problem::Problem;

/// A source of directions.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Descent {
    /// -g.
    Steepest,
    ConjugateGradient(conjugate_gradient::ConjugateGradient),
    Bfgs(bfgs::Bfgs),
    Lbfgs(lbfgs::Lbfgs),
    Newton(newton::Newton),
    NewtonCg(newton::NewtonCg),
}

impl Descent {
    pub fn new(method: &Method) -> Self {
        match *method {
            Method::ConjugateGradient => {
                Descent::ConjugateGradient(conjugate_gradient::ConjugateGradient::default())
            }
            Method::Bfgs => Descent::Bfgs(bfgs::Bfgs::default()),
            Method::Lbfgs { memory } => Descent::Lbfgs(lbfgs::Lbfgs::new(memory)),
            Method::Automatic => Descent::Lbfgs(lbfgs::Lbfgs::new(10)),
            Method::Newton => Descent::Newton(newton::Newton::default()),
            Method::NewtonCg => Descent::NewtonCg(newton::NewtonCg::default()),
            _ => Descent::Steepest,
        }
    }

    /// A direction at x into `p`; its slope g^T p is negative or the caller takes -g.
    pub fn direction(
        &mut self,
        problem: &mut Problem<'_>,
        x: &[f64],
        g: &[f64],
        radius: Option<f64>,
        p: &mut [f64],
    ) -> Result<(), Interrupt> {
        match self {
            Descent::Steepest => p.iter_mut().zip(g).for_each(|(p, g)| *p = -g),
            Descent::ConjugateGradient(descent) => descent.direction(g, p),
            Descent::Bfgs(descent) => descent.direction(g, radius, p),
            Descent::Lbfgs(descent) if !problem.bounds.is_none() => {
                lbfgsb::direction(descent, &problem.bounds, x, g, p);
            }
            Descent::Lbfgs(descent) => descent.direction(g, p),
            Descent::Newton(descent) => descent.direction(problem, x, g, radius, p)?,
            Descent::NewtonCg(descent) => descent.direction(problem, x, g, radius, p)?,
        }
        Ok(())
    }

    /// Learns from the step s and the change y of the gradient, whose buffers it may take; `products` are y^T s,
    /// y^T y and s^T s.
    pub fn learn(&mut self, s: &mut Vec<f64>, y: &mut Vec<f64>, products: [f64; 3]) {
        match self {
            Descent::ConjugateGradient(descent) => descent.learn(),
            Descent::Bfgs(descent) => descent.learn(s, y),
            Descent::Lbfgs(descent) => descent.learn(s, y, products),
            _ => {}
        }
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        match self {
            Descent::ConjugateGradient(descent) => *descent = Default::default(),
            Descent::Bfgs(descent) => *descent = Default::default(),
            Descent::Lbfgs(descent) => descent.reset(),
            _ => {}
        }
    }

    /// Whether a step of length 1 is the natural first trial.
    pub fn has_scale(&self) -> bool {
        match self {
            Descent::Steepest | Descent::ConjugateGradient(_) => false,
            Descent::Bfgs(descent) => descent.is_scaled(),
            Descent::Lbfgs(descent) => !descent.is_empty(),
            Descent::Newton(_) | Descent::NewtonCg(_) => true,
        }
    }

    /// The curvature constant of Wolfe's condition that fits: conjugate gradients need accurate
    /// searches (Nocedal and Wright, section 3.1).
    pub fn wolfe(&self) -> f64 {
        match self {
            Descent::ConjugateGradient(_) => 0.1,
            _ => 0.9,
        }
    }

    /// The decrease that the model predicts for a step p, for a trust region.
    pub fn predicted(&self, g: &[f64], p: &[f64]) -> Option<f64> {
        match self {
            Descent::Bfgs(descent) => Some(-dot(g, p) - 0.5 * descent.bend(p)),
            Descent::Newton(descent) => descent.bend(p).map(|bend| -dot(g, p) - 0.5 * bend),
            Descent::NewtonCg(descent) => Some(descent.predicted),
            _ => None,
        }
    }

    /// The method by name.
    pub fn method(&self) -> Method {
        match self {
            Descent::Steepest => Method::SteepestDescent,
            Descent::ConjugateGradient(_) => Method::ConjugateGradient,
            Descent::Bfgs(_) => Method::Bfgs,
            Descent::Lbfgs(descent) => Method::Lbfgs {
                memory: descent.memory(),
            },
            Descent::Newton(_) => Method::Newton,
            Descent::NewtonCg(_) => Method::NewtonCg,
        }
    }
}
