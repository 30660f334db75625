//! The results of an operator: their numbers, and the shapes in which they are returned.

mod out;
#[cfg(feature = "serde")]
mod returned;
mod shaped;

pub(crate) use out::{Out, Values, room, rows, write};
#[cfg(feature = "serde")]
pub(crate) use returned::Returned;
pub(crate) use shaped::Shaped;

use crate::line::{LineResults, LineSet};
use crate::operators::{Entry, Operator};
use crate::{Error, Estimate, Real};
use out::bar;

/// Rows and columns of a result; what is no matrix is one row.
pub(crate) type Size = (usize, usize);

/// The values of a result, row by row, in the shape that `shape` gives them.
pub(crate) fn values<T: Real, O: Operator, V>(
    operator: &O,
    shape: impl Fn(Size, Vec<T>) -> V,
    line_set: &LineSet,
    results: &LineResults,
) -> Result<V, Error> {
    if let Some((expected, argument)) = operator.outputs(line_set)
        && results.outputs != expected
    {
        return Err(Error::Length {
            argument,
            found: results.outputs,
            expected,
        });
    }
    let size = operator.size(line_set, results);
    let values = list(operator, line_set, results, |entry| {
        T::round_from(entry.value)
    });
    match values.iter().position(|v| !v.is_finite()) {
        None => Ok(shape(size, values)),
        Some(index) => Err(Error::ResultOverflows { index }),
    }
}

/// The same with error bars.
pub(crate) fn estimate<T: Real, O: Operator, V>(
    operator: &O,
    shape: impl Fn(Size, Vec<T>) -> V,
    line_set: &LineSet,
    results: &LineResults,
) -> Result<Estimate<V>, Error> {
    let value = values(operator, &shape, line_set, results)?;
    let size = operator.size(line_set, results);
    let of = |number: fn(Entry) -> f64| {
        let numbers = list(operator, line_set, results, |entry| {
            T::round_from(number(entry))
        });
        shape(size, numbers)
    };
    Ok(Estimate {
        value,
        error: of(|entry| bar(entry.error)),
        step: of(|entry| entry.step),
        evaluations: results.evaluations,
        status: results.worst(),
        statuses: list(operator, line_set, results, |entry| entry.status),
        counts: list(operator, line_set, results, |entry| entry.evaluations),
    })
}

/// Something of each entry, row by row.
fn list<O: Operator, N>(
    operator: &O,
    line_set: &LineSet,
    results: &LineResults,
    of: impl Fn(Entry) -> N,
) -> Vec<N> {
    let (rows, columns) = operator.size(line_set, results);
    let mut all = Vec::with_capacity(rows * columns);
    for i in 0..rows {
        all.extend((0..columns).map(|j| of(operator.at(line_set, results, i, j))));
    }
    all
}
