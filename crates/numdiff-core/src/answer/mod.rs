//! The results of an operator: their numbers, and the shapes in which they are returned.

mod out;
#[cfg(feature = "serde")]
mod returned;
mod shaped;

pub use out::Out;
#[cfg(feature = "serde")]
pub(crate) use returned::Returned;
pub(crate) use shaped::Shaped;

use crate::error::expect_length;
use crate::line::{LineEstimate, LineResults, LineSet};
use crate::operators::Operator;
pub(crate) use crate::operators::Size;
use crate::{Error, Estimate, Real};
use out::bar;

/// What was found of an operator: estimates along its lines.
#[derive(Clone, Copy)]
pub(crate) struct Found<'a> {
    pub operator: &'a dyn Operator,
    line_set: &'a LineSet,
    results: &'a LineResults,
}

impl<'a> Found<'a> {
    pub fn of(operator: &'a dyn Operator, line_set: &'a LineSet, results: &'a LineResults) -> Self {
        Found {
            operator,
            line_set,
            results,
        }
    }

    fn size(self) -> Size {
        self.operator.size(self.line_set, self.results)
    }

    fn at(self, row: usize, column: usize) -> LineEstimate {
        self.operator.at(self.line_set, self.results, row, column)
    }

    /// All entries, row by row.
    pub fn entries(self) -> impl Iterator<Item = LineEstimate> {
        let (rows, columns) = self.size();
        (0..rows).flat_map(move |i| (0..columns).map(move |j| self.at(i, j)))
    }

    /// As many outputs as the operator takes.
    fn check_outputs(self) -> Result<(), Error> {
        match self.operator.outputs(self.line_set) {
            Some((expected, argument)) => expect_length(argument, self.results.outputs, expected),
            None => Ok(()),
        }
    }

    /// The values, row by row.
    fn numbers<T: Real>(self) -> Result<Vec<T>, Error> {
        self.check_outputs()?;
        let values = T::round_all(self.operator.values(self.line_set, self.results));
        match values.iter().position(|v| !v.is_finite()) {
            None => Ok(values),
            Some(index) => Err(Error::ResultOverflows { index }),
        }
    }

    /// The values, in the shape that `shape` gives them.
    pub fn values<T: Real, V>(self, shape: impl Fn(Size, Vec<T>) -> V) -> Result<V, Error> {
        let values = self.numbers()?;
        Ok(shape(self.size(), values))
    }

    /// The same with error bars.
    pub fn estimate<T: Real, V>(
        self,
        shape: impl Fn(Size, Vec<T>) -> V,
    ) -> Result<Estimate<V>, Error> {
        let value = shape(self.size(), self.numbers()?);
        let shaped = |of: fn(LineEstimate) -> f64| {
            let numbers = self.entries().map(|entry| T::round_from(of(entry)));
            shape(self.size(), numbers.collect())
        };
        Ok(Estimate {
            value,
            error: shaped(|entry| bar(entry.error)),
            step: shaped(|entry| entry.step),
            evaluations: self.results.evaluations,
            status: self.results.worst(),
            statuses: self.entries().map(|entry| entry.status).collect(),
            counts: self.entries().map(|entry| entry.evaluations).collect(),
        })
    }
}
