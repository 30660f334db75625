//! What is minimized: the losses, each in a file of its own with value, increment and slope. All algorithms ask here.

mod own;
pub(crate) mod sigmoid;
pub(crate) mod softmax;
pub(crate) mod squares;
mod sum;

pub use own::{LossSlope, OwnLoss};
pub(crate) use softmax::Increment;
pub(crate) use sum::Sum;

use crate::error::{require, require_rows};
use crate::targets::{Kind, Target};
use crate::{Error, Targets};
use ndarray::{Array2, ArrayRef2};
use numdiff_core::Real;

/// The loss of a batch: the mean over its samples of one of these, summed in `f64`.
///
/// In the formulas c are the outputs of the network for one sample and t its target; a label stands for t = 1 at its
/// class and 0 elsewhere. Softmax and sigmoid are part of the loss, so the outputs are scores.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Loss {
    /// The softmax cross-entropy -sum_k t_k ln(softmax(c)_k + epsilon). It is at most -ln(epsilon), and a perfect
    /// prediction gives -ln(1 + epsilon) instead of 0. [`Loss::TUTORIAL`] has epsilon = 1e-7.
    SoftmaxCrossEntropy {
        /// Added to the probability before the logarithm; at least 0 and below 1.
        epsilon: f64,
    },
    /// The softmax cross-entropy -sum_k t_k (c_k - ln sum_j exp c_j), computed without overflow or loss of digits. It
    /// is at least 0 and not bounded above.
    LogSoftmax,
    /// The sigmoid cross-entropy -sum_k [t_k ln s_k + (1 - t_k) ln(1 - s_k)] with s = sigmoid(c), for independent
    /// yes/no outputs. Targets are between 0 and 1.
    SigmoidCrossEntropy,
    /// The mean over the outputs of (c_k - t_k)^2.
    MeanSquaredError,
    /// Half the sum over the outputs of (c_k - t_k)^2.
    SumSquaredError,
    /// A loss of your own.
    #[cfg_attr(feature = "serde", serde(skip))]
    Own(OwnLoss),
}

impl Loss {
    /// The tutorial's loss: `SoftmaxCrossEntropy` with epsilon = 1e-7.
    pub const TUTORIAL: Loss = Loss::SoftmaxCrossEntropy { epsilon: 1e-7 };

    /// Returns the loss of outputs, (samples, classes), with respect to their targets.
    ///
    /// # Errors
    /// There are no rows, the targets do not fit the outputs, the loss cannot use this kind of target, or epsilon is
    /// out of range.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use numdiff_nn::{Loss, Targets};
    /// let scores = array![[0.0, 1000.0]];
    /// assert_eq!(Loss::LogSoftmax.value(&scores, &Targets::labels(&[0]))?, 1000.0);
    /// assert_eq!(Loss::TUTORIAL.value(&scores, &Targets::labels(&[0]))?, -(1e-7f64).ln());
    /// # Ok::<(), numdiff_nn::Error>(())
    /// ```
    pub fn value<T: Real>(&self, outputs: &ArrayRef2<T>, targets: &Targets) -> Result<f64, Error> {
        self.check()?;
        require_rows(outputs.nrows(), targets.len())?;
        self.fit(targets, outputs.ncols())?;
        Ok(self.mean(outputs, targets))
    }

    /// Whether this loss can use these targets for so many outputs.
    pub(crate) fn fit(&self, targets: &Targets, outputs: usize) -> Result<(), Error> {
        if self.epsilon().is_some() && matches!(targets.kind, Kind::Values(_)) {
            return Err(Error::Unsuitable {
                what: "the softmax cross-entropy",
                needed: "labels, one-hot or soft targets; Targets::values is for squared errors and sigmoid outputs",
            });
        }
        if let (Loss::SigmoidCrossEntropy, Kind::Values(rows)) = (self, &targets.kind)
            && rows.iter().any(|t| !(0.0..=1.0).contains(t))
        {
            return Err(Error::Unsuitable {
                what: "the sigmoid cross-entropy",
                needed: "targets between 0 and 1",
            });
        }
        targets.fit(outputs)
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let epsilon = self.epsilon().unwrap_or(0.0);
        let holds = (0.0..1.0).contains(&epsilon);
        let expected = "at least 0 and below 1";
        require(
            holds,
            "Loss::SoftmaxCrossEntropy",
            ("epsilon", epsilon),
            expected,
        )
    }

    /// That of a softmax cross-entropy, 0 for the log-softmax.
    pub(crate) fn epsilon(&self) -> Option<f64> {
        match *self {
            Loss::SoftmaxCrossEntropy { epsilon } => Some(epsilon),
            Loss::LogSoftmax => Some(0.0),
            Loss::SigmoidCrossEntropy | Loss::MeanSquaredError | Loss::SumSquaredError => None,
            Loss::Own(_) => None,
        }
    }

    /// The factor of the sum of squared errors, for so many outputs.
    pub(crate) fn of_squares(&self, outputs: usize) -> Option<f64> {
        match self {
            Loss::MeanSquaredError => Some(1.0 / outputs as f64),
            Loss::SumSquaredError => Some(0.5),
            Loss::SoftmaxCrossEntropy { .. } | Loss::LogSoftmax | Loss::SigmoidCrossEntropy => None,
            Loss::Own(_) => None,
        }
    }

    /// Mean over the rows.
    pub(crate) fn mean<T: Real>(&self, outputs: &ArrayRef2<T>, targets: &Targets) -> f64 {
        let mut sum = Sum::default();
        let mut wide = vec![0.0; outputs.ncols()];
        for (n, row) in outputs.rows().into_iter().enumerate() {
            widen(row.iter(), &mut wide);
            sum.add(self.row(&wide, targets.row(n)));
        }
        sum.value() / outputs.nrows() as f64
    }

    /// The derivative of the mean loss by the outputs: (samples, outputs).
    pub(crate) fn slope<T: Real>(&self, outputs: &ArrayRef2<T>, targets: &Targets) -> Array2<T> {
        let (rows, columns) = outputs.dim();
        let (mut wide, mut g) = (vec![0.0; columns], vec![0.0; columns]);
        let mut slope = Array2::zeros((rows, columns));
        for (n, row) in outputs.rows().into_iter().enumerate() {
            widen(row.iter(), &mut wide);
            self.row_slope(&wide, targets.row(n), &mut g);
            for (slope, g) in slope.row_mut(n).iter_mut().zip(&g) {
                *slope = T::round_from(g / rows as f64);
            }
        }
        slope
    }

    /// The loss of one sample.
    pub(crate) fn row(&self, c: &[f64], target: Target<'_>) -> f64 {
        let squares = || target.every(c.len(), |k, t| squares::value(c[k], t));
        match *self {
            Loss::Own(own) => (own.value)(c, &target.dense(c.len())),
            Loss::SoftmaxCrossEntropy { epsilon } => softmax::value(c, target, epsilon),
            Loss::LogSoftmax => softmax::log_value(c, target),
            Loss::SigmoidCrossEntropy => target.every(c.len(), |k, t| sigmoid::value(c[k], t)),
            Loss::MeanSquaredError => squares() / c.len() as f64,
            Loss::SumSquaredError => squares() / 2.0,
        }
    }

    /// The loss of one sample with its outputs moved by `up`, minus that with them moved by `down`,
    /// without subtracting nearly equal numbers.
    pub(crate) fn row_difference(
        &self,
        c: &[f64],
        [up, down]: [&[f64]; 2],
        target: Target<'_>,
        scratch: &mut Increment,
    ) -> f64 {
        let squares = || {
            target.every(c.len(), |k, t| {
                squares::difference(c[k], t, [up[k], down[k]])
            })
        };
        match *self {
            Loss::MeanSquaredError => squares() / c.len() as f64,
            Loss::SumSquaredError => squares() / 2.0,
            Loss::SoftmaxCrossEntropy { .. } | Loss::LogSoftmax => {
                let epsilon = self.epsilon().unwrap_or(0.0);
                let mut moved = |d| softmax::increment(c, d, target, epsilon, scratch);
                moved(up) - moved(down)
            }
            Loss::SigmoidCrossEntropy => {
                let moved =
                    |d: &[f64]| target.every(c.len(), |k, t| sigmoid::increment(c[k], d[k], t));
                moved(up) - moved(down)
            }
            Loss::Own(own) => {
                let t = target.dense(c.len());
                let moved = |d: &[f64]| {
                    let c: Vec<f64> = c.iter().zip(d).map(|(c, d)| c + d).collect();
                    (own.value)(&c, &t)
                };
                moved(up) - moved(down)
            }
        }
    }

    fn row_slope(&self, c: &[f64], target: Target<'_>, g: &mut [f64]) {
        let outputs = c.len();
        match *self {
            Loss::SoftmaxCrossEntropy { .. } | Loss::LogSoftmax => {
                softmax::slope(c, target, self.epsilon().unwrap_or(0.0), g);
            }
            Loss::SigmoidCrossEntropy => {
                target.visit(outputs, |k, t| g[k] = sigmoid::slope(c[k], t));
            }
            Loss::MeanSquaredError => {
                target.visit(outputs, |k, t| g[k] = 2.0 * (c[k] - t) / outputs as f64);
            }
            Loss::SumSquaredError => target.visit(outputs, |k, t| g[k] = c[k] - t),
            Loss::Own(own) => {
                g.fill(0.0);
                if let Some(slope) = own.slope {
                    slope(c, &target.dense(outputs), g);
                }
            }
        }
    }
}

fn widen<'a, T: Real>(row: impl Iterator<Item = &'a T>, wide: &mut [f64]) {
    for (w, v) in wide.iter_mut().zip(row) {
        *w = v.widen();
    }
}
