//! Where the errors from truncation and from noise are in balance.
//!
//! With noise of deviation e, a stencil of weights w for the derivative of order d has the error
//! C h^p |f^(m)| from truncation, m = d + p, and e |w| / h^d from noise, |w| the Euclidean norm. The
//! mean square is least where h^m |f^(m)| = (d/p)^(1/2) e |w| / C; with m = 2 and 3 these are the
//! steps of Moré and Wild, *Estimating derivatives of noisy simulations*, ACM TOMS 38 (2012), 8^(1/4)
//! (e / |f''|)^(1/2) and (3 e / |f'''|)^(1/3).

use crate::stencil::{MAX_NODES, weights_into};

/// What a stencil makes of noise and of truncation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Balance {
    /// m, the order of the derivative in the truncation error.
    pub order: usize,
    /// h^m |f^(m)| / e at the best step.
    pub target: f64,
}

impl Balance {
    /// Of a stencil for the derivative of order `d` to order `p`, on nodes in units of the step.
    pub fn of(nodes: &[f64], d: usize, p: usize) -> Self {
        let m = d + p;
        let mut weights = [0.0; MAX_NODES];
        let weights = &mut weights[..nodes.len()];
        weights_into(d, nodes, weights);
        let norm = weights.iter().map(|w| w * w).sum::<f64>().sqrt();
        // The stencil applied to x^m / m!: what the first term that it misses becomes.
        let factorial: f64 = (1..=m).map(|k| k as f64).product();
        let moment = nodes
            .iter()
            .zip(&*weights)
            .map(|(x, w)| w * x.powi(m as i32));
        let constant = moment.sum::<f64>().abs() / factorial;
        Balance {
            order: m,
            target: (d as f64 / p as f64).sqrt() * norm / constant,
        }
    }

    /// The best step for noise `level` where |f^(m)| is `derivative`.
    pub fn step(&self, level: f64, derivative: f64) -> f64 {
        // Divided after the root: the quotient may overflow.
        let root = |v: f64| v.powf(1.0 / self.order as f64);
        root(self.target) * root(level) / root(derivative)
    }
}

#[cfg(test)]
mod tests {
    use crate::scheme::fixed::{Fixed, Side};

    #[test]
    fn the_steps_of_more_and_wild() {
        let (level, derivative) = (1e-6_f64, 3.0_f64);
        let forward = Fixed::new(Side::Forward, 1).balance(1);
        assert_eq!(forward.order, 2);
        let expected = 8.0_f64.powf(0.25) * (level / derivative).sqrt();
        let tolerance = 8.0 * f64::EPSILON;
        assert!((forward.step(level, derivative) / expected - 1.0).abs() < tolerance);
        let central = Fixed::new(Side::Central, 2).balance(1);
        assert_eq!(central.order, 3);
        let expected = (3.0 * level / derivative).cbrt();
        assert!((central.step(level, derivative) / expected - 1.0).abs() < tolerance);
    }

    #[test]
    fn the_balance_is_the_least_mean_square() {
        // Any side, accuracy and order: the error at the step is below that at its neighbors.
        for side in [Side::Forward, Side::Backward, Side::Central] {
            for (accuracy, d) in [(1, 1), (2, 1), (4, 1), (2, 2), (3, 3)] {
                let fixed = Fixed::new(side, accuracy);
                let balance = fixed.balance(d);
                let (p, m) = (fixed.effective_accuracy() as f64, balance.order as f64);
                // C and |w| up to a common factor: target^2 = (d/p) |w|^2 / C^2.
                let noise = balance.target * balance.target * p / d as f64;
                let square = |h: f64| h.powf(2.0 * p) + noise / h.powf(2.0 * d as f64);
                let best = balance.step(1.0, 1.0);
                assert!((best - balance.target.powf(1.0 / m)).abs() < 1e-12 * best);
                assert!(square(best) < square(best * 1.01));
                assert!(square(best) < square(best * 0.99));
            }
        }
    }
}
