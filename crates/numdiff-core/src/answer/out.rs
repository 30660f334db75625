//! Results that are written where the caller wants them.

use crate::line::LineResults;
use crate::line::LineSet;
use crate::operators::{Entry, Operator};
use crate::real::all_finite;
use crate::{Buffer, Error, Estimate, Real};

/// Writes what was found where the caller wants it.
pub(crate) fn write<T: Real, O: Operator, U: Out<T> + ?Sized>(
    operator: &O,
    line_set: &LineSet,
    results: &LineResults,
    out: &mut U,
) -> Result<(), Error> {
    let size = (operator.length(line_set, results), operator.width(line_set));
    out.write(size, results, |row, column| {
        operator.at(line_set, results, row, column)
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
        results: &LineResults,
        entry: impl Fn(usize, usize) -> Entry,
    ) -> Result<(), Error>;
    /// How many numbers there is room for, and in how many rows, of a matrix.
    fn extent(&self) -> (usize, Option<usize>);
}

/// A buffer for values without error bars.
pub(crate) struct Values<'b, B: ?Sized>(pub &'b mut B);

impl<T: Real, B: Buffer<T> + ?Sized> Out<T> for Values<'_, B> {
    #[inline]
    fn values(&mut self) -> Option<&mut [T]> {
        self.0.slice_mut()
    }
    fn write(
        &mut self,
        size: Size,
        _: &LineResults,
        entry: impl Fn(usize, usize) -> Entry,
    ) -> Result<(), Error> {
        write_values(self.0, size, |i, j| entry(i, j).value)
    }
    fn extent(&self) -> (usize, Option<usize>) {
        (self.0.room(), self.0.rows())
    }
}

/// One number with its error bar.
pub(crate) struct One<'e, T>(pub &'e mut Estimate<T>);

impl<T: Real> Out<T> for One<'_, T> {
    fn write(
        &mut self,
        _: Size,
        results: &LineResults,
        entry: impl Fn(usize, usize) -> Entry,
    ) -> Result<(), Error> {
        let Entry { value, error, step } = entry(0, 0);
        self.0.value = T::round_from(value);
        all_finite(&[self.0.value])?;
        self.0.error = T::round_from(bar(error));
        self.0.step = T::round_from(step);
        (self.0.evaluations, self.0.status) = (results.evaluations, results.worst());
        Ok(())
    }
    fn extent(&self) -> (usize, Option<usize>) {
        (1, None)
    }
}

impl<T: Real, B: Buffer<T>> Out<T> for Estimate<B> {
    fn write(
        &mut self,
        size: Size,
        results: &LineResults,
        entry: impl Fn(usize, usize) -> Entry,
    ) -> Result<(), Error> {
        write_values(&mut self.value, size, |i, j| entry(i, j).value)?;
        fill(&mut self.error, size, |i, j| bar(entry(i, j).error))?;
        fill(&mut self.step, size, |i, j| entry(i, j).step)?;
        (self.evaluations, self.status) = (results.evaluations, results.worst());
        Ok(())
    }
    fn extent(&self) -> (usize, Option<usize>) {
        (self.value.room(), self.value.rows())
    }
}

pub(super) fn finite<T: Real>(value: T, index: usize) -> Result<(), Error> {
    if value.is_finite() {
        Ok(())
    } else {
        Err(Error::ResultOverflows { index })
    }
}

/// Fills a buffer with values, which are to be finite.
fn write_values<T: Real, B: Buffer<T> + ?Sized>(
    out: &mut B,
    (expected, width): Size,
    entry: impl Fn(usize, usize) -> f64,
) -> Result<(), Error> {
    fill(out, (expected, width), &entry)?;
    if let Some(slice) = out.slice_mut() {
        return all_finite(slice);
    }
    let overflows = |k: &usize| !T::round_from(entry(k / width, k % width)).is_finite();
    match (0..expected).find(overflows) {
        None => Ok(()),
        Some(index) => Err(Error::ResultOverflows { index }),
    }
}

fn fill<T: Real, B: Buffer<T> + ?Sized>(
    out: &mut B,
    (expected, width): Size,
    entry: impl Fn(usize, usize) -> f64,
) -> Result<(), Error> {
    if out.room() != expected {
        return Err(Error::Length {
            argument: "out",
            found: out.room(),
            expected,
        });
    }
    if let Some(slice) = out.slice_mut() {
        for (i, row) in slice.chunks_mut(width).enumerate() {
            for (j, slot) in row.iter_mut().enumerate() {
                *slot = T::round_from(entry(i, j));
            }
        }
    } else {
        out.fill_with(|k| T::round_from(entry(k / width, k % width)));
    }
    Ok(())
}

/// An error bar: what overflowed on the way says nothing.
pub(super) fn bar(error: f64) -> f64 {
    if error.is_nan() { f64::INFINITY } else { error }
}

/// The number of outputs of f whose Jacobian a caller's result has room for.
pub(crate) fn rows<T: Real, U: Out<T> + ?Sized>(out: &U, coordinates: usize) -> usize {
    let (numbers, rows) = out.extent();
    rows.unwrap_or_else(|| numbers / coordinates.max(1))
}

/// How many numbers a caller's result has room for.
pub(crate) fn room<T: Real, U: Out<T> + ?Sized>(out: &U) -> usize {
    out.extent().0
}
