//! A plan, round by round on the calling thread.

use super::Watch;
use crate::moves::AnyFunction;
use crate::plan::lines::LinePlan;
use crate::{Error, Moves};

/// Runs a plan whose first round is open, with f evaluated one point at a time.
pub(crate) fn run(
    plan: &mut LinePlan,
    f: &mut dyn AnyFunction,
    values: &mut Vec<f64>,
    mut watch: Option<&mut Watch<'_>>,
) -> Result<(), Error> {
    let failed = |plan: &LinePlan, moves: Moves<'_>, source| {
        Err(failure(moves, &plan.rounds.line_set.x, source))
    };
    if let Err(source) = f.begin(&plan.rounds.line_set.x) {
        return failed(plan, Moves::None, source);
    }
    while plan.jobs() > 0 {
        for id in 0..plan.jobs() {
            values.clear();
            let moves = plan.job(id);
            if let Err(source) = f.moved(moves, values) {
                return failed(plan, moves, source);
            }
            plan.tell(id, Some(values))?;
            if let Some(watch) = &mut watch {
                watch(plan.rounds.told(), plan.rounds.untold());
            }
        }
        plan.close()?;
    }
    Ok(())
}

/// The error of a failed evaluation.
pub(crate) fn failure(
    moves: Moves<'_>,
    x: &[f64],
    source: Box<dyn std::error::Error + Send + Sync>,
) -> Error {
    let (coordinate, to) = match moves {
        Moves::None => (0, x[0]),
        Moves::One(i, to) => (i, to),
        Moves::Many(many) => many.first().copied().unwrap_or((0, x[0])),
        Moves::Dense(to) => (0, to[0]),
    };
    Error::function(coordinate, to - x[coordinate], source)
}
