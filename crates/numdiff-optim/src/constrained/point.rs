//! A point with its values, and the l1 penalty function by which points are compared.

use crate::constraint::violation;

/// f and all constraints at x: the caller's in the units of the method, the linear rows after them.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Point {
    pub x: Vec<f64>,
    pub f: f64,
    pub c: Vec<f64>,
    /// Of a fit: what f is the loss of.
    pub residuals: Vec<f64>,
}

impl Point {
    pub fn is_finite(&self) -> bool {
        self.f.is_finite() && self.c.iter().all(|c| c.is_finite())
    }

    fn violations(&self, equality: &[bool]) -> impl Iterator<Item = f64> {
        self.c.iter().zip(equality).map(|(c, e)| violation(*e, *c))
    }

    /// The exact penalty function: f plus the weighted violations; infinite where something is not finite.
    pub fn merit(&self, equality: &[bool], weights: &[f64]) -> f64 {
        if !self.is_finite() {
            return f64::INFINITY;
        }
        let weighted = self.violations(equality).zip(weights).map(|(v, w)| v * w);
        self.f + weighted.sum::<f64>()
    }

    /// The sum of the violations.
    pub fn total_violation(&self, equality: &[bool]) -> f64 {
        self.violations(equality).sum()
    }

    /// The largest violation.
    pub fn largest_violation(&self, equality: &[bool]) -> f64 {
        self.violations(equality).fold(0.0, f64::max)
    }

    /// Whether every inequality holds, to the last bit.
    pub fn holds_inequalities(&self, equality: &[bool]) -> bool {
        self.c.iter().zip(equality).all(|(c, e)| *e || *c >= 0.0)
    }
}

/// Powell's weights: at least the multipliers, and no faster down than by halves.
pub(super) fn raise(weights: &mut [f64], multipliers: &[f64]) {
    for (w, l) in weights.iter_mut().zip(multipliers) {
        *w = l.abs().max(0.5 * (*w + l.abs()));
    }
}
