//! Analytic beside numeric entries, and how far they may be apart.

use super::report::{Entry, Reason, Verdict};
use crate::line::LineEstimate;

/// Analytic and numeric entries, row-major, with the tolerance of each.
#[derive(Clone, Debug)]
pub(super) struct Comparison {
    pub entries: Vec<Entry>,
    /// Rounding of the analytic entries, as far as it shows.
    pub floor: Vec<f64>,
    pub shape: Vec<usize>,
}

/// Error bars hold for nearly all entries, not for all of many: four of them do.
pub(super) const BARS: f64 = 4.0;
/// An entry is checkable if four error bars are at most this part of it: an error of 1 % then shows
/// even where the numeric value is off by as much.
pub(super) const RESOLUTION: f64 = 0.005;
/// Relative difference that is left to rounding of the analytic derivative in either direction.
pub(super) const RELATIVE: f64 = 1e-8;
/// The same for a hypothesis about a derivative known to be wrong: its alternatives are far away.
const LOOSE: f64 = 1e-5;

impl Comparison {
    /// Verdicts by the adaptive method alone: entries that it can't tell are not checkable yet.
    pub fn new(
        analytic: &[f64],
        numeric: &[LineEstimate],
        floor: Vec<f64>,
        shape: Vec<usize>,
    ) -> Comparison {
        let entry = |(analytic, numeric): (&f64, &LineEstimate)| Entry {
            analytic: *analytic,
            numeric: numeric.value,
            error: numeric.error,
            verdict: if numeric.status.is_trusted() {
                Verdict::Right
            } else {
                Verdict::NotCheckable(Reason::NotConverged)
            },
        };
        let entries = analytic.iter().zip(numeric).map(entry).collect();
        let mut c = Comparison {
            entries,
            floor,
            shape,
        };
        for k in 0..c.len() {
            let e = c.entries[k];
            let apart = c.is_checked(k) && (e.analytic - e.numeric).abs() > c.tolerance(k);
            if apart || !e.analytic.is_finite() {
                c.entries[k].verdict = Verdict::Wrong { slopes: None };
            }
        }
        c
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn has_wrong(&self) -> bool {
        (0..self.len()).any(|k| self.is_wrong(k))
    }

    pub fn is_wrong(&self, k: usize) -> bool {
        matches!(self.entries[k].verdict, Verdict::Wrong { .. })
    }

    /// Whether the numeric value of entry `k` can be relied on.
    pub fn is_checked(&self, k: usize) -> bool {
        matches!(
            self.entries[k].verdict,
            Verdict::Right | Verdict::Wrong { slopes: None }
        )
    }

    /// How far analytic and numeric value may be apart.
    pub fn tolerance(&self, k: usize) -> f64 {
        let e = &self.entries[k];
        BARS * e.error + RELATIVE * e.analytic.abs().max(e.numeric.abs()) + self.floor[k]
    }

    /// The difference in units of the tolerance; infinite for an entry that is not finite.
    pub fn excess(&self, k: usize) -> f64 {
        let e = &self.entries[k];
        let excess = (e.analytic - e.numeric).abs() / self.tolerance(k).max(f64::MIN_POSITIVE);
        if excess.is_nan() {
            f64::INFINITY
        } else {
            excess
        }
    }

    /// Whether the numeric value is `predicted`, by a hypothesis; an unreliable one may be.
    pub fn fits(&self, k: usize, predicted: f64) -> bool {
        let e = &self.entries[k];
        let tolerance =
            BARS * e.error + LOOSE * e.numeric.abs().max(predicted.abs()) + self.floor[k];
        !self.is_checked(k) || (predicted - e.numeric).abs() <= tolerance
    }

    /// The same for several, each with what `predict` makes of it.
    pub fn all_fit(&self, entries: &[usize], predict: impl Fn(&Entry) -> f64) -> bool {
        let mut entries = entries.iter();
        entries.all(|&k| self.fits(k, predict(&self.entries[k])))
    }

    /// Whether the numeric value is zero within its bar.
    pub fn vanishes(&self, k: usize) -> bool {
        self.fits(k, 0.0)
    }

    /// Whether entry `k` of a symmetric matrix says what was said above the diagonal already.
    pub fn repeats_its_mirror(&self, k: usize) -> bool {
        let &[rows, columns] = self.shape.as_slice() else {
            return false;
        };
        let (i, j) = (k / columns, k % columns);
        let (here, there) = (&self.entries[k], i > j && rows == columns);
        there && {
            let mirror = &self.entries[j * columns + i];
            here.analytic == mirror.analytic && here.numeric == mirror.numeric
        }
    }
}

/// Whether an error of [`RESOLUTION`] of the entry shows.
pub(super) fn is_resolved(entry: &Entry) -> bool {
    BARS * entry.error <= RESOLUTION * entry.analytic.abs().max(entry.numeric.abs())
}
