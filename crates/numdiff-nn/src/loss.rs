//! What is minimized: the losses, their increments and their slopes.

use crate::activation::{sigmoid, softplus, softplus_increment};
use crate::softmax::exponentials;
use crate::targets::{Kind, Target};
use crate::{Error, Targets};
use ndarray::{Array2, ArrayRef2};
use numdiff_core::Real;

/// The loss of a batch: the mean over its samples of one of these, always summed in `f64`.
///
/// c are the network's outputs of one sample, t its target (a label t means 1 at t and 0 elsewhere).
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Loss {
    /// -sum_k t_k ln(softmax(c)_k + epsilon). With epsilon = 1e-7 it is the tutorial's loss
    /// ([`Loss::TUTORIAL`]). It is bounded by -ln(epsilon), and a perfect prediction gives -epsilon
    /// instead of 0; [`Loss::LogSoftmax`] has neither trait.
    SoftmaxCrossEntropy {
        /// What is added to the probability before the logarithm.
        epsilon: f64,
    },
    /// -sum_k t_k (c_k - ln sum_j exp c_j): the softmax cross-entropy proper. Never negative, not
    /// bounded, exact to rounding for predictions however wrong or right.
    LogSoftmax,
    /// -sum_k [t_k ln s_k + (1 - t_k) ln(1 - s_k)] with s = sigmoid(c): independent yes/no outputs,
    /// targets between 0 and 1.
    SigmoidCrossEntropy,
    /// Mean over the outputs of (c_k - t_k)^2.
    MeanSquaredError,
    /// Half the sum over the outputs of (c_k - t_k)^2.
    SumSquaredError,
}

impl Loss {
    /// The tutorial's loss: softmax cross-entropy with ln(y + 1e-7).
    pub const TUTORIAL: Loss = Loss::SoftmaxCrossEntropy { epsilon: 1e-7 };

    /// The loss of outputs (samples, classes) against their targets.
    ///
    /// ```
    /// use ndarray::array;
    /// use numdiff_nn::{Loss, Targets};
    /// let scores = array![[0.0, 1000.0]];
    /// assert_eq!(Loss::LogSoftmax.value(&scores, &Targets::labels(&[0]))?, 1000.0);
    /// assert_eq!(Loss::TUTORIAL.value(&scores, &Targets::labels(&[0]))?, -(1e-7f64).ln());
    /// # Ok::<(), numdiff_nn::Error>(())
    /// ```
    ///
    /// # Errors
    /// No rows, targets that do not fit, a kind of target that this loss can't use, or an epsilon
    /// outside its range.
    pub fn value<T: Real>(&self, outputs: &ArrayRef2<T>, targets: &Targets) -> Result<f64, Error> {
        self.check()?;
        if outputs.nrows() == 0 {
            return Err(Error::EmptyBatch);
        }
        if outputs.nrows() != targets.len() {
            return Err(Error::Targets {
                rows: outputs.nrows(),
                targets: targets.len(),
            });
        }
        self.fit(targets, outputs.ncols())?;
        Ok(self.mean(outputs, targets))
    }

    /// Whether this loss can use these targets for so many outputs.
    pub(crate) fn fit(&self, targets: &Targets, outputs: usize) -> Result<(), Error> {
        let softmax = matches!(self, Loss::SoftmaxCrossEntropy { .. } | Loss::LogSoftmax);
        if softmax && matches!(targets.kind, Kind::Values(_)) {
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
        match *self {
            Loss::SoftmaxCrossEntropy { epsilon } if !(0.0..1.0).contains(&epsilon) => {
                Err(Error::Setting {
                    layer: "Loss::SoftmaxCrossEntropy".into(),
                    argument: "epsilon",
                    value: epsilon,
                    expected: "at least 0 and below 1",
                })
            }
            _ => Ok(()),
        }
    }

    /// Mean over the rows, with a compensated sum: the error is one rounding, however many rows.
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
        match *self {
            Loss::SoftmaxCrossEntropy { epsilon } => {
                let mut y = vec![0.0; c.len()];
                let (_, sum) = exponentials(c, &mut y);
                each(target, |k, t| -t * (y[k] / sum + epsilon).ln())
            }
            Loss::LogSoftmax => {
                let top = crate::targets::argmax(c.iter().copied());
                // ln(1 + what the others add): exact also when they add next to nothing.
                let others: f64 = c
                    .iter()
                    .enumerate()
                    .filter(|(k, _)| *k != top)
                    .map(|(_, v)| (v - c[top]).exp())
                    .sum();
                each(target, |k, t| t * (others.ln_1p() + (c[top] - c[k])))
            }
            Loss::SigmoidCrossEntropy => every(c.len(), target, |k, t| {
                (1.0 - t) * softplus(c[k]) + t * softplus(-c[k])
            }),
            Loss::MeanSquaredError => {
                every(c.len(), target, |k, t| (c[k] - t).powi(2)) / c.len() as f64
            }
            Loss::SumSquaredError => every(c.len(), target, |k, t| (c[k] - t).powi(2)) / 2.0,
        }
    }

    /// The loss of one sample after its outputs moved by `d`, minus that before, without
    /// subtracting nearly equal numbers. `scratch` has one element per output.
    pub(crate) fn row_increment(
        &self,
        c: &[f64],
        d: &[f64],
        target: Target<'_>,
        scratch: &mut Increment,
    ) -> f64 {
        match *self {
            Loss::SoftmaxCrossEntropy { epsilon } => {
                self.softmax_increment(c, d, target, epsilon, scratch)
            }
            Loss::LogSoftmax => self.softmax_increment(c, d, target, 0.0, scratch),
            Loss::SigmoidCrossEntropy => every(c.len(), target, |k, t| {
                (1.0 - t) * softplus_increment(c[k], d[k]) + t * softplus_increment(-c[k], -d[k])
            }),
            Loss::MeanSquaredError => {
                every(c.len(), target, |k, t| d[k] * (2.0 * (c[k] - t) + d[k])) / c.len() as f64
            }
            Loss::SumSquaredError => {
                every(c.len(), target, |k, t| d[k] * (2.0 * (c[k] - t) + d[k])) / 2.0
            }
        }
    }

    /// With y = softmax(c), E_j = e^d_j - 1 and r = sum_j y_j E_j, the probability of class k grows
    /// by the factor 1 + q/(1 + r), q = E_k - r = sum_j y_j (E_k - E_j): the term j = k, which
    /// would cancel for a class that is nearly certain, drops out.
    fn softmax_increment(
        &self,
        c: &[f64],
        d: &[f64],
        target: Target<'_>,
        epsilon: f64,
        scratch: &mut Increment,
    ) -> f64 {
        let Increment { y, e, moved } = scratch;
        let (_, sum) = exponentials(c, y);
        let mut r = 0.0;
        for ((y, e), d) in y.iter_mut().zip(e.iter_mut()).zip(d) {
            *y /= sum;
            *e = d.exp_m1();
            r += *y * *e;
        }
        // Changes as large as the values: there, their difference loses nothing.
        let mut large = !(-0.5..1e6).contains(&r);
        let sum = each(target, |k, t| {
            let q: f64 = y
                .iter()
                .zip(e.iter())
                .enumerate()
                .filter(|(j, _)| *j != k)
                .map(|(_, (y, ej))| y * (e[k] - ej))
                .sum();
            let weight = if epsilon == 0.0 {
                1.0
            } else {
                y[k] / (y[k] + epsilon)
            };
            let grown = weight * q / (1.0 + r);
            large |= grown < -0.5;
            -t * grown.ln_1p()
        });
        if !large {
            return sum;
        }
        moved.clear();
        moved.extend(c.iter().zip(d).map(|(c, d)| c + d));
        self.row(moved, target) - self.row(c, target)
    }

    fn row_slope(&self, c: &[f64], target: Target<'_>, g: &mut [f64]) {
        match *self {
            Loss::SoftmaxCrossEntropy { .. } | Loss::LogSoftmax => {
                let epsilon = if let Loss::SoftmaxCrossEntropy { epsilon } = *self {
                    epsilon
                } else {
                    0.0
                };
                let mut y = vec![0.0; c.len()];
                let (_, sum) = exponentials(c, &mut y);
                y.iter_mut().for_each(|y| *y /= sum);
                g.fill(0.0);
                each(target, |k, t| {
                    // y_k - 1 as minus the sum of the others: exact for a nearly certain class.
                    let weight = if epsilon == 0.0 {
                        t
                    } else {
                        t * y[k] / (y[k] + epsilon)
                    };
                    let mut others = 0.0;
                    for (j, g) in g.iter_mut().enumerate() {
                        if j != k {
                            *g += weight * y[j];
                            others += y[j];
                        }
                    }
                    g[k] -= weight * others;
                    0.0
                });
            }
            Loss::SigmoidCrossEntropy => {
                every(c.len(), target, |k, t| {
                    g[k] = (1.0 - t) * sigmoid(c[k]) - t * sigmoid(-c[k]);
                    0.0
                });
            }
            Loss::MeanSquaredError => {
                every(c.len(), target, |k, t| {
                    g[k] = 2.0 * (c[k] - t) / c.len() as f64;
                    0.0
                });
            }
            Loss::SumSquaredError => {
                every(c.len(), target, |k, t| {
                    g[k] = c[k] - t;
                    0.0
                });
            }
        }
    }
}

/// Buffers of [`Loss::row_increment`].
#[derive(Clone, Debug)]
pub(crate) struct Increment {
    y: Vec<f64>,
    e: Vec<f64>,
    moved: Vec<f64>,
}

impl Increment {
    pub(crate) fn new(outputs: usize) -> Self {
        Self {
            y: vec![0.0; outputs],
            e: vec![0.0; outputs],
            moved: Vec::with_capacity(outputs),
        }
    }
}

/// Sums over the classes whose target is not 0.
fn each(target: Target<'_>, mut term: impl FnMut(usize, f64) -> f64) -> f64 {
    match target {
        Target::Label(k) => term(k, 1.0),
        Target::Row(t) => t
            .iter()
            .enumerate()
            .filter(|(_, t)| **t != 0.0)
            .map(|(k, &t)| term(k, t))
            .sum(),
    }
}

/// Sums over all outputs.
fn every(outputs: usize, target: Target<'_>, mut term: impl FnMut(usize, f64) -> f64) -> f64 {
    match target {
        Target::Label(hot) => (0..outputs)
            .map(|k| term(k, if k == hot { 1.0 } else { 0.0 }))
            .sum(),
        Target::Row(t) => t.iter().enumerate().map(|(k, &t)| term(k, t)).sum(),
    }
}

fn widen<'a, T: Real>(row: impl Iterator<Item = &'a T>, wide: &mut [f64]) {
    for (w, v) in wide.iter_mut().zip(row) {
        *w = v.widen();
    }
}

/// A compensated sum (Neumaier 1974).
#[derive(Default)]
pub(crate) struct Sum {
    sum: f64,
    lost: f64,
}

impl Sum {
    pub(crate) fn add(&mut self, value: f64) {
        let next = self.sum + value;
        self.lost += if self.sum.abs() >= value.abs() {
            (self.sum - next) + value
        } else {
            (value - next) + self.sum
        };
        self.sum = next;
    }

    pub(crate) fn value(&self) -> f64 {
        // After an overflow the compensation is NaN; the sum itself says what happened.
        if self.sum.is_finite() {
            self.sum + self.lost
        } else {
            self.sum
        }
    }
}
