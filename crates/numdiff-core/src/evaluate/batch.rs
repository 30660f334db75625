//! f sees many points at once, as the rows of an array.

use crate::operators::Operator;
use crate::plan::Plan;
use crate::plan::lines::LinePlan;
use crate::{Error, Real, Written};
use ndarray::{ArrayRef, ArrayView2, ArrayViewMut2, Ix2};

/// Points of one call are kept below this many numbers, so that memory does not grow with n times
/// the round: 2^20 numbers are 8 MiB.
const NUMBERS: usize = 1 << 20;

/// Runs a plan with f evaluated on batches of points. `fill` pushes f's outputs at the points, which
/// are so many, to the values.
pub(crate) fn run<T, O, E>(
    plan: &mut LinePlan<O>,
    (base, points, values): (&mut Vec<T>, &mut Vec<T>, &mut Vec<f64>),
    mut fill: impl FnMut(&ArrayRef<T, Ix2>, &mut Vec<f64>) -> Result<(), E>,
) -> Result<(), Error>
where
    T: Real,
    O: Operator,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    base.clear();
    base.extend(plan.rounds.survey.x.iter().map(|&v| T::round_from(v)));
    let n = base.len();
    let most = (NUMBERS / n).max(1);
    while plan.jobs() > 0 {
        let jobs = plan.jobs();
        let mut first = 0;
        while first < jobs {
            let rows = most.min(jobs - first);
            points.clear();
            for id in first..first + rows {
                let start = points.len();
                points.extend_from_slice(base);
                let point = &mut points[start..];
                plan.job(id).for_each(|i, to| point[i] = T::round_from(to));
            }
            let view = match ArrayView2::from_shape((rows, n), points.as_slice()) {
                Ok(view) => view,
                Err(_) => unreachable!("rows of n numbers each"),
            };
            values.clear();
            if let Err(source) = fill(&view, values) {
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

/// Lets f write the outputs of each point, so many, to a row of its own. What it does not write is
/// NaN.
pub(crate) fn write<T: Real, F, R>(
    f: &mut F,
    points: &ArrayRef<T, Ix2>,
    outputs: usize,
    written: &mut Vec<T>,
    values: &mut Vec<f64>,
) -> Result<(), R::Error>
where
    F: FnMut(&ArrayRef<T, Ix2>, &mut ArrayRef<T, Ix2>) -> R,
    R: Written,
{
    written.clear();
    written.resize(points.nrows() * outputs, T::nan());
    let shape = (points.nrows(), outputs);
    match ArrayViewMut2::from_shape(shape, written.as_mut_slice()) {
        Ok(mut rows) => f(points, &mut rows).written()?,
        Err(_) => unreachable!("as many numbers as the shape has"),
    }
    values.extend(written.iter().map(|v| v.widen()));
    Ok(())
}
