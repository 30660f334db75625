//! What one-sided slopes say of an analytic derivative.

use super::slopes::{Bar, Cell, Moved, RATIO, ROUNDING, Scene, answering, best};
use crate::Error;
use ndarray::{Array2, s};
use numdiff_core::check::{Entry, Reason, Verdict};

/// The coarsest of all distances, relative to the size of what is moved: that of small numbers may say
/// nothing of how far a function bends.
const COARSEST: f64 = 1024.0;

/// How many distances there are, down to 2^-38 = 3.6e-12, and how many before an entry is called wrong, down to 2^-68:
/// kinks may lie as near as that on both sides of a number that is nearly 0.
const LEVELS: [i32; 2] = [25, 40];

/// Rounding of an analytic derivative, in last places of the largest of its block: sums of some
/// hundred terms.
const ANALYTIC: f64 = 64.0;

/// An entry is resolved when its tolerance is below this share of itself...
const RESOLVED: f64 = 1e-2;

/// ... or below this share of the largest entry of its block.
const RESOLVED_BESIDE_LARGEST: f64 = 1e-5;

/// At the first two distances alone an entry passes with these shares.
const PRECISE: (f64, f64) = (1e-6, 1e-9);

impl Scene<'_> {
    /// Judges the analytic derivatives of the cells. `evaluate(t)` moves by t times the size of what
    /// is moved; `largest` is the largest analytic entry of the block.
    ///
    /// Four evaluations for an entry that is plainly right, 50 more for any other, and 30 before one is called wrong.
    pub fn judge(
        &self,
        mut evaluate: impl FnMut(f64) -> Result<Moved, Error>,
        cells: &[Cell],
        largest: f64,
    ) -> Result<Vec<Entry>, Error> {
        let mut at = |t: f64| -> Result<[Moved; 2], Error> { Ok([evaluate(t)?, evaluate(-t)?]) };
        let first = [at(self.step)?, at(self.step / RATIO)?];
        let answers = answering(&first);
        let quick: Vec<Option<Entry>> = (0..cells.len())
            .map(|c| self.plain(&first, &answers, &cells[c], c, largest))
            .collect();
        if quick.iter().all(Option::is_some) {
            return Ok(quick.into_iter().flatten().collect());
        }
        let mut levels = Vec::new();
        let mut judged: Vec<Entry> = Vec::new();
        for count in LEVELS {
            for level in levels.len() as i32..count {
                levels.push(at(COARSEST * RATIO.powi(-level))?);
            }
            let answers = answering(&levels);
            let found = quick
                .iter()
                .enumerate()
                .map(|(c, quick)| match judged.get(c) {
                    Some(entry) if !matches!(entry.verdict, Verdict::Wrong { .. }) => *entry,
                    _ => {
                        quick.unwrap_or_else(|| self.full(&levels, &answers, &cells[c], c, largest))
                    }
                });
            judged = found.collect();
            if !judged
                .iter()
                .any(|entry| matches!(entry.verdict, Verdict::Wrong { .. }))
            {
                break;
            }
        }
        Ok(judged)
    }

    fn allowance(&self, cell: &Cell, largest: f64) -> f64 {
        ANALYTIC * self.epsilon * largest
            + ROUNDING * cell.rounding
            + self.tolerance * cell.analytic.abs()
    }

    /// Right by the first two distances alone, or `None`: not smooth, not precise enough, not right.
    fn plain(
        &self,
        [coarse, fine]: &[[Moved; 2]; 2],
        answers: &Array2<bool>,
        cell: &Cell,
        c: usize,
        largest: f64,
    ) -> Option<Entry> {
        let a = cell.analytic;
        // Nothing answers, and nothing should.
        let rows = s![cell.rows.clone(), ..];
        if a == 0.0 && !answers.slice(rows).iter().any(|answers| *answers) {
            return Some(right(a, 0.0, 0.0));
        }
        let far = self.slopes(coarse, answers, cell, c);
        let near = self.slopes(fine, answers, cell, c);
        let tolerance = near[2].error
            + (near[2].value - far[2].value).abs() / 5.0
            + self.allowance(cell, largest);
        let precise = tolerance <= PRECISE.0 * a.abs() || tolerance <= PRECISE.1 * largest;
        // The slopes of a smooth function differ by the distance times its curvature: a fourth of it
        // at a fourth of the distance. At a kink the jump stays.
        let (jump, jump_far) = (
            (near[0].value - near[1].value).abs(),
            (far[0].value - far[1].value).abs(),
        );
        let smooth =
            jump <= 0.3 * jump_far + near[0].error + near[1].error || jump <= PRECISE.0 * a.abs();
        let agrees = (a - near[2].value).abs() <= tolerance;
        (precise && smooth && agrees).then(|| right(a, near[2].value, tolerance))
    }

    /// By all distances: the finest that rounding leaves a value decides, coarser ones refine it as
    /// long as they agree with every finer one.
    fn full(
        &self,
        levels: &[[Moved; 2]],
        answers: &Array2<bool>,
        cell: &Cell,
        c: usize,
        largest: f64,
    ) -> Entry {
        let slopes: Vec<[Bar; 3]> = levels
            .iter()
            .map(|level| self.slopes(level, answers, cell, c))
            .collect();
        // Extrapolated to distance 0: the error of a side is of first order, that of both of second.
        let bars = |side: usize| -> Vec<Bar> {
            let order = if side == 2 { 2 } else { 1 };
            let weight = 1.0 / (RATIO.powi(order) - 1.0);
            let extrapolated: Vec<Bar> = slopes
                .windows(2)
                .map(|pair| {
                    let (far, near) = (pair[0][side], pair[1][side]);
                    Bar {
                        value: near.value + weight * (near.value - far.value),
                        error: 2.0 * near.error + weight * far.error,
                    }
                })
                .collect();
            // Changes that fall by a third leave twice the last one.
            let changes = extrapolated.windows(2).map(|pair| {
                let change = (pair[1].value - pair[0].value).abs();
                let error = pair[1].error + 2.0 * change;
                Bar {
                    value: pair[1].value,
                    error: if error.is_finite() {
                        error
                    } else {
                        f64::INFINITY
                    },
                }
            });
            changes.collect()
        };
        let [up, down, both] = [0, 1, 2].map(|side| best(&bars(side)));
        let a = cell.analytic;
        let allowance = self.allowance(cell, largest);
        let entry = |verdict, numeric: f64, error| Entry {
            analytic: a,
            numeric,
            error,
            verdict,
        };
        let (right, left) = (up.1, down.1);
        if !a.is_finite() {
            let numeric = if both.1.error.is_finite() {
                both.1.value
            } else {
                right.value
            };
            return entry(Verdict::Wrong { slopes: None }, numeric, 0.0);
        }
        if right.error.is_finite() && left.error.is_finite() && !right.meets(left) {
            // Between the slopes of every output: each may have chosen its side.
            let [low, high] = self.span(levels, cell, c, [up.0, down.0]);
            let tolerance = allowance + right.error.max(left.error);
            let (left, right) = (left.value, right.value);
            let verdict = if (low - tolerance..=high + tolerance).contains(&a) {
                Verdict::NotSmooth { left, right }
            } else {
                let slopes = Some([left, right]);
                Verdict::Wrong { slopes }
            };
            return entry(verdict, 0.5 * (right + left), 0.5 * (right - left).abs());
        }
        // One side alone where the other leaves the domain.
        let mut value = if right.error <= left.error {
            right
        } else {
            left
        };
        // A side that is flat far away may seem to be known better than it is: both have to be.
        if right.error.is_finite() && left.error.is_finite() {
            value.error = right.error.max(left.error);
        }
        if both.1.error < value.error && both.1.meets(value) {
            value = both.1;
        }
        let tolerance = value.error + allowance;
        let numeric = value.value;
        let verdict = if (a - numeric).abs() > tolerance {
            Verdict::Wrong { slopes: None }
        } else if tolerance <= RESOLVED * a.abs().max(numeric.abs())
            || tolerance <= RESOLVED_BESIDE_LARGEST * largest
        {
            Verdict::Right
        } else {
            Verdict::NotCheckable(Reason::Rounding { error: tolerance })
        };
        entry(verdict, numeric, tolerance)
    }
}

fn right(analytic: f64, numeric: f64, error: f64) -> Entry {
    Entry {
        analytic,
        numeric,
        error,
        verdict: Verdict::Right,
    }
}

#[cfg(test)]
mod tests {
    use super::super::slopes::{Cell, Moved, Scene};
    use super::*;
    use ndarray::array;

    fn judge(f: impl Fn(f64) -> f64, x: f64, analytic: f64) -> Entry {
        let (weights, noise) = (
            array![[1.0]],
            array![[f64::EPSILON * (f(x).abs() + analytic.abs() * x.abs())]],
        );
        let scene = Scene {
            weights: &weights,
            noise: &noise,
            step: 2f64.powi(-12),
            tolerance: 0.0,
            epsilon: f64::EPSILON,
        };
        let cells = [Cell {
            rows: 0..1,
            analytic,
            rounding: 0.0,
        }];
        let size = 2f64.powi(x.abs().max(f64::MIN_POSITIVE).log2().ceil() as i32);
        let moved = |t: f64| {
            let y = x + t * size;
            Ok(Moved {
                change: array![[f(y) - f(x)]],
                distances: vec![y - x],
            })
        };
        scene.judge(moved, &cells, analytic.abs()).unwrap()[0]
    }

    fn is_wrong(entry: Entry) -> bool {
        matches!(entry.verdict, Verdict::Wrong { .. })
    }

    #[test]
    fn a_smooth_function() {
        for x in [1e-6, 0.3, 7.0, 1e5] {
            let slope = (x * 1.3f64).cos() * 1.3;
            let f = |x: f64| (1.3 * x).sin();
            assert_eq!(judge(f, x, slope).verdict, Verdict::Right, "{x}");
            assert!(is_wrong(judge(f, x, slope * 1.0001)), "{x}");
        }
    }

    /// At any distance from a kink: the slope on the point's own side passes, one beyond both fails, and
    /// one between them passes as "not smooth" only where the kink can't be told from the point.
    #[test]
    fn a_kink_at_any_distance() {
        for exponent in -16..0 {
            let x = 1.0 + 10f64.powi(exponent);
            let f = |x: f64| if x > 1.0 { 2.0 * (x - 1.0) } else { 0.0 };
            assert!(!is_wrong(judge(f, x, 2.0)), "{x}");
            // Where the kink can't be told from the point, the slopes are known less well.
            let off = if exponent < -9 { 2.0 } else { 0.01 };
            assert!(is_wrong(judge(f, x, 2.0 + off)), "{x}");
            assert!(is_wrong(judge(f, x, -off)), "{x}");
            let between = judge(f, x, 1.0);
            assert_ne!(between.verdict, Verdict::Right, "{x}");
            assert!(exponent < -8 || is_wrong(between), "{x}");
        }
    }
}
