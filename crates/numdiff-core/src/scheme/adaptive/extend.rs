//! The way up: windows planned from the growth of the levels, sampled node by node and judged.

use super::constants::*;
use super::fit::Fit;
use super::model::{Model, Plan};
use super::noise::Deep;
use super::sampling::{Miss, NODES, Node, if_defined};
use super::shape::MOST;
use super::state::{Search, State, midway};

impl Search<'_, '_> {
    /// Plans a window from what `fit` shows; samples the missing node that is nearest, and judges the fit
    /// with it.
    pub(super) fn extend(&mut self) -> Result<State, Miss> {
        let Some(fit) = self.fit else {
            return Ok(State::Explain);
        };
        if fit.leading == 0.0 {
            // Level beside x and bent far above, or by steps on both sides: what f does lies in between.
            let gap = self.tread(&fit).map_or(FAR_LOOKS, |_| 1);
            let open = self.line.undefined_from.min(self.line.highest + 1);
            if self.ceiling < open && self.ceiling - fit.highest() > gap {
                return Ok(State::Descend(midway(self.ceiling, fit.highest())));
            }
            let above = self.above_the_steps(&fit);
            self.fit = above.or(self.fit);
            return Ok(if above.is_some() {
                State::Extend
            } else {
                State::Explain
            });
        }
        if self.is_zero(&fit) {
            return Ok(State::Explain);
        }
        if self.is_better_below(&fit)? {
            return Ok(State::Extend);
        }
        let Some(plan) = self.plan(&fit) else {
            return Ok(State::Explain);
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
        let next = self.jump_up(&fit, &plan).unwrap_or(nearest);
        if if_defined(self.line.sample(next))?.is_none() {
            self.ceiling = self.ceiling.min(next);
            self.guess_ceiling = to + (next - to) / 2;
            return Ok(State::Extend);
        }
        let needed = self.task.needed;
        let mut chosen = [Node::default(); MOST];
        let nodes = if next > to + 1 {
            // Far above: judged against the top of the fit.
            self.with_node(&fit, to - needed as i32 + 2, next, &mut chosen)
        } else {
            // Apart from the others, in the gap of a fit with a far node.
            self.run_with(next, &plan)
                .unwrap_or_else(|| self.with_node(&fit, from, next, &mut chosen))
        };
        let extended = self.fit_through(nodes);
        self.judge(&extended, next, &fit, plan.guessed)
    }

    /// Whether the derivative vanishes within an error that no other level leaves to be gained on.
    fn is_zero(&self, fit: &Fit) -> bool {
        if fit.target.abs() > VANISHES * fit.leading || fit.nodes < 3 {
            return false;
        }
        let error = self.error(fit, fit, 0.0, false);
        fit.derivative.abs() <= error && error <= ZERO * fit.scale() / self.task.factorial
    }

    /// Whether a fit far below is better, where the derivative drowns under the next odd level: on steps far above
    /// the scale of f it is a power of h. Looked for once, since a stationary point looks alike.
    fn is_better_below(&mut self, fit: &Fit) -> Result<bool, Miss> {
        let drowns = self.task.order == 1
            && fit.nodes >= 3
            && fit.target.abs() <= VANISHES * fit.levels[1].odd.abs();
        if self.looked_below || !drowns {
            return Ok(false);
        }
        let error = self.error(fit, fit, 0.0, false);
        if error <= ZERO * fit.derivative.abs() {
            return Ok(false);
        }
        self.looked_below = true;
        let ceiling = self.ceiling;
        self.ceiling = ceiling.min(fit.lowest());
        let found = self.first_converged(fit.lowest() - DESCENT)?;
        let better = found.filter(|found| self.error(found, found, 0.0, false) < error);
        if better.is_none() {
            self.ceiling = ceiling;
        }
        self.fit = better.or(self.fit);
        Ok(better.is_some())
    }

    /// The step to jump to where larger steps are wanted and the levels drown in noise.
    fn jump_up(&self, fit: &Fit, plan: &Plan) -> Option<i32> {
        let noisy = self.noise > 0.0 && plan.lowest > fit.lowest();
        let next = &fit.levels[(self.task.level + 1).min(fit.nodes - 1)];
        let drowned = next.odd_noise > VISIBLE * fit.leading;
        if !(plan.guessed || noisy) || plan.highest <= fit.highest() || !drowned {
            return None;
        }
        let next = if noisy {
            plan.highest
        } else {
            let ceiling = self.plan_ceiling(plan.guessed);
            plan.highest.max(fit.highest() + JUMP).min(ceiling)
        };
        self.line.node(next).is_none().then_some(next)
    }

    /// The largest step that is planned with.
    fn plan_ceiling(&self, guessed: bool) -> i32 {
        (self.ceiling - 1).min(if guessed {
            self.guess_ceiling
        } else {
            i32::MAX
        })
    }

    /// The window that promises the least error for its evaluations.
    fn plan(&mut self, fit: &Fit) -> Option<Plan> {
        let model = Model::new(self, fit);
        let plan = model.plan(self, fit, self.plan_ceiling(model.limited))?;
        let farther = |free: Plan| free.error + WORTH_TELLING <= plan.error;
        self.step_limited = plan.highest == self.line.highest
            && (plan.guessed || model.plan(self, fit, i32::MAX).is_some_and(farther));
        Some(plan)
    }

    /// The nodes of `fit` from `lowest` on and one more; of too many those farthest below are left out.
    fn with_node<'n>(
        &self,
        fit: &Fit,
        lowest: i32,
        exponent: i32,
        chosen: &'n mut [Node; MOST],
    ) -> &'n [Node] {
        let own = &fit.exponents[..fit.nodes];
        let wanted = |node: &&Node| {
            node.exponent == exponent || node.exponent >= lowest && own.contains(&node.exponent)
        };
        let mut first = MOST;
        for node in self.line.nodes().iter().rev().filter(wanted).take(MOST) {
            first -= 1;
            chosen[first] = *node;
        }
        &chosen[first..]
    }

    /// The run around `exponent`; of one that is too long the largest steps go first, down to those of the plan.
    fn run_with(&self, exponent: i32, plan: &Plan) -> Option<&[Node]> {
        let is_there = |j: &i32| self.line.node(*j).is_some();
        let above = (exponent + 1..self.ceiling).take_while(is_there).count() as i32;
        let (top, most) = (exponent + above, self.task.most);
        let excess = self.line.run_below(top, NODES).len().saturating_sub(most) as i32;
        let top = (top - excess).max(top.min(plan.highest.max(exponent)));
        let run = self.line.run_below(top, most);
        (run.len() >= self.task.needed).then_some(run)
    }

    /// Whether the fit with the node `next` is the better one, or what stands against it.
    fn judge(
        &mut self,
        extended: &Fit,
        next: i32,
        fit: &Fit,
        guessed: bool,
    ) -> Result<State, Miss> {
        self.rough_near(extended)?;
        if self.noise_like(extended) {
            return self.confirm_noise(extended);
        }
        let top = extended.top().size;
        let grows = extended.nodes >= 4 && !extended.noisy && top > CONVERGED * extended.leading;
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
        let deep = if level <= AGREEMENT * self.noise {
            Deep::Noise
        } else {
            self.look_deep(extended, level)?
        };
        let start = match deep {
            Deep::Noise => {
                self.noise = self.noise.max(level);
                self.fit_again(extended);
                let converged = self.fit.is_some_and(|fit| fit.converged);
                return Ok(if converged {
                    State::Extend
                } else {
                    State::Explain
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
    fn rough_near(&mut self, fit: &Fit) -> Result<(), Miss> {
        let ends = [fit.highest(), fit.lowest()].map(|exponent| self.line.node(exponent).copied());
        if self.task.power == 2
            && !fit.noisy
            && let [Some(above), Some(below)] = ends
        {
            self.rough_at_x(&above, &below)?;
        }
        Ok(())
    }
}
