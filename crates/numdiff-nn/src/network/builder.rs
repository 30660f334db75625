//! Building a network, layer by layer.

use crate::block::lay_out;
use crate::error::{require, require_length};
use crate::{Error, Init, Layer, Loss, Network};
use ndarray_rand::rand::Rng;
use numdiff_core::Real;
use std::sync::Arc;

/// How many numbers there may be.
const ADDRESSABLE: &str = "what memory can address";

/// Builds a [`Network`] layer by layer. [`initialize`](Self::initialize) or [`weights`](Self::weights) finishes it.
///
/// # Example
/// ```
/// use ndarray_rand::rand::SeedableRng;
/// use numdiff_nn::{Activation, Dense, Init, Loss, Network};
/// # use rand_chacha::ChaCha8Rng;
/// let network: Network = Network::builder()
///     .layer(Dense::new(784, 50))
///     .layer(Activation::Sigmoid)
///     .layer(Dense::new(50, 10))
///     .loss(Loss::TUTORIAL)
///     .initialize(Init::Gaussian(0.01), &mut ChaCha8Rng::seed_from_u64(1))?;
/// assert_eq!(network.parameters().len(), 39_760);
/// assert_eq!(network.block("W2")?.shape(), [50, 10]);
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Builder<T: Real = f64> {
    layers: Vec<Arc<dyn Layer<T>>>,
    inputs: Option<usize>,
    loss: Loss,
    weight_decay: f64,
    starts: Vec<(String, Init)>,
}

impl<T: Real> Builder<T> {
    pub(crate) fn new() -> Self {
        Self {
            layers: Vec::new(),
            inputs: None,
            loss: Loss::LogSoftmax,
            weight_decay: 0.0,
            starts: Vec::new(),
        }
    }

    /// Adds a layer after those added so far.
    pub fn layer(mut self, layer: impl Layer<T> + 'static) -> Self {
        self.layers.push(Arc::new(layer));
        self
    }

    /// Adds a layer that is chosen at run time.
    pub fn boxed(mut self, layer: Box<dyn Layer<T>>) -> Self {
        self.layers.push(Arc::from(layer));
        self
    }

    /// Sets the number of inputs of the network. It is needed only if no layer fixes it, as in a network of activations
    /// alone.
    pub fn inputs(mut self, inputs: usize) -> Self {
        self.inputs = Some(inputs);
        self
    }

    /// Sets the loss; [`Loss::LogSoftmax`] by default.
    pub fn loss(mut self, loss: Loss) -> Self {
        self.loss = loss;
        self
    }

    /// Adds decay / 2 times the sum of all squared weights to the loss (L2 regularization). Biases and scales are left
    /// out. `decay` is at least 0; 0 by default.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use numdiff_nn::{Batch, Dense, GradientAlgorithm, Loss, Network, Targets};
    /// let network = Network::builder()
    ///     .layer(Dense::new(1, 1)).loss(Loss::SumSquaredError).weight_decay(0.1)
    ///     .weights(&[3.0, 1.0])?;
    /// let batch = Batch::new(array![[1.0]], Targets::values(&array![[4.0]])?)?;
    /// assert_eq!(network.loss(&batch)?, 0.1 * 4.5);                   // the fit is perfect
    /// let gradient = network.gradient(&batch, GradientAlgorithm::IncrementAlgebra)?;
    /// assert!((gradient.flat()[0] - 0.1 * 3.0).abs() < 1e-12);
    /// # Ok::<(), numdiff_nn::Error>(())
    /// ```
    pub fn weight_decay(mut self, decay: f64) -> Self {
        self.weight_decay = decay;
        self
    }

    /// Sets the initialization of the weights of one block, given by its name, in place of that given to
    /// [`initialize`](Self::initialize).
    ///
    /// # Example
    /// ```
    /// use ndarray_rand::rand::SeedableRng;
    /// use numdiff_nn::{Activation, Dense, Init, Network};
    /// # use rand_chacha::ChaCha8Rng;
    /// let network: Network = Network::builder()
    ///     .layer(Dense::new(2, 3)).layer(Activation::Relu).layer(Dense::new(3, 1))
    ///     .start("W2", Init::Gaussian(0.0))
    ///     .initialize(Init::He, &mut ChaCha8Rng::seed_from_u64(1))?;
    /// assert!(network.block("W1")?[[0, 0]] != 0.0 && network.block("W2")?[[0, 0]] == 0.0);
    /// # Ok::<(), numdiff_nn::Error>(())
    /// ```
    pub fn start(mut self, block: &str, init: Init) -> Self {
        self.starts.push((block.into(), init));
        self
    }

    /// Finishes the network with random weights, drawn from the caller's generator block by block in row-major order.
    /// Biases start at 0 and scales at 1.
    ///
    /// # Errors
    /// There are no layers, the widths of two neighbors disagree, a setting is out of range, no layer fixes the number
    /// of inputs, or [`start`](Self::start) names a block that does not exist.
    pub fn initialize<R: Rng + ?Sized>(self, init: Init, rng: &mut R) -> Result<Network<T>, Error> {
        let starts = self.starts.clone();
        let mut network = self.chain(None)?;
        for (name, _) in &starts {
            network.block(name)?;
        }
        let shapes = network.layers.iter().flat_map(|layer| layer.blocks());
        let mut parameters = Vec::new();
        for (shape, block) in shapes.zip(network.blocks.iter()) {
            let own = starts.iter().rev().find(|(name, _)| *name == block.name);
            let init = own.map_or(init, |(_, init)| *init);
            parameters.extend(init.draw::<T, R>(&shape, rng)?);
        }
        network.set_parameters(&parameters)?;
        Ok(network)
    }

    /// Finishes the network with these P parameters: block after block, each in row-major order.
    ///
    /// # Errors
    /// There are no layers, the widths of two neighbors disagree, a setting is out of range, no layer fixes the number
    /// of inputs, the number of parameters is wrong, or one of them is NaN or infinite.
    pub fn weights(self, parameters: &[T]) -> Result<Network<T>, Error> {
        let mut network = self.chain(Some(parameters.len()))?;
        network.set_parameters(parameters)?;
        Ok(network)
    }

    /// The network with all parameters 0. When it is known how many are `given` to follow, that is
    /// compared before they are allocated: the layers of a damaged file may ask for any number.
    fn chain(self, given: Option<usize>) -> Result<Network<T>, Error> {
        if self.layers.is_empty() {
            return Err(Error::EmptyNetwork);
        }
        self.loss.check()?;
        let decay = self.weight_decay;
        let (holds, setting) = (decay >= 0.0 && decay.is_finite(), ("weight decay", decay));
        require(holds, "Builder", setting, "finite and at least 0")?;
        // The first layer that fixes a width does so for the network, if those before it keep it.
        let first = self.layers.iter().find_map(|layer| layer.inputs());
        let inputs = self.layers[0].inputs().or(self.inputs).or(first);
        let inputs = inputs.ok_or(Error::UnknownInputs)?;
        let unlike = |first: usize, first_name: String, outputs, second: usize, inputs| {
            Err(Error::Chain {
                first,
                first_name,
                outputs,
                second,
                second_name: self.layers[second].name(),
                inputs,
            })
        };
        if let Some(given) = self.inputs.filter(|&n| n != inputs) {
            let builder = "the inputs given to the builder".into();
            return unlike(0, builder, given, 0, inputs);
        }
        // More numbers no array can hold.
        let largest = isize::MAX as usize / size_of::<T>();
        let mut widths = vec![inputs];
        for (second, layer) in self.layers.iter().enumerate() {
            layer.check()?;
            let outputs = widths[second];
            if let Some(inputs) = layer.inputs().filter(|&n| n != outputs) {
                let first = second.saturating_sub(1);
                return unlike(first, self.layers[first].name(), outputs, second, inputs);
            }
            let next = layer.outputs(outputs);
            let name = layer.name();
            for (argument, value) in [("inputs", outputs), ("outputs", next)] {
                let setting = (argument, value as f64);
                require(value > 0, &name, setting, "at least 1")?;
                require(value <= largest, &name, setting, ADDRESSABLE)?;
            }
            widths.push(next);
        }
        let (blocks, offsets) = lay_out(&self.layers);
        let count = offsets[self.layers.len()];
        require_length("parameters", given.unwrap_or(count), count)?;
        let setting = ("number of parameters", count as f64);
        require(count <= largest, "network", setting, ADDRESSABLE)?;
        let statistics = self.layers.iter().map(|l| vec![0.0; l.statistics()]);
        Ok(Network {
            statistics: statistics.collect(),
            layers: self.layers,
            widths,
            offsets,
            blocks: blocks.into(),
            parameters: vec![T::zero(); count],
            loss: self.loss,
            weight_decay: self.weight_decay,
        })
    }
}
