//! The methods by name.

use crate::Error;
use crate::error::{positive, require};

/// How to minimize. `Method::Automatic` is the default and the best choice for a smooth f of up to a
/// few hundred unknowns, with or without a gradient.
///
/// | | needs | good for |
/// |---|---|---|
/// | `Automatic` | f | nearly everything |
/// | `Lbfgs` | f, a gradient from n = 1000 on | many unknowns |
/// | `BarzilaiBorwein` | f, better a gradient | many unknowns at the least work and memory a step |
/// | `Bfgs`, `ConjugateGradient`, `SteepestDescent` | f | comparison, textbooks |
/// | `Newton`, `NewtonCg` | f, better a gradient | few iterations at a high price each |
/// | `GradientDescent` … `AdamW` | a learning rate | stochastic objectives, training |
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Method {
    /// The quasi-Newton method on function values; L-BFGS with a memory of 10, and its test of the gradient, beyond 300
    /// unknowns or with a fixed difference. [`Minimum::method`](crate::Minimum::method) says which ran.
    #[default]
    Automatic,
    /// x <- x - r g, the tutorial's method: by default also with its differences.
    GradientDescent {
        /// r.
        learning_rate: f64,
    },
    /// v <- m v - r g, x <- x + v (Polyak 1964).
    Momentum {
        /// r.
        learning_rate: f64,
        /// m, below 1.
        momentum: f64,
    },
    /// Momentum with the gradient taken ahead (Nesterov 1983, in the form of Sutskever et al. 2013).
    Nesterov {
        /// r.
        learning_rate: f64,
        /// m, below 1.
        momentum: f64,
    },
    /// Steps divided by the root of the sum of squared gradients (Duchi, Hazan, Singer 2011).
    AdaGrad {
        /// r.
        learning_rate: f64,
        /// Added to the root, so that nothing is divided by 0: 1e-8 is usual, textbooks take 1e-7.
        epsilon: f64,
    },
    /// Steps divided by the root of a moving average of squared gradients (Tieleman, Hinton 2012).
    RmsProp {
        /// r.
        learning_rate: f64,
        /// Decay of the average, below 1; 0.9 is usual.
        decay: f64,
        /// Added to the root: 1e-8 is usual.
        epsilon: f64,
    },
    /// Moving averages of the gradient and its square, bias corrected (Kingma, Ba 2015).
    Adam {
        /// r.
        learning_rate: f64,
        /// Decay of the first average; 0.9 is usual.
        beta1: f64,
        /// Decay of the second average; 0.999 is usual.
        beta2: f64,
        /// Added to the root of the corrected average: 1e-8 in the source. Where a textbook adds its
        /// epsilon to the root of the average itself, that is this one times sqrt(1 - beta2^t) in step t.
        epsilon: f64,
    },
    /// Adam with decoupled weight decay (Loshchilov, Hutter 2019).
    AdamW {
        /// r.
        learning_rate: f64,
        /// Decay of the first average.
        beta1: f64,
        /// Decay of the second average.
        beta2: f64,
        /// Added to the root of the corrected average: 1e-8 in the source.
        epsilon: f64,
        /// x shrinks by r times this a step.
        weight_decay: f64,
    },
    /// The negative gradient with a search.
    SteepestDescent,
    /// The negative gradient, as long as the last step suggests (Barzilai, Borwein 1988); f may rise on the way, but not
    /// above the highest of its last ten values (Raydan 1997).
    BarzilaiBorwein,
    /// Nonlinear conjugate gradients: Polak-Ribière, restarted where it is negative.
    ConjugateGradient,
    /// BFGS on the inverse Hessian, as in the textbook.
    Bfgs,
    /// Limited-memory BFGS; with bounds L-BFGS-B.
    Lbfgs {
        /// Pairs kept; 5 to 20 is usual.
        memory: usize,
    },
    /// Newton's method: the full Hessian by differences every iteration.
    Newton,
    /// Newton's method with the linear system solved by conjugate gradients on Hessian-vector
    /// differences.
    NewtonCg,
}

/// What is usually added to a root that divides.
const USUAL_EPSILON: f64 = 1e-8;

impl Method {
    /// AdaGrad with the usual epsilon 1e-8.
    pub fn ada_grad(learning_rate: f64) -> Self {
        Method::AdaGrad {
            learning_rate,
            epsilon: USUAL_EPSILON,
        }
    }

    /// RMSProp with the usual decay 0.9 and epsilon 1e-8.
    pub fn rms_prop(learning_rate: f64) -> Self {
        Method::RmsProp {
            learning_rate,
            decay: 0.9,
            epsilon: USUAL_EPSILON,
        }
    }

    /// Adam with the usual decays 0.9 and 0.999, and epsilon 1e-8.
    pub fn adam(learning_rate: f64) -> Self {
        Method::Adam {
            learning_rate,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: USUAL_EPSILON,
        }
    }

    /// AdamW with the usual decays and epsilon.
    pub fn adam_w(learning_rate: f64, weight_decay: f64) -> Self {
        Method::AdamW {
            learning_rate,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: USUAL_EPSILON,
            weight_decay,
        }
    }

    /// The learning rate, for the methods that have one.
    pub fn learning_rate(&self) -> Option<f64> {
        match *self {
            Method::GradientDescent { learning_rate }
            | Method::Momentum { learning_rate, .. }
            | Method::Nesterov { learning_rate, .. }
            | Method::AdaGrad { learning_rate, .. }
            | Method::RmsProp { learning_rate, .. }
            | Method::Adam { learning_rate, .. }
            | Method::AdamW { learning_rate, .. } => Some(learning_rate),
            _ => None,
        }
    }

    pub(crate) fn validate(&self) -> Result<(), Error> {
        if let Some(rate) = self.learning_rate() {
            positive("learning rate", rate)?;
        }
        let share = |setting, value: f64| {
            require(
                (0.0..1.0).contains(&value),
                setting,
                value,
                "at least 0 and below 1",
            )
        };
        if let Method::AdaGrad { epsilon, .. }
        | Method::RmsProp { epsilon, .. }
        | Method::Adam { epsilon, .. }
        | Method::AdamW { epsilon, .. } = *self
        {
            positive("epsilon", epsilon)?;
        }
        match *self {
            Method::Momentum { momentum, .. } | Method::Nesterov { momentum, .. } => {
                share("momentum", momentum)
            }
            Method::RmsProp { decay, .. } => share("decay", decay),
            Method::Adam { beta1, beta2, .. } => {
                share("beta1", beta1)?;
                share("beta2", beta2)
            }
            Method::AdamW {
                beta1,
                beta2,
                weight_decay,
                ..
            } => {
                share("beta1", beta1)?;
                share("beta2", beta2)?;
                let holds = weight_decay >= 0.0 && weight_decay.is_finite();
                require(holds, "weight decay", weight_decay, "at least 0 and finite")
            }
            Method::Lbfgs { memory: 0 } => require(false, "memory", 0.0, "at least 1"),
            _ => Ok(()),
        }
    }
}
