//! f sees many points at once, as the rows of an array.

use super::Watch;
use super::adapter::{all_written, misuse, unwritten};
use crate::moves::Failure;
use crate::plan::LinePlan;
use crate::{Error, Real, Written};
use ndarray::Array2;

/// Points of one call are kept below this many numbers, so that memory does not grow with n times
/// the round: 2^20 numbers are 8 MiB.
const NUMBERS: usize = 1 << 20;

/// Pushes f's outputs at points to the values.
pub(crate) type Fill<'f, T> = dyn FnMut(&Array2<T>, &mut Vec<f64>) -> Result<(), Failure> + 'f;

/// Runs a plan with f evaluated on batches of its points. `fill` pushes f's outputs at the points to the values.
pub(crate) fn run<T: Real>(
    plan: &mut LinePlan,
    (points, values): (&mut Vec<T>, &mut Vec<f64>),
    fill: &mut Fill<'_, T>,
    mut watch: Option<&mut Watch<'_>>,
) -> Result<(), Error> {
    let n = plan.x().len();
    let most = (NUMBERS / n.max(1)).max(1);
    while plan.jobs() > 0 {
        let mut next = 0;
        while next < plan.jobs() {
            let first = next;
            next = plan.jobs().min(first + most);
            let rows = next - first;
            points.clear();
            for id in first..next {
                let start = points.len();
                points.extend(plan.x().iter().map(|&v| T::round_from(v)));
                let point = &mut points[start..];
                plan.job(id).for_each(|i, to| point[i] = T::round_from(to));
            }
            // Built around the buffer, which is lost when f panics.
            let batch = match Array2::from_shape_vec((rows, n), std::mem::take(points)) {
                Ok(batch) => batch,
                Err(_) => unreachable!("rows of n numbers each"),
            };
            values.clear();
            let filled = fill(&batch, values);
            *points = batch.into_raw_vec_and_offset().0;
            filled.map_err(|source| plan.failure(first, source))?;
            if values.is_empty() || !values.len().is_multiple_of(rows) {
                return Err(Error::Length {
                    argument: "the outputs of a batch",
                    found: values.len(),
                    expected: rows,
                });
            }
            let outputs = values.len() / rows;
            for (id, row) in (first..).zip(values.chunks_exact(outputs)) {
                plan.tell(id, Some(row))?;
            }
            if let Some(watch) = &mut watch {
                watch(plan.told(), plan.untold());
            }
        }
        plan.close()?;
    }
    Ok(())
}

/// Lets f write the outputs of each point, so many, one point after the other.
pub(crate) fn write<T: Real, F, R>(
    f: &mut F,
    points: &Array2<T>,
    outputs: usize,
    written: &mut Vec<T>,
    values: &mut Vec<f64>,
) -> Result<(), Failure>
where
    F: FnMut(&Array2<T>, &mut [T]) -> R,
    R: Written,
{
    written.resize(points.nrows() * outputs, T::zero());
    unwritten(written);
    f(points, written).written().map_err(Into::into)?;
    for row in written.chunks_exact(outputs.max(1)) {
        all_written(row).map_err(misuse)?;
    }
    values.extend(written.iter().map(|v| v.widen()));
    Ok(())
}
