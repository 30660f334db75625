//! Kinks, bends and branches at or near x, by the power of h that a smooth f cannot have.
//!
//! For an analytic f, odd(h)/h has even powers of h alone and even(h)/h odd ones. A kink in the
//! derivative of order n - 1 puts c h^(n-1) into the other of the two: c |t| into even(h)/h,
//! c t|t| into odd(h)/h. The coefficient of that power, fitted among the right ones on the nodes
//! that are there, is 0 for a smooth f within noise and truncation.

use super::constants::*;
use super::fit::Fit;
use super::power::power_of_two;
use super::sampling::Node;
use super::state::Search;
use super::vandermonde::MOST;
use crate::line::Samples;

/// The coefficient of the wrong power.
#[derive(Clone, Copy, Debug)]
pub(super) struct WrongParity {
    /// Half the jump of the derivative: what the derivative at x may be off by.
    pub size: f64,
    /// What leaving out the largest step changes.
    pub change: f64,
    /// Standard deviation by the noise of f.
    pub noise: f64,
}

impl WrongParity {
    /// Whether f is not smooth: the coefficient is above its noise, and fewer nodes give the same.
    pub(super) fn is_certain(&self) -> bool {
        self.size > 2.0 * SIGNIFICANT * self.noise && self.change <= STABLE * self.size
    }

    /// What the error bar owes to it.
    pub(super) fn error(&self) -> f64 {
        if self.size > SIGNIFICANT * self.noise && self.change <= CONTINUED * self.size {
            self.size + self.change
        } else {
            0.0
        }
    }
}

impl<S: Samples> Search<'_, '_, S> {
    /// Half the jump of a kink or bend that one window is certain of and that `base` can't exclude.
    pub(super) fn kink_near(&self, base: &Fit) -> Option<f64> {
        let nodes = self.line.nodes();
        let mut worst = 0.0_f64;
        for (i, first) in nodes.iter().enumerate() {
            for last in nodes[i..].iter().take(MOST).skip(3) {
                let window = self.window(first.exponent, last.exponent);
                let seen = window.and_then(|fit| self.wrong_parity(&fit));
                if let Some(seen) = seen.filter(WrongParity::is_certain) {
                    worst = worst.max(seen.size + seen.change);
                }
            }
        }
        // Where the steps of `base` end before the kink, it leaves no room for one.
        let room = self.wrong_parity(base).map_or(f64::INFINITY, |seen| {
            seen.size + seen.error() + SIGNIFICANT * seen.noise
        });
        (worst > 0.0 && 2.0 * room >= worst).then_some(worst)
    }

    /// The wrong power on the nodes of `fit`; `None` on one side, and where nodes are too few.
    pub(super) fn wrong_parity(&self, fit: &Fit) -> Option<WrongParity> {
        let mut nodes = [Node::default(); MOST];
        for (node, exponent) in nodes.iter_mut().zip(&fit.exponents[..fit.nodes]) {
            *node = *self.line.node(*exponent)?;
        }
        let nodes = &nodes[..fit.nodes];
        let fewest = self.task.level.max(1) + 1;
        if self.task.power == 1 || nodes.len() < fewest {
            return None;
        }
        let (k, variance) = self.coefficient(nodes, fit);
        let (fewer, _) = self.coefficient(&nodes[..nodes.len() - 1], fit);
        Some(WrongParity {
            size: fit.unit * k.abs(),
            change: fit.unit * (k - fewer).abs(),
            noise: fit.unit * variance.sqrt() * fit.excess_if_noise(),
        })
    }

    /// Coefficient of (h/H)^(n-1) in the quotient that lacks it, and its variance.
    ///
    /// The divided difference in u = (h/H)^2 over all nodes takes away the right powers.
    fn coefficient(&self, nodes: &[Node], fit: &Fit) -> (f64, f64) {
        let even = !self.task.even();
        let top = fit.highest();
        let mut r = [0.0; MOST];
        for (r, node) in r.iter_mut().zip(nodes) {
            *r = power_of_two(node.exponent - top);
        }
        let r = &r[..nodes.len()];
        let n = self.task.order as i32;
        let (mut sum, mut unit, mut variance, mut center) = (0.0, 0.0, 0.0, 0.0);
        for (i, node) in nodes.iter().enumerate() {
            let others = r.iter().enumerate().filter(|(j, _)| *j != i);
            let weight = others.fold(1.0, |w, (_, b)| w / (r[i] * r[i] - b * b));
            // Even quotients have the powers 1, 3, 5…: over r they are series in u, too.
            let weight = if even { weight / r[i] } else { weight };
            let quotient = if even { node.bend } else { node.slope };
            sum += weight * quotient;
            unit += weight * r[i].powi(n - 1);
            let noise = weight * fit.sigma / power_of_two(node.exponent);
            variance += 0.5 * noise * noise;
            if even {
                center += noise;
            }
        }
        (sum / unit, (variance + center * center) / (unit * unit))
    }
}
