//! f sees many points at once, as the rows of an array.

use crate::operators::Operator;
use crate::plan::Plan;
use crate::plan::lines::LinePlan;
use crate::{Error, Outputs, Real};
use ndarray::{ArrayRef, ArrayView2, Ix2};

/// Points of one call are kept below this many numbers, so that memory does not grow with n times
/// the round: 2^20 numbers are 8 MiB.
const NUMBERS: usize = 1 << 20;

/// Runs a plan with f evaluated on batches of points.
pub(crate) fn run<T, O, F, R>(plan: &mut LinePlan<O>, f: &mut F) -> Result<(), Error>
where
    T: Real,
    O: Operator,
    F: FnMut(&ArrayRef<T, Ix2>) -> R,
    R: Outputs<T>,
{
    let base: Vec<T> = plan
        .rounds
        .survey
        .x
        .iter()
        .map(|&v| T::round_from(v))
        .collect();
    let n = base.len();
    let most = (NUMBERS / n).max(1);
    let (mut points, mut values) = (Vec::new(), Vec::new());
    while plan.jobs() > 0 {
        let jobs = plan.jobs();
        let mut first = 0;
        while first < jobs {
            let rows = most.min(jobs - first);
            points.clear();
            for id in first..first + rows {
                let start = points.len();
                points.extend_from_slice(&base);
                let point = &mut points[start..];
                plan.job(id).for_each(|i, to| point[i] = T::round_from(to));
            }
            let view = match ArrayView2::from_shape((rows, n), &points) {
                Ok(view) => view,
                Err(_) => unreachable!("rows of n numbers each"),
            };
            values.clear();
            if let Err(source) = f(&view).push(&mut values) {
                return Err(super::rounds::failure(
                    plan.job(first),
                    &plan.rounds.survey.x,
                    source.into(),
                ));
            }
            if values.is_empty() || !values.len().is_multiple_of(rows) {
                return Err(Error::Length {
                    argument: "the outputs of a batch",
                    found: values.len(),
                    expected: rows,
                });
            }
            let outputs = values.len() / rows;
            for (k, row) in values.chunks_exact(outputs).enumerate() {
                plan.tell(first + k, Some(row))?;
            }
            first += rows;
        }
        plan.close()?;
    }
    Ok(())
}
