//! Kinks, bends and branches at or near x, by the power of h that a smooth f cannot have.
//!
//! For an analytic f, odd(h)/h has even powers of h alone and even(h)/h odd ones. A kink in the
//! derivative of order n - 1 puts c h^(n-1) into the other of the two: c |t| into even(h)/h,
//! c t|t| into odd(h)/h. The coefficient of that power, fitted among the right ones on the nodes
//! that are there, is 0 for a smooth f within noise and truncation.

use super::constants::*;
use super::fit::Fit;
use super::level::Level;
use super::power::binade;
use super::sampling::Node;
use super::shape::{MOST, shape_of};
use super::state::Search;

/// The coefficient of the wrong power.
#[derive(Clone, Copy, Debug)]
pub(super) struct WrongParity {
    /// Half the jump of the derivative: what the derivative at x may be off by.
    pub size: f64,
    /// What leaving out the largest step changes; 0 where the size is that of noise.
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

impl Search<'_, '_> {
    /// Half the jump of a kink or bend that one window is certain of and that `base` can't exclude.
    pub(super) fn kink_near(&self, base: &Fit) -> Option<f64> {
        let least = self
            .least_noise()
            .max(ROUNDING * self.task.epsilon * binade(self.line.center));
        let mut worst = 0.0_f64;
        let nodes = self.line.nodes();
        for first in 0..nodes.len() {
            for last in (first + 3..nodes.len()).take(MOST - 3) {
                let run = &nodes[first..=last];
                let consecutive = run[last - first].exponent - run[0].exponent;
                if consecutive as usize != last - first || !self.parity(run, least)?.is_certain() {
                    continue;
                }
                let fit = self.fit_through(run);
                let seen = self.parity(run, fit.sigma * fit.excess_if_noise())?;
                if seen.is_certain() {
                    worst = worst.max(seen.size + seen.change);
                }
            }
        }
        if worst == 0.0 {
            return None;
        }
        // Where the steps of `base` end before the kink, it leaves no room for one.
        let room = self.wrong_parity(base).map_or(f64::INFINITY, |seen| {
            seen.size + seen.error() + SIGNIFICANT * seen.noise
        });
        (2.0 * room >= worst).then_some(worst)
    }

    /// The wrong power on the nodes of `fit`; `None` on one side, and where nodes are too few.
    pub(super) fn wrong_parity(&self, fit: &Fit) -> Option<WrongParity> {
        let mut nodes = [Node::default(); MOST];
        for (node, exponent) in nodes.iter_mut().zip(&fit.exponents[..fit.nodes]) {
            *node = *self.line.node(*exponent)?;
        }
        self.parity(&nodes[..fit.nodes], fit.sigma * fit.excess_if_noise())
    }

    /// The same on these nodes, smallest step first, with this noise in f.
    fn parity(&self, nodes: &[Node], sigma: f64) -> Option<WrongParity> {
        if self.task.power == 1 || nodes.len() < self.task.level.max(1) + 1 {
            return None;
        }
        let (size, noise) = self.coefficient(nodes, sigma);
        let mut change = 0.0;
        if size.abs() > SIGNIFICANT * noise {
            let (without, _) = self.coefficient(&nodes[..nodes.len() - 1], sigma);
            change = (size - without).abs();
        }
        Some(WrongParity {
            size: size.abs(),
            change,
            noise,
        })
    }

    /// Coefficient of h^(n-1) in the quotient that lacks it, n! times, and its deviation in a noise of `sigma`: the
    /// highest level of that quotient, from which the right powers are gone.
    fn coefficient(&self, nodes: &[Node], sigma: f64) -> (f64, f64) {
        let mut own = None;
        let shape = shape_of(2, nodes, &mut own);
        let level = Level::highest(shape, nodes, sigma);
        let unit = self.task.unit(nodes[nodes.len() - 1].exponent) / shape.wrong[self.task.order];
        match self.task.even {
            true => (unit * level.odd, unit.abs() * level.odd_noise),
            false => (unit * level.even, unit.abs() * level.even_noise),
        }
    }
}
