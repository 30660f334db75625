//! What a search knows, and the states it goes through.

use super::constants::{FIRST_STEP, NOISE_ROOT, ORDER_OCTAVES};
use super::fit::Fit;
use super::power::exponent;
use super::roughness::Rough;
use super::sampling::{Line, Node};
use super::settings::Settings;
use super::task::Task;
use crate::line::Samples;

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
    Explain(Kind),
}

/// How a search ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Good,
    NotSmooth,
    StepLimited,
    OutOfBudget,
    Unreliable,
}

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

/// A window that a check point has seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Checked {
    pub lowest: i32,
    pub highest: i32,
    /// Displacement of the check point.
    pub t: f64,
    /// f there; NaN where it is not defined.
    pub value: f64,
}

/// A search along one line.
pub(super) struct Search<'l, 's, S> {
    pub line: &'l mut Line<'s, S>,
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
    /// The last fit that failed.
    pub failed: Option<Fit>,
    pub checked: Option<Checked>,
    /// The fit itself, where the point of `checked` lies beyond it.
    pub checked_fit: Option<Checked>,
    /// A point that contradicts the fit, should the budget end before a better one is found.
    pub contradiction: Option<Checked>,
    /// Steps from here on are too large.
    pub ceiling: i32,
    /// Steps above this are no longer guessed.
    pub guess_ceiling: i32,
    /// How often a check point raised the noise.
    pub noise_raises: u32,
    /// Whether a look below the first window was taken.
    pub looked_below: bool,
    /// How often a tolerance was missed.
    pub tolerance_misses: u32,
    /// Larger steps than the reach allows would serve clearly better.
    pub step_limited: bool,
    /// Difference to the derivative that another branch of f has.
    pub branch_gap: f64,
    pub rough: Option<Rough>,
    /// A derivative that falls to 0 like a power of h.
    pub vanishing: Option<Node>,
}

impl<'l, 's, S: Samples> Search<'l, 's, S> {
    pub(super) fn new(settings: &Settings, line: &'l mut Line<'s, S>, order: usize) -> Self {
        Search {
            task: Task::new(order, line.sides, &line.place),
            tolerance: settings.tolerance,
            noise: settings.noise.unwrap_or(0.0),
            noise_floor: 0.0,
            beside: [None; 2],
            fit: None,
            failed: None,
            checked: None,
            checked_fit: None,
            contradiction: None,
            ceiling: line.highest + 1,
            guess_ceiling: i32::MAX,
            noise_raises: 0,
            looked_below: false,
            tolerance_misses: 0,
            step_limited: false,
            branch_gap: 0.0,
            rough: None,
            vanishing: None,
            line,
        }
    }

    /// log2 of the first step.
    pub(super) fn start(&self) -> i32 {
        // A tenth of the typical size: functions of a small x vary on a smaller scale.
        let place = &self.line.place;
        let scale = place.position.max(0.1 * place.typical);
        let scale = exponent(scale * std::f64::consts::SQRT_2);
        let first = FIRST_STEP + ORDER_OCTAVES[self.task.order];
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

    /// The noise in f that fits assume at least.
    pub(super) fn least_noise(&self) -> f64 {
        self.noise.max(self.noise_floor)
    }

    /// The fit through the consecutive nodes from `lowest` to `highest`; `None` if one is missing.
    pub(super) fn window(&self, lowest: i32, highest: i32) -> Option<Fit> {
        Fit::window(self.line, &self.task, self.least_noise(), lowest, highest)
    }

    /// The same, without computing it again where `known` is that fit.
    pub(super) fn window_unless(&self, known: &Fit, lowest: i32, highest: i32) -> Option<Fit> {
        let consecutive = known.highest() - known.lowest() + 1 == known.nodes as i32;
        let same = (known.lowest(), known.highest()) == (lowest, highest)
            && known.sigma_floor == self.least_noise();
        if consecutive && same {
            Some(*known)
        } else {
            self.window(lowest, highest)
        }
    }

    /// The fit again, now that the noise is known to be larger.
    pub(super) fn fit_again(&mut self, lowest: i32, highest: i32) -> bool {
        match self.window(lowest, highest) {
            Some(again) => {
                self.fit = Some(again);
                true
            }
            None => false,
        }
    }

    /// f jumps at x, by far less than it varies over the window.
    pub(super) fn jump(&mut self, fit: &Fit) -> State {
        self.rough = Some(Rough {
            slope: fit.odd[0],
            error: f64::INFINITY,
            exponent: fit.highest(),
        });
        State::Explain(Kind::NotSmooth)
    }

    /// Looks below, since the steps from `ceiling` on are too large.
    pub(super) fn descend_below(&mut self, ceiling: i32, start: i32) -> State {
        self.ceiling = self.ceiling.min(ceiling);
        State::Descend(start)
    }
}

/// Where to look for structure between steps that are too large and one that is small enough.
pub(super) fn midway(above: i32, below: i32) -> i32 {
    (above + below) / 2
}
