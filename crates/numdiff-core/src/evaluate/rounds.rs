//! A plan, round by round on the calling thread.

use super::{Watch, along};
use crate::Error;
use crate::moves::AnyFunction;
use crate::plan::LinePlan;

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
            f.moved(plan.job(id), values)
                .map_err(|source| plan.failure(id, source))?;
            plan.tell(id, Some(values))?;
            if let Some(watch) = &mut watch {
                watch(plan.told(), plan.untold());
            }
        }
        plan.close()?;
    }
    Ok(())
}
