//! Data and targets that belong together.

use crate::error::{require_finite, require_rows};
use crate::{Error, Targets};
use ndarray::{Array2, Axis};
use numdiff_core::Real;

/// Samples (rows of `x`) with their targets, checked once: at least one row, one target per row,
/// every element finite.
///
/// ```
/// use ndarray::array;
/// use numdiff_nn::{Batch, Error, Targets};
/// let batch = Batch::new(array![[0.1, 0.2], [0.3, 0.4]], Targets::labels(&[0, 1]))?;
/// assert_eq!(batch.select(&[1])?.x(), array![[0.3, 0.4]]);
/// let error = Batch::new(array![[0.1, f64::NAN]], Targets::labels(&[0])).unwrap_err();
/// assert!(matches!(error, Error::NotFinite { index: 1, .. }));
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Batch<T = f64> {
    x: Array2<T>,
    targets: Targets,
}

impl<T: Real> Batch<T> {
    /// Pairs data (samples, inputs) with their targets.
    ///
    /// # Errors
    /// No rows, another number of targets than rows, or an element of x that is NaN or infinite.
    pub fn new(x: Array2<T>, targets: Targets) -> Result<Self, Error> {
        require_rows(x.nrows(), targets.len())?;
        require_finite("x", x.iter().copied())?;
        let x = if x.is_standard_layout() {
            x
        } else {
            x.as_standard_layout().into_owned()
        };
        Ok(Self { x, targets })
    }

    /// The data: (samples, inputs).
    pub fn x(&self) -> &Array2<T> {
        &self.x
    }

    /// The targets.
    pub fn targets(&self) -> &Targets {
        &self.targets
    }

    /// Number of samples, at least 1.
    #[allow(clippy::len_without_is_empty)] // A batch is never empty.
    pub fn len(&self) -> usize {
        self.x.nrows()
    }

    /// The samples with these indices, in this order.
    ///
    /// # Errors
    /// No rows, or an index that is out of range.
    pub fn select(&self, rows: &[usize]) -> Result<Self, Error> {
        if rows.is_empty() {
            return Err(Error::EmptyBatch);
        }
        let targets = self.targets.select(rows)?;
        let x = self.x.select(Axis(0), rows);
        Ok(Self { x, targets })
    }

    /// The same batch in `f64`; exact.
    pub fn widened(&self) -> Batch<f64> {
        Batch {
            x: self.x.mapv(T::widen),
            targets: self.targets.clone(),
        }
    }
}
