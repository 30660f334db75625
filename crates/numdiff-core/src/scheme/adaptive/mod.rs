//! The adaptive scheme: plan a window of dyadic steps, sample it node by node, judge, replan.

mod bar;
mod check;
mod constants;
mod fit;
mod larger;
mod model;
mod noise;
mod noise_seen;
mod parity;
mod power;
mod probe;
mod roughness;
mod sampling;
mod search;
mod steps;
mod vandermonde;
mod window;

use crate::Status;
use crate::line::{LineEstimate, Pending, Samples};
use sampling::{Line, Miss};
use search::{Finding, Kind, Search};

/// What the caller wants of an adaptive derivative.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Settings {
    /// Relative error at which to stop; `None` for the best there is.
    pub tolerance: Option<f64>,
    /// Noise in f, one standard deviation, where the caller knows it.
    pub noise: Option<f64>,
    /// Most evaluations of f on a line, f(x) included.
    pub max_evaluations: usize,
}

/// The highest order that [`estimate`] takes.
pub(crate) const HIGHEST_ORDER: usize = 6;

/// The first step that is tried, as a part of the scale of x.
pub(crate) const FIRST_STEP: f64 = 1.0 / 32.0;

/// The fewest evaluations from which anything can be said: f(x), and the pairs of a window.
pub(crate) fn least_evaluations(order: usize) -> usize {
    1 + 2 * (order / 2 + 2)
}

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
    // The first step follows from declared noise and f(x), else from x alone.
    if settings.noise.is_none_or(|level| level == 0.0) {
        let start = Search::new(settings, line, order).start();
        line.announce_first(start)?;
    }
    line.begin()?;
    let found = Search::new(settings, line, order).find()?;
    let mut one_sided = false;
    let mut best = found;
    let side = line.undefined_side;
    let doubtful = found.error > 1e-8 * found.value.abs() || !found.error.is_finite();
    if side != 0.0 && doubtful {
        line.one_sided(-side);
        let other = Search::new(settings, line, order).find()?;
        if other.error < found.error || !found.error.is_finite() {
            best = other;
            one_sided = true;
        }
    }
    Ok(answer(best, one_sided, line.asked()))
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
