//! The way up: windows planned from the growth of the levels, sampled node by node and judged.

use super::constants::{
    BRANCH, CONVERGED, DESCENT, JUMP, KNOWN_NOISE, NOISY_OCTAVES, VANISHES, VISIBLE, WORTH_TELLING,
    ZERO,
};
use super::fit::Fit;
use super::model::{Model, Plan};
use super::noise::{Deep, look_deep, noise_like};
use super::power::{exponent, power_of_two};
use super::roughness::{Roughness, rough_at_x};
use super::sampling::{Miss, Node};
use super::state::{Kind, Search, State, midway};
use super::vandermonde::MOST;
use crate::line::Samples;

impl<S: Samples> Search<'_, '_, S> {
    /// Plans a window from what `fit` shows; samples the missing node that is nearest, and judges the fit
    /// with it.
    pub(super) fn extend(&mut self, fit: Fit) -> Result<State, Miss> {
        if fit.leading == 0.0 {
            return Ok(match self.above_the_steps(&fit) {
                Some(above) => {
                    self.fit = Some(above);
                    State::Extend
                }
                None => State::Explain(Kind::Good),
            });
        }
        if self.is_zero(&fit) {
            return Ok(State::Explain(Kind::Good));
        }
        let fit = self.look_below(fit)?;
        if self.rough.is_some() {
            return Ok(State::Explain(Kind::NotSmooth));
        }
        let Some((plan, guessed)) = self.plan(&fit) else {
            return Ok(State::Explain(Kind::Good));
        };
        let (from, to) = (fit.lowest(), fit.highest());
        let missing = (plan.lowest..=plan.highest).filter(|j| self.line.node(*j).is_none());
        let nearest = missing.min_by_key(|j| if *j > to { *j - to } else { from - *j });
        let Some(nearest) = nearest else {
            return Ok(State::Verify {
                lowest: plan.lowest,
                highest: plan.highest,
            });
        };
        let next = self.jump_up(&fit, &plan, guessed).unwrap_or(nearest);
        match self.line.sample(next) {
            Ok(_) => {}
            Err(Miss::Undefined) => {
                self.ceiling = self.ceiling.min(next);
                if next <= to {
                    return Ok(State::Explain(Kind::Good));
                }
                self.guess_ceiling = to + (next - to) / 2;
                return Ok(State::Extend);
            }
            Err(miss) => return Err(miss),
        }
        let needed = self.task.needed();
        let extended = if next > to + 1 {
            // Far above: judged against the top of the fit.
            self.with_node(&fit, to - needed as i32 + 2, next)
        } else {
            self.run_with(next, &plan)
                .filter(|run| run.nodes >= needed)
                // Apart from the others, in the gap of a fit with a far node.
                .unwrap_or_else(|| self.with_node(&fit, from, next))
        };
        self.judge(&extended, next, &fit, guessed)
    }

    /// Whether the derivative vanishes within an error that no other level leaves to be gained on.
    fn is_zero(&self, fit: &Fit) -> bool {
        let target = if self.task.even() {
            fit.even[self.task.level]
        } else {
            fit.odd[self.task.level]
        };
        if target.abs() > VANISHES * fit.leading || fit.nodes < 3 {
            return false;
        }
        let error = self.error(fit, fit, 0.0, false);
        let unit = fit.leading / power_of_two(fit.highest() * (self.task.order as i32 - 1));
        fit.derivative.abs() <= error && error <= ZERO * unit
    }

    /// The better of `fit` and one far below, where the derivative drowns under the next odd level: on steps
    /// far above the scale of f it is a power of h. Once, since a stationary point looks alike.
    fn look_below(&mut self, fit: Fit) -> Result<Fit, Miss> {
        let own = self.error(&fit, &fit, 0.0, false);
        if self.looked_below
            || self.task.order != 1
            || fit.nodes < 3
            || fit.odd[self.task.level].abs() > VANISHES * fit.odd[1].abs()
            || own <= ZERO * fit.derivative.abs()
        {
            return Ok(fit);
        }
        self.looked_below = true;
        let ceiling = self.ceiling;
        self.ceiling = ceiling.min(fit.lowest());
        let found = self.first_converged(fit.lowest() - DESCENT)?;
        let better = found.filter(|found| self.error(found, found, 0.0, false) < own);
        if better.is_none() {
            self.ceiling = ceiling;
        }
        self.fit = Some(better.unwrap_or(fit));
        Ok(better.unwrap_or(fit))
    }

    /// The step to jump to where larger steps are wanted and the levels drown in noise.
    fn jump_up(&self, fit: &Fit, plan: &Plan, guessed: bool) -> Option<i32> {
        let ceiling = self.plan_ceiling(guessed);
        let noisy = self.noise > 0.0 && plan.lowest > fit.lowest();
        let next_noise = fit.odd_noise[(self.task.level + 1).min(fit.nodes - 1)];
        let drowned = next_noise > VISIBLE * fit.leading;
        if !(guessed || noisy) || plan.highest <= fit.highest() || !drowned {
            return None;
        }
        let next = if noisy {
            plan.highest
        } else {
            plan.highest.max(fit.highest() + JUMP).min(ceiling)
        };
        self.line.node(next).is_none().then_some(next)
    }

    /// The largest step that is planned with.
    fn plan_ceiling(&self, guessed: bool) -> i32 {
        let mut ceiling = self.ceiling.saturating_sub(1);
        if self.noise > 0.0 {
            let place = &self.line.place;
            ceiling = ceiling.min(exponent(place.position.max(place.typical)) + NOISY_OCTAVES);
        }
        if guessed {
            ceiling = ceiling.min(self.guess_ceiling);
        }
        ceiling
    }

    /// The window that promises the least error for its evaluations, and whether the growth of the levels
    /// that it rests on is a guess.
    fn plan(&mut self, fit: &Fit) -> Option<(Plan, bool)> {
        let misses = self.tolerance_misses;
        let model = Model::new(self.line, &self.task, self.tolerance, fit).stricter(misses);
        let ceiling = self.plan_ceiling(model.limited);
        let loose = self.tolerance.is_some() && misses == 0;
        let plan = model.plan(self.line, &self.task, fit, ceiling, loose)?;
        self.step_limited = plan.highest == self.line.highest
            && (model.limited
                || model
                    .plan(self.line, &self.task, fit, i32::MAX, loose)
                    .is_some_and(|free| free.error + WORTH_TELLING <= plan.error));
        Some((plan, model.limited))
    }

    /// The nodes of `fit` from `lowest` on and one more; of too many those farthest below are left out.
    fn with_node(&self, fit: &Fit, lowest: i32, exponent: i32) -> Fit {
        let mut nodes = [Node::default(); MOST];
        let mut count = 0;
        for node in self.line.nodes[..self.line.count].iter().rev() {
            let own = fit.exponents[..fit.nodes].contains(&node.exponent);
            let wanted = node.exponent == exponent || own && node.exponent >= lowest;
            if wanted && count < MOST {
                nodes[count] = *node;
                count += 1;
            }
        }
        nodes[..count].reverse();
        let nodes = &nodes[..count];
        Fit::through(nodes, &self.task, self.least_noise(), self.line.center)
    }

    /// The run around `exponent`, which keeps within the plan when it is long.
    fn run_with(&self, exponent: i32, plan: &Plan) -> Option<Fit> {
        let (mut lowest, mut highest) = (exponent, exponent);
        while highest + 1 < self.ceiling && self.line.node(highest + 1).is_some() {
            highest += 1;
        }
        while self.line.node(lowest - 1).is_some() {
            lowest -= 1;
        }
        let most = self.task.most() as i32;
        while highest - lowest + 1 > most {
            if highest > plan.highest && highest > exponent {
                highest -= 1
            } else {
                lowest += 1
            }
        }
        self.window(lowest, highest)
    }

    /// Whether the fit with the node `next` is the better one, or what stands against it.
    fn judge(
        &mut self,
        extended: &Fit,
        next: i32,
        fit: &Fit,
        guessed: bool,
    ) -> Result<State, Miss> {
        let m = extended.nodes;
        if self.is_rough_near(extended)? {
            return Ok(State::Explain(Kind::NotSmooth));
        }
        if noise_like(extended, &self.task) && !extended.noisy {
            return self.confirm_noise(extended);
        }
        let grows =
            m >= 4 && !extended.noisy && extended.level[m - 1] > CONVERGED * extended.leading;
        if extended.converged && !grows {
            self.fit = Some(*extended);
            return Ok(State::Extend);
        }
        self.ceiling = self.ceiling.min(extended.highest());
        if guessed {
            self.guess_ceiling = fit.highest() + (next - fit.highest()) / 2;
        }
        Ok(if next < fit.lowest() {
            State::Descend(next - DESCENT)
        } else {
            State::Extend
        })
    }

    /// The top level looks like an error of the smallest step: whether it is noise, another branch of f,
    /// or structure.
    fn confirm_noise(&mut self, extended: &Fit) -> Result<State, Miss> {
        let level = extended.excess * extended.sigma;
        let deep = if level <= KNOWN_NOISE * self.noise {
            Deep::Noise
        } else {
            look_deep(self.line, &self.task, extended, level, extended.lowest())?
        };
        let start = match deep {
            Deep::Jump => return Ok(self.jump(extended)),
            Deep::Noise => {
                self.noise = self.noise.max(level);
                self.fit = self
                    .window(extended.lowest(), extended.highest())
                    .or(Some(*extended));
                let converged = self.fit.is_some_and(|fit| fit.converged);
                return Ok(if converged {
                    State::Extend
                } else {
                    State::Explain(Kind::Good)
                });
            }
            Deep::Structure(below) => midway(extended.lowest(), below),
            Deep::Smooth => extended.lowest() - 1,
        };
        // Noise on the scale of the window that is smooth at x: another branch of f.
        let gap = 2.0 * extended.noise * extended.excess;
        if gap < BRANCH * extended.derivative.abs() {
            self.branch_gap = self.branch_gap.max(gap);
        }
        Ok(self.descend_below(extended.highest(), start))
    }

    /// A kink at x that is weak against the slope shows as a bend that stays over the window.
    fn is_rough_near(&mut self, fit: &Fit) -> Result<bool, Miss> {
        if self.task.power == 1 || fit.noisy || fit.highest() - fit.lowest() < 2 {
            return Ok(false);
        }
        let node = |exponent| self.line.node(exponent).copied();
        let (Some(above), Some(below)) = (node(fit.highest()), node(fit.lowest())) else {
            return Ok(false);
        };
        if let Roughness::Rough(rough) = rough_at_x(self.line, &self.task, &above, &below)? {
            self.rough = Some(rough);
        }
        Ok(self.rough.is_some())
    }
}
