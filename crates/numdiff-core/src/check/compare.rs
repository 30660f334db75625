//! Entry by entry: which disagree beyond what the numbers can explain.

use super::numeric::Numeric;

/// Analytic and numeric entries with the tolerance of each.
#[derive(Clone, Debug)]
pub(super) struct Comparison {
    pub analytic: Vec<f64>,
    pub numeric: Numeric,
    /// Rounding of the analytic entries, as far as it shows.
    pub floor: Vec<f64>,
    pub shape: Vec<usize>,
    /// Entries that disagree.
    pub wrong: Vec<bool>,
}

/// Error bars hold for nearly all entries, not for all of many: four of them do.
const BARS: f64 = 4.0;
/// Relative difference that is left to rounding of the analytic derivative in either direction.
const RELATIVE: f64 = 1e-8;
/// The same for a hypothesis about a derivative known to be wrong: its alternatives are far away.
const LOOSE: f64 = 1e-5;

impl Comparison {
    /// Whether entry `k` of a symmetric matrix says what was said above the diagonal already.
    pub fn repeats_its_mirror(&self, k: usize) -> bool {
        let &[rows, columns] = self.shape.as_slice() else {
            return false;
        };
        let (i, j) = (k / columns, k % columns);
        let mirror = j * columns + i;
        rows == columns
            && i > j
            && self.analytic[k] == self.analytic[mirror]
            && self.numeric.value[k] == self.numeric.value[mirror]
    }

    pub fn new(analytic: Vec<f64>, numeric: Numeric, floor: Vec<f64>, shape: Vec<usize>) -> Self {
        let mut comparison = Comparison {
            wrong: vec![false; analytic.len()],
            analytic,
            numeric,
            floor,
            shape,
        };
        comparison.wrong = (0..comparison.len())
            .map(|k| comparison.disagrees(k))
            .collect();
        comparison
    }

    pub fn len(&self) -> usize {
        self.analytic.len()
    }

    pub fn count_wrong(&self) -> usize {
        self.wrong.iter().filter(|w| **w).count()
    }

    fn disagrees(&self, k: usize) -> bool {
        let a = self.analytic[k];
        if !a.is_finite() {
            return true;
        }
        self.is_checked(k) && (a - self.numeric.value[k]).abs() > self.tolerance(k)
    }

    /// Whether the numeric value can be trusted.
    pub fn is_checked(&self, k: usize) -> bool {
        self.numeric.status[k].is_trusted()
    }

    /// Whether the numeric value is known to a third of its size.
    pub fn is_resolved(&self, k: usize) -> bool {
        let size = self.analytic[k].abs().max(self.numeric.value[k].abs());
        self.is_checked(k) && BARS * self.numeric.error[k] <= 0.3 * size
    }

    /// How far analytic and numeric value may be apart.
    pub fn tolerance(&self, k: usize) -> f64 {
        let size = self.analytic[k].abs().max(self.numeric.value[k].abs());
        BARS * self.numeric.error[k] + RELATIVE * size + self.floor[k]
    }

    /// The difference in units of the tolerance; infinite for an entry that is not finite.
    pub fn excess(&self, k: usize) -> f64 {
        let excess = (self.analytic[k] - self.numeric.value[k]).abs()
            / self.tolerance(k).max(f64::MIN_POSITIVE);
        if excess.is_nan() {
            f64::INFINITY
        } else {
            excess
        }
    }

    /// Whether the numeric value is `predicted`, by a hypothesis.
    pub fn fits(&self, k: usize, predicted: f64) -> bool {
        let v = self.numeric.value[k];
        let tolerance =
            BARS * self.numeric.error[k] + LOOSE * v.abs().max(predicted.abs()) + self.floor[k];
        !self.is_checked(k) || (predicted - v).abs() <= tolerance
    }

    /// Whether the numeric value is zero within its bar.
    pub fn vanishes(&self, k: usize) -> bool {
        self.fits(k, 0.0)
    }

    /// Multi-dimensional index of entry `k`.
    pub fn index(&self, k: usize) -> Vec<usize> {
        let mut rest = k;
        let mut index = vec![0; self.shape.len()];
        for (slot, &length) in index.iter_mut().zip(&self.shape).rev() {
            *slot = rest % length.max(1);
            rest /= length.max(1);
        }
        index
    }
}
