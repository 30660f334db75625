//! Methods that follow a learning rate.

mod adagrad;
mod adam;
mod batches;
mod momentum;
mod optimizer;
mod rmsprop;
mod run;

pub(crate) use batches::{BatchDescent, Batches};
pub use optimizer::Optimizer;
pub(crate) use run::FirstOrderRun;

use crate::Method;

/// How a gradient becomes a step.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum UpdateRule {
    /// x <- x - r g.
    Gradient,
    Momentum(momentum::Momentum),
    Nesterov(momentum::Momentum),
    AdaGrad(adagrad::AdaGrad),
    RmsProp(rmsprop::RmsProp),
    Adam(adam::Adam),
}

impl UpdateRule {
    /// The rule of a method for n unknowns; `None` for methods without a learning rate.
    pub fn new(method: &Method, n: usize) -> Option<Self> {
        Some(match *method {
            Method::GradientDescent { .. } => UpdateRule::Gradient,
            Method::Momentum { momentum, .. } => {
                UpdateRule::Momentum(momentum::Momentum::new(momentum, n))
            }
            Method::Nesterov { momentum, .. } => {
                UpdateRule::Nesterov(momentum::Momentum::new(momentum, n))
            }
            Method::AdaGrad { epsilon, .. } => {
                UpdateRule::AdaGrad(adagrad::AdaGrad::new(epsilon, n))
            }
            Method::RmsProp { decay, epsilon, .. } => {
                UpdateRule::RmsProp(rmsprop::RmsProp::new(decay, epsilon, n))
            }
            Method::Adam {
                beta1,
                beta2,
                epsilon,
                ..
            } => UpdateRule::Adam(adam::Adam::new([beta1, beta2], epsilon, 0.0, n)),
            Method::AdamW {
                beta1,
                beta2,
                epsilon,
                weight_decay,
                ..
            } => UpdateRule::Adam(adam::Adam::new([beta1, beta2], epsilon, weight_decay, n)),
            _ => return None,
        })
    }

    /// The largest learning rate at which steps along a direction of this curvature do not grow without end on a
    /// quadratic; infinite where steps are bounded whatever the gradient is, as they are where it is divided by its
    /// own size. The recurrence of an error e along an eigenvector with eigenvalue L is linear, and its
    /// characteristic polynomial has a root at -1 for this rate:
    /// e <- (1 - r L) e for the gradient; z^2 - (1 + m - r L) z + m for momentum m (Polyak 1964);
    /// z^2 - (1 + m)(1 - r L) z + m (1 - r L) for Nesterov's. The decay of AdamW is a gradient of curvature w.
    pub fn limit(&self, curvature: f64) -> f64 {
        let positive = |c: f64| if c > 0.0 { c } else { 0.0 };
        let l = positive(curvature);
        match self {
            UpdateRule::Gradient => 2.0 / l,
            UpdateRule::Momentum(rule) => 2.0 * (1.0 + rule.momentum()) / l,
            UpdateRule::Nesterov(rule) => {
                let m = rule.momentum();
                2.0 * (1.0 + m) / ((1.0 + 2.0 * m) * l)
            }
            UpdateRule::Adam(rule) => 2.0 / positive(rule.weight_decay()),
            UpdateRule::AdaGrad(_) | UpdateRule::RmsProp(_) => f64::INFINITY,
        }
    }

    /// Where the gradient is to be taken, when not at x.
    pub fn ahead(&self, x: &[f64]) -> Option<Vec<f64>> {
        match self {
            UpdateRule::Nesterov(rule) => rule.ahead(x),
            _ => None,
        }
    }

    /// Everything that is remembered from step to step.
    fn memory(&mut self) -> Box<dyn Iterator<Item = &mut f64> + '_> {
        match self {
            UpdateRule::Gradient => Box::new(std::iter::empty()),
            UpdateRule::Momentum(rule) | UpdateRule::Nesterov(rule) => rule.memory(),
            UpdateRule::AdaGrad(rule) => rule.memory(),
            UpdateRule::RmsProp(rule) => rule.memory(),
            UpdateRule::Adam(rule) => rule.memory(),
        }
    }

    /// Moves x by one step against the gradient `g`.
    pub fn step(&mut self, rate: f64, x: &mut [f64], g: &[f64]) {
        match self {
            UpdateRule::Gradient => x.iter_mut().zip(g).for_each(|(x, g)| *x -= rate * g),
            UpdateRule::Momentum(rule) | UpdateRule::Nesterov(rule) => rule.step(rate, x, g),
            UpdateRule::AdaGrad(rule) => rule.step(rate, x, g),
            UpdateRule::RmsProp(rule) => rule.step(rate, x, g),
            UpdateRule::Adam(rule) => rule.step(rate, x, g),
        }
    }
}
