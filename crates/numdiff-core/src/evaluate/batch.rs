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

/// How many points of so many coordinates make a batch.
pub(crate) fn points(coordinates: usize) -> usize {
    (NUMBERS / coordinates.max(1)).max(1)
}

/// Pushes f's outputs at points to the values.
pub(crate) type Fill<'f, T> = dyn FnMut(&Array2<T>, &mut Vec<f64>) -> Result<(), Failure> + 'f;

/// Runs plans of points with as many coordinates side by side, f evaluated on batches of points of
/// all of them. `fill` pushes f's outputs at the points, which are so many, to the values.
pub(crate) fn run<T: Real>(
    plans: &mut [LinePlan],
    (points, values): (&mut Vec<T>, &mut Vec<f64>),
    fill: &mut Fill<'_, T>,
    mut watch: Option<&mut Watch<'_>>,
) -> Result<(), Error> {
    let n = plans.first().map_or(0, |plan| plan.line_set.x.len());
    let most = self::points(n);
    while plans.iter().any(|plan| plan.jobs() > 0) {
        let mut next = JobCursor::default();
        while next.find(plans) {
            let first = next;
            points.clear();
            let mut rows = 0;
            while rows < most && next.find(plans) {
                let plan = &plans[next.plan];
                let start = points.len();
                points.extend(plan.line_set.x.iter().map(|&v| T::round_from(v)));
                let point = &mut points[start..];
                plan.job(next.job)
                    .for_each(|i, to| point[i] = T::round_from(to));
                next.job += 1;
                rows += 1;
            }
            // Built around the buffer, which is lost when f panics.
            let batch = match Array2::from_shape_vec((rows, n), std::mem::take(points)) {
                Ok(batch) => batch,
                Err(_) => unreachable!("rows of n numbers each"),
            };
            values.clear();
            let filled = fill(&batch, values);
            *points = batch.into_raw_vec_and_offset().0;
            if let Err(source) = filled {
                let plan = &plans[first.plan];
                let (moves, x) = (plan.job(first.job), &plan.line_set.x);
                return Err(super::rounds::failure(moves, x, source));
            }
            if values.is_empty() || !values.len().is_multiple_of(rows) {
                return Err(Error::Length {
                    argument: "the outputs of a batch",
                    found: values.len(),
                    expected: rows,
                });
            }
            let outputs = values.len() / rows;
            let mut told = first;
            for row in values.chunks_exact(outputs) {
                told.find(plans);
                plans[told.plan].tell(told.job, Some(row))?;
                told.job += 1;
            }
            if let Some(watch) = &mut watch {
                let sum = |of: fn(&LinePlan) -> usize| plans.iter().map(of).sum();
                watch(sum(|plan| plan.told()), sum(|plan| plan.untold()));
            }
        }
        for plan in plans.iter_mut().filter(|plan| plan.jobs() > 0) {
            plan.close()?;
        }
    }
    Ok(())
}

/// A job of one of several plans.
#[derive(Clone, Copy, Default)]
struct JobCursor {
    plan: usize,
    job: usize,
}

impl JobCursor {
    /// Goes on to the next plan where this one has no such job; whether there is one.
    fn find(&mut self, plans: &[LinePlan]) -> bool {
        while self.plan < plans.len() && self.job >= plans[self.plan].jobs() {
            *self = JobCursor {
                plan: self.plan + 1,
                job: 0,
            };
        }
        self.plan < plans.len()
    }
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
