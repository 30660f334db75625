//! AdaGrad (Duchi, Hazan, Singer, JMLR 12 (2011) 2121-2159), diagonal form.

/// Keeps 0/0 away where a gradient was never seen; far below any gradient that matters.
const SMALL: f64 = 1e-8;

/// s <- s + g^2, x <- x - r g / (sqrt(s) + 1e-8).
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct AdaGrad {
    sum: Vec<f64>,
}

impl AdaGrad {
    pub fn new(n: usize) -> Self {
        AdaGrad { sum: vec![0.0; n] }
    }

    /// Everything that is remembered from step to step.
    pub fn memory(&mut self) -> Box<dyn Iterator<Item = &mut f64> + '_> {
        Box::new(self.sum.iter_mut())
    }

    pub fn step(&mut self, rate: f64, x: &mut [f64], g: &[f64]) {
        for ((x, s), g) in x.iter_mut().zip(&mut self.sum).zip(g) {
            *s += g * g;
            *x -= rate * g / (s.sqrt() + SMALL);
        }
    }
}
