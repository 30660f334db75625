//! The heavy ball (Polyak, USSR Comput. Math. Math. Phys. 4 (1964) 1-17), and Nesterov's acceleration in the form of
//! Sutskever, Martens, Dahl, Hinton (ICML 2013, equation 3-4).

/// v <- m v - r g, x <- x + v; g is that at x, or, of Nesterov's, at x + m v.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Momentum {
    momentum: f64,
    velocity: Vec<f64>,
}

impl Momentum {
    pub fn new(momentum: f64, n: usize) -> Self {
        Momentum {
            momentum,
            velocity: vec![0.0; n],
        }
    }

    /// x + m v; `None` while it is x.
    pub fn ahead(&self, x: &[f64]) -> Option<Vec<f64>> {
        let moves = self.momentum != 0.0 && self.velocity.iter().any(|v| *v != 0.0);
        moves.then(|| {
            x.iter()
                .zip(&self.velocity)
                .map(|(x, v)| x + self.momentum * v)
                .collect()
        })
    }

    pub fn momentum(&self) -> f64 {
        self.momentum
    }

    /// Everything that is remembered from step to step.
    pub fn memory(&mut self) -> Box<dyn Iterator<Item = &mut f64> + '_> {
        Box::new(self.velocity.iter_mut())
    }

    pub fn step(&mut self, rate: f64, x: &mut [f64], g: &[f64]) {
        for ((x, v), g) in x.iter_mut().zip(&mut self.velocity).zip(g) {
            *v = self.momentum * *v - rate * g;
            *x += *v;
        }
    }
}
