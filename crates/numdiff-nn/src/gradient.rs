//! The gradient of the loss by all parameters, by any algorithm.

mod backpropagation;
mod increments;
mod naive;
mod node;
mod task;
mod workers;

pub(crate) use increments::increment_of_one;
use task::{Raw, Task};

use crate::block::{locate, named};
use crate::{Batch, Block, Error, GradientAlgorithm, GradientMethod, Network, kernel};
use ndarray::ArrayViewD;
use numdiff_core::Real;
use std::any::Any;
use std::ops::Range;
use std::sync::Arc;

/// The derivative of the loss by every parameter.
///
/// ```
/// use ndarray::array;
/// use numdiff_nn::{Batch, Dense, Loss, Network, GradientAlgorithm, Targets};
/// let network = Network::builder()
///     .layer(Dense::new(2, 1)).loss(Loss::SumSquaredError).weights(&[1.0, 2.0, 0.5])?;
/// let batch = Batch::new(array![[3.0, 4.0]], Targets::values(&array![[11.0]])?)?;
/// let gradient = network.gradient(&batch, GradientAlgorithm::IncrementAlgebra)?;
/// assert_eq!(gradient.loss(), 0.125);                  // (11.5 - 11)^2/2
/// assert!((gradient.block("W1")?[[1, 0]] - 2.0).abs() < 1e-12);
/// assert!((gradient.flat()[2] - 0.5).abs() < 1e-12);
/// assert_eq!(gradient.evaluations(), 7);               // two for each parameter, one for the loss
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Gradient {
    flat: Vec<f64>,
    blocks: Arc<[Block]>,
    loss: f64,
    evaluations: usize,
    kinks: Vec<usize>,
}

impl Gradient {
    /// All derivatives in the order of [`Network::parameters`].
    pub fn flat(&self) -> &[f64] {
        &self.flat
    }

    /// All derivatives, given away.
    pub fn into_flat(self) -> Vec<f64> {
        self.flat
    }

    /// The derivatives by one block, in its shape.
    ///
    /// # Errors
    /// No block of this name.
    pub fn block(&self, name: &str) -> Result<ArrayViewD<'_, f64>, Error> {
        let block = named(&self.blocks, name)?;
        Ok(
            ArrayViewD::from_shape(block.shape.clone(), &self.flat[block.range.clone()])
                .expect("a block holds as many parameters as its shape"),
        )
    }

    /// The loss at the parameters themselves.
    pub fn loss(&self) -> f64 {
        self.loss
    }

    /// Evaluations of the loss that were made, whole or partial: one at the parameters themselves
    /// and two for each thing that was perturbed.
    pub fn evaluations(&self) -> usize {
        self.evaluations
    }

    /// Flat indices of parameters between whose two sides a ReLU changed its sign or a max pool its
    /// argmax: the difference spans a kink and is not the derivative on either side. Always empty
    /// for [`GradientAlgorithm::Naive`], which sees losses only, and for backpropagation. Node perturbation names
    /// the parameters behind the value it perturbed.
    pub fn kinks(&self) -> &[usize] {
        &self.kinks
    }
}

impl<T: Real> Network<T> {
    /// The gradient of the loss of `batch` by all parameters; see [`GradientAlgorithm`].
    ///
    /// Truncation of all numerical algorithms: h^2/6 times the third derivative. Rounding adds at most
    /// 8 [`noise`](Self::noise)/(2h) to each entry of the first two. To each entry of the others it adds
    /// at most 1e-12 of the entry's own size: the mean over the samples of |input| times what they add
    /// up, each taken absolutely; below 1e-300 of the largest an entry may be 0.
    ///
    /// ```
    /// use ndarray::array;
    /// use numdiff_nn::{Batch, Dense, Loss, Network, GradientAlgorithm, Targets};
    /// let network = Network::builder()
    ///     .layer(Dense::new(2, 3).without_bias())
    ///     .loss(Loss::TUTORIAL)
    ///     .weights(&[-0.66110535, -2.3121261, 0.61870626, -0.43594672, 1.66798289, -1.09922476])?;
    /// let batch = Batch::new(array![[0.6, 0.9]], Targets::labels(&[2]))?;
    /// let gradient = network.gradient(&batch, GradientAlgorithm::Naive)?;
    /// assert_eq!(format!("{:.8}", gradient.block("W1")?[[0, 0]]), "0.12894287");
    /// # Ok::<(), numdiff_nn::Error>(())
    /// ```
    ///
    /// # Errors
    /// A batch that does not fit; a step or number of threads out of its range; a loss that is not
    /// finite; a step that vanishes in the rounding of a parameter (with the nominal divisor its
    /// derivative is 0, as in the tutorial); a layer without `backward` under backpropagation.
    pub fn gradient(
        &self,
        batch: &Batch<T>,
        method: impl Into<GradientMethod>,
    ) -> Result<Gradient, Error> {
        let method = method.into();
        method.check()?;
        self.check(batch)?;
        let mut raw = match method.algorithm {
            GradientAlgorithm::Naive => {
                let (task, raw) = Task::begin(self, batch, method)?;
                naive::gradient(&task, raw)
            }
            GradientAlgorithm::Backpropagation => match self.wide(batch) {
                Some((network, batch)) => {
                    let (task, raw) = Task::begin(network, batch, method)?;
                    fastest(&task, raw)
                }
                None => {
                    let (task, raw) = Task::begin(self, batch, method)?;
                    backpropagation::gradient(&task, raw)
                }
            },
            GradientAlgorithm::Incremental
            | GradientAlgorithm::IncrementAlgebra
            | GradientAlgorithm::NodePerturbation => self.differences(batch, method),
        }?;
        if self.weight_decay != 0.0 {
            // The central difference of a square is its derivative.
            for i in self.weights().flatten() {
                raw.flat[i] += self.weight_decay * self.parameters[i].widen();
            }
            raw.loss += self.penalty(&self.parameters);
        }
        if let Some(parameter) = not_finite(&raw.flat) {
            let (block, index) = locate(&self.blocks, parameter);
            return Err(Error::NonFiniteDifference {
                block: block.name.clone(),
                index,
                step: method.step,
                value: raw.flat[parameter],
            });
        }
        let Raw {
            flat,
            loss,
            evaluations,
            kinks,
        } = raw;
        Ok(Gradient {
            flat,
            blocks: self.blocks.clone(),
            loss,
            evaluations,
            kinks,
        })
    }

    /// Itself and the batch, when they are of `f64` already.
    fn wide<'a>(&'a self, batch: &'a Batch<T>) -> Option<(&'a Network<f64>, &'a Batch<f64>)> {
        Some((
            (self as &dyn Any).downcast_ref()?,
            (batch as &dyn Any).downcast_ref()?,
        ))
    }

    /// In `f64` wherever the layers can be had in `f64`.
    fn differences(&self, batch: &Batch<T>, method: GradientMethod) -> Result<Raw, Error> {
        if let Some((network, batch)) = self.wide(batch) {
            let (task, raw) = Task::begin(network, batch, method)?;
            return fastest(&task, raw);
        }
        if let Some(network) = self.widened() {
            let batch = batch.widened();
            let (task, raw) = Task::begin(&network, &batch, method)?;
            return fastest(&task, raw);
        }
        let (task, mut raw) = Task::begin(self, batch, method)?;
        general(&task, 0..self.layers.len(), &mut raw)?;
        Ok(raw)
    }
}

/// The first element that is NaN or infinite. Block by block, in columns that the compiler
/// vectorizes: zero times an element is 0, unless the element is not finite, and then NaN.
fn not_finite(flat: &[f64]) -> Option<usize> {
    const BLOCK: usize = 64;
    const COLUMNS: usize = 8;
    let finite = |block: &[f64]| {
        let mut zeros = [0.0; COLUMNS];
        let (rows, rest) = block.as_chunks::<COLUMNS>();
        for row in rows {
            for (zero, g) in zeros.iter_mut().zip(row) {
                *zero += 0.0 * g;
            }
        }
        zeros.iter().chain(rest).all(|g| g.is_finite())
    };
    let block = flat.chunks(BLOCK).position(|block| !finite(block))?;
    let behind = flat[block * BLOCK..].iter();
    Some(block * BLOCK + behind.take_while(|g| g.is_finite()).count())
}

/// The algorithm on a network of `f64`: kernels for the layers that they understand, what the layers
/// say about themselves for those before.
fn fastest(task: &Task<'_, f64>, mut raw: Raw) -> Result<Raw, Error> {
    let Task {
        network,
        batch,
        trace,
        method,
    } = task;
    let done = kernel::fill(network, trace, batch, method, &mut raw.flat);
    let first = done
        .as_ref()
        .map_or(network.layers.len(), |done| done.first);
    if method.algorithm == GradientAlgorithm::Backpropagation {
        return if first > 0 {
            backpropagation::gradient(task, raw)
        } else {
            Ok(raw)
        };
    }
    general(task, 0..first, &mut raw)?;
    if let Some(done) = done {
        raw.kinks.extend(done.kinks);
        raw.evaluations += done.evaluations;
        for l in done.left {
            general(task, l..l + 1, &mut raw)?;
        }
    }
    raw.kinks.sort_unstable();
    Ok(raw)
}

/// The derivatives by the parameters of these layers, through what the layers say about themselves.
fn general<T: Real>(task: &Task<'_, T>, layers: Range<usize>, raw: &mut Raw) -> Result<(), Error> {
    match task.method.algorithm {
        GradientAlgorithm::NodePerturbation => node::fill(task, layers, raw),
        _ => increments::all(task, layers, raw),
    }
}

#[cfg(test)]
mod tests {
    use super::not_finite;

    /// Wherever it stands: in the first block, in the last one, behind the last whole row.
    #[test]
    fn the_first_that_is_not_finite() {
        for length in [0, 1, 7, 64, 131] {
            let mut flat = vec![-f64::MAX; length];
            assert_eq!(not_finite(&flat), None);
            for at in (0..length).rev() {
                for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                    flat[at] = value;
                    assert_eq!(not_finite(&flat), Some(at));
                }
            }
        }
    }
}
