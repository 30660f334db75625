//! AdaGrad (Duchi, Hazan, Singer, JMLR 12 (2011) 2121-2159), diagonal form.

/// s <- s + g^2, x <- x - r g / (sqrt(s) + epsilon).
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct AdaGrad {
    epsilon: f64,
    sum: Vec<f64>,
}

impl AdaGrad {
    pub fn new(epsilon: f64, n: usize) -> Self {
        AdaGrad {
            epsilon,
            sum: vec![0.0; n],
        }
    }

    /// Everything that is remembered from step to step.
    pub fn memory(&mut self) -> Box<dyn Iterator<Item = &mut f64> + '_> {
        Box::new(self.sum.iter_mut())
    }

    pub fn step(&mut self, rate: f64, x: &mut [f64], g: &[f64]) {
        for ((x, s), g) in x.iter_mut().zip(&mut self.sum).zip(g) {
            *s += g * g;
            *x -= rate * g / (s.sqrt() + self.epsilon);
        }
    }
}
