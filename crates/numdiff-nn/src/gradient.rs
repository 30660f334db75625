//! The gradient of the loss by all parameters, by any algorithm.

mod backpropagation;
mod increments;
mod naive;
mod node;
mod workers;

pub(crate) use increments::increment_of_one;

use crate::block::{locate, named};
use crate::network::Trace;
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
        Ok(named(&self.blocks, name)?.of(&self.flat))
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
    /// up, each taken absolutely (the scale of a batch normalization multiplies a difference from the mean: both count);
    /// below 1e-300 of the largest an entry may be 0.
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
        let mut gradient = match (method.algorithm, self.wide(batch)) {
            (GradientAlgorithm::Naive, _) => Task::begin(self, batch, method)?.run(naive::gradient),
            (_, Some((network, batch))) => Task::begin(network, batch, method)?.run(fastest),
            (GradientAlgorithm::Backpropagation, None) => {
                Task::begin(self, batch, method)?.run(backpropagation::gradient)
            }
            // In `f64` wherever the layers can be had in `f64`.
            (_, None) => match self.widened() {
                Some(network) => Task::begin(&network, &batch.widened(), method)?.run(fastest),
                None => Task::begin(self, batch, method)?
                    .run(|task, out| general(task, 0..self.layers.len(), out)),
            },
        }?;
        if self.weight_decay != 0.0 {
            // The central difference of a square is its derivative.
            for i in self.weights().flatten() {
                gradient.flat[i] += self.weight_decay * self.parameters[i].widen();
            }
            gradient.loss += self.penalty(&self.parameters);
        }
        if let Some(parameter) = not_finite(&gradient.flat) {
            let (block, index) = locate(&self.blocks, parameter);
            return Err(Error::NonFiniteDifference {
                block: block.name.clone(),
                index,
                step: method.step,
                value: gradient.flat[parameter],
            });
        }
        Ok(gradient)
    }

    /// Itself and the batch, when they are of `f64` already.
    fn wide<'a>(&'a self, batch: &'a Batch<T>) -> Option<(&'a Network<f64>, &'a Batch<f64>)> {
        let network = (self as &dyn Any).downcast_ref()?;
        Some((network, (batch as &dyn Any).downcast_ref()?))
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
fn fastest(task: &Task<'_, f64>, out: &mut Gradient) -> Result<(), Error> {
    let (network, trace, method) = (task.network, &task.trace, &task.method);
    let done = kernel::fill(network, trace, task.batch, method, &mut out.flat);
    if method.algorithm == GradientAlgorithm::Backpropagation {
        return match done {
            Some(_) => Ok(()),
            None => backpropagation::gradient(task, out),
        };
    }
    let layers = network.layers.len();
    general(
        task,
        0..done.as_ref().map_or(layers, |done| done.first),
        out,
    )?;
    if let Some(done) = done {
        out.kinks.extend(done.kinks);
        out.evaluations += done.evaluations;
        for l in done.left {
            general(task, l..l + 1, out)?;
        }
    }
    out.kinks.sort_unstable();
    Ok(())
}

/// The derivatives by the parameters of these layers, through what the layers say about themselves.
fn general<T: Real>(
    task: &Task<'_, T>,
    layers: Range<usize>,
    out: &mut Gradient,
) -> Result<(), Error> {
    match task.method.algorithm {
        GradientAlgorithm::NodePerturbation => node::fill(task, layers, out),
        _ => increments::all(task, layers, out),
    }
}

/// A network at its parameters, on a batch, and how its gradient is wanted.
struct Task<'a, T: Real> {
    network: &'a Network<T>,
    batch: &'a Batch<T>,
    trace: Trace<'a, T>,
    method: GradientMethod,
}

impl<'a, T: Real> Task<'a, T> {
    /// With the one evaluation at the parameters themselves.
    fn begin(
        network: &'a Network<T>,
        batch: &'a Batch<T>,
        method: GradientMethod,
    ) -> Result<Self, Error> {
        Ok(Self {
            network,
            batch,
            trace: network.trace(batch)?,
            method,
        })
    }

    /// What an algorithm makes of a gradient of zeros.
    fn run(
        &self,
        algorithm: impl FnOnce(&Self, &mut Gradient) -> Result<(), Error>,
    ) -> Result<Gradient, Error> {
        let mut gradient = Gradient {
            flat: vec![0.0; self.network.parameters.len()],
            blocks: self.network.blocks.clone(),
            loss: self.trace.finite_loss(self.network, self.batch)?,
            evaluations: 1,
            kinks: Vec::new(),
        };
        algorithm(self, &mut gradient)?;
        Ok(gradient)
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
