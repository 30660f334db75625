//! A network: layers in a row, their parameters in one flat array, and a loss.

mod builder;
mod inference;
mod trace;

pub use builder::Builder;
pub(crate) use trace::Trace;

use crate::block::{Block, named};
use crate::error::{require_finite, require_inputs, require_length, require_shape};
use crate::targets::argmax;
use crate::{Batch, Error, Layer, Loss, Start, softmax};
use ndarray::{Array2, ArrayRef, ArrayRef2, ArrayView1, ArrayViewD, Dimension};
use numdiff_core::Real;
use std::ops::Range;
use std::sync::Arc;

/// A neural network: layers in a row, their parameters, and a loss.
///
/// Rows of data are samples. The parameters are one flat array: block after block, each in row-major order. Each block
/// also has a name (`W1`, `b1`, `W2`, ...), by which it can be read and set. A forward pass does not change them.
///
/// # Example
/// ```
/// use ndarray::array;
/// use numdiff_nn::{Activation, Dense, Network};
/// let mut network: Network = Network::builder()
///     .layer(Dense::new(2, 1)).layer(Activation::Tanh).layer(Dense::new(1, 2))
///     .weights(&[0.1, 0.2, 0.0, 1.0, -1.0, 0.0, 0.0])?;
/// let names: Vec<_> = network.blocks().iter().map(|block| block.name.as_str()).collect();
/// println!("{names:?}");
/// assert_eq!(names, ["W1", "b1", "W2", "b2"]);
/// network.set_block("b2", &array![0.5, 0.0])?;
/// assert_eq!(network.parameters()[5], 0.5);
/// assert_eq!(network.classify(&array![[1.0, 1.0], [-3.0, -1.0]])?, [0, 1]);
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
/// ```text
/// ["W1", "b1", "W2", "b2"]
/// ```
#[derive(Clone, Debug)]
pub struct Network<T: Real = f64> {
    pub(crate) layers: Vec<Arc<dyn Layer<T>>>,
    /// `widths[l]` values enter layer l; the last are the outputs.
    pub(crate) widths: Vec<usize>,
    /// The parameters of layer l are `offsets[l]..offsets[l + 1]`.
    pub(crate) offsets: Vec<usize>,
    pub(crate) blocks: Arc<[Block]>,
    pub(crate) parameters: Vec<T>,
    pub(crate) loss: Loss,
    /// The factor of half the sum of squared weights.
    pub(crate) weight_decay: f64,
    /// What each layer collected of its inputs in training.
    pub(crate) statistics: Vec<Vec<f64>>,
}

impl<T: Real> Network<T> {
    /// Returns an empty [`Builder`], to which layers are added.
    pub fn builder() -> Builder<T> {
        Builder::new()
    }

    /// Returns the number of inputs.
    pub fn inputs(&self) -> usize {
        self.widths[0]
    }

    /// Returns the number of outputs.
    pub fn outputs(&self) -> usize {
        self.widths[self.layers.len()]
    }

    /// Returns the layers in order.
    pub fn layers(&self) -> &[Arc<dyn Layer<T>>] {
        &self.layers
    }

    /// Returns the loss that [`loss`](Self::loss) and [`gradient`](Self::gradient) evaluate.
    pub fn loss_function(&self) -> Loss {
        self.loss
    }

    /// Returns the parameter blocks in the order of the flat array.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Returns all P parameters: block after block, each in row-major order.
    pub fn parameters(&self) -> &[T] {
        &self.parameters
    }

    /// Replaces all P parameters.
    ///
    /// # Errors
    /// The number of parameters is wrong, or one of them is NaN or infinite. Nothing changes then.
    pub fn set_parameters(&mut self, parameters: &[T]) -> Result<(), Error> {
        require_length("parameters", parameters.len(), self.parameters.len())?;
        for block in self.blocks.iter() {
            require_finite(&block.name, parameters[block.range.clone()].iter().copied())?;
        }
        self.parameters.copy_from_slice(parameters);
        Ok(())
    }

    /// Returns the parameters of one block, in its shape.
    ///
    /// # Errors
    /// There is no block of this name.
    pub fn block(&self, name: &str) -> Result<ArrayViewD<'_, T>, Error> {
        let block = named(&self.blocks, name)?;
        Ok(block.of(&self.parameters))
    }

    /// Replaces the parameters of one block.
    ///
    /// # Errors
    /// There is no block of this name, the shape differs, or an element is NaN or infinite. Nothing changes then.
    pub fn set_block<D: Dimension>(
        &mut self,
        name: &str,
        values: &ArrayRef<T, D>,
    ) -> Result<(), Error> {
        let block = named(&self.blocks, name)?;
        if values.shape() != block.shape {
            return Err(Error::BlockShape {
                block: name.into(),
                found: values.shape().to_vec(),
                expected: block.shape.clone(),
            });
        }
        require_finite(name, values.iter().copied())?;
        for (parameter, value) in self.parameters[block.range.clone()].iter_mut().zip(values) {
            *parameter = *value;
        }
        Ok(())
    }

    /// Returns the outputs, (samples, outputs), for data `x`, (samples, inputs). They are scores: the softmax or
    /// sigmoid belongs to the loss. The cost is one forward pass.
    ///
    /// # Errors
    /// `x` has no rows, the wrong number of columns, or an element that is NaN or infinite; or a layer returns an array
    /// of the wrong shape.
    pub fn predict(&self, x: &ArrayRef2<T>) -> Result<Array2<T>, Error> {
        self.check_data(x)?;
        self.forward(&self.parameters, &x.to_owned())
    }

    /// Returns what the outputs mean under the loss, (samples, outputs): the softmax of each row for the softmax
    /// cross-entropies, the sigmoid of each output for the sigmoid cross-entropy, and the outputs themselves otherwise.
    ///
    /// # Errors
    /// Those of [`predict`](Self::predict).
    pub fn probabilities(&self, x: &ArrayRef2<T>) -> Result<Array2<T>, Error> {
        let mut outputs = self.predict(x)?;
        match self.loss {
            Loss::SoftmaxCrossEntropy { .. } | Loss::LogSoftmax => {
                for mut row in outputs.rows_mut() {
                    let y = softmax(&row);
                    row.assign(&y);
                }
            }
            Loss::SigmoidCrossEntropy => outputs.mapv_inplace(crate::curves::sigmoid),
            Loss::MeanSquaredError | Loss::SumSquaredError | Loss::Own(_) => {}
        }
        Ok(outputs)
    }

    /// Returns the class of each sample: the index of its largest output, the first of equals.
    ///
    /// # Errors
    /// Those of [`predict`](Self::predict).
    pub fn classify(&self, x: &ArrayRef2<T>) -> Result<Vec<usize>, Error> {
        let outputs = self.predict(x)?;
        let class = |row: ArrayView1<'_, T>| argmax(row.iter().map(|v| v.widen()));
        Ok(outputs.rows().into_iter().map(class).collect())
    }

    /// Returns the loss of a batch: the mean over its samples, summed in `f64`, plus the penalty of
    /// [`weight_decay`](Builder::weight_decay). It is infinite or NaN if the network overflows. The cost is one forward
    /// pass.
    ///
    /// # Errors
    /// Those of [`predict`](Self::predict); the targets do not fit the loss and the outputs.
    pub fn loss(&self, batch: &Batch<T>) -> Result<f64, Error> {
        self.check(batch)?;
        let outputs = self.forward(&self.parameters, batch.x())?;
        Ok(self.loss.mean(&outputs, batch.targets()) + self.penalty(&self.parameters))
    }

    /// Where the weights lie: the blocks that are drawn at random, not the biases and scales.
    pub(crate) fn weights(&self) -> impl Iterator<Item = Range<usize>> {
        let layers = self.layers.iter().zip(&self.offsets);
        layers.flat_map(|(layer, &offset)| {
            let mut begin = offset;
            let ranges = layer.blocks().into_iter().filter_map(move |block| {
                let range = begin..begin + block.len();
                begin = range.end;
                matches!(block.start, Start::Weights { .. }).then_some(range)
            });
            ranges.collect::<Vec<_>>()
        })
    }

    /// Half the sum of squared weights, times the weight decay.
    pub(crate) fn penalty(&self, parameters: &[T]) -> f64 {
        if self.weight_decay == 0.0 {
            return 0.0;
        }
        let squares = |range: Range<usize>| -> f64 {
            let weights = &parameters[range];
            weights.iter().map(|w| w.widen().powi(2)).sum()
        };
        0.5 * self.weight_decay * self.weights().map(squares).sum::<f64>()
    }

    /// Returns the data and the outputs of each layer, (samples, width) each; the last are the outputs of the network.
    ///
    /// # Errors
    /// Those of [`predict`](Self::predict).
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use numdiff_nn::{Activation, Dense, Network};
    /// let network: Network = Network::builder()
    ///     .layer(Dense::new(1, 2)).layer(Activation::Relu)
    ///     .weights(&[1.0, -1.0, 0.0, 0.5])?;
    /// let values = network.activations(&array![[2.0]])?;
    /// assert_eq!(values, [array![[2.0]], array![[2.0, -1.5]], array![[2.0, 0.0]]]);
    /// # Ok::<(), numdiff_nn::Error>(())
    /// ```
    pub fn activations(&self, x: &ArrayRef2<T>) -> Result<Vec<Array2<T>>, Error> {
        self.check_data(x)?;
        let mut values = vec![x.to_owned()];
        for l in 0..self.layers.len() {
            values.push(self.layer_forward(l, &self.parameters, &values[l])?);
        }
        Ok(values)
    }

    /// Returns the share of the samples that are classified correctly, between 0 and 1. The class of a soft target is
    /// its largest entry.
    ///
    /// # Errors
    /// Those of [`predict`](Self::predict); the targets do not fit the outputs, or are numbers without classes.
    pub fn accuracy(&self, batch: &Batch<T>) -> Result<f64, Error> {
        self.check(batch)?;
        let classes = batch.targets().classes().ok_or(Error::Unsuitable {
            what: "accuracy",
            needed: "labels, one-hot or soft targets; judge plain values by the loss",
        })?;
        let found = self.classify(batch.x())?;
        let right = found.iter().zip(&classes).filter(|(a, b)| a == b);
        Ok(right.count() as f64 / batch.len() as f64)
    }

    pub(crate) fn check(&self, batch: &Batch<T>) -> Result<(), Error> {
        require_inputs(batch.x().dim(), self.inputs())?;
        self.loss.fit(batch.targets(), self.outputs())
    }

    fn check_data(&self, x: &ArrayRef2<T>) -> Result<(), Error> {
        require_inputs(x.dim(), self.inputs())?;
        require_finite("x", x.iter().copied())
    }

    /// The outputs with other parameters.
    pub(crate) fn forward(&self, parameters: &[T], x: &Array2<T>) -> Result<Array2<T>, Error> {
        let first = self.layer_forward(0, parameters, x)?;
        (1..self.layers.len()).try_fold(first, |y, l| self.layer_forward(l, parameters, &y))
    }

    pub(crate) fn layer_forward(
        &self,
        l: usize,
        parameters: &[T],
        x: &Array2<T>,
    ) -> Result<Array2<T>, Error> {
        let y = self.layers[l].forward(&parameters[self.offsets[l]..self.offsets[l + 1]], x);
        self.check_shape(l, "forward", y.dim(), (x.nrows(), self.widths[l + 1]))?;
        Ok(y)
    }

    pub(crate) fn check_shape(
        &self,
        l: usize,
        method: &'static str,
        found: (usize, usize),
        expected: (usize, usize),
    ) -> Result<(), Error> {
        require_shape((l, || self.layers[l].name()), method, found, expected)
    }

    /// All parameters in `f64`.
    pub(crate) fn wide_parameters(&self) -> Vec<f64> {
        self.parameters.iter().map(|p| p.widen()).collect()
    }

    /// Replaces all parameters by the nearest numbers of the network's type.
    pub(crate) fn set_wide_parameters(&mut self, parameters: &[f64]) -> Result<(), Error> {
        self.set_parameters(&rounded(parameters))
    }

    /// All values between the layers for this batch.
    pub(crate) fn trace<'b>(&self, batch: &'b Batch<T>) -> Result<Trace<'b, T>, Error> {
        self.check(batch)?;
        Trace::new(self, batch)
    }

    /// The same network in `f64`, when every layer can say what it is there.
    pub(crate) fn widened(&self) -> Option<Network<f64>> {
        let layers = self.layers.iter().map(|layer| layer.wide().map(Arc::from));
        Some(Network {
            layers: layers.collect::<Option<_>>()?,
            widths: self.widths.clone(),
            offsets: self.offsets.clone(),
            blocks: self.blocks.clone(),
            parameters: self.wide_parameters(),
            loss: self.loss,
            weight_decay: self.weight_decay,
            statistics: self.statistics.clone(),
        })
    }
}

/// The nearest numbers of type `T`.
pub(crate) fn rounded<T: Real>(numbers: &[f64]) -> Vec<T> {
    numbers.iter().map(|&v| T::round_from(v)).collect()
}
