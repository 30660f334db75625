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

/// The gradient of the loss: its derivative with respect to each of the P parameters. Returned by
/// [`Network::gradient`].
///
/// # Example
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
    /// Returns the P derivatives in the order of [`Network::parameters`].
    pub fn flat(&self) -> &[f64] {
        &self.flat
    }

    /// Returns the P derivatives by value.
    pub fn into_flat(self) -> Vec<f64> {
        self.flat
    }

    /// Returns the derivatives with respect to one block, in its shape.
    ///
    /// # Errors
    /// There is no block of this name.
    pub fn block(&self, name: &str) -> Result<ArrayViewD<'_, f64>, Error> {
        Ok(named(&self.blocks, name)?.of(&self.flat))
    }

    /// Returns the loss at the parameters themselves, weight decay included.
    pub fn loss(&self) -> f64 {
        self.loss
    }

    /// Returns the number of evaluations of the loss, complete or partial: one at the parameters themselves and two for
    /// each parameter or unit that was perturbed.
    pub fn evaluations(&self) -> usize {
        self.evaluations
    }

    /// Returns the flat indices of the parameters whose central difference spans a kink: between the two sides an input
    /// of a ReLU changes its sign or a max pool its largest element. Such a difference is the derivative on neither
    /// side.
    ///
    /// Node perturbation returns the parameters that feed the perturbed unit. The result is empty for
    /// [`GradientAlgorithm::Naive`], which sees losses only, and for backpropagation.
    pub fn kinks(&self) -> &[usize] {
        &self.kinks
    }
}

impl<T: Real> Network<T> {
    /// Returns the gradient of the loss of `batch` with respect to all P parameters. `method` is a
    /// [`GradientAlgorithm`], whose documentation states the costs, or a [`GradientMethod`].
    ///
    /// # Accuracy
    /// The numerical algorithms are central differences with step h: the truncation error is h^2/6 times the third
    /// derivative. Rounding adds at most 8 [`noise`](Self::noise) / (2h) to each entry of `Naive` and `Incremental`. To
    /// an entry of `IncrementAlgebra` and `NodePerturbation` it adds at most 1e-12 of its size: the mean over the
    /// samples of |input| times the sum of the absolute values of its contributions. (For the scale of a batch
    /// normalization, both terms of the difference from the mean count.) Entries below 1e-300 of the largest may be 0.
    ///
    /// # Errors
    /// - The batch does not fit the network, or the step or the number of threads is out of range.
    /// - The loss is not finite.
    /// - A step vanishes in the rounding of a parameter. With the nominal divisor its derivative is 0 instead, as in
    ///   the tutorial.
    /// - A difference is not finite ([`Error::NonFiniteDifference`]).
    /// - Under backpropagation, a layer has no `backward` or the loss no derivative.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use numdiff_nn::{Batch, Dense, Loss, Network, GradientAlgorithm, Targets};
    /// let network = Network::builder()
    ///     .layer(Dense::new(2, 3).without_bias())
    ///     .loss(Loss::TUTORIAL)
    ///     .weights(&[-0.66110535, -2.3121261, 0.61870626, -0.43594672, 1.66798289, -1.09922476])?;
    /// let batch = Batch::new(array![[0.6, 0.9]], Targets::labels(&[2]))?;
    /// let gradient = network.gradient(&batch, GradientAlgorithm::Naive)?;
    /// println!("{:.8}", gradient.block("W1")?);
    /// assert_eq!(format!("{:.8}", gradient.block("W1")?[[0, 0]]), "0.12894287");
    /// # Ok::<(), numdiff_nn::Error>(())
    /// ```
    /// ```text
    /// [[0.12894287, 0.31807705, -0.44701992],
    ///  [0.19341431, 0.47711557, -0.67052988]]
    /// ```
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
