//! Functions that go by small steps: results rounded to fewer digits, and formulas some part of which
//! is rounded before the rest is smooth. What the steps add up to is the function that was meant; the
//! steps are noise.

use super::constants::*;
use super::fit::Fit;
use super::power::power_of_two;
use super::sampling::{Miss, NODES, Node, Sides, if_there};
use super::state::Search;

impl Search<'_, '_> {
    /// The fit above a window in which f does not move at all, if it rises there to one side and falls
    /// to the other: f is a staircase, such as a result rounded to fewer digits, and its steps are
    /// noise. A single kink or jump beside x shows on one side; where it is as small as steps may be, the
    /// window is as noisy.
    pub(super) fn above_the_steps(&mut self, flat: &Fit) -> Option<Fit> {
        if self.noise > 0.0 || self.task.power == 1 {
            return None;
        }
        let step = self.step_height()?;
        let ceiling = self.ceiling;
        (self.noise, self.ceiling) = (step, self.line.highest + 1);
        let needed = self.task.needed as i32;
        let tops = self.line.nodes().iter().rev();
        let above = tops
            .filter_map(|top| self.window(top.exponent - needed + 1, top.exponent))
            .find(|fit| fit.converged && self.rises_on_both_sides(fit.highest()));
        if above.is_none() && step < SMALL_STEPS * flat.size {
            return self.window(flat.lowest(), flat.highest());
        }
        if above.is_none() {
            (self.noise, self.ceiling) = (0.0, ceiling);
        }
        above
    }

    fn rises_on_both_sides(&self, exponent: i32) -> bool {
        let node = self.line.node(exponent);
        node.is_some_and(|node| node.bend.abs() < 0.5 * node.slope.abs())
    }

    /// The least difference of two rises of f: rises on a grid are no closer than its lines.
    fn step_height(&self) -> Option<f64> {
        let mut rises = [0.0; 2 * NODES];
        let mut size = 0.0_f64;
        let nodes = self.line.nodes();
        for (node, rises) in nodes.iter().zip(rises.chunks_mut(2)) {
            let h = power_of_two(node.exponent);
            rises[0] = ((node.slope + node.bend) * h).abs();
            rises[1] = ((node.slope - node.bend) * h).abs();
            size = size.max(node.size);
        }
        let rises = &mut rises[..2 * nodes.len()];
        rises.sort_unstable_by(f64::total_cmp);
        let gaps = rises.windows(2).map(|pair| pair[1] - pair[0]);
        let counts = |gap: &f64| *gap > 64.0 * f64::EPSILON * size;
        gaps.filter(counts).min_by(f64::total_cmp)
    }

    /// The size of small steps of f, if `fit` lies on one of them: at a look above that failed f has
    /// not risen by the slope of `fit`.
    pub(super) fn steps_above(&mut self, fit: &Fit, looks: &[Node]) -> Result<Option<f64>, Miss> {
        let steep = fit.levels[0].odd;
        let largest = SMALL_STEPS * self.line.center.abs();
        let size =
            |look: &Node| look.slope.abs().max(look.bend.abs()) * power_of_two(look.exponent);
        let against = looks.iter().rfind(|look| {
            let rise = steep.abs() * power_of_two(look.exponent);
            size(look) < largest && 4.0 * size(look) < rise
        });
        Ok(match against {
            Some(look) if self.task.order == 1 && size(look) > self.noise => self
                .treads((look.exponent, look.slope), (fit.lowest(), steep))?
                .then_some(size(look)),
            _ => None,
        })
    }

    /// Whether f has the slope that it has at x, at 2^`small`, at other places up to 2^`far` away, too, though
    /// it does not rise by it over the window: it consists of steps that slope, as where a rounded number is
    /// divided by x, and they are noise.
    pub(super) fn treads(
        &mut self,
        (far, rise): (i32, f64),
        (small, steep): (i32, f64),
    ) -> Result<bool, Miss> {
        if self.line.sides != Sides::Both {
            return Ok(false);
        }
        let tolerance = 0.02 * (steep - rise).abs();
        // Three, whose distances have no common period: an oscillation is as steep at one by chance.
        for place in [1.0, -OFF_GRID, OFF_GRID * OFF_GRID] {
            let at = place * power_of_two(far);
            let slopes = self.is_as_steep(at, power_of_two(small) / OFF_GRID, steep, tolerance);
            // Without the values nothing tells.
            if if_there(slopes)? != Some(true) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether f has this slope at `at`, on one side at least: a step may lie in between on the other.
    fn is_as_steep(
        &mut self,
        at: f64,
        beside: f64,
        steep: f64,
        tolerance: f64,
    ) -> Result<bool, Miss> {
        let here = self.line.value(at)?;
        for t in [at + beside, at - beside] {
            let rise = self.line.value(t)? - here;
            let slope = rise / (self.line.moved(t) - self.line.moved(at));
            if (slope - steep).abs() <= tolerance {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
