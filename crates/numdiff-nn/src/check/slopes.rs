//! One-sided slopes along a line, with their rounding.

use super::Check;
use super::noise::Noise;
use ndarray::{Array2, Zip, s};
use std::ops::Range;

/// Ratio of two neighboring distances.
pub(super) const RATIO: f64 = 4.0;

/// Rounding of a sum of changes in units of the noise of its terms, added in quadrature.
pub(super) const ROUNDING: f64 = 16.0;

/// Errors of one-sided slopes fall by 16 from one distance to the next, those of central ones by more. A change that is
/// smaller than this share of the one before may be so by chance.
const FALL: f64 = 1.0 / 8.0;

/// Extrapolation over as many distances goes before the first bar.
const FIRST_BAR: usize = 3;

/// So many finer distances in succession have to be nearer to a claim than to the numeric value: rounding may make
/// fewer so by chance.
const FINER: usize = 3;

/// The same of wider distances. Slopes of a function that bends may pass by a claim on their way, at one distance.
const WIDER: usize = 2;

/// A slope bears a claim out if it is so many times as far from the numeric value as from the claim.
const FARTHER: f64 = 4.0;

/// Steps of rounding leave a slope at distances of so many at the latest.
const STEPS: f64 = 64.0;

/// The outputs of a layer after something moved, minus those before.
pub(super) struct Moved {
    pub change: Array2<f64>,
    /// How far each [`Cell`] really moved, signed.
    pub distances: Vec<f64>,
}

/// The samples that answer to one movement, and the analytic derivative of their weighted outputs.
pub(super) struct Cell {
    /// Its place among those that one movement moves.
    pub index: usize,
    pub rows: Range<usize>,
    pub analytic: f64,
    /// Rounding of the analytic derivative.
    pub rounding: f64,
}

/// What all lines of a layer share.
pub(super) struct Scene<'a> {
    pub check: &'a Check,
    /// The weights of the outputs.
    pub weights: &'a Array2<f64>,
    /// How the outputs are rounded.
    pub noise: &'a Noise,
    /// The size of each output.
    pub sizes: &'a Array2<f64>,
}

/// A value and how far it may be off.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bar {
    pub value: f64,
    pub error: f64,
}

impl Bar {
    pub const UNKNOWN: Bar = Bar {
        value: 0.0,
        error: f64::INFINITY,
    };

    pub fn meets(self, other: Bar) -> bool {
        (self.value - other.value).abs() <= self.error + other.error
    }
}

impl Scene<'_> {
    /// Slope of the weighted sum over a cell's outputs, and its rounding: of the changes, and of the outputs, which
    /// have it also where they did not move far enough to show it.
    fn slope(&self, moved: &Moved, answers: &Array2<bool>, cell: &Cell) -> Bar {
        let rows = s![cell.rows.clone(), ..];
        let (mut sum, mut squares) = (0.0, 0.0);
        Zip::from(moved.change.slice(rows))
            .and(self.weights.slice(rows))
            .and(self.noise.of_outputs.slice(rows))
            .and(answers.slice(rows))
            .for_each(|d, w, noise, answers| {
                if *answers {
                    sum += d * w;
                    squares += (w * (noise + self.noise.epsilon * d.abs())).powi(2);
                }
            });
        let distance = moved.distances[cell.index];
        let bar = Bar {
            value: sum / distance,
            error: ROUNDING * squares.sqrt() / distance.abs(),
        };
        if bar.value.is_finite() && bar.error.is_finite() {
            bar
        } else {
            Bar::UNKNOWN
        }
    }

    /// Both one-sided slopes and the central difference.
    pub fn slopes(&self, [up, down]: &[Moved; 2], answers: &Array2<bool>, cell: &Cell) -> [Bar; 3] {
        let (right, left) = (
            self.slope(up, answers, cell),
            self.slope(down, answers, cell),
        );
        let (a, b) = (up.distances[cell.index], -down.distances[cell.index]);
        let central = Bar {
            value: (right.value * a + left.value * b) / (a + b),
            error: right.error + left.error,
        };
        [right, left, central]
    }

    /// The outputs that move at any distance, and in samples of which none does those that move by steps, which may be
    /// wider than all of them.
    pub fn answering(&self, levels: &[[Moved; 2]], cells: &[Cell]) -> Array2<bool> {
        let mut answers = Array2::from_elem(self.noise.steps.dim(), false);
        for moved in levels.iter().flatten() {
            Zip::from(&mut answers)
                .and(&moved.change)
                .for_each(|answers, d| *answers |= *d != 0.0);
        }
        for cell in cells {
            let rows = s![cell.rows.clone(), ..];
            if !answers.slice(rows).iter().any(|answers| *answers) {
                answers
                    .slice_mut(rows)
                    .assign(&self.noise.steps.slice(rows));
            }
        }
        answers
    }

    /// The outputs that move so little at the size of what is moved that rounding hides it at the first distance.
    pub fn hidden_nearby(&self, sides: &[Moved; 2]) -> Array2<bool> {
        let mut hidden = Array2::from_elem(self.noise.steps.dim(), false);
        for moved in sides {
            Zip::from(&mut hidden)
                .and(&moved.change)
                .and(&self.noise.of_outputs)
                .for_each(|hidden, d, noise| {
                    *hidden |= *d != 0.0 && d.abs() * self.check.step <= RATIO * noise;
                });
        }
        hidden
    }

    /// Whether rounding inside the layer may hide what a derivative claims, though the numeric one is another: it is 0,
    /// as between two steps, and nothing moves but by steps; or that is 0, and it claims some last places as far as
    /// nothing moves.
    pub fn is_hidden(&self, levels: &[[Moved; 2]], cell: &Cell, numeric: f64) -> bool {
        let rows = s![cell.rows.clone(), ..];
        let steps = self.noise.steps.slice(rows);
        let moves = |moved: &Moved, by_steps: &[bool]| {
            let change = moved.change.slice(rows);
            let mut all = change.iter().zip(steps);
            all.any(|(d, steps)| *d != 0.0 && by_steps.contains(steps))
        };
        if cell.analytic == 0.0 {
            let mut all = levels.iter().flatten();
            return all.clone().any(|moved| moves(moved, &[true]))
                && !all.any(|moved| moves(moved, &[false]));
        }
        // Of numbers of size 1 at least, which may have canceled.
        let size = self.sizes.slice(rows).fold(1.0f64, |m, y| y.max(m));
        let is_still =
            |level: &&[Moved; 2]| !level.iter().any(|moved| moves(moved, &[true, false]));
        let still = levels.iter().rev().take_while(is_still);
        let farthest = still
            .last()
            .map_or(0.0, |level| level[0].distances[cell.index].abs());
        let claimed = cell.analytic.abs() * farthest;
        numeric == 0.0 && claimed <= ROUNDING * self.noise.largest_epsilon * size
    }

    /// Whether the finest distances lie on one step of rounding. Where a layer rounds numbers of size 1, or of the size
    /// of its outputs, it is a staircase; between two steps its slope is that of the numbers which are not rounded
    /// there, and differs from what the derivative claims. Then wider distances in succession, of which the first is
    /// only some steps wide, have slopes near the claim. A step adds up to its height to a difference, so a slope may
    /// be off by height / distance.
    pub fn is_on_a_step(
        &self,
        levels: &[[Moved; 2]],
        slopes: &[[Bar; 3]],
        cell: &Cell,
        numeric: f64,
    ) -> bool {
        let claim = cell.analytic;
        let sizes = self.sizes.slice(s![cell.rows.clone(), ..]);
        let height = self.noise.epsilon * sizes.fold(1.0f64, |m, y| y.max(m));
        let off = (claim - numeric).abs();
        let borne_out = |side: usize| {
            let finest_first = levels.iter().zip(slopes).rev();
            let all = finest_first.map(|(moved, slopes)| {
                let distance = moved[0].distances[cell.index].abs();
                (distance, slopes[side])
            });
            let telling: Vec<_> = all.filter(|(_, bar)| bar.error < off).collect();
            let nearer = |(distance, bar): &(f64, Bar)| {
                let apart = (bar.value - claim).abs() - (height / distance).min(0.5 * off);
                FARTHER * apart < (bar.value - numeric).abs()
            };
            let mut successive = telling.windows(WIDER);
            successive.any(|wider| off * wider[0].0 <= STEPS * height && wider.iter().all(nearer))
        };
        (0..3).any(borne_out)
    }

    /// How far the outputs that never answer may have moved unseen, over the farthest distance.
    pub fn unseen(&self, levels: &[[Moved; 2]], answers: &Array2<bool>, cell: &Cell) -> f64 {
        let rows = s![cell.rows.clone(), ..];
        let mut squares = 0.0;
        Zip::from(self.weights.slice(rows))
            .and(self.noise.of_outputs.slice(rows))
            .and(answers.slice(rows))
            .for_each(|w, noise, answers| {
                if !*answers {
                    squares += (w * noise).powi(2);
                }
            });
        let distance = |level: &[Moved; 2]| level[0].distances[cell.index].abs();
        let farthest = levels.iter().map(distance).fold(0.0, f64::max);
        ROUNDING * squares.sqrt() / farthest
    }

    /// Whether the finest distance is too wide for what a derivative claims: it would be a good part of all that the
    /// outputs ever move, and they do move as far there.
    pub fn is_too_wide(&self, levels: &[[Moved; 2]], slopes: &[[Bar; 3]], cell: &Cell) -> bool {
        let known = levels.iter().zip(slopes).flat_map(|(moved, slopes)| {
            let sides = moved.iter().zip(slopes);
            sides.map(|(moved, slope)| (moved.distances[cell.index].abs(), slope))
        });
        let known = known.filter(|(_, slope)| slope.error.is_finite());
        let moves: Vec<(f64, f64)> = known.map(|(d, slope)| (d, d * slope.value.abs())).collect();
        let most = moves.iter().fold(0.0f64, |m, (_, by)| m.max(*by));
        let Some((finest, by)) = moves.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)) else {
            return false;
        };
        most > 0.0 && by >= 0.1 * most && cell.analytic.abs() * finest >= 0.1 * most
    }

    /// The sums over the outputs of the smaller and of the larger one-sided slopes.
    pub fn span(&self, levels: &[[Moved; 2]], cell: &Cell, [up, down]: [usize; 2]) -> [f64; 2] {
        let rows = s![cell.rows.clone(), ..];
        let side = |level: usize, side: usize| {
            // The first bar belongs to the fourth distance.
            let (far, near) = (&levels[level + 2][side], &levels[level + 3][side]);
            let slope = |moved: &Moved| {
                let distance = moved.distances[cell.index];
                let change = moved.change.slice(rows);
                (&change * &self.weights.slice(rows)).mapv(|d| d / distance)
            };
            let (far, near) = (slope(far), slope(near));
            &near + &((&near - &far) / (RATIO - 1.0))
        };
        let (right, left) = (side(up, 0), side(down, 1));
        let sum = |pick: fn(f64, f64) -> f64| {
            right
                .iter()
                .zip(&left)
                .map(|(r, l)| pick(*r, *l))
                .sum::<f64>()
        };
        [sum(f64::min), sum(f64::max)]
    }
}

/// The slopes of a side (0 right, 1 left, 2 both) extrapolated to distance 0, and by how much more than rounding each
/// differs from the one before. The first belongs to the fourth distance.
pub(super) fn bars(slopes: &[[Bar; 3]], side: usize) -> Vec<(Bar, f64)> {
    // The error of a side is of first order, that of both of second.
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
    let bars = extrapolated.windows(3).map(|three| {
        let change = |k: usize| (three[k + 1].value - three[k].value).abs();
        let error = three[2].error + 2.0 * change(1).max(FALL * change(0));
        let bar = Bar {
            value: three[2].value,
            error: if error.is_finite() {
                error
            } else {
                f64::INFINITY
            },
        };
        (bar, change(1) - three[1].error - three[2].error)
    });
    bars.collect()
}

/// Whether finer distances than those that gave the slopes of any side bear out what a derivative claims: some in
/// succession are much nearer to it. Nothing that moves bears out a 0 as far as rounding lets it move.
pub(super) fn is_finer(slopes: &[[Bar; 3]], level: usize, claim: f64, numeric: f64) -> bool {
    let nearer = |bar: &Bar| {
        let apart = (bar.value - numeric).abs();
        4.0 * (bar.value - claim).abs() < apart && (bar.value != 0.0 || bar.error < apart)
    };
    let borne_out = |side: usize| {
        let finer = slopes.iter().skip(level + FIRST_BAR + 1).map(|s| s[side]);
        let finer: Vec<Bar> = finer.filter(|bar| bar.error.is_finite()).collect();
        finer.windows(FINER).any(|all| all.iter().all(nearer))
    };
    2.0 * (claim - numeric).abs() > claim.abs() && (0..3).any(borne_out)
}

/// The narrowest bar of a side.
pub(super) struct Best {
    pub level: usize,
    pub bar: Bar,
    /// The coarsest distance that agrees with all finer ones.
    pub reach: usize,
}

/// The narrowest bar among those from `coarsest` on that agree with all finer ones (Lepski 1990); the last is the
/// finest. Where changes grow towards the finer ones, beyond rounding, they do not converge: what is coarser has missed
/// how the function moves.
pub(super) fn best(bars: &[(Bar, f64)], coarsest: usize) -> Best {
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut best = Best {
        level: bars.len() - 1,
        bar: Bar::UNKNOWN,
        reach: coarsest,
    };
    let mut finer = 0.0;
    for level in (coarsest..bars.len()).rev() {
        let (bar, change) = bars[level];
        if !bar.error.is_finite() {
            continue;
        }
        let change = change.max(0.0);
        if bar.value - bar.error > high || bar.value + bar.error < low || change < finer {
            best.reach = level + 1;
            break;
        }
        finer = change;
        low = low.max(bar.value - bar.error);
        high = high.min(bar.value + bar.error);
        if bar.error < best.bar.error {
            (best.level, best.bar) = (level, bar);
        }
    }
    best
}
