//! The loss of a network as a function that core differentiates.

use crate::error::require_length;
use crate::gradient::increment_of_one;
use crate::network::{Trace, rounded};
use crate::{Batch, Error, Network};
use numdiff_core::{Function, Moves, Real};

/// The loss of one batch as a function of all P parameters, which every method of `numdiff-core` differentiates.
///
/// [`begin`](Function::begin) makes one forward pass and keeps the values between the layers. When one parameter moves,
/// only the values that depend on it are recomputed, without cancellation; when several move, it is a full forward
/// pass. A parameter of an `f32` network moves to the nearest `f32`.
///
/// # Example
/// ```
/// use ndarray::array;
/// use numdiff_core::{Function, Moves};
/// use numdiff_nn::{Activation, Batch, Dense, Network, Objective, Targets};
/// let network = Network::builder()
///     .layer(Dense::new(1, 2)).layer(Activation::Tanh).layer(Dense::new(2, 2))
///     .weights(&[0.3, -0.2, 0.0, 0.1, 0.5, -0.5, 0.2, 0.4, 0.0, 0.0])?;
/// let batch = Batch::new(array![[1.0], [2.0]], Targets::labels(&[0, 1]))?;
/// let mut loss = Objective::new(&network, &batch);
/// let (x, mut values) = (network.parameters().to_vec(), Vec::new());
/// loss.begin(&x)?;
/// loss.moved(Moves::None, &mut values)?;
/// assert_eq!(values, [network.loss(&batch)?]);
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
#[derive(Debug)]
pub struct Objective<'b, T: Real = f64> {
    network: Network<T>,
    batch: &'b Batch<T>,
    trace: Option<Trace<'b, T>>,
    loss: f64,
}

impl<'b, T: Real> Objective<'b, T> {
    /// Creates the loss of this batch with the layers of this network. The parameters are those that are passed to
    /// [`begin`](Function::begin).
    pub fn new(network: &Network<T>, batch: &'b Batch<T>) -> Self {
        Self {
            network: network.clone(),
            batch,
            trace: None,
            loss: f64::NAN,
        }
    }

    fn full(&self, parameters: &[T]) -> Result<f64, Error> {
        let outputs = self.network.forward(parameters, self.batch.x())?;
        let loss = self.network.loss.mean(&outputs, self.batch.targets());
        Ok(loss + self.network.penalty(parameters))
    }
}

impl<T: Real> Function for Objective<'_, T> {
    type Error = Error;

    fn begin(&mut self, x: &[f64]) -> Result<(), Error> {
        self.trace = None;
        self.network.set_wide_parameters(x)?;
        let (network, targets) = (&self.network, self.batch.targets());
        let trace = network.trace(self.batch)?;
        let loss = network.loss.mean(trace.outputs(), targets);
        self.loss = loss + network.penalty(&network.parameters);
        self.trace = Some(trace);
        Ok(())
    }

    fn moved(&mut self, moves: Moves<'_>, values: &mut Vec<f64>) -> Result<(), Error> {
        let trace = self.trace.as_ref().ok_or(Error::Unsuitable {
            what: "Objective::moved",
            needed: "a point: call begin(x) before it",
        })?;
        let network = &self.network;
        let length = network.parameters.len();
        let within = |i: usize| require_length("parameters", length.max(i + 1), length);
        let value = match moves {
            Moves::None => self.loss,
            Moves::One(i, value) => {
                within(i)?;
                let w = network.parameters[i];
                let by = T::round_from(value) - w;
                let mut increment = increment_of_one(network, trace, self.batch, i, by)?;
                if network.weights().any(|range| range.contains(&i)) {
                    let (w, by) = (w.widen(), by.widen());
                    increment += network.weight_decay * by * (w + 0.5 * by);
                }
                // An increment that is not finite says nothing; the whole evaluation decides.
                let moved = self.loss + increment;
                if moved.is_finite() {
                    moved
                } else {
                    let mut parameters = network.parameters.clone();
                    parameters[i] += by;
                    self.full(&parameters)?
                }
            }
            Moves::Many(moves) => {
                let mut parameters = network.parameters.clone();
                for &(i, value) in moves {
                    within(i)?;
                    parameters[i] = T::round_from(value);
                }
                self.full(&parameters)?
            }
            Moves::Dense(x) => {
                require_length("parameters", x.len(), length)?;
                self.full(&rounded(x))?
            }
        };
        values.push(value);
        Ok(())
    }
}
