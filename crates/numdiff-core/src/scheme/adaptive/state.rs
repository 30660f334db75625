//! What a search knows, and the states it goes through.

use super::constants::*;
use super::fit::Fit;
use super::power::{exponent, larger, power_of_two};
use super::sampling::{Line, Miss, Node};
use super::settings::Settings;
use super::shape::MOST;
use super::task::Task;
use crate::Status;
use crate::line::LineEstimate;

/// What is done next.
#[derive(Clone, Copy, Debug)]
pub(super) enum State {
    /// Look for a window that converges, from 2^ this step downwards.
    Descend(i32),
    /// Plan a window from what the fit shows, and sample a node of it.
    Extend,
    /// The window of these exponents is sampled: see what a point says that it has not seen.
    Verify { lowest: i32, highest: i32 },
    /// Nothing more is to be had: say what was found.
    Explain,
}

/// A point that a window has not seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Checked {
    pub window: Fit,
    /// Displacement of the check point.
    pub t: f64,
    /// f there; NaN where it is not defined.
    pub value: f64,
}

/// A search along one line.
pub(super) struct Search<'l, 'a> {
    pub line: &'l mut Line<'a>,
    pub task: Task,
    pub tolerance: Option<f64>,
    /// Noise in f, found or declared.
    pub noise: f64,
    /// Noise in f that a check point or a top level showed, above rounding.
    pub noise_floor: f64,
    /// Deviations from the fit beside x: samples of the noise.
    pub beside: [Option<f64>; 2],
    /// The window that counts.
    pub fit: Option<Fit>,
    /// What there is to say if no window converges.
    pub fallback: Option<LineEstimate>,
    pub checked: Option<Checked>,
    /// Steps from here on are too large.
    pub ceiling: i32,
    /// Steps above this are no longer guessed.
    pub guess_ceiling: i32,
    /// How often a check point raised the noise.
    pub noise_raises: u32,
    /// Whether a look below a derivative that drowns was taken.
    pub looked_below: bool,
    /// How often a tolerance was missed.
    pub tolerance_misses: u32,
    /// Larger steps than the reach allows would serve clearly better.
    pub step_limited: bool,
    /// Difference to the derivative that another branch of f has.
    pub branch_gap: f64,
}

impl<'l, 'a> Search<'l, 'a> {
    pub(super) fn new(settings: &Settings, line: &'l mut Line<'a>, order: usize) -> Self {
        Search {
            task: Task::new(order, line.sides, &line.place),
            tolerance: settings.tolerance,
            noise: settings.noise.unwrap_or(0.0),
            noise_floor: 0.0,
            beside: [None; 2],
            fit: None,
            fallback: None,
            checked: None,
            ceiling: line.highest + 1,
            guess_ceiling: i32::MAX,
            noise_raises: 0,
            looked_below: false,
            tolerance_misses: 0,
            step_limited: false,
            branch_gap: 0.0,
            line,
        }
    }

    /// log2 of the first step.
    pub(super) fn start(&self) -> i32 {
        let place = &self.line.place;
        // A tenth of the typical size: functions of a small x vary on a smaller scale.
        let scale = place.position.max(0.1 * place.typical);
        let scale = exponent(scale * std::f64::consts::SQRT_2);
        let first = FIRST_STEP + ORDER_OCTAVES[self.task.order];
        // Declared noise above the rounding of f(x) asks for larger steps, half the scale of x at most. 0 under the
        // quotient: the largest number stands for it.
        let excess = self.noise / (place.epsilon * self.line.center.abs());
        let octaves = exponent(larger(1.0, excess).min(f64::MAX)) / NOISE_ROOT;
        let first = (first + octaves).min(first.max(-1));
        // Where x is not resolved at all the floor may lie above every exponent.
        (scale + first)
            .min(1000)
            .max(self.line.lowest + 4)
            .min(self.line.highest)
    }

    /// The noise in f that fits assume at least.
    pub(super) fn least_noise(&self) -> f64 {
        self.noise.max(self.noise_floor)
    }

    /// The fit through these nodes, smallest step first.
    pub(super) fn fit_through(&self, nodes: &[Node]) -> Fit {
        Fit::of(nodes, &self.task, self.least_noise(), self.line.center)
    }

    /// The fit through the consecutive nodes from `lowest` to `highest`; `None` if one is missing, and where they are
    /// too few or too many.
    pub(super) fn window(&self, lowest: i32, highest: i32) -> Option<Fit> {
        let nodes = self.line.run(lowest, highest)?;
        let serves = (self.task.level + 1..=MOST).contains(&nodes.len());
        serves.then(|| self.fit_through(nodes))
    }

    /// The same, without computing it again where `known` is that fit.
    pub(super) fn window_unless(&self, known: &Fit, lowest: i32, highest: i32) -> Option<Fit> {
        let same = (known.lowest(), known.highest()) == (lowest, highest)
            && known.is_consecutive()
            && known.sigma_floor == self.least_noise();
        if same {
            Some(*known)
        } else {
            self.window(lowest, highest)
        }
    }

    /// The fit again, now that the noise is known to be larger.
    pub(super) fn fit_again(&mut self, fit: &Fit) -> bool {
        let again = self.window(fit.lowest(), fit.highest());
        self.fit = again.or(self.fit);
        again.is_some()
    }

    /// Looks below, since the steps from `ceiling` on are too large.
    pub(super) fn descend_below(&mut self, ceiling: i32, start: i32) -> State {
        self.ceiling = self.ceiling.min(ceiling);
        State::Descend(start)
    }
}

/// f has a kink or a jump at x: the middle of the one-sided slopes, and half their difference.
pub(super) fn not_smooth(value: f64, error: f64, exponent: i32) -> Miss {
    Miss::Rough(answer(value, error, exponent, Status::NotSmooth))
}

/// An answer that rests on steps up to 2^`exponent`. The evaluations are counted at the end.
pub(super) fn answer(value: f64, error: f64, exponent: i32, status: Status) -> LineEstimate {
    LineEstimate {
        value,
        error,
        step: power_of_two(exponent),
        status,
        evaluations: 0,
    }
}

/// Where to look for structure between steps that are too large and one that is small enough.
pub(super) fn midway(above: i32, below: i32) -> i32 {
    (above + below) / 2
}
