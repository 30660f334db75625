//! What one-sided slopes say of an analytic derivative.

use super::slopes::{Bar, Cell, Moved, RATIO, ROUNDING, Scene, bars, best, is_finer};
use crate::Error;
use ndarray::{Array2, s};
use numdiff_core::check::{Entry, Reason, Verdict};

/// How many distances there are, from the size of what is moved down to 2^-38 = 3.6e-12 of it, and how many before
/// an entry is called wrong, down to 2^-68: kinks may lie as near as that on both sides of a number that is nearly 0.
const LEVELS: [i32; 2] = [20, 35];

/// How many distances beyond that size there are, up to 1024 times as far, where the nearer ones leave an entry open:
/// the size of small numbers says nothing of how far a function bends. That of large ones may: an entry can be right
/// by what lies out there, not wrong.
const BEYOND: i32 = 5;

/// Rounding of an analytic derivative, in last places of the largest of its block: sums of some
/// hundred terms.
const ANALYTIC: f64 = 64.0;

/// An entry is resolved when its tolerance is below this share of itself...
const RESOLVED: f64 = 1e-2;

/// ... or below this share of the largest entry of its block.
const RESOLVED_BESIDE_LARGEST: f64 = 1e-5;

/// An entry that is right with an error of this share of it is not looked at any further.
const SETTLED: f64 = 1e-4;

/// At the first two distances alone an entry passes with these shares.
const PRECISE: (f64, f64) = (1e-6, 1e-9);

impl Scene<'_> {
    /// Judges the analytic derivatives of the cells. `evaluate(t)` moves by t times the size of what
    /// is moved; `largest` is the largest analytic entry of the block.
    ///
    /// Four evaluations for an entry that is plainly right, 40 more for any other, and 30 before one is called wrong.
    pub fn judge(
        &self,
        mut evaluate: impl FnMut(f64) -> Result<Moved, Error>,
        cells: &[Cell],
        largest: f64,
    ) -> Result<Vec<Entry>, Error> {
        let mut at = |t: f64| -> Result<[Moved; 2], Error> { Ok([evaluate(t)?, evaluate(-t)?]) };
        let first = [at(self.check.step)?, at(self.check.step / RATIO)?];
        let mut answers = self.answering(&first, cells);
        let is_silent = |answers: &Array2<bool>, cell: &Cell| {
            let rows = s![cell.rows.clone(), ..];
            cell.analytic == 0.0 && !answers.slice(rows).iter().any(|answers| *answers)
        };
        let mut nearby = None;
        if cells.iter().any(|cell| is_silent(&answers, cell)) {
            let sides = at(1.0)?;
            answers |= &self.hidden_nearby(&sides);
            nearby = Some([sides]);
        }
        let plain = |cell: &Cell| match &nearby {
            // Nothing answers, and nothing should.
            Some(nearby) if is_silent(&answers, cell) => {
                Some(right(0.0, 0.0, self.unseen(nearby, &answers, cell)))
            }
            _ => self.plain(&first, &answers, cell, largest),
        };
        let mut judged: Vec<Option<Entry>> = cells.iter().map(plain).collect();
        if judged.iter().all(Option::is_some) {
            return Ok(judged.into_iter().flatten().collect());
        }
        let mut levels = Vec::new();
        let verdict = |entry: &Option<Entry>| entry.map(|entry| entry.verdict);
        let is_wrong =
            |entry: &Option<Entry>| matches!(verdict(entry), None | Some(Verdict::Wrong { .. }));
        for count in LEVELS {
            for level in levels.len() as i32..count {
                levels.push(at(RATIO.powi(-level))?);
            }
            let answers = self.answering(&levels, cells);
            for (entry, cell) in judged.iter_mut().zip(cells) {
                if is_wrong(entry) {
                    *entry = Some(self.full(&levels, &answers, cell, largest));
                }
            }
            if !judged.iter().any(is_wrong) {
                break;
            }
        }
        // What is settled to some digits is settled.
        let is_open = |entry: &Entry, cell: &Cell| match entry.verdict {
            Verdict::NotCheckable(_) => true,
            Verdict::Right => {
                entry.error > SETTLED * entry.analytic.abs() && !is_silent(&answers, cell)
            }
            _ => false,
        };
        let open: Vec<bool> = judged
            .iter()
            .zip(cells)
            .map(|(entry, cell)| entry.is_some_and(|entry| is_open(&entry, cell)))
            .collect();
        if open.contains(&true) {
            let beyond = (1..=BEYOND).rev().map(|level| at(RATIO.powi(level)));
            let mut all = beyond.collect::<Result<Vec<_>, _>>()?;
            all.append(&mut levels);
            let answers = self.answering(&all, cells);
            for ((entry, cell), _) in judged
                .iter_mut()
                .zip(cells)
                .zip(open)
                .filter(|(_, open)| *open)
            {
                let found = Some(self.full(&all, &answers, cell, largest));
                let seen = entry.is_some_and(|near| near.numeric.abs() > near.error);
                if seen || !is_wrong(&found) {
                    *entry = found;
                }
            }
        }
        Ok(judged.into_iter().flatten().collect())
    }

    fn allowance(&self, cell: &Cell, largest: f64) -> f64 {
        ANALYTIC * self.noise.epsilon * largest
            + ROUNDING * cell.rounding
            + self.check.tolerance * cell.analytic.abs()
    }

    /// Right by the first two distances alone, or `None`: not smooth, not precise enough, not right.
    fn plain(
        &self,
        [coarse, fine]: &[[Moved; 2]; 2],
        answers: &Array2<bool>,
        cell: &Cell,
        largest: f64,
    ) -> Option<Entry> {
        let a = cell.analytic;
        let far = self.slopes(coarse, answers, cell);
        let near = self.slopes(fine, answers, cell);
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
        largest: f64,
    ) -> Entry {
        let slopes: Vec<[Bar; 3]> = levels
            .iter()
            .map(|level| self.slopes(level, answers, cell))
            .collect();
        let bars = [0, 1, 2].map(|side| bars(&slopes, side));
        let [up, down] = [0, 1].map(|side| best(&bars[side], 0));
        // Both together may hide what each of them shows.
        let both = best(&bars[2], up.reach.max(down.reach));
        let (right, left) = (up.bar, down.bar);
        let known = right.error.is_finite() && left.error.is_finite();
        let a = cell.analytic;
        let allowance = self.allowance(cell, largest) + self.unseen(levels, answers, cell);
        let mut entry = Entry {
            analytic: a,
            numeric: right.value,
            error: 0.0,
            verdict: Verdict::Wrong { slopes: None },
        };
        if !a.is_finite() {
            if both.bar.error.is_finite() {
                entry.numeric = both.bar.value;
            }
            return entry;
        }
        if known && !right.meets(left) {
            // Between the slopes of every output: each may have chosen its side.
            let [low, high] = self.span(levels, cell, [up.level, down.level]);
            let tolerance = allowance + right.error.max(left.error);
            let (left, right) = (left.value, right.value);
            (entry.numeric, entry.error) = (0.5 * (right + left), 0.5 * (right - left).abs());
            entry.verdict = if (low - tolerance..=high + tolerance).contains(&a) {
                Verdict::NotSmooth { left, right }
            } else {
                let slopes = Some([left, right]);
                Verdict::Wrong { slopes }
            };
            return entry;
        }
        // One side alone where the other leaves the domain.
        let mut side = usize::from(left.error < right.error);
        let mut value = if side == 0 { right } else { left };
        // A side that is flat far away may seem to be known better than it is: both have to be.
        if known {
            value.error = right.error.max(left.error);
        }
        if both.bar.error < value.error && both.bar.meets(value) {
            (side, value) = (2, both.bar);
        }
        // What is so by chance at one distance is not at the next finer one.
        let chosen = [up.level, down.level, both.level];
        let next = chosen[side] + 1;
        let finest = chosen.into_iter().max().unwrap_or_default();
        let mut finer = bars[side].iter().skip(next).map(|(bar, _)| bar);
        let confirmed = finer
            .find(|bar| bar.error.is_finite())
            .is_none_or(|bar| (a - bar.value).abs() > bar.error + allowance);
        let tolerance = value.error + allowance;
        (entry.numeric, entry.error) = (value.value, tolerance);
        let apart = (a - value.value).abs();
        let small = tolerance <= RESOLVED * a.abs().max(value.value.abs())
            || tolerance <= RESOLVED_BESIDE_LARGEST * largest;
        entry.verdict = if apart <= tolerance && small {
            Verdict::Right
        } else if apart <= tolerance
            || !confirmed
            || is_finer(&slopes, finest, a, value.value)
            || self.is_on_a_step(levels, &slopes, cell, value.value)
            || self.is_too_wide(levels, &slopes, cell)
            || self.is_hidden(levels, cell, value.value)
        {
            let error = tolerance.max(apart);
            Verdict::NotCheckable(Reason::Rounding { error })
        } else {
            Verdict::Wrong { slopes: None }
        };
        entry
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
    use super::super::Check;
    use super::super::noise::Noise;
    use super::super::slopes::{Cell, Moved, Scene};
    use super::*;
    use ndarray::array;

    fn judge(f: impl Fn(f64) -> f64, x: f64, analytic: f64) -> Entry {
        let rounding = f64::EPSILON * (f(x).abs() + analytic.abs() * x.abs());
        let noise = Noise {
            of_outputs: array![[rounding]],
            ..Noise::none::<f64>((1, 1))
        };
        let scene = Scene {
            check: &Check::new(),
            weights: &array![[1.0]],
            noise: &noise,
            sizes: &array![[f(x).abs()]],
        };
        let cells = [Cell {
            index: 0,
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

    /// At any distance from a kink: the slope on the point's own side passes, one beyond both never does, and
    /// one between them passes as "not smooth" only where the kink can't be told from the point. Where
    /// rounding leaves one distance alone before the kink, one beyond both may stay open.
    #[test]
    fn a_kink_at_any_distance() {
        for exponent in -16..0 {
            let x = 1.0 + 10f64.powi(exponent);
            let f = |x: f64| if x > 1.0 { 2.0 * (x - 1.0) } else { 0.0 };
            assert!(!is_wrong(judge(f, x, 2.0)), "{x}");
            for beyond in [2.01, 4.0, -0.01, -2.0] {
                let found = judge(f, x, beyond);
                assert_ne!(found.verdict, Verdict::Right, "{x}");
                assert!(exponent < -9 || is_wrong(found), "{x}");
            }
            let between = judge(f, x, 1.0);
            assert_ne!(between.verdict, Verdict::Right, "{x}");
            assert!(exponent < -8 || is_wrong(between), "{x}");
        }
    }
}
