//! Results that are written where the caller wants them.

// The private parts of `Out` keep it to this crate.
#![allow(private_interfaces, private_bounds)]

use super::{Found, Size};
use crate::buffer::Buffer;
use crate::error::expect_length;
use crate::line::LineKind;
use crate::real::all_finite;
use crate::scheme::{AdaptiveRule, FixedRule};
use crate::{Error, Estimate, Real};

impl Found<'_> {
    /// Writes what was found where the caller wants it.
    pub fn write<R, T: Real, U: Out<R, T> + ?Sized>(self, out: &mut U) -> Result<(), Error> {
        self.check_outputs()?;
        self.expect_rows(out.extent())?;
        out.write(self)
    }

    /// A matrix with room for a matrix of outputs, or of points, has its rows.
    fn expect_rows(self, (room, rows): (usize, Option<usize>)) -> Result<(), Error> {
        let ((height, width), operator) = (self.size(), self.operator);
        let Some(rows) = rows.filter(|_| room == height * width) else {
            return Ok(());
        };
        let any = operator.outputs(self.line_set).is_some() || operator.compression().is_some();
        let (found, expected) = if matches!(self.line_set.kind, LineKind::Points(_)) {
            (rows, height)
        } else if any {
            return Ok(());
        } else {
            let coordinates = self.line_set.x.len();
            let found = operator.written((room, Some(rows)), coordinates, 0);
            (found, self.results.outputs)
        };
        expect_length("rows of out", found, expected)
    }
}

/// Where a caller wants the result of a method by the rule `R` written: an ndarray array or
/// view, a slice, a `Vec`, an array or a number, or an [`Estimate`] of one where there are error bars.
#[diagnostic::on_unimplemented(
    message = "a result of type `{T}` can't be written to `{Self}`",
    label = "no buffer of `{T}`",
    note = "pass `&mut` of an ndarray array or view, a slice, a `Vec`, or an array `[{T}; N]`",
    note = "`Adaptive` writes an `Estimate` of one of these: `Estimate::blank(buffer)`"
)]
pub trait Out<R, T: Real> {
    /// What is to be filled while f is evaluated, in row-major order; `None` where it lies in
    /// another order, or error bars are wanted as well.
    fn values(&mut self) -> Option<&mut [T]> {
        None
    }
    fn write(&mut self, found: Found<'_>) -> Result<(), Error>;
    /// How many numbers there is room for, and in how many rows, of a matrix.
    fn extent(&self) -> (usize, Option<usize>);
}

impl<T: Real, B: Buffer<T> + ?Sized> Out<FixedRule, T> for B {
    #[inline]
    fn values(&mut self) -> Option<&mut [T]> {
        self.slice_mut()
    }
    fn write(&mut self, found: Found<'_>) -> Result<(), Error> {
        write_values(self, found.size(), |i, j| found.at(i, j).value)
    }
    fn extent(&self) -> (usize, Option<usize>) {
        (self.room(), self.rows())
    }
}

impl<T: Real, B: Buffer<T>> Out<AdaptiveRule, T> for Estimate<B> {
    fn write(&mut self, found: Found<'_>) -> Result<(), Error> {
        let size = found.size();
        write_values(&mut self.value, size, |i, j| found.at(i, j).value)?;
        fill(&mut self.error, size, |i, j| bar(found.at(i, j).error))?;
        fill(&mut self.step, size, |i, j| found.at(i, j).step)?;
        (self.evaluations, self.status) = (found.results.evaluations, found.results.worst());
        self.statuses.clear();
        self.counts.clear();
        self.statuses
            .extend(found.entries().map(|entry| entry.status));
        let counts = found.entries().map(|entry| entry.evaluations);
        self.counts.extend(counts);
        Ok(())
    }
    fn extent(&self) -> (usize, Option<usize>) {
        (self.value.room(), self.value.rows())
    }
}

/// Fills a buffer with values, which are to be finite.
fn write_values<T: Real, B: Buffer<T> + ?Sized>(
    out: &mut B,
    (rows, width): Size,
    entry: impl Fn(usize, usize) -> f64,
) -> Result<(), Error> {
    fill(out, (rows, width), &entry)?;
    if let Some(slice) = out.slice_mut() {
        return all_finite(slice);
    }
    let overflows = |k: &usize| !T::round_from(entry(k / width, k % width)).is_finite();
    match (0..rows * width).find(overflows) {
        None => Ok(()),
        Some(index) => Err(Error::ResultOverflows { index }),
    }
}

fn fill<T: Real, B: Buffer<T> + ?Sized>(
    out: &mut B,
    (rows, width): Size,
    entry: impl Fn(usize, usize) -> f64,
) -> Result<(), Error> {
    let expected = rows * width;
    expect_length("out", out.room(), expected)?;
    if let Some(slice) = out.slice_mut() {
        for (i, row) in slice.chunks_mut(width.max(1)).enumerate() {
            for (j, slot) in row.iter_mut().enumerate() {
                *slot = T::round_from(entry(i, j));
            }
        }
    } else {
        for k in 0..expected {
            out.put(k, T::round_from(entry(k / width, k % width)));
        }
    }
    Ok(())
}

/// An error bar: what overflowed on the way says nothing.
pub(super) fn bar(error: f64) -> f64 {
    if error.is_nan() { f64::INFINITY } else { error }
}
