//! Results that are written where the caller wants them.

use crate::operators::{Entry, Operator};
use crate::real::all_finite;
use crate::results::Results;
use crate::survey::Survey;
use crate::{Error, Estimate, Real};
use ndarray::{Array, ArrayRef, Dimension};

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

pub(super) fn finite<T: Real>(value: T, index: usize) -> Result<(), Error> {
    if value.is_finite() {
        Ok(())
    } else {
        Err(Error::ResultOverflows { index })
    }
}

/// Checks that every element is finite, in any layout.
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

/// An error bar: what overflowed on the way says nothing.
pub(super) fn bar(error: f64) -> f64 {
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
