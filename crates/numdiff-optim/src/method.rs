//! The methods by name.

use crate::Error;
use crate::error::{positive, require};

/// The method of a minimization. [`Method::Automatic`] is the default and the best choice for a smooth f of up to a few
/// hundred unknowns, with or without a gradient.
///
/// | Method | Needs | Suited for |
/// |---|---|---|
/// | `Automatic` | f | nearly everything |
/// | `Lbfgs` | f; beyond 1000 unknowns a gradient | many unknowns |
/// | `BarzilaiBorwein` | f, better a gradient | many unknowns with the least work and memory per step |
/// | `Bfgs`, `ConjugateGradient`, `SteepestDescent` | f | comparisons and textbook exercises |
/// | `Newton`, `NewtonCg` | f, better a gradient | few iterations, each of which costs many evaluations |
/// | `GradientDescent` to `AdamW` | a learning rate | stochastic objectives and training |
///
/// In the formulas r is the learning rate, g the gradient at x, and t the step, counted from 1. Squares, roots and
/// quotients of vectors are taken element by element.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Method {
    /// A quasi-Newton method on function values. It keeps a BFGS approximation of the Hessian (J. Nocedal, S. J.
    /// Wright, Numerical Optimization, 2006, chapter 6), takes its difference steps from the curvature that it learns,
    /// and goes from one-sided to central differences when the error of the gradient begins to matter. Beyond 300
    /// unknowns, or with a fixed difference, it is L-BFGS with a memory of 10 instead. With constraints it is
    /// sequential quadratic programming. [`Minimum::method`](crate::Minimum::method) says which of the first two ran.
    #[default]
    Automatic,
    /// Gradient descent: x <- x - r g. Without bounds it takes the tutorial's differences by default: central, step
    /// 1e-4.
    GradientDescent {
        /// The learning rate r; positive.
        learning_rate: f64,
    },
    /// Gradient descent with momentum: v <- m v - r g, x <- x + v (B. T. Polyak, USSR Comput. Math. Math. Phys. 4
    /// (1964) 1-17).
    Momentum {
        /// The learning rate r; positive.
        learning_rate: f64,
        /// The momentum m; at least 0 and below 1.
        momentum: f64,
    },
    /// Nesterov's accelerated gradient: as `Momentum`, with g taken at x + m v (Y. Nesterov, Soviet Math. Dokl. 27
    /// (1983) 372-376, in the form of I. Sutskever et al., ICML 2013, equations 3 and 4).
    Nesterov {
        /// The learning rate r; positive.
        learning_rate: f64,
        /// The momentum m; at least 0 and below 1.
        momentum: f64,
    },
    /// AdaGrad: s <- s + g^2, x <- x - r g / (sqrt(s) + epsilon) (J. Duchi, E. Hazan, Y. Singer, JMLR 12 (2011)
    /// 2121-2159, diagonal form).
    AdaGrad {
        /// The learning rate r; positive.
        learning_rate: f64,
        /// Added to the root to avoid division by 0; positive, usually 1e-8 (some textbooks take 1e-7).
        epsilon: f64,
    },
    /// RMSProp: s <- decay s + (1 - decay) g^2, x <- x - r g / (sqrt(s) + epsilon) (T. Tieleman, G. Hinton, Coursera
    /// lecture 6.5, 2012).
    RmsProp {
        /// The learning rate r; positive.
        learning_rate: f64,
        /// The decay of the moving average of g^2; at least 0 and below 1, usually 0.9.
        decay: f64,
        /// Added to the root to avoid division by 0; positive, usually 1e-8.
        epsilon: f64,
    },
    /// Adam (D. P. Kingma, J. Ba, ICLR 2015, algorithm 1): m <- beta1 m + (1 - beta1) g, v <- beta2 v + (1 - beta2)
    /// g^2, and `x <- x - r (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)`.
    Adam {
        /// The learning rate r; positive.
        learning_rate: f64,
        /// The decay of the moving average of g; at least 0 and below 1, usually 0.9.
        beta1: f64,
        /// The decay of the moving average of g^2; at least 0 and below 1, usually 0.999.
        beta2: f64,
        /// Added to the root of the corrected average; positive, 1e-8 in the paper. A formula that adds its epsilon to
        /// sqrt(v) instead, with the corrections in the rate, uses this value times sqrt(1 - beta2^t).
        epsilon: f64,
    },
    /// Adam with decoupled weight decay: the step of `Adam`, and x <- x - r weight_decay x (I. Loshchilov, F. Hutter,
    /// ICLR 2019, algorithm 2).
    AdamW {
        /// The learning rate r; positive.
        learning_rate: f64,
        /// The decay of the moving average of g; at least 0 and below 1, usually 0.9.
        beta1: f64,
        /// The decay of the moving average of g^2; at least 0 and below 1, usually 0.999.
        beta2: f64,
        /// Added to the root of the corrected average; positive, 1e-8 in the paper.
        epsilon: f64,
        /// The weight decay; at least 0. Each step shrinks x by r times this.
        weight_decay: f64,
    },
    /// Steepest descent: the negative gradient, with a search; by default `StrongWolfe`.
    SteepestDescent,
    /// The Barzilai-Borwein method: the negative gradient times s^T s / s^T y, where s and y are the last changes of x
    /// and of the gradient (J. Barzilai, J. M. Borwein, IMA J. Numer. Anal. 8 (1988) 141-148). f may rise, but not
    /// above the highest of its last ten values (M. Raydan, SIAM J. Optim. 7 (1997) 26-33).
    BarzilaiBorwein,
    /// Nonlinear conjugate gradients with the beta of Polak and Ribière, not below 0 (Nocedal and Wright, equation
    /// 5.45). Search `StrongWolfe` by default.
    ConjugateGradient,
    /// BFGS: an n x n approximation of the Hessian, updated by Nocedal and Wright's equation 6.19 and first scaled by
    /// 6.20. Search `StrongWolfe` by default.
    Bfgs,
    /// Limited-memory BFGS (Nocedal and Wright, algorithm 7.4). With bounds it is L-BFGS-B (R. H. Byrd, P. Lu, J.
    /// Nocedal, C. Zhu, SIAM J. Sci. Comput. 16 (1995) 1190-1208). Search `StrongWolfe` by default.
    Lbfgs {
        /// The number of stored pairs of changes in x and the gradient, n numbers each; at least 1, usually 5 to 20.
        memory: usize,
    },
    /// Newton's method. Each iteration takes the full Hessian, by n (n + 1) + 1 evaluations of f or 2n of a given
    /// gradient. If the Hessian is not positive definite, a multiple of the identity is added (Nocedal and Wright,
    /// algorithm 3.3). Search `Backtracking` by default.
    Newton,
    /// Newton's method with its linear system solved by conjugate gradients (Nocedal and Wright, algorithm 7.1). Each
    /// product with the Hessian costs two evaluations of a given gradient, or differences of f. Search `Backtracking`
    /// by default.
    NewtonCg,
}

/// What is usually added to a root that divides.
const USUAL_EPSILON: f64 = 1e-8;

impl Method {
    /// Returns AdaGrad with the usual epsilon of 1e-8.
    pub fn ada_grad(learning_rate: f64) -> Self {
        Method::AdaGrad {
            learning_rate,
            epsilon: USUAL_EPSILON,
        }
    }

    /// Returns RMSProp with the usual decay of 0.9 and epsilon of 1e-8.
    pub fn rms_prop(learning_rate: f64) -> Self {
        Method::RmsProp {
            learning_rate,
            decay: 0.9,
            epsilon: USUAL_EPSILON,
        }
    }

    /// Returns Adam with the usual decays of 0.9 and 0.999 and epsilon of 1e-8.
    pub fn adam(learning_rate: f64) -> Self {
        Method::Adam {
            learning_rate,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: USUAL_EPSILON,
        }
    }

    /// Returns AdamW with the usual decays of 0.9 and 0.999 and epsilon of 1e-8.
    pub fn adam_w(learning_rate: f64, weight_decay: f64) -> Self {
        Method::AdamW {
            learning_rate,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: USUAL_EPSILON,
            weight_decay,
        }
    }

    /// Returns the learning rate if the method has one.
    pub fn learning_rate(&self) -> Option<f64> {
        match *self {
            Method::GradientDescent { learning_rate }
            | Method::Momentum { learning_rate, .. }
            | Method::Nesterov { learning_rate, .. }
            | Method::AdaGrad { learning_rate, .. }
            | Method::RmsProp { learning_rate, .. }
            | Method::Adam { learning_rate, .. }
            | Method::AdamW { learning_rate, .. } => Some(learning_rate),
            Method::Automatic
            | Method::SteepestDescent
            | Method::BarzilaiBorwein
            | Method::ConjugateGradient
            | Method::Bfgs
            | Method::Lbfgs { .. }
            | Method::Newton
            | Method::NewtonCg => None,
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
        if let Method::Adam { beta1, beta2, .. } | Method::AdamW { beta1, beta2, .. } = *self {
            share("beta1", beta1)?;
            share("beta2", beta2)?;
        }
        match *self {
            Method::Momentum { momentum, .. } | Method::Nesterov { momentum, .. } => {
                share("momentum", momentum)
            }
            Method::RmsProp { decay, .. } => share("decay", decay),
            Method::AdamW { weight_decay, .. } => {
                let holds = weight_decay >= 0.0 && weight_decay.is_finite();
                require(holds, "weight decay", weight_decay, "at least 0 and finite")
            }
            Method::Lbfgs { memory: 0 } => require(false, "memory", 0.0, "at least 1"),
            _ => Ok(()),
        }
    }
}
