//! How the levels of f grow with h, and the window that serves best.

use super::constants::*;
use super::fit::Fit;
use super::level::Level;
use super::power::{larger, rough_log2};
use super::shape::{MOST, dyadic};
use super::state::Search;

/// log2 of level k at step 1, for every level a window may neglect; and what else a plan needs.
pub(super) struct Model {
    levels: [f64; MOST + 1],
    /// log2 of the growth per level: -2 log2 of the radius, central.
    growth: f64,
    /// Nothing above the target level is seen: the radius is a guess.
    pub limited: bool,
    sigma: f64,
    /// log2 of the error below which nothing is to be gained.
    enough: f64,
}

/// A window to aim for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Plan {
    pub lowest: i32,
    pub highest: i32,
    /// log2 of the error expected.
    pub error: f64,
    /// Whether the growth of the levels that it rests on is a guess.
    pub guessed: bool,
}

impl Model {
    pub(super) fn new(search: &Search<'_, '_>, fit: &Fit) -> Model {
        let Search { task, line, .. } = search;
        let (target, top) = (task.level, f64::from(fit.highest()));
        let at_one = |size: f64, k: usize| {
            // Even parts have one more factor h.
            let power = task.power as f64 * k as f64 + f64::from(u8::from(task.even));
            rough_log2(size) - power * top
        };
        // A level above the target has the least noise as the top one of the largest steps.
        let largest = line.run_below(fit.highest(), fit.nodes - 1);
        let (mut levels, mut last, mut noise_next) = ([0.0; MOST + 1], 0, 0.0);
        for k in 0..fit.nodes {
            let level = if k > target && k < largest.len() {
                let nodes = &largest[largest.len() - 1 - k..];
                Level::highest(dyadic(task.power, k + 1), nodes, fit.sigma)
            } else {
                fit.levels[k]
            };
            levels[k] = at_one(level.size, k);
            if level.significant {
                last = k;
            }
            if k == target + 1 {
                noise_next = SIGNIFICANT * level.odd_noise;
            }
        }
        let limited = last <= target;
        let base = larger(levels[target], at_one(fit.leading, target));
        let growth = if limited {
            let bound = at_one(noise_next, target + 1) - base - 2.0;
            bound.min(-(task.power as f64) * (top + 4.0))
        } else {
            let mean = (levels[last] - base) / (last - target) as f64;
            if last >= target + 2 {
                (levels[last] - levels[last - 1]).clamp(mean - 3.0, mean + 3.0)
            } else {
                mean
            }
        };
        let known = last.max(target);
        levels[target] = base;
        for k in known + 1..=MOST {
            levels[k] = levels[known] + growth * (k - known) as f64;
        }
        let size =
            rough_log2(fit.leading) - (task.order as f64 - 1.0) * top + rough_log2(task.factorial);
        // In the rounding of the number type: an f in `f32` has nothing to gain sooner.
        let mut enough = FLOOR + rough_log2(task.epsilon / f64::EPSILON) + size;
        if let Some(tolerance) = search.tolerance {
            enough = larger(enough, rough_log2(tolerance * fit.derivative) - 2.0);
        }
        Model {
            levels,
            growth,
            limited,
            sigma: rough_log2(fit.sigma),
            // 8 times less for each time that the tolerance was missed.
            enough: enough - 3.0 * f64::from(search.tolerance_misses),
        }
    }

    /// The window with the best balance of error and evaluations; `None` when none is admissible.
    pub(super) fn plan(&self, search: &Search<'_, '_>, fit: &Fit, ceiling: i32) -> Option<Plan> {
        let Search { task, line, .. } = search;
        let (power, order) = (task.power as f64, task.order as f64);
        let even = usize::from(task.even);
        let loose = search.tolerance.is_some() && search.tolerance_misses == 0;
        let radius = (CONVERGED.log2() - self.growth) / power;
        let highest_allowed = (radius.floor() as i32).min(ceiling);
        let unit = rough_log2(task.factorial);
        let fewest = task.level + if loose { 2 } else { 3 } + if task.power == 1 { 2 } else { 0 };
        let in_noise = search.least_noise() > 0.0;
        let cost = 0.5 * if in_noise { COST_IN_NOISE } else { COST } * power;
        let (mut least, mut best) = (f64::INFINITY, None);
        for m in fewest.min(task.most)..=task.most {
            let shape = dyadic(task.power, m);
            // Both terms of the error at step 2^0; they change by these per octave.
            let noise = self.sigma + shape.log_deviations[even][task.level] + unit;
            let balance = if loose { LOOSE_BALANCE } else { BALANCE };
            let truncation = balance + self.levels[m] + shape.log_products[task.level] + unit;
            let rise = power * m as f64 + even as f64 - (order - 1.0);
            // Where the two are equal; the optimum lies there or towards what is sampled.
            let meet = ((noise - truncation) / (rise + order)).floor() as i32;
            let from = if meet < fit.highest() { meet } else { meet + 1 };
            let (floor, top) = (line.lowest + m as i32 - 1, from.max(fit.highest()));
            // Nothing is gained by these where no error is less.
            let least_error = noise - order * (noise - truncation) / (rise + order);
            let at_least = cost * m.saturating_sub(line.nodes().len()) as f64;
            let least_utility = larger(least_error, self.enough) + 0.01 * least_error + at_least;
            if least_utility >= least || floor > top.min(highest_allowed) {
                continue;
            }
            let [from, to] = [from, fit.highest()].map(|j| j.clamp(floor, highest_allowed));
            let toward = (to - from).signum();
            for highest in (0..=(to - from).abs()).map(|octaves| from + octaves * toward) {
                let h = f64::from(highest);
                let error = larger(noise - order * h, truncation + rise * h);
                let error_that_counts = larger(error, self.enough);
                let utility = error_that_counts + 0.01 * error;
                if utility + at_least >= least {
                    // No less with the cost, nor are those beyond the two next to where both are equal.
                    if highest == from {
                        continue;
                    }
                    break;
                }
                let lowest = highest - m as i32 + 1;
                let utility = utility + cost * line.missing(lowest, highest) as f64;
                if utility < least {
                    least = utility;
                    best = Some(Plan {
                        lowest,
                        highest,
                        error: error_that_counts,
                        guessed: self.limited,
                    });
                }
            }
        }
        best
    }
}
