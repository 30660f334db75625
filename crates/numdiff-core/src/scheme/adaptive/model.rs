//! How the levels of f grow with h, and the window that serves best.

use super::constants::{
    BALANCE, CONVERGED, COST, COST_IN_NOISE, FLOOR, LOOSE_BALANCE, SIGNIFICANT,
};
use super::fit::Fit;
use super::larger::larger;
use super::power::rough_log2;
use super::sampling::Line;
use super::settings::HIGHEST_ORDER;
use super::task::Task;
use super::vandermonde::{Inverse, MOST};
use super::window::Window;
use crate::line::Samples;

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
}

impl Model {
    pub(super) fn new<S: Samples>(
        line: &Line<'_, S>,
        task: &Task,
        tolerance: Option<f64>,
        fit: &Fit,
    ) -> Model {
        let power = task.power as f64;
        // Even parts have one more factor h.
        let shift = if task.even() { 1.0 } else { 0.0 };
        let target = task.level;
        let top = f64::from(fit.highest());
        let mut levels = [0.0; MOST + 1];
        let mut last = 0;
        let mut noise_next = 0.0;
        // A level above the target has the least noise as the top one of the largest steps.
        let largest = if fit.nodes > target + 2 {
            line.run_below(fit.highest(), fit.nodes - 1)
        } else {
            &[]
        };
        let window = (largest.len() > target + 1)
            .then(|| Window::new(largest, task, fit.sigma_floor, line.center));
        for (k, level) in levels.iter_mut().enumerate().take(fit.nodes) {
            let (size, noise, significant) = match &window {
                Some(window) if k > target && k < largest.len() => {
                    let top = window.top_of(k + 1, Inverse::dyadic(task.power, k + 1));
                    (top.size, top.odd_noise, top.significant)
                }
                _ => (fit.level[k], fit.odd_noise[k], fit.significant[k]),
            };
            *level = rough_log2(size) - (power * k as f64 + shift) * top;
            if significant {
                last = k;
            }
            if k == target + 1 {
                noise_next = SIGNIFICANT * noise;
            }
        }
        let limited = last <= target;
        let base =
            levels[target].max(rough_log2(fit.leading) - (power * target as f64 + shift) * top);
        let growth = if limited {
            let bound =
                rough_log2(noise_next) - (power * (target + 1) as f64 + shift) * top - base - 2.0;
            bound.min(-power * (top + 4.0))
        } else {
            let mean = (levels[last] - base) / (last - target) as f64;
            if last >= target + 2 {
                (levels[last] - levels[last - 1]).clamp(mean - 3.0, mean + 3.0)
            } else {
                mean
            }
        };
        let known = if limited { target } else { last };
        levels[target] = base;
        for k in known + 1..=MOST {
            levels[k] = levels[known] + growth * (k - known) as f64;
        }
        let unit = rough_log2(task.factorial());
        let size = rough_log2(fit.leading) - (task.order as f64 - 1.0) * top + unit;
        // In the rounding of the number type: an f in `f32` has nothing to gain sooner.
        let rounding = rough_log2(task.epsilon / f64::EPSILON);
        let mut enough = FLOOR + rounding + size;
        if let Some(tolerance) = tolerance {
            enough = enough.max(rough_log2(tolerance * fit.derivative) - 2.0);
        }
        Model {
            levels,
            growth,
            limited,
            sigma: rough_log2(fit.sigma),
            enough,
        }
    }

    /// The same for an error 8 times smaller per `times`.
    pub(super) fn stricter(mut self, times: u32) -> Model {
        self.enough -= 3.0 * f64::from(times);
        self
    }

    /// The window with the best balance of error and evaluations; `None` when none is admissible.
    pub(super) fn plan<S: Samples>(
        &self,
        line: &Line<'_, S>,
        task: &Task,
        fit: &Fit,
        ceiling: i32,
        loose: bool,
    ) -> Option<Plan> {
        let power = task.power as f64;
        let order = task.order as f64;
        let radius = (CONVERGED.log2() - self.growth) / power;
        let highest_allowed = floor(radius.clamp(-1100.0, 1100.0)).min(ceiling);
        let unit = rough_log2(task.factorial());
        let fewest = task.level + if loose { 2 } else { 3 } + if task.power == 1 { 2 } else { 0 };
        let cost = if fit.sigma_floor > 0.0 {
            COST_IN_NOISE
        } else {
            COST
        };
        let (mut least, mut best) = (f64::INFINITY, None);
        let cost = 0.5 * cost * line.cost() as f64;
        for m in fewest.min(task.most())..=task.most() {
            let weight = weight(task, m);
            // Both terms of the error at step 2^0; they change by these per octave.
            let noise = self.sigma + weight.noise + unit;
            let truncation = if loose { LOOSE_BALANCE } else { BALANCE }
                + self.levels[m]
                + weight.truncation
                + unit;
            let rise = power * m as f64 + if task.even() { 1.0 } else { 0.0 } - (order - 1.0);
            // Where the two are equal; the optimum lies there or at the ends of what is sampled.
            let meet = ((noise - truncation) / (rise + order)).clamp(-1100.0, 1100.0);
            let meet = floor(meet);
            let low = meet.min(fit.highest()).min(highest_allowed);
            let high = (meet + 1).max(fit.highest()).min(highest_allowed);
            let at_least = cost * m.saturating_sub(line.count) as f64;
            for top in low.max(line.lowest + m as i32 - 1)..=high {
                let h = f64::from(top);
                let error = larger(noise - order * h, truncation + rise * h);
                let utility = larger(error, self.enough) + 0.01 * error;
                if utility + at_least >= least {
                    // No less with the cost.
                    continue;
                }
                let lowest = top - m as i32 + 1;
                let utility = utility + cost * line.missing(lowest, top) as f64;
                if utility < least {
                    least = utility;
                    best = Some(Plan {
                        lowest,
                        highest: top,
                        error: larger(error, self.enough),
                    });
                }
            }
        }
        best
    }
}

/// The floor of a number in the range of i32, without a call.
fn floor(x: f64) -> i32 {
    let whole = x as i32;
    whole - i32::from(x < f64::from(whole))
}

/// What a window of m consecutive powers of two makes of noise and truncation in level `level`, as log2
/// at H = 1: constants.
#[derive(Clone, Copy)]
struct Weight {
    /// Noise of the level per unit of noise in f.
    noise: f64,
    /// Error of the level per unit of level m.
    truncation: f64,
}

/// Of a power of h, the even part or not, a level and a count of nodes.
static WEIGHTS: [[[[Weight; MOST + 1]; LEVELS]; 2]; 2] = [
    [weights(1, false), weights(1, true)],
    [weights(2, false), weights(2, true)],
];

/// Levels that may hold the derivative: one-sided, that of the highest order.
const LEVELS: usize = HIGHEST_ORDER;

fn weight(task: &Task, m: usize) -> Weight {
    WEIGHTS[task.power - 1][usize::from(task.even())][task.level][m]
}

const fn weights(power: usize, even: bool) -> [[Weight; MOST + 1]; LEVELS] {
    let none = Weight {
        noise: 0.0,
        truncation: 0.0,
    };
    let mut all = [[none; MOST + 1]; LEVELS];
    let mut level = 0;
    while level < LEVELS {
        let mut m = level + 1;
        while m <= MOST {
            let inverse = Inverse::dyadic(power, m);
            all[level][m] = Weight {
                noise: noise_weight(inverse, level, power, even, m),
                truncation: rough_log2(inverse.products[level]),
            };
            m += 1;
        }
        level += 1;
    }
    all
}

/// log2 of the noise of a level at H = 1, per unit of noise in f.
const fn noise_weight(inverse: &Inverse, level: usize, power: usize, even: bool, m: usize) -> f64 {
    let (mut sum, mut center) = (0.0, 0.0);
    let mut per_step = 1.0;
    let mut i = m;
    while i > 0 {
        i -= 1;
        let weight = inverse.columns[i][level] * per_step * if even { per_step } else { 1.0 };
        sum += weight * weight;
        center += weight;
        per_step *= 2.0;
    }
    let shared = if even || power == 1 {
        center * center
    } else {
        0.0
    };
    let own = if power == 2 { 0.5 * sum } else { sum };
    0.5 * rough_log2(own + shared)
}
