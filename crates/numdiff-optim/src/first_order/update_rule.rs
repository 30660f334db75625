//! How a gradient becomes a step: the rules of the methods with a learning rate.

use crate::{Method, Schedule};

/// A method with a learning rate, and what it remembers from step to step.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct UpdateRule {
    pub method: Method,
    pub schedule: Schedule,
    /// The learning rate before the schedule.
    pub rate: f64,
    /// The velocity of momentum, m of Adam; empty for the others.
    first: Vec<f64>,
    /// Sums or moving averages of g^2; empty where nothing is divided by them.
    second: Vec<f64>,
    /// beta1^t and beta2^t of Adam.
    powers: [f64; 2],
}

impl UpdateRule {
    /// The rule of a method for n unknowns; `None` for methods without a learning rate.
    pub fn new(method: &Method, schedule: Schedule, n: usize) -> Option<Self> {
        let (first, second) = match method {
            Method::Momentum { .. } | Method::Nesterov { .. } => (n, 0),
            Method::AdaGrad { .. } | Method::RmsProp { .. } => (0, n),
            Method::Adam { .. } | Method::AdamW { .. } => (n, n),
            _ => (0, 0),
        };
        Some(UpdateRule {
            method: method.clone(),
            schedule,
            rate: method.learning_rate()?,
            first: vec![0.0; first],
            second: vec![0.0; second],
            powers: [1.0; 2],
        })
    }

    /// The learning rate of step k, counted from 0.
    pub fn rate_at(&self, k: usize) -> f64 {
        self.rate * self.schedule.factor(k)
    }

    /// What x shrinks by a step, times the rate.
    fn weight_decay(&self) -> f64 {
        match self.method {
            Method::AdamW { weight_decay, .. } => weight_decay,
            _ => 0.0,
        }
    }

    /// Moves x by step k, against the gradient `g`.
    ///
    /// The heavy ball is Polyak's (USSR Comput. Math. Math. Phys. 4 (1964) 1-17), Nesterov's acceleration in the form of
    /// Sutskever, Martens, Dahl, Hinton (ICML 2013, equation 3-4), with g at [`ahead`](Self::ahead); AdaGrad that of Duchi,
    /// Hazan, Singer (JMLR 12 (2011) 2121-2159), diagonal form; RMSProp of Tieleman, Hinton (Coursera lecture 6.5, 2012);
    /// Adam of Kingma, Ba (ICLR 2015, algorithm 1), AdamW of Loshchilov, Hutter (ICLR 2019, algorithm 2).
    pub fn step(&mut self, k: usize, x: &mut [f64], g: &[f64]) {
        let (r, w) = (self.rate_at(k), self.weight_decay());
        let (first, second) = (self.first.iter_mut(), self.second.iter_mut());
        let x = x.iter_mut().zip(g);
        match self.method {
            Method::Momentum { momentum, .. } | Method::Nesterov { momentum, .. } => {
                for ((x, g), v) in x.zip(first) {
                    *v = momentum * *v - r * g;
                    *x += *v;
                }
            }
            Method::AdaGrad { epsilon, .. } => {
                for ((x, g), s) in x.zip(second) {
                    *s += g * g;
                    *x -= r * g / (s.sqrt() + epsilon);
                }
            }
            Method::RmsProp { decay, epsilon, .. } => {
                for ((x, g), s) in x.zip(second) {
                    *s = decay * *s + (1.0 - decay) * g * g;
                    *x -= r * g / (s.sqrt() + epsilon);
                }
            }
            Method::Adam {
                beta1,
                beta2,
                epsilon,
                ..
            }
            | Method::AdamW {
                beta1,
                beta2,
                epsilon,
                ..
            } => {
                self.powers[0] *= beta1;
                self.powers[1] *= beta2;
                let [c1, c2] = self.powers.map(|power| 1.0 - power);
                for ((x, g), (m, v)) in x.zip(first.zip(second)) {
                    *m = beta1 * *m + (1.0 - beta1) * g;
                    *v = beta2 * *v + (1.0 - beta2) * g * g;
                    *x -= r * ((*m / c1) / ((*v / c2).sqrt() + epsilon) + w * *x);
                }
            }
            Method::GradientDescent { .. } => x.for_each(|(x, g)| *x -= r * g),
            _ => unreachable!("a method with a learning rate has a rule"),
        }
    }

    /// Where the gradient is to be taken, when not at x: x + m v.
    pub fn ahead(&self, x: &[f64]) -> Option<Vec<f64>> {
        let Method::Nesterov { momentum, .. } = self.method else {
            return None;
        };
        let moves = momentum != 0.0 && self.first.iter().any(|v| *v != 0.0);
        let ahead = x.iter().zip(&self.first).map(|(x, v)| x + momentum * v);
        moves.then(|| ahead.collect())
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
        match self.method {
            Method::Momentum { momentum: m, .. } => 2.0 * (1.0 + m) / l,
            Method::Nesterov { momentum: m, .. } => 2.0 * (1.0 + m) / ((1.0 + 2.0 * m) * l),
            Method::Adam { .. } | Method::AdamW { .. } => 2.0 / positive(self.weight_decay()),
            Method::AdaGrad { .. } | Method::RmsProp { .. } => f64::INFINITY,
            _ => 2.0 / l,
        }
    }

    /// Everything that is remembered from step to step.
    pub fn memory(&mut self) -> impl Iterator<Item = &mut f64> {
        let is_adam = !self.first.is_empty() && !self.second.is_empty();
        let powers = self.powers.iter_mut().take(if is_adam { 2 } else { 0 });
        self.first.iter_mut().chain(&mut self.second).chain(powers)
    }
}
