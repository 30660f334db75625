//! Whether a pattern misses an entry, from a sparse Jacobian and two more evaluations.

use super::SparseMatrix;
use super::splitmix::SplitMix64;
use crate::Real;
use crate::bounds::Bounds;
use crate::step::power_of_two;

/// What [`verify_pattern`](crate::FiniteDifference::verify_pattern) found.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PatternCheck {
    /// Rows whose change along a random direction is not that of the sparse Jacobian: the pattern
    /// misses an entry there.
    pub missing_in_rows: Vec<usize>,
    /// Columns that bounds leave no room on both sides; entries of theirs were not checked.
    pub unchecked_columns: Vec<usize>,
    /// Evaluations of f: two, and two more to confirm what was found.
    pub evaluations: usize,
}

impl PatternCheck {
    /// Whether no row misses an entry.
    pub fn is_complete(&self) -> bool {
        self.missing_in_rows.is_empty()
    }
}

/// Two points on either side of x and the Jacobian's prediction of the difference there.
pub(crate) struct Probe<'a, T> {
    jacobian: &'a SparseMatrix<T>,
    bars: Option<&'a SparseMatrix<T>>,
    /// Absolute noise in f.
    noise: f64,
    pub plus: Vec<f64>,
    pub minus: Vec<f64>,
    pub unchecked: Vec<usize>,
}

/// Truncation: both differences are off by about h^2 f'''/6 with h^2 = 4e-11 in units of the scale
/// of x. This much, relative to a row's terms, is left to an f that varies faster than x.
const SLACK: f64 = 1e-6;
/// Rounding of f in units of its last place.
const ROUNDING: f64 = 32.0;
/// A residual a t + b t^3 is a missing entry when a exceeds b this many times. Truncation in the
/// Jacobian itself is linear in t, and b times the squared ratio of its step to the probe's, which
/// is 8 at most where both are automatic. A missing entry has a / b of about 1e10; noise, about 1.
const LINEAR: f64 = 32.0;

impl<'a, T: Real> Probe<'a, T> {
    /// Each column moves by a random multiple, from 1/2 to 1 on either side, of eps^(1/3) times
    /// its scale. Multiples that differ make a missing entry visible also where its column moved
    /// together with one of the row's own columns.
    pub fn new(
        jacobian: &'a SparseMatrix<T>,
        bars: Option<&'a SparseMatrix<T>>,
        noise: f64,
        x: &[f64],
        bounds: Option<&Bounds>,
        seed: u64,
    ) -> Self {
        let mut random = SplitMix64::new(seed);
        let step = T::EPSILON.max(noise).cbrt().min(0.1);
        let mut probe = Probe {
            jacobian,
            bars,
            noise,
            plus: Vec::new(),
            minus: Vec::new(),
            unchecked: Vec::new(),
        };
        for (j, &x) in x.iter().enumerate() {
            let sign = if random.next_u64() & 1 == 0 {
                1.0
            } else {
                -1.0
            };
            let multiple = sign * (0.5 + 0.5 * random.uniform());
            let mut unit = power_of_two(step * x.abs().max(1.0));
            if let Some(bounds) = bounds {
                unit = unit.min(bounds.upper.at(j) - x).min(x - bounds.lower.at(j));
            }
            let round = |v: f64| T::round_from(v).widen();
            let (plus, minus) = (round(x + multiple * unit), round(x - multiple * unit));
            if plus == x || minus == x {
                probe.unchecked.push(j);
            }
            probe.plus.push(plus);
            probe.minus.push(minus);
        }
        probe
    }

    /// The points half as far from x.
    pub fn halve(&mut self, x: &[f64]) {
        for side in [&mut self.plus, &mut self.minus] {
            for (to, &x) in side.iter_mut().zip(x) {
                *to = T::round_from(0.5 * *to + 0.5 * x).widen();
            }
        }
    }

    /// For each row, how far the difference is from the prediction, and how far it may be.
    pub fn residuals(&self, high: &[f64], low: &[f64]) -> Vec<(f64, f64)> {
        let rows = self.jacobian.pattern().rows();
        let mut sums = vec![(0.0, 0.0, 1.0); rows];
        for (i, j, value) in self.jacobian.triplets() {
            let term = value.widen() * (self.plus[j] - self.minus[j]);
            let (sum, size, count) = &mut sums[i];
            *sum += term;
            *size += SLACK * term.abs();
            *count += 1.0;
        }
        if let Some(bars) = self.bars {
            for (i, j, bar) in bars.triplets() {
                sums[i].1 += bar.widen() * (self.plus[j] - self.minus[j]).abs();
            }
        }
        let rows = high.iter().zip(low).zip(sums);
        rows.map(|((high, low), (sum, size, count))| {
            // Each entry carries the rounding of f over its own step, which is about as large.
            let rounding = ROUNDING * T::EPSILON * (high.abs() + low.abs()) * count;
            (high - low - sum, size + rounding + 8.0 * self.noise * count)
        })
        .collect()
    }

    /// The rows whose residual is too large, and stays linear in the displacement.
    pub fn judge(first: &[(f64, f64)], second: Option<&[(f64, f64)]>) -> Vec<usize> {
        (0..first.len())
            .filter(|&i| {
                let (residual, allowed) = first[i];
                // A value that is not finite is not for this test to explain.
                residual.is_finite()
                    && residual.abs() > allowed
                    && second.is_none_or(|half| {
                        let cubic = 4.0 / 3.0 * (residual - 2.0 * half[i].0);
                        (residual - cubic).abs() > LINEAR * cubic.abs()
                    })
            })
            .collect()
    }
}
