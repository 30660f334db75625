//! A plan, round by round on the calling thread.

use super::{Watch, along};
use crate::moves::AnyFunction;
use crate::plan::LinePlan;
use crate::{Error, Moves};

/// Runs a plan whose first round is open, with f evaluated one point at a time.
pub(crate) fn run(
    plan: &mut LinePlan,
    f: &mut dyn AnyFunction,
    values: &mut Vec<f64>,
    mut watch: Option<&mut Watch<'_>>,
) -> Result<(), Error> {
    along::begin(f, &plan.line_set)?;
    while plan.jobs() > 0 {
        for id in 0..plan.jobs() {
            values.clear();
            let moves = plan.job(id);
            f.moved(moves, values)
                .map_err(|source| failure(moves, &plan.line_set.x, source))?;
            plan.tell(id, Some(values))?;
            if let Some(watch) = &mut watch {
                watch(plan.told(), plan.untold());
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
