//! RMSProp (Tieleman, Hinton, Coursera lecture 6.5, 2012).

/// s <- d s + (1 - d) g^2, x <- x - r g / (sqrt(s) + epsilon).
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct RmsProp {
    decay: f64,
    epsilon: f64,
    mean: Vec<f64>,
}

impl RmsProp {
    pub fn new(decay: f64, epsilon: f64, n: usize) -> Self {
        RmsProp {
            decay,
            epsilon,
            mean: vec![0.0; n],
        }
    }

    /// Everything that is remembered from step to step.
    pub fn memory(&mut self) -> Box<dyn Iterator<Item = &mut f64> + '_> {
        Box::new(self.mean.iter_mut())
    }

    pub fn step(&mut self, rate: f64, x: &mut [f64], g: &[f64]) {
        for ((x, s), g) in x.iter_mut().zip(&mut self.mean).zip(g) {
            *s = self.decay * *s + (1.0 - self.decay) * g * g;
            *x -= rate * g / (s.sqrt() + self.epsilon);
        }
    }
}
