//! Directions: what is made of the gradients so far.

mod barzilai_borwein;
mod bfgs;
mod conjugate_gradient;
mod lbfgs;
mod lbfgsb;
mod newton;
mod newton_cg;
mod pairs;
mod run;
mod steepest;
mod steihaug;

pub(crate) use run::DescentRun;

use crate::Method;
use crate::interrupt::Interrupt;
use crate::problem::Problem;
use crate::search::Search;
use std::ops::{Deref, DerefMut};

/// Where a direction begins: x, the gradient there, and the radius of a trust region.
pub(crate) struct At<'a, 'e> {
    pub problem: &'a mut Problem<'e>,
    pub x: &'a [f64],
    pub g: &'a [f64],
    pub radius: Option<f64>,
}

/// A source of directions: one file each, and a line in the list below.
pub(crate) trait Direction {
    /// The search that fits, unless the caller chose.
    fn search(&self) -> Search {
        Search::StrongWolfe
    }

    /// A direction into `p`; its slope g^T p is negative or the caller takes -g.
    fn direction(&mut self, at: At<'_, '_>, p: &mut [f64]) -> Result<(), Interrupt>;

    /// Learns from the step s and the change y of the gradient, whose buffers it may take; `products` are y^T s,
    /// y^T y and s^T s.
    fn learn(&mut self, _s: &mut Vec<f64>, _y: &mut Vec<f64>, _products: [f64; 3]) {}

    /// Forgets everything.
    fn reset(&mut self) {}

    /// Whether a step of length 1 is the natural first trial.
    fn has_scale(&self) -> bool {
        false
    }

    /// Whether every direction is one of descent by construction.
    fn always_descends(&self) -> bool {
        false
    }

    /// The value that the next point must be below, where f is `f`.
    fn reference(&mut self, f: f64) -> f64 {
        f
    }

    /// The curvature constant of Wolfe's condition that fits.
    fn wolfe(&self) -> f64 {
        0.9
    }

    /// The decrease that the model predicts for a step p, for a trust region.
    fn predicted(&self, _g: &[f64], _p: &[f64]) -> Option<f64> {
        None
    }
}

/// The list of sources, and the type that is any of them.
macro_rules! directions {
    ($($name:ident($kind:ty): $method:pat => $new:expr),* $(,)?) => {
        /// Any source of directions.
        #[derive(Clone, Debug)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        pub(crate) enum Descent {
            $($name($kind)),*
        }

        impl Descent {
            /// The source for a method; `None` where the method takes none.
            pub fn of(method: &Method) -> Option<Self> {
                match *method {
                    $($method => Some(Descent::$name($new)),)*
                    // One by one, so that a new method has to say what it follows.
                    Method::Automatic
                    | Method::GradientDescent { .. }
                    | Method::Momentum { .. }
                    | Method::Nesterov { .. }
                    | Method::AdaGrad { .. }
                    | Method::RmsProp { .. }
                    | Method::Adam { .. }
                    | Method::AdamW { .. } => None,
                }
            }
        }

        impl Deref for Descent {
            type Target = dyn Direction;

            fn deref(&self) -> &Self::Target {
                match self { $(Descent::$name(source) => source),* }
            }
        }

        impl DerefMut for Descent {
            fn deref_mut(&mut self) -> &mut Self::Target {
                match self { $(Descent::$name(source) => source),* }
            }
        }
    };
}

directions! {
    Steepest(steepest::Steepest): Method::SteepestDescent => Default::default(),
    BarzilaiBorwein(barzilai_borwein::BarzilaiBorwein): Method::BarzilaiBorwein => Default::default(),
    ConjugateGradient(conjugate_gradient::ConjugateGradient): Method::ConjugateGradient => Default::default(),
    Bfgs(bfgs::Bfgs): Method::Bfgs => Default::default(),
    Lbfgs(lbfgs::Lbfgs): Method::Lbfgs { memory } => lbfgs::Lbfgs::new(memory),
    Newton(newton::Newton): Method::Newton => Default::default(),
    NewtonCg(newton_cg::NewtonCg): Method::NewtonCg => Default::default(),
}
