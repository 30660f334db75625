//! What is minimized: the losses, their increments and their slopes.

use crate::layers::{sigmoid, softplus, softplus_increment};
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
    /// A loss of your own.
    #[cfg_attr(feature = "serde", serde(skip))]
    Own(OwnLoss),
}

/// A loss of your own: what one sample costs, given its outputs c and its target t, both with one
/// number per output (a label is 1 at its class and 0 elsewhere).
///
/// Differences of it are subtracted values, with their rounding, by every algorithm. The slope is
/// needed for backpropagation alone; [`check_network`](crate::check_network) checks it. A network with
/// such a loss can't be saved.
///
/// ```
/// use ndarray::array;
/// use numdiff_nn::{Batch, Dense, GradientAlgorithm, Loss, Network, OwnLoss, Targets, check_network};
/// let absolute = OwnLoss {
///     name: "absolute error",
///     value: |c, t| c.iter().zip(t).map(|(c, t)| (c - t).abs()).sum(),
///     slope: Some(|c, t, out| out.iter_mut().zip(c.iter().zip(t)).for_each(|(out, (c, t))| *out = (c - t).signum())),
/// };
/// let network = Network::builder().layer(Dense::new(1, 1)).loss(Loss::Own(absolute)).weights(&[2.0, 0.5])?;
/// let batch = Batch::new(array![[1.0], [3.0]], Targets::values(&array![[1.0], [9.0]])?)?;
/// assert_eq!(network.loss(&batch)?, 2.0);                     // |2.5 - 1| and |6.5 - 9|
/// let gradient = network.gradient(&batch, GradientAlgorithm::Backpropagation)?;
/// assert_eq!(gradient.flat(), [-1.0, 0.0]);                   // (1 - 3)/2, (1 - 1)/2
/// let numeric = network.gradient(&batch, GradientAlgorithm::Naive)?;
/// assert!((numeric.flat()[0] + 1.0).abs() < 1e-11);
/// check_network(&network, &batch)?.assert_ok();
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct OwnLoss {
    /// Its name; two losses of one name are taken for the same.
    pub name: &'static str,
    /// The loss of one sample from c and t.
    pub value: fn(&[f64], &[f64]) -> f64,
    /// Writes the derivative by each c.
    pub slope: Option<LossSlope>,
}

/// From c and t, writes the derivative of the loss of one sample by each c.
pub type LossSlope = fn(&[f64], &[f64], &mut [f64]);

impl PartialEq for OwnLoss {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
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
            Loss::Own(own) => (own.value)(c, &target.dense(c.len())),
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
            Loss::Own(own) => {
                let moved: Vec<f64> = c.iter().zip(d).map(|(c, d)| c + d).collect();
                let t = target.dense(c.len());
                (own.value)(&moved, &t) - (own.value)(c, &t)
            }
            Loss::SigmoidCrossEntropy => every(c.len(), target, |k, t| {
                (1.0 - t) * softplus_increment(c[k], d[k]) + t * softplus_increment(-c[k], -d[k])
            }),
            Loss::MeanSquaredError | Loss::SumSquaredError => {
                let still = vec![0.0; c.len()];
                self.row_difference(c, [d, &still], target, scratch)
            }
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
        // The squares of the movements, which may be far larger than what is left of them, meet first.
        let squares = |k: usize, t: f64| (up[k] - down[k]) * (2.0 * (c[k] - t) + (up[k] + down[k]));
        match *self {
            Loss::MeanSquaredError => every(c.len(), target, squares) / c.len() as f64,
            Loss::SumSquaredError => every(c.len(), target, squares) / 2.0,
            _ => {
                self.row_increment(c, up, target, scratch)
                    - self.row_increment(c, down, target, scratch)
            }
        }
    }

    /// The probability y_t of class t is divided by P = 1 + F, F = sum over j != t of
    /// y_j (e^(d_j - d_t) - 1), so -ln(y_t + epsilon) moves by -ln(1 + (y_t/P - y_t)/(y_t + epsilon)):
    /// nothing is subtracted that is nearly equal.
    fn softmax_increment(
        &self,
        c: &[f64],
        d: &[f64],
        target: Target<'_>,
        epsilon: f64,
        scratch: &mut Increment,
    ) -> f64 {
        let Increment { y, logarithms } = scratch;
        let (top, sum) = exponentials(c, y);
        // ln y_j: exact also where y_j is 0 or 1.
        let top_at = crate::targets::argmax(c.iter().copied());
        let others: f64 = (0..c.len()).filter(|j| *j != top_at).map(|j| y[j]).sum();
        let normalizer = others.ln_1p();
        for ((l, y), c) in logarithms.iter_mut().zip(y.iter_mut()).zip(c) {
            *y /= sum;
            *l = (c - top) - normalizer;
        }
        let (y, logarithms) = (&*y, &*logarithms);
        each(target, |k, t| {
            let term = |j: usize| {
                let apart = d[j] - d[k];
                if apart > 600.0 || y[j] < 1e-290 && apart > 1.0 {
                    // One factor may leave the range of `f64` where the product does not.
                    (logarithms[j] + apart).exp() - y[j]
                } else {
                    y[j] * apart.exp_m1()
                }
            };
            let f: f64 = (0..c.len()).filter(|j| *j != k).map(term).sum();
            // ln P; where P is far from 1 by its own terms, each a power of e.
            let grows = if (-0.5..1e300).contains(&f) {
                f.ln_1p()
            } else {
                ln_sum_exp((0..c.len()).map(|j| logarithms[j] + (d[j] - d[k])))
            };
            if epsilon == 0.0 {
                return t * grows;
            }
            let share = y[k] / (y[k] + epsilon);
            let moved = if grows.abs() < 1.0 {
                (share * (-grows).exp_m1()).ln_1p()
            } else {
                let after = (logarithms[k] - grows).exp();
                let relative = (after - y[k]) / (y[k] + epsilon);
                if relative > -0.5 {
                    relative.ln_1p()
                } else {
                    ((after + epsilon) / (y[k] + epsilon)).ln()
                }
            };
            -t * moved
        })
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
            Loss::Own(own) => {
                g.fill(0.0);
                if let Some(slope) = own.slope {
                    slope(c, &target.dense(c.len()), g);
                }
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

/// ln sum e^v, without overflow.
fn ln_sum_exp(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let top = values.clone().fold(f64::NEG_INFINITY, f64::max);
    top + values.map(|v| (v - top).exp()).sum::<f64>().ln()
}

/// Buffers of [`Loss::row_increment`].
#[derive(Clone, Debug)]
pub(crate) struct Increment {
    y: Vec<f64>,
    logarithms: Vec<f64>,
}

impl Increment {
    pub(crate) fn new(outputs: usize) -> Self {
        Self {
            y: vec![0.0; outputs],
            logarithms: vec![0.0; outputs],
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
