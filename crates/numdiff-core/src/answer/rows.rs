//! Results that are written row by row.

use super::out::{bar, finite};
use crate::line::LineResults;
use crate::operators::Entry;
use crate::{Error, Estimate, Real, Status};
use ndarray::{Array, ArrayRef, Dimension, Ix2};

/// A result that is written row by row.
pub(crate) trait WriteRow<T: Real> {
    fn begin_rows(&mut self, shape: Ix2) -> Result<(), Error>;
    fn write_row(
        &mut self,
        row: usize,
        results: &LineResults,
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
        _: &LineResults,
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
        results: &LineResults,
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
