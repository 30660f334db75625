//! The shapes in which results are returned.

mod out;
mod rows;
mod sparse;

pub(crate) use out::{One, Out, Values, room, rows, write};
pub(crate) use rows::WriteRow;
pub use sparse::OnPattern;

use crate::error::{GRADIENT, SCALAR};
use crate::line::LineResults;
use crate::line::LineSet;
use crate::operators::Operator;
use crate::{DenseMatrix, Error, Estimate, Point, Real};
use ndarray::{Array, Array3, Ix1, Ix2};
use out::bar;
use std::cell::Cell;
use std::marker::PhantomData;

/// The type of a result.
pub trait Valued<T> {
    /// A number or an array.
    type Value;
}

/// The shape of a result.
pub(crate) trait Form<T: Real>: Valued<T> {
    /// Builds the result from its entries (row, column); what is no matrix has one row.
    fn build(
        &self,
        line_set: &LineSet,
        results: &LineResults,
        entry: impl Fn(usize, usize) -> f64,
    ) -> Self::Value;

    /// The outputs that f must have for a result of this form, where it says.
    fn outputs(&self, line_set: &LineSet) -> Option<(usize, &'static str)> {
        let _ = line_set;
        None
    }

    /// How many numbers the result has, where x's so many alone tell.
    fn size(&self, coordinates: usize) -> Option<usize> {
        let _ = coordinates;
        None
    }

    /// The result from its numbers in row-major order, of a form that tells its size.
    fn shaped(&self, coordinates: usize, numbers: Vec<T>) -> Self::Value {
        let _ = (coordinates, numbers);
        unreachable!("only forms that tell their size are made so")
    }
}

/// One number.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Scalar;

impl<T> Valued<T> for Scalar {
    type Value = T;
}

impl<T: Real> Form<T> for Scalar {
    fn outputs(&self, _: &LineSet) -> Option<(usize, &'static str)> {
        Some((1, SCALAR))
    }

    fn build(&self, _: &LineSet, _: &LineResults, entry: impl Fn(usize, usize) -> f64) -> T {
        T::round_from(entry(0, 0))
    }
}

/// Something in the shape of x.
pub(crate) struct LikeX<'x, X: ?Sized>(pub &'x X);

impl<T, X: Point<T> + ?Sized> Valued<T> for LikeX<'_, X> {
    type Value = X::Like;
}

impl<T: Real, X: Point<T> + ?Sized> Form<T> for LikeX<'_, X> {
    // Of the operators whose outputs make the elements.
    fn outputs(&self, line_set: &LineSet) -> Option<(usize, &'static str)> {
        Some((line_set.x.len(), GRADIENT))
    }

    fn size(&self, coordinates: usize) -> Option<usize> {
        Some(coordinates)
    }

    fn shaped(&self, _: usize, numbers: Vec<T>) -> X::Like {
        self.0.like(numbers)
    }

    fn build(
        &self,
        line_set: &LineSet,
        _: &LineResults,
        entry: impl Fn(usize, usize) -> f64,
    ) -> X::Like {
        self.0.like(list(line_set.x.len(), entry))
    }
}

/// A number for each coordinate, in row-major order: a plan does not keep x's shape.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PerCoordinate;

impl<T> Valued<T> for PerCoordinate {
    type Value = Array<T, Ix1>;
}

impl<T: Real> Form<T> for PerCoordinate {
    fn outputs(&self, line_set: &LineSet) -> Option<(usize, &'static str)> {
        Some((line_set.x.len(), GRADIENT))
    }

    fn build(
        &self,
        line_set: &LineSet,
        _: &LineResults,
        entry: impl Fn(usize, usize) -> f64,
    ) -> Array<T, Ix1> {
        list(line_set.x.len(), entry).into()
    }
}

/// One number for each output of f.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PerOutput;

impl<T> Valued<T> for PerOutput {
    type Value = Array<T, Ix1>;
}

impl<T: Real> Form<T> for PerOutput {
    fn build(
        &self,
        _: &LineSet,
        results: &LineResults,
        entry: impl Fn(usize, usize) -> f64,
    ) -> Array<T, Ix1> {
        list(results.outputs, entry).into()
    }
}

/// Outputs (rows) by coordinates (columns), as a matrix of type `M`.
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(bound = ""))]
pub struct OutputsByCoordinates<M>(PhantomData<fn() -> M>);

/// Coordinates by coordinates, as a matrix of type `M`.
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(bound = ""))]
pub struct Square<M>(PhantomData<fn() -> M>);

macro_rules! matrix {
    ($form:ident) => {
        impl<M> $form<M> {
            pub(crate) fn new() -> Self {
                $form(PhantomData)
            }
        }

        impl<M> Clone for $form<M> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<M> Copy for $form<M> {}

        impl<T, M> Valued<T> for $form<M> {
            type Value = M;
        }
    };
}
matrix!(OutputsByCoordinates);
matrix!(Square);

impl<T: Real, M: DenseMatrix<T>> Form<T> for OutputsByCoordinates<M> {
    fn build(
        &self,
        line_set: &LineSet,
        results: &LineResults,
        entry: impl Fn(usize, usize) -> f64,
    ) -> M {
        matrix(results.outputs, line_set.x.len(), entry)
    }
}

impl<T: Real, M: DenseMatrix<T>> Form<T> for Square<M> {
    fn size(&self, coordinates: usize) -> Option<usize> {
        Some(coordinates * coordinates)
    }

    fn shaped(&self, coordinates: usize, numbers: Vec<T>) -> M {
        M::from_rows(coordinates, coordinates, numbers)
    }

    fn build(&self, line_set: &LineSet, _: &LineResults, entry: impl Fn(usize, usize) -> f64) -> M {
        matrix(line_set.x.len(), line_set.x.len(), entry)
    }
}

/// A square matrix for each output.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stacked;

impl<T> Valued<T> for Stacked {
    type Value = Array3<T>;
}

impl<T: Real> Form<T> for Stacked {
    fn build(
        &self,
        line_set: &LineSet,
        results: &LineResults,
        entry: impl Fn(usize, usize) -> f64,
    ) -> Array3<T> {
        let n = line_set.x.len();
        let element = |(output, i, j)| T::round_from(entry(output * n + i, j));
        Array3::from_shape_fn((results.outputs, n, n), element)
    }
}

/// The matrix type of plans.
pub(crate) type Dense<T> = Array<T, Ix2>;

fn list<T: Real>(length: usize, entry: impl Fn(usize, usize) -> f64) -> Vec<T> {
    (0..length).map(|k| T::round_from(entry(0, k))).collect()
}

fn matrix<T: Real, M: DenseMatrix<T>>(
    rows: usize,
    columns: usize,
    entry: impl Fn(usize, usize) -> f64,
) -> M {
    let mut entries = Vec::with_capacity(rows * columns);
    for i in 0..rows {
        entries.extend((0..columns).map(|j| T::round_from(entry(i, j))));
    }
    M::from_rows(rows, columns, entries)
}

/// An estimate of any form.
pub(crate) fn estimate<T: Real, O: Operator, S: Form<T>>(
    operator: &O,
    form: &S,
    line_set: &LineSet,
    results: &LineResults,
) -> Result<Estimate<S::Value>, Error> {
    let value = values(operator, form, line_set, results)?;
    let entry = |i, j| operator.at(line_set, results, i, j);
    Ok(Estimate {
        value,
        error: form.build(line_set, results, |i, j| bar(entry(i, j).error)),
        step: form.build(line_set, results, |i, j| entry(i, j).step),
        evaluations: results.evaluations,
        status: results.worst(),
    })
}

/// The values of any form.
pub(crate) fn values<T: Real, O: Operator, S: Form<T>>(
    operator: &O,
    form: &S,
    line_set: &LineSet,
    results: &LineResults,
) -> Result<S::Value, Error> {
    if let Some((expected, argument)) = operator.outputs(line_set).or(form.outputs(line_set))
        && results.outputs != expected
    {
        return Err(Error::Length {
            argument,
            found: results.outputs,
            expected,
        });
    }
    let width = operator.width(line_set);
    let overflown = Cell::new(None);
    let value = form.build(line_set, results, |i, j| {
        let value = operator.at(line_set, results, i, j).value;
        if !T::round_from(value).is_finite() && overflown.get().is_none() {
            overflown.set(Some(if i == 0 { j } else { i * width + j }));
        }
        value
    });
    match overflown.get() {
        None => Ok(value),
        Some(index) => Err(Error::ResultOverflows { index }),
    }
}
