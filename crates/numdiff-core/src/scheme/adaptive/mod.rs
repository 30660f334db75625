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
mod level;
mod model;
mod noise;
mod noise_seen;
mod parity;
mod power;
mod roughness;
mod sampling;
mod settings;
mod shape;
mod state;
mod steps;
mod task;
mod verify;

pub(crate) use constants::AGREEMENT;
pub(crate) use glance::glance;
pub(crate) use noise_seen::{NoiseSeen, agree};
pub(crate) use settings::{
    FIRST_STEP, HIGHEST_ONE_SIDED, HIGHEST_ORDER, Settings, least_evaluations,
};

use crate::Status;
use crate::line::{LineEstimate, Pending};
use crate::scheme::OneOutput;
use crate::scheme::fixed::Side;
use constants::{DOUBTFUL, ROOM, ROUNDS};
use sampling::{Line, Miss, Sides, if_there};
use state::{Search, State};

/// The derivative of `order` at t = 0, with its error bar.
pub(crate) fn estimate(
    settings: &Settings,
    order: usize,
    samples: OneOutput<'_>,
) -> Result<LineEstimate, Pending> {
    let order = order.clamp(1, HIGHEST_ORDER);
    let mut line = Line::new(settings, samples);
    let found = match run(settings, order, &mut line) {
        Ok(estimate) => estimate,
        Err(Miss::Pending) => return Err(Pending),
        Err(_) => state::answer(f64::NAN, f64::INFINITY, i32::MIN, Status::Unreliable),
    };
    let evaluations = line.asked();
    Ok(LineEstimate {
        evaluations,
        ..found
    })
}

fn run(settings: &Settings, order: usize, line: &mut Line<'_>) -> Result<LineEstimate, Miss> {
    match settings.side {
        Side::Central => {}
        Side::Forward => line.look_at(Sides::One(1.0)),
        Side::Backward => line.look_at(Sides::One(-1.0)),
    }
    // The first step follows from declared noise and f(x), else from x alone.
    if settings.noise.is_none_or(|level| level == 0.0) {
        let start = Search::new(settings, line, order).start();
        line.announce_first(start);
    }
    line.center = line.value(0.0)?;
    let may_turn = settings.side == Side::Central && order <= HIGHEST_ONE_SIDED;
    // A bound so near that the steps which both sides allow lose more than one side does.
    let start = Search::new(settings, line, order).start();
    if may_turn && let Some(side) = line.only_side_with_room(start - ROOM) {
        line.look_at(Sides::One(side));
        let mut search = Search::new(settings, line, order);
        let found = search.find()?;
        let is_good = match found.status {
            Status::NoiseLimited { .. } => !search.step_limited,
            status => status == Status::Converged,
        };
        if is_good {
            let no_pair = line.only_side_with_room(line.lowest).is_some();
            return Ok(if no_pair { at_bound(found) } else { found });
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
            return Ok(at_bound(other));
        }
    }
    Ok(found)
}

/// An answer from one side, where there is no other.
fn at_bound(found: LineEstimate) -> LineEstimate {
    use Status::{Converged, NoiseLimited, StepLimited};
    let status = match found.status {
        Converged | NoiseLimited { .. } | StepLimited => Status::AtBound,
        status => status,
    };
    LineEstimate { status, ..found }
}

impl Search<'_, '_> {
    /// Goes from state to state until there is something to explain.
    fn find(&mut self) -> Result<LineEstimate, Miss> {
        let mut state = State::Descend(self.start());
        for _ in 0..ROUNDS {
            let next = match state {
                State::Descend(start) => self.descend(start),
                State::Extend => self.extend(),
                State::Verify { lowest, highest } => self.verify(lowest, highest),
                State::Explain => break,
            };
            state = match next {
                Ok(next) => next,
                Err(Miss::Spent) => return Ok(self.explain(true)),
                Err(Miss::Rough(answer)) => return Ok(answer),
                Err(miss) => return Err(miss),
            };
        }
        if let Some(fit) = self.fit {
            if_there(self.verify_last(&fit))?;
        }
        Ok(self.explain(false))
    }
}
