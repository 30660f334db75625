//! The adaptive scheme: plan a window of dyadic steps, sample it node by node, judge, replan.
//!
//! `docs/adaptive.md` describes it with the names that stand here.

mod bar;
mod constants;
mod descend;
mod explain;
mod extend;
mod fit;
mod glance;
mod larger;
mod model;
mod noise;
mod noise_seen;
mod parity;
mod power;
mod roughness;
mod sampling;
mod settings;
mod state;
mod steps;
mod task;
mod vandermonde;
mod verify;
mod window;

pub(crate) use glance::glance;
pub(crate) use settings::{
    FIRST_STEP, HIGHEST_ONE_SIDED, HIGHEST_ORDER, Settings, least_evaluations,
};

use crate::Status;
use crate::line::{LineEstimate, Pending, Samples};
use crate::scheme::fixed::Side;
use constants::{DOUBTFUL, ROOM};
use sampling::{Line, Miss, Sides};
use state::{Finding, Kind, Search, State};

/// The derivative of `order` at t = 0, with its error bar.
pub(crate) fn estimate<S: Samples>(
    settings: &Settings,
    order: usize,
    samples: &mut S,
) -> Result<LineEstimate, Pending> {
    let order = order.clamp(1, HIGHEST_ORDER);
    let mut line = Line::new(settings, samples);
    match run(settings, order, &mut line) {
        Ok(estimate) => Ok(estimate),
        Err(Miss::Pending) => Err(Pending),
        Err(_) => Ok(LineEstimate {
            value: f64::NAN,
            error: f64::INFINITY,
            step: 0.0,
            status: Status::Unreliable,
            evaluations: line.asked(),
        }),
    }
}

fn run<S: Samples>(
    settings: &Settings,
    order: usize,
    line: &mut Line<'_, S>,
) -> Result<LineEstimate, Miss> {
    match settings.side {
        Side::Central => {}
        Side::Forward => line.look_at(Sides::One(1.0)),
        Side::Backward => line.look_at(Sides::One(-1.0)),
    }
    // The first step follows from declared noise and f(x), else from x alone.
    if settings.noise.is_none_or(|level| level == 0.0) {
        let start = Search::new(settings, line, order).start();
        line.announce_first(start)?;
    }
    line.begin()?;
    let may_turn = settings.side == Side::Central && order <= HIGHEST_ONE_SIDED;
    // A bound so near that the steps which both sides allow lose more than one side does.
    let start = Search::new(settings, line, order).start();
    if may_turn && let Some(side) = line.only_side_with_room(start - ROOM) {
        line.look_at(Sides::One(side));
        let found = Search::new(settings, line, order).find()?;
        if found.kind == Kind::Good {
            let no_pair = line.only_side_with_room(line.lowest).is_some();
            return Ok(answer(found, no_pair, line.asked()));
        }
        line.look_at(Sides::Both);
    }
    let found = Search::new(settings, line, order).find()?;
    let side = line.undefined_side;
    let doubtful = found.error > DOUBTFUL * found.value.abs() || !found.error.is_finite();
    if may_turn && side != 0.0 && doubtful {
        line.look_at(Sides::One(-side));
        let other = Search::new(settings, line, order).find()?;
        if other.error < found.error || !found.error.is_finite() {
            return Ok(answer(other, true, line.asked()));
        }
    }
    Ok(answer(found, false, line.asked()))
}

/// Most rounds of a search: what has not come to an end by then goes around in circles.
const ROUNDS: usize = 26;

impl<S: Samples> Search<'_, '_, S> {
    /// Goes from state to state until there is something to explain.
    fn find(&mut self) -> Result<Finding, Miss> {
        let mut state = State::Descend(self.start());
        for _ in 0..ROUNDS {
            let next = match (state, self.fit) {
                (State::Descend(start), _) => self.descend(start),
                (State::Extend, Some(fit)) => self.extend(fit),
                (State::Verify { lowest, highest }, Some(fit)) => {
                    match self.window_unless(&fit, lowest, highest) {
                        Some(window) => self.verify(&window, &fit),
                        None => Ok(State::Explain(Kind::Good)),
                    }
                }
                (State::Explain(kind), _) => return self.end(kind),
                // Nothing to extend or to verify.
                (_, None) => return self.end(Kind::Unreliable),
            };
            state = match next {
                Ok(next) => next,
                Err(Miss::Spent) => {
                    self.checked = self.contradiction.or(self.checked);
                    State::Explain(Kind::OutOfBudget)
                }
                Err(miss) => return Err(miss),
            };
        }
        self.end(Kind::Good)
    }

    fn end(&mut self, kind: Kind) -> Result<Finding, Miss> {
        if let Some(fit) = self.fit.filter(|_| kind == Kind::Good)
            && self.verify_last(&fit) == Err(Miss::Pending)
        {
            return Err(Miss::Pending);
        }
        Ok(self.explain(kind))
    }
}

fn answer(found: Finding, one_sided: bool, evaluations: usize) -> LineEstimate {
    let status = match (found.kind, found.noise) {
        (Kind::NotSmooth, _) => Status::NotSmooth,
        (Kind::Unreliable, _) => Status::Unreliable,
        (Kind::OutOfBudget, _) => Status::OutOfBudget,
        _ if one_sided => Status::AtBound,
        (_, Some(level)) => Status::NoiseLimited { level },
        (Kind::StepLimited, _) => Status::StepLimited,
        _ => Status::Converged,
    };
    LineEstimate {
        value: found.value,
        error: found.error,
        step: power::power_of_two(found.exponent),
        status,
        evaluations,
    }
}
