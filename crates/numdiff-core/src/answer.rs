//! The shapes in which results are returned.

use crate::operators::{Entry, Operator};
use crate::results::Results;
use crate::survey::Survey;
use crate::{Error, Estimate, Real, Status};
use ndarray::{Array, ArrayRef, Dimension, Ix1, Ix2};

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
}

/// One number.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Scalar;

impl<T: Real> Form<T> for Scalar {
    fn build(&self, _: &Survey, _: &Results, entry: impl Fn(usize, usize) -> f64) -> T {
        T::round_from(entry(0, 0))
    }
}

/// An array of x's shape.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Like<D>(pub(crate) D);

impl<T: Real, D: Dimension> Form<T> for Like<D> {
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
    /// The array where values alone are wanted.
    type Array: ?Sized;
    /// That array, to be filled while f is evaluated; `None` where error bars are wanted.
    fn values(&mut self) -> Option<&mut Self::Array> {
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
    type Array = ArrayRef<T, D>;
    #[inline]
    fn values(&mut self) -> Option<&mut ArrayRef<T, D>> {
        Some(self)
    }
    fn write(
        &mut self,
        size: Size,
        _: &Results,
        entry: impl Fn(usize, usize) -> Entry,
    ) -> Result<(), Error> {
        fill(self, size, |i, j| entry(i, j).value)
    }
}

impl<T: Real> Out<T> for T {
    type Array = T;
    fn write(
        &mut self,
        _: Size,
        _: &Results,
        entry: impl Fn(usize, usize) -> Entry,
    ) -> Result<(), Error> {
        *self = T::round_from(entry(0, 0).value);
        Ok(())
    }
}

impl<T: Real, D: Dimension> Out<T> for Estimate<Array<T, D>> {
    type Array = ArrayRef<T, D>;
    fn write(
        &mut self,
        size: Size,
        results: &Results,
        entry: impl Fn(usize, usize) -> Entry,
    ) -> Result<(), Error> {
        fill(&mut self.value, size, |i, j| entry(i, j).value)?;
        fill(&mut self.error, size, |i, j| entry(i, j).error)?;
        fill(&mut self.step, size, |i, j| entry(i, j).step)?;
        (self.evaluations, self.status) = (results.evaluations, results.worst());
        Ok(())
    }
}

impl<T: Real> Out<T> for Estimate<T> {
    type Array = T;
    fn write(
        &mut self,
        _: Size,
        results: &Results,
        entry: impl Fn(usize, usize) -> Entry,
    ) -> Result<(), Error> {
        let Entry { value, error, step } = entry(0, 0);
        self.value = T::round_from(value);
        self.error = T::round_from(error);
        self.step = T::round_from(step);
        (self.evaluations, self.status) = (results.evaluations, results.worst());
        Ok(())
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
) -> Estimate<S::Value> {
    let entry = |i, j| operator.at(survey, results, i, j);
    Estimate {
        value: form.build(survey, results, |i, j| entry(i, j).value),
        error: form.build(survey, results, |i, j| entry(i, j).error),
        step: form.build(survey, results, |i, j| entry(i, j).step),
        evaluations: results.evaluations,
        status: results.worst(),
    }
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

/// A result to be filled.
pub(crate) trait Blank<D> {
    fn blank(shape: D) -> Self;
}

impl<T: Real, D: Dimension> Blank<D> for Array<T, D> {
    fn blank(shape: D) -> Self {
        Array::zeros(shape)
    }
}

impl<T: Real, D: Dimension> Blank<D> for Estimate<Array<T, D>> {
    fn blank(shape: D) -> Self {
        Estimate::zeros(shape)
    }
}

/// A result that is written row by row.
pub(crate) trait WriteRow<T: Real> {
    fn begin_rows(&mut self, shape: Ix2) -> Result<(), Error>;
    fn write_row(&mut self, row: usize, results: &Results, entry: impl Fn(usize) -> Entry);
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

    fn write_row(&mut self, row: usize, _: &Results, entry: impl Fn(usize) -> Entry) {
        for (k, slot) in self.row_mut(row).iter_mut().enumerate() {
            *slot = T::round_from(entry(k).value);
        }
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

    fn write_row(&mut self, row: usize, results: &Results, entry: impl Fn(usize) -> Entry) {
        self.value.write_row(row, results, |k| Entry {
            value: entry(k).value,
            ..entry(k)
        });
        self.error.write_row(row, results, |k| Entry {
            value: entry(k).error,
            ..entry(k)
        });
        self.step.write_row(row, results, |k| Entry {
            value: entry(k).step,
            ..entry(k)
        });
        self.evaluations += results.evaluations;
        self.status = self.status.worse(results.worst());
    }
}
