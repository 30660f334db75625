//! Data and targets that belong together.

use crate::error::{require_finite, require_rows};
use crate::{Error, Targets};
use ndarray::{Array2, Axis};
use numdiff_core::Real;

/// Samples with their targets: N rows of inputs and N targets. It is checked once, when it is made: there is at least
/// one row, there is one target for each row, and every element is finite.
///
/// # Example
/// ```
/// use ndarray::array;
/// use numdiff_nn::{Batch, Error, Targets};
/// let batch = Batch::new(array![[0.1, 0.2], [0.3, 0.4]], Targets::labels(&[0, 1]))?;
/// assert_eq!(batch.select(&[1])?.x(), array![[0.3, 0.4]]);
/// let error = Batch::new(array![[0.1, f64::NAN]], Targets::labels(&[0])).unwrap_err();
/// assert!(matches!(error, Error::NotFinite { index: 1, .. }));
/// println!("{error}");
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
/// ```text
/// x[1] is NaN; every element must be finite
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Batch<T = f64> {
    x: Array2<T>,
    targets: Targets,
}

impl<T: Real> Batch<T> {
    /// Pairs data `x`, (samples, inputs), with their targets.
    ///
    /// # Errors
    /// `x` has no rows, another number of rows than there are targets, or an element that is NaN or infinite.
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

    /// Returns the data, (samples, inputs).
    pub fn x(&self) -> &Array2<T> {
        &self.x
    }

    /// Returns the targets.
    pub fn targets(&self) -> &Targets {
        &self.targets
    }

    /// Returns the number of samples, at least 1.
    #[allow(clippy::len_without_is_empty)] // A batch is never empty.
    pub fn len(&self) -> usize {
        self.x.nrows()
    }

    /// Returns the samples with these indices, in this order.
    ///
    /// # Errors
    /// `rows` is empty, or an index is out of range.
    pub fn select(&self, rows: &[usize]) -> Result<Self, Error> {
        if rows.is_empty() {
            return Err(Error::EmptyBatch);
        }
        let targets = self.targets.select(rows)?;
        let x = self.x.select(Axis(0), rows);
        Ok(Self { x, targets })
    }

    /// Returns the same batch in `f64`. The conversion is exact.
    pub fn widened(&self) -> Batch<f64> {
        Batch {
            x: self.x.mapv(T::widen),
            targets: self.targets.clone(),
        }
    }
}
