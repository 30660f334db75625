//! Whether a pattern misses an entry, from a sparse Jacobian and two more evaluations.

use super::SparseMatrix;
use crate::Real;
use crate::bounds::Bounds;
use crate::random::SplitMix64;
use crate::step::power_of_two;

/// What [`verify_pattern`](crate::FiniteDifference::verify_pattern) found.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[must_use = "a check that nobody looks at checks nothing; see `is_complete`"]
pub struct PatternCheck {
    /// Rows whose change along a random direction is not that of the sparse Jacobian: the pattern
    /// misses an entry there.
    pub missing_in_rows: Vec<usize>,
    /// Rows whose change is not finite: they were not checked.
    pub unchecked_rows: Vec<usize>,
    /// Columns that bounds leave no room on both sides; entries of theirs were not checked.
    pub unchecked_columns: Vec<usize>,
    /// Evaluations of f: two, and two more to confirm what was found.
    pub evaluations: usize,
}

impl PatternCheck {
    /// Whether every row was checked, and none misses an entry.
    pub fn is_complete(&self) -> bool {
        self.missing_in_rows.is_empty() && self.unchecked_rows.is_empty()
    }
}

/// How the Jacobian was made, as far as it says how wrong it may be.
pub(crate) enum Origin<'a, T> {
    /// Error bars, and the absolute noise in f.
    Bars(&'a SparseMatrix<T>, f64),
    /// Fixed differences: the step of each column, the order of their truncation error, and the
    /// absolute noise in f.
    Steps(Vec<f64>, usize, f64),
}

/// Two points on either side of x and the Jacobian's prediction of the difference there.
pub(crate) struct Probe<'a, T> {
    jacobian: &'a SparseMatrix<T>,
    origin: Origin<'a, T>,
    /// Absolute noise in f.
    noise: f64,
    /// For each column the part of its own term by which truncation may change it.
    slack: Vec<f64>,
    /// The largest step of the Jacobian in units of the displacement here.
    reach: f64,
    pub plus: Vec<f64>,
    pub minus: Vec<f64>,
    pub unchecked: Vec<usize>,
}

/// Truncation: both differences are off by about h^2 f'''/6 with h^2 = 4e-11 in units of the scale
/// of x. This much, relative to a row's terms, is left to an f that varies faster than x.
const SLACK: f64 = 1e-6;
/// The same for the Jacobian's own steps where the caller chose larger ones: this many times h^p.
const FASTER: f64 = 4.0;
/// Rounding of f in units of its last place.
const ROUNDING: f64 = 32.0;
/// A residual a t + b t^3 is a missing entry when a exceeds this many times b. Truncation in the
/// Jacobian itself is linear in t: b times the squared ratio of its step to the probe's, which is 8
/// at most where both are automatic, and for one-sided differences that ratio times what f bends
/// over the probe. A missing entry has a / b of about 1e10; noise, about 1.
const LINEAR: f64 = 32.0;

/// What a row's difference says.
#[derive(Clone, Copy)]
pub(crate) struct Residual {
    /// How far the difference is from the prediction.
    off: f64,
    /// How far it may be.
    allowed: f64,
    /// The sum of the values on both sides: f bends by its change.
    sum: f64,
}

impl<'a, T: Real> Probe<'a, T> {
    /// Each column moves by a random multiple, from 1/2 to 1 on either side, of eps^(1/3) times
    /// its scale. Multiples that differ make a missing entry visible also where its column moved
    /// together with one of the row's own columns.
    pub fn new(
        jacobian: &'a SparseMatrix<T>,
        origin: Origin<'a, T>,
        x: &[f64],
        bounds: Option<&Bounds>,
        seed: u64,
    ) -> Self {
        let mut random = SplitMix64::new(seed);
        let (Origin::Bars(_, noise) | Origin::Steps(_, _, noise)) = origin;
        let step = T::EPSILON.max(noise).cbrt().min(0.1);
        let mut probe = Probe {
            jacobian,
            origin,
            noise,
            slack: Vec::new(),
            reach: 0.0,
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
            let mut slack = SLACK;
            if let Origin::Steps(steps, order, _) = &probe.origin {
                let relative = steps[j] / x.abs().max(1.0);
                slack = slack.max(FASTER * relative.powi(*order as i32));
                if plus != minus {
                    probe.reach = probe.reach.max(2.0 * steps[j] / (plus - minus).abs());
                }
            }
            probe.slack.push(slack);
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
    pub fn residuals(&self, high: &[f64], low: &[f64]) -> Vec<Residual> {
        let rows = self.jacobian.pattern().rows();
        // Prediction, truncation, and how many times the rounding of f enters.
        let mut sums = vec![(0.0, 0.0, 1.0); rows];
        for (i, j, value) in self.jacobian.triplets() {
            let span = self.plus[j] - self.minus[j];
            let term = value.widen() * span;
            let (sum, size, count) = &mut sums[i];
            *sum += term;
            *size += self.slack[j] * term.abs();
            // Each entry carries the rounding of f over its own step.
            *count += match &self.origin {
                Origin::Steps(steps, ..) => (0.5 * span.abs() / steps[j]).max(1.0),
                Origin::Bars(..) => 1.0,
            };
        }
        if let Origin::Bars(bars, _) = &self.origin {
            for (i, j, bar) in bars.triplets() {
                sums[i].1 += bar.widen() * (self.plus[j] - self.minus[j]).abs();
            }
        }
        let rows = high.iter().zip(low).zip(sums);
        rows.map(|((high, low), (sum, size, count))| {
            let rounding = ROUNDING * T::EPSILON * (high.abs() + low.abs()) * count;
            Residual {
                off: high - low - sum,
                allowed: size + rounding + 8.0 * self.noise * count,
                sum: high + low,
            }
        })
        .collect()
    }

    /// The rows whose values tell nothing.
    pub fn hidden(residuals: &[Residual]) -> Vec<usize> {
        let rows = 0..residuals.len();
        rows.filter(|&i| !residuals[i].off.is_finite()).collect()
    }

    /// The rows whose residual is too large, and stays linear in the displacement.
    pub fn judge(&self, first: &[Residual], second: Option<&[Residual]>) -> Vec<usize> {
        let one_sided = matches!(self.origin, Origin::Steps(_, order, _) if order % 2 == 1);
        let bends = if one_sided { LINEAR * self.reach } else { 0.0 };
        let cubes = LINEAR.max(4.0 * self.reach.powi(2));
        let is_linear = |first: Residual, half: Residual| {
            let cubic = 4.0 / 3.0 * (first.off - 2.0 * half.off);
            let bend = 4.0 / 3.0 * (first.sum - half.sum);
            (first.off - cubic).abs() > cubes * cubic.abs() + bends * bend.abs()
        };
        (0..first.len())
            .filter(|&i| {
                first[i].off.is_finite()
                    && first[i].off.abs() > first[i].allowed
                    && second.is_none_or(|half| is_linear(first[i], half[i]))
            })
            .collect()
    }
}
