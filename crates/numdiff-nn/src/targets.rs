//! What the outputs should have been.

use crate::Error;
use crate::error::{require, require_finite};
use ndarray::{Array2, ArrayRef2};
use numdiff_core::Real;

/// How far the sum of a soft target may be from 1: the rounding of a thousand `f32` probabilities,
/// 1000 * 2^-24, rounded up.
const SUM_TOLERANCE: f64 = 1e-4;

/// The targets of the samples: labels, one-hot rows, distributions over the classes, or numbers.
///
/// A distribution is used as it is: no loss replaces it by its largest entry.
///
/// # Example
/// ```
/// use ndarray::array;
/// use numdiff_nn::{Loss, Targets};
/// let scores = array![[0.2, 1.5]];
/// let label = Loss::LogSoftmax.value(&scores, &Targets::labels(&[1]))?;
/// let hot = Loss::LogSoftmax.value(&scores, &Targets::one_hot(&array![[0.0, 1.0]])?)?;
/// let soft = Loss::LogSoftmax.value(&scores, &Targets::soft(&array![[0.1, 0.9]])?)?;
/// assert_eq!(label, hot);
/// println!("label {label:.4}, soft {soft:.4}");
/// assert!((soft - label - 0.1 * 1.3).abs() < 1e-15);   // a tenth lies on the other class
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
/// ```text
/// label 0.2410, soft 0.3710
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Targets {
    pub(crate) kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// One class per row, and the number of classes where the caller's array told it.
    Labels(Vec<usize>, Option<usize>),
    Soft(Array2<f64>),
    Values(Array2<f64>),
}

/// The target of one row.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target<'a> {
    Label(usize),
    Row(&'a [f64]),
}

impl Target<'_> {
    /// The target of output `k`.
    fn of(self, k: usize) -> f64 {
        match self {
            Target::Label(hot) => f64::from(u8::from(k == hot)),
            Target::Row(row) => row[k],
        }
    }

    /// One number per output.
    pub(crate) fn dense(self, outputs: usize) -> Vec<f64> {
        (0..outputs).map(|k| self.of(k)).collect()
    }

    /// Sums over the classes whose target is not 0.
    pub(crate) fn each(self, mut term: impl FnMut(usize, f64) -> f64) -> f64 {
        match self {
            Target::Label(k) => term(k, 1.0),
            Target::Row(t) => {
                let hot = t.iter().enumerate().filter(|(_, t)| **t != 0.0);
                hot.map(|(k, &t)| term(k, t)).sum()
            }
        }
    }

    /// Sums over all outputs.
    pub(crate) fn every(self, outputs: usize, mut term: impl FnMut(usize, f64) -> f64) -> f64 {
        (0..outputs).map(|k| term(k, self.of(k))).sum()
    }

    /// Calls `f` for each output and its target.
    pub(crate) fn visit(self, outputs: usize, mut f: impl FnMut(usize, f64)) {
        (0..outputs).for_each(|k| f(k, self.of(k)));
    }
}

impl Targets {
    /// Creates targets from the class of each sample, counted from 0. Labels are compared with the number of outputs
    /// when a loss uses them.
    pub fn labels(labels: &[usize]) -> Self {
        Self {
            kind: Kind::Labels(labels.to_vec(), None),
        }
    }

    /// Creates targets from rows, (samples, classes), each with a single 1 among zeros. Losses have the same bits as
    /// with the labels.
    ///
    /// # Errors
    /// A row is not one-hot.
    pub fn one_hot<T: Real>(rows: &ArrayRef2<T>) -> Result<Self, Error> {
        let mut labels = Vec::with_capacity(rows.nrows());
        for (row, values) in rows.rows().into_iter().enumerate() {
            let wrong = |column: usize| Error::OneHot {
                row,
                column,
                value: values.get(column).map_or(0.0, |v| v.widen()),
            };
            let mut hot = None;
            for (column, &value) in values.iter().enumerate() {
                if value == T::one() && hot.is_none() {
                    hot = Some(column);
                } else if value != T::zero() {
                    return Err(wrong(column));
                }
            }
            labels.push(hot.ok_or_else(|| wrong(0))?);
        }
        Ok(Self {
            kind: Kind::Labels(labels, Some(rows.ncols())),
        })
    }

    /// Creates targets from distributions, (samples, classes): elements are at least 0, and each row sums to 1 within
    /// 1e-4, so that `f32` data passes. Rows are not normalized.
    ///
    /// # Errors
    /// A row is not a distribution, or an element is NaN or infinite.
    pub fn soft<T: Real>(rows: &ArrayRef2<T>) -> Result<Self, Error> {
        let wide = finite(rows)?;
        for (row, values) in wide.rows().into_iter().enumerate() {
            let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
            let sum = values.sum();
            if smallest < 0.0 || (sum - 1.0).abs() > SUM_TOLERANCE {
                return Err(Error::Distribution { row, sum, smallest });
            }
        }
        Ok(Self {
            kind: Kind::Soft(wide),
        })
    }

    /// Creates targets from numbers, (samples, outputs): any for squared errors, from 0 to 1 for the sigmoid
    /// cross-entropy.
    ///
    /// # Errors
    /// An element is NaN or infinite.
    pub fn values<T: Real>(rows: &ArrayRef2<T>) -> Result<Self, Error> {
        Ok(Self {
            kind: Kind::Values(finite(rows)?),
        })
    }

    /// Returns the number of samples.
    pub fn len(&self) -> usize {
        match &self.kind {
            Kind::Labels(labels, _) => labels.len(),
            Kind::Soft(rows) | Kind::Values(rows) => rows.nrows(),
        }
    }

    /// Returns whether there are no samples.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the targets with these indices, in this order.
    ///
    /// # Errors
    /// An index is not below [`len`](Self::len).
    pub fn select(&self, rows: &[usize]) -> Result<Self, Error> {
        for &row in rows {
            let (holds, setting) = (row < self.len(), ("row", row as f64));
            require(holds, "select", setting, "below the number of samples")?;
        }
        let kind = match &self.kind {
            Kind::Labels(labels, classes) => {
                Kind::Labels(rows.iter().map(|&r| labels[r]).collect(), *classes)
            }
            Kind::Soft(all) => Kind::Soft(all.select(ndarray::Axis(0), rows)),
            Kind::Values(all) => Kind::Values(all.select(ndarray::Axis(0), rows)),
        };
        Ok(Self { kind })
    }

    /// Returns the class of each sample: its label, or the largest entry of its distribution. The result is `None` for
    /// [`values`](Self::values), which have no classes.
    pub fn classes(&self) -> Option<Vec<usize>> {
        match &self.kind {
            Kind::Labels(labels, _) => Some(labels.clone()),
            Kind::Soft(rows) => {
                let classes = rows.rows().into_iter();
                Some(classes.map(|row| argmax(row.iter().copied())).collect())
            }
            Kind::Values(_) => None,
        }
    }

    pub(crate) fn row(&self, row: usize) -> Target<'_> {
        match &self.kind {
            Kind::Labels(labels, _) => Target::Label(labels[row]),
            Kind::Soft(rows) | Kind::Values(rows) => {
                let all = rows.as_slice().expect("stored in standard layout");
                Target::Row(&all[row * rows.ncols()..][..rows.ncols()])
            }
        }
    }

    /// Whether these targets fit a network with `outputs` outputs.
    pub(crate) fn fit(&self, outputs: usize) -> Result<(), Error> {
        let found = match &self.kind {
            Kind::Labels(labels, columns) => {
                if let Some(row) = labels.iter().position(|&label| label >= outputs) {
                    return Err(Error::Label {
                        row,
                        label: labels[row],
                        classes: outputs,
                    });
                }
                columns.unwrap_or(outputs)
            }
            Kind::Soft(rows) | Kind::Values(rows) => rows.ncols(),
        };
        if found == outputs {
            return Ok(());
        }
        Err(Error::TargetWidth {
            found,
            expected: outputs,
        })
    }
}

/// Index of the first largest value; 0 of none.
pub(crate) fn argmax(values: impl Iterator<Item = f64>) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (index, value) in values.enumerate() {
        if value > best.1 {
            best = (index, value);
        }
    }
    best.0
}

fn finite<T: Real>(rows: &ArrayRef2<T>) -> Result<Array2<f64>, Error> {
    require_finite("targets", rows.iter().copied())?;
    // Written out in logical order, so that rows are contiguous whatever the caller's layout.
    Ok(Array2::from_shape_fn(rows.dim(), |at| rows[at].widen()))
}
