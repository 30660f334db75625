//! The shapes in which results are returned.

use crate::operators::{Entry, Operator};
use crate::results::Results;
use crate::survey::Survey;
use crate::{Error, Estimate, Real, Status};
use ndarray::{Array, ArrayRef, Dimension, Ix1, Ix2};
use std::cell::Cell;

/// The type of a result.
pub trait Valued<T> {
    /// A number or an array.
    type Value;
}

impl<T> Valued<T> for Scalar {
    type Value = T;
}

impl<T, D> Valued<T> for Like<D> {
    type Value = Array<T, D>;
}

impl<T> Valued<T> for PerOutput {
    type Value = Array<T, Ix1>;
}

impl<T> Valued<T> for OutputsByCoordinates {
    type Value = Array<T, Ix2>;
}

impl<T> Valued<T> for Square {
    type Value = Array<T, Ix2>;
}

/// The shape of a result.
pub(crate) trait Form<T: Real>: Valued<T> {
    /// Builds the result from its entries (row, column); what is no matrix has one row.
    fn build(
        &self,
        survey: &Survey,
        results: &Results,
        entry: impl Fn(usize, usize) -> f64,
    ) -> Self::Value;

    /// The outputs that f must have for a result of this form, where it says.
    fn outputs(&self) -> Option<(usize, &'static str)> {
        None
    }

    /// Zeros, where x alone tells how many.
    fn zeros(&self, coordinates: usize) -> Option<Self::Value> {
        let _ = coordinates;
        None
    }

    /// The elements of an array in row-major order.
    fn elements(value: &mut Self::Value) -> &mut [T] {
        let _ = value;
        &mut []
    }
}

/// One number.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Scalar;

impl<T: Real> Form<T> for Scalar {
    fn outputs(&self) -> Option<(usize, &'static str)> {
        Some((1, SCALAR))
    }

    fn build(&self, _: &Survey, _: &Results, entry: impl Fn(usize, usize) -> f64) -> T {
        T::round_from(entry(0, 0))
    }
}

/// An array of x's shape.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Like<D>(pub(crate) D);

impl<T: Real, D: Dimension> Form<T> for Like<D> {
    // Of the operators whose outputs make the elements.
    fn outputs(&self) -> Option<(usize, &'static str)> {
        Some((self.0.size(), GRADIENT))
    }

    fn zeros(&self, _: usize) -> Option<Array<T, D>> {
        Some(Array::zeros(self.0.clone()))
    }

    fn elements(value: &mut Array<T, D>) -> &mut [T] {
        value.as_slice_mut().unwrap_or_default()
    }

    fn build(&self, _: &Survey, _: &Results, entry: impl Fn(usize, usize) -> f64) -> Array<T, D> {
        array(self.0.clone(), |k| entry(0, k))
    }
}

/// One number for each output of f.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PerOutput;

impl<T: Real> Form<T> for PerOutput {
    fn build(
        &self,
        _: &Survey,
        results: &Results,
        entry: impl Fn(usize, usize) -> f64,
    ) -> Array<T, Ix1> {
        array(Ix1(results.outputs), |k| entry(0, k))
    }
}

/// Outputs (rows) by coordinates (columns).
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct OutputsByCoordinates;

impl<T: Real> Form<T> for OutputsByCoordinates {
    fn build(
        &self,
        survey: &Survey,
        results: &Results,
        entry: impl Fn(usize, usize) -> f64,
    ) -> Array<T, Ix2> {
        matrix(results.outputs, survey.x.len(), entry)
    }
}

/// Coordinates by coordinates.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Square;

impl<T: Real> Form<T> for Square {
    fn zeros(&self, coordinates: usize) -> Option<Array<T, Ix2>> {
        Some(Array::zeros(Ix2(coordinates, coordinates)))
    }

    fn elements(value: &mut Array<T, Ix2>) -> &mut [T] {
        value.as_slice_mut().unwrap_or_default()
    }

    fn build(
        &self,
        survey: &Survey,
        _: &Results,
        entry: impl Fn(usize, usize) -> f64,
    ) -> Array<T, Ix2> {
        matrix(survey.x.len(), survey.x.len(), entry)
    }
}

fn array<T: Real, D: Dimension>(shape: D, entry: impl Fn(usize) -> f64) -> Array<T, D> {
    let entries = (0..shape.size()).map(|k| T::round_from(entry(k))).collect();
    match Array::from_shape_vec(shape, entries) {
        Ok(array) => array,
        Err(_) => unreachable!("as many entries as the shape has elements"),
    }
}

fn matrix<T: Real>(
    rows: usize,
    columns: usize,
    entry: impl Fn(usize, usize) -> f64,
) -> Array<T, Ix2> {
    Array::from_shape_fn(Ix2(rows, columns), |(i, j)| T::round_from(entry(i, j)))
}

/// Where a caller wants a result written: so many entries, in rows of this width.
type Size = (usize, usize);

/// Where a caller wants a result written.
pub(crate) trait Out<T: Real> {
    /// What is to be filled while f is evaluated, in row-major order; `None` where it lies in
    /// another order, or error bars are wanted as well.
    fn values(&mut self) -> Option<&mut [T]> {
        None
    }
    fn write(
        &mut self,
        size: Size,
        results: &Results,
        entry: impl Fn(usize, usize) -> Entry,
    ) -> Result<(), Error>;
}

impl<T: Real, D: Dimension> Out<T> for ArrayRef<T, D> {
    #[inline]
    fn values(&mut self) -> Option<&mut [T]> {
        self.as_slice_mut()
    }
    fn write(
        &mut self,
        size: Size,
        _: &Results,
        entry: impl Fn(usize, usize) -> Entry,
    ) -> Result<(), Error> {
        fill(self, size, |i, j| entry(i, j).value)?;
        elements_finite(self)
    }
}

impl<T: Real> Out<T> for T {
    fn write(
        &mut self,
        _: Size,
        _: &Results,
        entry: impl Fn(usize, usize) -> Entry,
    ) -> Result<(), Error> {
        *self = T::round_from(entry(0, 0).value);
        finite(*self, 0)
    }
}

impl<T: Real, D: Dimension> Out<T> for Estimate<Array<T, D>> {
    fn write(
        &mut self,
        size: Size,
        results: &Results,
        entry: impl Fn(usize, usize) -> Entry,
    ) -> Result<(), Error> {
        fill(&mut self.value, size, |i, j| entry(i, j).value)?;
        elements_finite(&self.value)?;
        fill(&mut self.error, size, |i, j| bar(entry(i, j).error))?;
        fill(&mut self.step, size, |i, j| entry(i, j).step)?;
        (self.evaluations, self.status) = (results.evaluations, results.worst());
        Ok(())
    }
}

impl<T: Real> Out<T> for Estimate<T> {
    fn write(
        &mut self,
        _: Size,
        results: &Results,
        entry: impl Fn(usize, usize) -> Entry,
    ) -> Result<(), Error> {
        let Entry { value, error, step } = entry(0, 0);
        self.value = T::round_from(value);
        finite(self.value, 0)?;
        self.error = T::round_from(bar(error));
        self.step = T::round_from(step);
        (self.evaluations, self.status) = (results.evaluations, results.worst());
        Ok(())
    }
}

fn finite<T: Real>(value: T, index: usize) -> Result<(), Error> {
    if value.is_finite() {
        Ok(())
    } else {
        Err(Error::ResultOverflows { index })
    }
}

/// What the lines found is finite; a combination, or its rounding to `f32`, may overflow.
pub(crate) fn all_finite<T: Real>(values: &[T]) -> Result<(), Error> {
    // Without an early exit: several elements at a time.
    if values.iter().fold(true, |all, v| all & v.is_finite()) {
        return Ok(());
    }
    let index = values.iter().position(|v| !v.is_finite()).unwrap_or(0);
    Err(Error::ResultOverflows { index })
}

/// The same of any layout.
fn elements_finite<T: Real, D: Dimension>(values: &ArrayRef<T, D>) -> Result<(), Error> {
    match values.as_slice() {
        Some(slice) => all_finite(slice),
        None => match values.iter().position(|v| !v.is_finite()) {
            None => Ok(()),
            Some(index) => Err(Error::ResultOverflows { index }),
        },
    }
}

fn fill<T: Real, D: Dimension>(
    out: &mut ArrayRef<T, D>,
    (expected, width): Size,
    entry: impl Fn(usize, usize) -> f64,
) -> Result<(), Error> {
    if out.len() != expected {
        return Err(Error::Length {
            argument: "out",
            found: out.len(),
            expected,
        });
    }
    if let Some(slice) = out.as_slice_mut() {
        for (i, row) in slice.chunks_mut(width).enumerate() {
            for (j, slot) in row.iter_mut().enumerate() {
                *slot = T::round_from(entry(i, j));
            }
        }
    } else {
        for (k, slot) in out.iter_mut().enumerate() {
            *slot = T::round_from(entry(k / width, k % width));
        }
    }
    Ok(())
}

/// An estimate of any form.
pub(crate) fn estimate<T: Real, O: Operator, S: Form<T>>(
    operator: &O,
    form: &S,
    survey: &Survey,
    results: &Results,
) -> Result<Estimate<S::Value>, Error> {
    let value = values(operator, form, survey, results)?;
    let entry = |i, j| operator.at(survey, results, i, j);
    Ok(Estimate {
        value,
        error: form.build(survey, results, |i, j| bar(entry(i, j).error)),
        step: form.build(survey, results, |i, j| entry(i, j).step),
        evaluations: results.evaluations,
        status: results.worst(),
    })
}

/// The values of any form.
pub(crate) fn values<T: Real, O: Operator, S: Form<T>>(
    operator: &O,
    form: &S,
    survey: &Survey,
    results: &Results,
) -> Result<S::Value, Error> {
    if let Some((expected, argument)) = operator.outputs(survey).or(form.outputs())
        && results.outputs != expected
    {
        return Err(Error::Length {
            argument,
            found: results.outputs,
            expected,
        });
    }
    let width = operator.width(survey);
    let overflown = Cell::new(None);
    let value = form.build(survey, results, |i, j| {
        let value = operator.at(survey, results, i, j).value;
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

/// What has another number of outputs than an operator differentiates.
pub(crate) const SCALAR: &str = "the output of a scalar f";
pub(crate) const GRADIENT: &str = "the gradient";

/// Writes what was found where the caller wants it.
pub(crate) fn write<T: Real, O: Operator, U: Out<T> + ?Sized>(
    operator: &O,
    survey: &Survey,
    results: &Results,
    out: &mut U,
) -> Result<(), Error> {
    let size = (operator.length(survey, results), operator.width(survey));
    out.write(size, results, |row, column| {
        operator.at(survey, results, row, column)
    })
}

/// An error bar: what overflowed on the way says nothing.
fn bar(error: f64) -> f64 {
    if error.is_nan() { f64::INFINITY } else { error }
}

/// The number of outputs of f that a caller's result has room for.
pub(crate) trait Rows {
    fn count_rows(&self) -> usize;
}

impl<T, D: Dimension> Rows for ArrayRef<T, D> {
    fn count_rows(&self) -> usize {
        self.shape().first().copied().unwrap_or(1)
    }
}

impl<T, D: Dimension> Rows for Estimate<Array<T, D>> {
    fn count_rows(&self) -> usize {
        self.value.count_rows()
    }
}

/// A result that is written row by row.
pub(crate) trait WriteRow<T: Real> {
    fn begin_rows(&mut self, shape: Ix2) -> Result<(), Error>;
    fn write_row(
        &mut self,
        row: usize,
        results: &Results,
        entry: impl Fn(usize) -> Entry,
    ) -> Result<(), Error>;
}

fn same_shape<T>(out: &ArrayRef<T, Ix2>, shape: Ix2) -> Result<(), Error> {
    if out.raw_dim() == shape {
        Ok(())
    } else {
        Err(Error::Length {
            argument: "out",
            found: out.len(),
            expected: shape.size(),
        })
    }
}

impl<T: Real> WriteRow<T> for ArrayRef<T, Ix2> {
    fn begin_rows(&mut self, shape: Ix2) -> Result<(), Error> {
        same_shape(self, shape)
    }

    fn write_row(
        &mut self,
        row: usize,
        _: &Results,
        entry: impl Fn(usize) -> Entry,
    ) -> Result<(), Error> {
        let width = self.ncols();
        for (k, slot) in self.row_mut(row).iter_mut().enumerate() {
            *slot = T::round_from(entry(k).value);
            finite(*slot, row * width + k)?;
        }
        Ok(())
    }
}

impl<T: Real> WriteRow<T> for Estimate<Array<T, Ix2>> {
    fn begin_rows(&mut self, shape: Ix2) -> Result<(), Error> {
        same_shape(&self.value, shape)?;
        same_shape(&self.error, shape)?;
        same_shape(&self.step, shape)?;
        (self.evaluations, self.status) = (0, Status::Converged);
        Ok(())
    }

    fn write_row(
        &mut self,
        row: usize,
        results: &Results,
        entry: impl Fn(usize) -> Entry,
    ) -> Result<(), Error> {
        self.value.write_row(row, results, &entry)?;
        for (k, slot) in self.error.row_mut(row).iter_mut().enumerate() {
            *slot = T::round_from(bar(entry(k).error));
        }
        for (k, slot) in self.step.row_mut(row).iter_mut().enumerate() {
            *slot = T::round_from(entry(k).step);
        }
        self.evaluations += results.evaluations;
        self.status = self.status.worse(results.worst());
        Ok(())
    }
}
