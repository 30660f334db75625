//! The results of an operator: their numbers, and the shapes in which they are returned.

mod out;
#[cfg(feature = "serde")]
mod returned;
mod shaped;

pub use out::Out;
pub(crate) use out::write;
#[cfg(feature = "serde")]
pub(crate) use returned::Returned;
pub(crate) use shaped::Shaped;

use crate::error::expect_length;
use crate::line::{LineResults, LineSet};
use crate::operators::Operator;
pub(crate) use crate::operators::Size;
use crate::{Error, Estimate, Real};
use out::bar;

/// The values of a result, in the shape that `shape` gives them.
pub(crate) fn values<T: Real, V>(
    operator: &dyn Operator,
    shape: impl Fn(Size, Vec<T>) -> V,
    line_set: &LineSet,
    results: &LineResults,
) -> Result<V, Error> {
    let values = numbers(operator, line_set, results)?;
    Ok(shape(operator.size(line_set, results), values))
}

/// As many outputs as the operator takes.
fn check_outputs(
    operator: &dyn Operator,
    line_set: &LineSet,
    results: &LineResults,
) -> Result<(), Error> {
    match operator.outputs(line_set) {
        Some((expected, argument)) => expect_length(argument, results.outputs, expected),
        None => Ok(()),
    }
}

/// The values of a result, row by row.
fn numbers<T: Real>(
    operator: &dyn Operator,
    line_set: &LineSet,
    results: &LineResults,
) -> Result<Vec<T>, Error> {
    check_outputs(operator, line_set, results)?;
    let values = T::round_all(operator.values(line_set, results));
    match values.iter().position(|v| !v.is_finite()) {
        None => Ok(values),
        Some(index) => Err(Error::ResultOverflows { index }),
    }
}

/// The same with error bars.
pub(crate) fn estimate<T: Real, V>(
    operator: &dyn Operator,
    shape: impl Fn(Size, Vec<T>) -> V,
    line_set: &LineSet,
    results: &LineResults,
) -> Result<Estimate<V>, Error> {
    let size = operator.size(line_set, results);
    let flat = flat(operator, line_set, results)?;
    Ok(Estimate {
        value: shape(size, flat.value),
        error: shape(size, flat.error),
        step: shape(size, flat.step),
        evaluations: flat.evaluations,
        status: flat.status,
        statuses: flat.statuses,
        counts: flat.counts,
    })
}

/// An estimate row by row.
fn flat<T: Real>(
    operator: &dyn Operator,
    line_set: &LineSet,
    results: &LineResults,
) -> Result<Estimate<Vec<T>>, Error> {
    let value: Vec<T> = numbers(operator, line_set, results)?;
    let count = value.len();
    let mut all = Estimate {
        value,
        error: Vec::with_capacity(count),
        step: Vec::with_capacity(count),
        evaluations: results.evaluations,
        status: results.worst(),
        statuses: Vec::with_capacity(count),
        counts: Vec::with_capacity(count),
    };
    let (rows, columns) = operator.size(line_set, results);
    for i in 0..rows {
        for j in 0..columns {
            let entry = operator.at(line_set, results, i, j);
            all.error.push(T::round_from(bar(entry.error)));
            all.step.push(T::round_from(entry.step));
            all.statuses.push(entry.status);
            all.counts.push(entry.evaluations);
        }
    }
    Ok(all)
}
