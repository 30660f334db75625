//! The search: look, plan a window, fill it node by node, judge, check.

use super::Settings;
use super::bar::Checked;
use super::constants::{
    BRANCH, CONVERGED, DESCENT, FIRST_STEP, NOISE_ROOT, VISIBLE, WORTH_TELLING,
};
use super::fit::{Fit, Task};
use super::model::{Model, Plan};
use super::noise::{Deep, look_deep, noise_like};
use super::power::exponent;
use super::roughness::{Rough, Roughness, rough_at_x};
use super::sampling::{Line, Miss, Node};
use super::vandermonde::MOST;
use crate::line::Samples;

/// What one search found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Finding {
    pub value: f64,
    pub error: f64,
    /// log2 of the largest step.
    pub exponent: i32,
    /// Noise in f, where it is above rounding.
    pub noise: Option<f64>,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Good,
    NotSmooth,
    StepLimited,
    OutOfBudget,
    Unreliable,
}

pub(super) struct Search<'l, 's, S> {
    pub line: &'l mut Line<'s, S>,
    pub task: Task,
    pub tolerance: Option<f64>,
    /// Noise in f, found or declared.
    pub noise: f64,
    /// Steps from here on are too large.
    pub ceiling: i32,
    /// Steps above this are no longer guessed.
    pub cap: i32,
    /// Noise in f that a check point or a top level showed, above rounding.
    pub floor: f64,
    pub raised: u32,
    /// How often a tolerance was missed.
    pub strict: u32,
    /// Larger steps than the reach allows would serve clearly better.
    pub step_limited: bool,
    /// A look below the first window was taken.
    pub deepened: bool,
    /// Difference to the derivative that a coarser look suggested.
    pub apart: f64,
    pub rough: Option<Rough>,
    /// The last fit that failed.
    pub last: Option<Fit>,
    /// A derivative that falls to 0 like a power of h.
    pub vanishing: Option<Node>,
}

impl<'l, 's, S: Samples> Search<'l, 's, S> {
    pub(super) fn new(settings: &Settings, line: &'l mut Line<'s, S>, order: usize) -> Self {
        let task = Task::new(order, line.sides, &line.place);
        Search {
            task,
            tolerance: settings.tolerance,
            noise: settings.noise.unwrap_or(0.0),
            ceiling: line.highest + 1,
            cap: i32::MAX,
            floor: 0.0,
            raised: 0,
            apart: 0.0,
            strict: 0,
            step_limited: false,
            deepened: false,
            rough: None,
            last: None,
            vanishing: None,
            line,
        }
    }

    pub(super) fn scale(&self) -> f64 {
        // A tenth of the typical size: functions of a small x vary on a smaller scale.
        self.line.place.position.max(0.1 * self.line.place.typical)
    }

    /// log2 of the first step.
    pub(super) fn start(&self) -> i32 {
        let scale = exponent(self.scale() * std::f64::consts::SQRT_2);
        let order = [0, 0, 1, 2, 3, 3, 4, 4, 4][self.task.order];
        let first = FIRST_STEP + order;
        // Declared noise asks for larger steps, half the scale of x at most.
        let first = (first + self.octaves_of_noise()).min(first.max(-1));
        // Where x is not resolved at all the floor may lie above every exponent.
        (scale + first)
            .min(1000)
            .max(self.line.lowest + 4)
            .min(self.line.highest)
    }

    /// Octaves by which the best step grows with the noise that is known above the rounding of f(x).
    fn octaves_of_noise(&self) -> i32 {
        let rounding = self.line.place.epsilon * self.line.center.abs();
        if self.noise > rounding {
            // 0 under the quotient: the largest number stands for it.
            exponent((self.noise / rounding).min(f64::MAX)) / NOISE_ROOT
        } else {
            0
        }
    }

    pub(super) fn fit(&self, lowest: i32, highest: i32) -> Option<Fit> {
        Fit::window(
            self.line,
            &self.task,
            self.noise.max(self.floor),
            lowest,
            highest,
        )
    }

    /// The same, without computing it again where `known` is that fit.
    pub(super) fn fit_unless(&self, known: &Fit, lowest: i32, highest: i32) -> Option<Fit> {
        let consecutive = known.highest() - known.lowest() + 1 == known.nodes as i32;
        let same = (known.lowest(), known.highest()) == (lowest, highest)
            && known.sigma_floor == self.noise.max(self.floor);
        if consecutive && same {
            Some(*known)
        } else {
            self.fit(lowest, highest)
        }
    }

    /// The longest run of nodes around `exponent`, at most `most`, the larger steps first.
    pub(super) fn run(&self, exponent: i32, most: usize) -> Option<Fit> {
        let (mut lowest, mut highest) = (exponent, exponent);
        let mut count = 1;
        while count < most && highest + 1 < self.ceiling && self.line.node(highest + 1).is_some() {
            highest += 1;
            count += 1;
        }
        while count < most && self.line.node(lowest - 1).is_some() {
            lowest -= 1;
            count += 1;
        }
        self.fit(lowest, highest)
    }

    pub(super) fn find(&mut self) -> Result<Finding, Miss> {
        let start = self.start();
        let mut fit = match self.probe(start) {
            Ok(Some(fit)) => fit,
            Ok(None) => return Ok(self.nothing(Kind::Unreliable)),
            Err(Miss::Spent) => return Ok(self.nothing(Kind::OutOfBudget)),
            Err(miss) => return Err(miss),
        };
        let mut kind = Kind::Good;
        let mut checked = None;
        for _ in 0..24 {
            match self.step(&mut fit, &mut checked) {
                Ok(true) => break,
                Ok(false) => {}
                Err(Miss::Spent) => {
                    kind = Kind::OutOfBudget;
                    break;
                }
                Err(miss) => return Err(miss),
            }
        }
        if self.rough.is_some() {
            return Ok(self.nothing(Kind::NotSmooth));
        }
        Ok(self.best(&fit, checked, kind))
    }

    /// One round: true when finished.
    pub(super) fn step(
        &mut self,
        fit: &mut Fit,
        checked: &mut Option<Checked>,
    ) -> Result<bool, Miss> {
        if fit.leading == 0.0 {
            return Ok(match self.above_the_steps(fit) {
                Some(above) => {
                    *fit = above;
                    false
                }
                None => true,
            });
        }
        let target = if self.task.even() {
            fit.even[self.task.level]
        } else {
            fit.odd[self.task.level]
        };
        if target.abs() <= 1e-3 * fit.leading && fit.nodes >= 3 && self.zero_within_error(fit) {
            return Ok(true);
        }
        // The derivative drowns under the next odd level: steps far above the scale of f, on which
        // it is a power of h. Once, since a stationary point looks alike.
        if !self.deepened
            && self.task.order == 1
            && fit.nodes >= 3
            && target.abs() <= 1e-3 * fit.odd[1].abs()
            && self.error(fit, fit, 0.0, false) > 1e-9 * fit.derivative.abs()
        {
            self.deepened = true;
            let before = (*fit, self.ceiling);
            self.ceiling = self.ceiling.min(fit.lowest());
            let found = self.probe(fit.lowest() - DESCENT)?;
            match found.filter(|found| {
                self.error(found, found, 0.0, false) < self.error(&before.0, &before.0, 0.0, false)
            }) {
                Some(found) => *fit = found,
                None => (*fit, self.ceiling) = before,
            }
            if self.rough.is_some() {
                return Ok(true);
            }
        }
        let model = Model::new(self.line, &self.task, self.tolerance, fit).stricter(self.strict);
        let mut ceiling = self.ceiling.saturating_sub(1);
        if self.noise > 0.0 {
            ceiling =
                ceiling.min(exponent(self.line.place.position.max(self.line.place.typical)) + 2);
        }
        if model.limited {
            ceiling = ceiling.min(self.cap);
        }
        let loose = self.tolerance.is_some() && self.strict == 0;
        let Some(plan) = model.plan(self.line, &self.task, fit, ceiling, loose) else {
            return Ok(true);
        };
        self.step_limited = plan.highest == self.line.highest
            && (model.limited
                || model
                    .plan(self.line, &self.task, fit, i32::MAX, loose)
                    .is_some_and(|free| free.error + WORTH_TELLING <= plan.error));
        let missing = (plan.lowest..=plan.highest).filter(|j| self.line.node(*j).is_none());
        let (from, to) = (fit.lowest(), fit.highest());
        let nearest = missing.min_by_key(|j| if *j > to { *j - to } else { from - *j });
        let Some(mut next) = nearest else {
            let Some(window) = self.fit_unless(fit, plan.lowest, plan.highest) else {
                return Ok(true);
            };
            return self.check(&window, fit, checked);
        };
        let next_noise = fit.odd_noise[(self.task.level + 1).min(fit.nodes - 1)];
        let noisy = self.noise > 0.0 && plan.lowest > from;
        if (model.limited || noisy) && plan.highest > to && next_noise > VISIBLE * fit.leading {
            next = if noisy {
                plan.highest
            } else {
                plan.highest.max(to + 3).min(ceiling)
            };
            if self.line.node(next).is_some() {
                next = nearest.unwrap_or(next);
            }
        }
        match self.line.sample(next) {
            Ok(_) => {}
            Err(Miss::Undefined) => {
                self.ceiling = self.ceiling.min(next);
                if next > to {
                    self.cap = to + (next - to) / 2;
                } else {
                    return Ok(true);
                }
                return Ok(false);
            }
            Err(miss) => return Err(miss),
        }
        let extended = if next > to + 1 {
            // A jump: judged against the top of the old window.
            let mut nodes = [Node::default(); MOST];
            let mut count = 0;
            for j in from.max(to - self.task.needed() as i32 + 2)..=to {
                if let Some(node) = self.line.node(j) {
                    nodes[count] = *node;
                    count += 1;
                }
            }
            if let Some(node) = self.line.node(next) {
                nodes[count] = *node;
                count += 1;
            }
            Fit::through(
                &nodes[..count],
                &self.task,
                self.noise.max(self.floor),
                self.line.center,
            )
        } else {
            match self
                .run_with(next, &plan)
                .filter(|run| run.nodes >= self.task.needed())
            {
                Some(run) => run,
                // Apart from the others, in the gap of a fit with a far node.
                None => self.with_node(fit, next),
            }
        };
        self.judge(&extended, next, fit, model.limited)
    }

    /// The nodes of `fit` and one more; of too many those farthest below are left out.
    fn with_node(&self, fit: &Fit, exponent: i32) -> Fit {
        let mut nodes = [Node::default(); MOST];
        let mut count = 0;
        for node in self.line.nodes[..self.line.count].iter().rev() {
            let wanted =
                node.exponent == exponent || fit.exponents[..fit.nodes].contains(&node.exponent);
            if wanted && count < MOST {
                nodes[count] = *node;
                count += 1;
            }
        }
        nodes[..count].reverse();
        Fit::through(
            &nodes[..count],
            &self.task,
            self.noise.max(self.floor),
            self.line.center,
        )
    }

    /// The run around `exponent`, which keeps within the plan when it is long.
    pub(super) fn run_with(&self, exponent: i32, plan: &Plan) -> Option<Fit> {
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
        self.fit(lowest, highest)
    }

    pub(super) fn judge(
        &mut self,
        extended: &Fit,
        next: i32,
        fit: &mut Fit,
        limited: bool,
    ) -> Result<bool, Miss> {
        let m = extended.nodes;
        if let Some(rough) = self.rough_near(extended)? {
            self.rough = Some(rough);
            return Ok(true);
        }
        let suspicious = noise_like(extended, &self.task);
        let diverged = !extended.converged
            || (m >= 4 && !extended.noisy && extended.level[m - 1] > CONVERGED * extended.leading);
        if suspicious && !extended.noisy {
            let level = extended.excess * extended.sigma;
            let deep = if level <= 4.0 * self.noise {
                Deep::Noise
            } else {
                look_deep(self.line, &self.task, extended, level, extended.lowest())?
            };
            if deep == Deep::Jump {
                self.jump(extended);
                return Ok(true);
            }
            if deep == Deep::Noise {
                self.noise = self.noise.max(level);
                *fit = self
                    .fit(extended.lowest(), extended.highest())
                    .unwrap_or(*extended);
                return Ok(!fit.converged);
            }
            // Noise on the scale of the window that is smooth at x: another branch of f.
            let apart = 2.0 * extended.noise * extended.excess;
            if apart < BRANCH * extended.derivative.abs() {
                self.apart = self.apart.max(apart);
            }
            self.ceiling = self.ceiling.min(extended.highest());
            let start = match deep {
                Deep::Structure(below) => between(extended.lowest(), below),
                _ => extended.lowest() - 1,
            };
            match self.probe(start)? {
                Some(found) => *fit = found,
                None => return Ok(true),
            }
            return Ok(false);
        }
        if diverged {
            self.ceiling = self.ceiling.min(extended.highest());
            if limited {
                self.cap = fit.highest() + (next - fit.highest()) / 2;
            }
            if next < fit.lowest() {
                match self.probe(next - DESCENT)? {
                    Some(found) => *fit = found,
                    None => return Ok(true),
                }
            }
            return Ok(false);
        }
        *fit = *extended;
        Ok(false)
    }

    /// f jumps at x, by far less than it varies over the window.
    pub(super) fn jump(&mut self, fit: &Fit) {
        self.rough = Some(Rough {
            slope: fit.odd[0],
            error: f64::INFINITY,
            exponent: fit.highest(),
        });
    }

    /// A kink at x that is weak against the slope shows as a bend that stays over the window.
    pub(super) fn rough_near(&mut self, fit: &Fit) -> Result<Option<Rough>, Miss> {
        if self.task.power == 1 || fit.noisy || fit.highest() - fit.lowest() < 2 {
            return Ok(None);
        }
        let (Some(above), Some(below)) = (
            self.line.node(fit.highest()).copied(),
            self.line.node(fit.lowest()).copied(),
        ) else {
            return Ok(None);
        };
        Ok(match rough_at_x(self.line, &self.task, &above, &below)? {
            Roughness::Rough(rough) => Some(rough),
            _ => None,
        })
    }
}

/// Where to look for structure between steps that are too large and one that is small enough.
pub(super) fn between(above: i32, below: i32) -> i32 {
    (above + below) / 2
}
