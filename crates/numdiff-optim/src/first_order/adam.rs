//! Adam (Kingma, Ba, ICLR 2015, algorithm 1), and AdamW (Loshchilov, Hutter, ICLR 2019, algorithm 2).

/// m and v are bias-corrected moving averages of g and g^2:
/// x <- x - r (m / (sqrt(v) + epsilon) + w x), with w = 0 for Adam.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Adam {
    beta1: f64,
    beta2: f64,
    epsilon: f64,
    weight_decay: f64,
    m: Vec<f64>,
    v: Vec<f64>,
    /// beta1^t and beta2^t.
    powers: (f64, f64),
}

impl Adam {
    pub fn new([beta1, beta2]: [f64; 2], epsilon: f64, weight_decay: f64, n: usize) -> Self {
        Adam {
            beta1,
            beta2,
            epsilon,
            weight_decay,
            m: vec![0.0; n],
            v: vec![0.0; n],
            powers: (1.0, 1.0),
        }
    }

    pub fn weight_decay(&self) -> f64 {
        self.weight_decay
    }

    /// Everything that is remembered from step to step.
    pub fn memory(&mut self) -> Box<dyn Iterator<Item = &mut f64> + '_> {
        let powers = [&mut self.powers.0, &mut self.powers.1];
        Box::new(self.m.iter_mut().chain(&mut self.v).chain(powers))
    }

    pub fn step(&mut self, rate: f64, x: &mut [f64], g: &[f64]) {
        self.powers.0 *= self.beta1;
        self.powers.1 *= self.beta2;
        let (c1, c2) = (1.0 - self.powers.0, 1.0 - self.powers.1);
        for (((x, m), v), g) in x.iter_mut().zip(&mut self.m).zip(&mut self.v).zip(g) {
            *m = self.beta1 * *m + (1.0 - self.beta1) * g;
            *v = self.beta2 * *v + (1.0 - self.beta2) * g * g;
            *x -= rate * ((*m / c1) / ((*v / c2).sqrt() + self.epsilon) + self.weight_decay * *x);
        }
    }
}
