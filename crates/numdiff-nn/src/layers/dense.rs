//! The affine layer: y = x W + b.

use crate::layers::{At, BlockShape, Form, affine};
use crate::simd::{self, as_f64, as_f64_mut};
use crate::{Change, Layer, SimdLevel, Spec};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, s};
use numdiff_core::Real;

/// The affine layer `y = x W + b`. `W` is (inputs, outputs), and `b` has one element for each output.
///
/// One weight changes one output, so that its difference costs one multiplication per sample. Differences of the inputs
/// are passed on exactly up to rounding, whatever the [`Form`].
///
/// # Example
/// ```
/// use ndarray::array;
/// use numdiff_nn::{Dense, Network};
/// let network = Network::builder().layer(Dense::new(2, 1)).weights(&[3.0, 4.0, 0.5])?;
/// assert_eq!(network.predict(&array![[1.0, 2.0]])?, array![[11.5]]);
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Dense {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    pub(crate) bias: bool,
}

impl Dense {
    /// Creates a layer with this number of inputs and outputs, and a bias.
    pub fn new(inputs: usize, outputs: usize) -> Self {
        Self {
            inputs,
            outputs,
            bias: true,
        }
    }

    /// Removes the bias: `y = x W`.
    pub fn without_bias(self) -> Self {
        Self {
            bias: false,
            ..self
        }
    }

    fn weights<'a, T>(&self, parameters: &'a [T]) -> ArrayView2<'a, T> {
        affine::weights(parameters, (self.inputs, self.outputs))
    }

    /// The outputs by the widest registers of the machine, when the numbers are `f64`.
    fn wide_forward<T: Real>(&self, parameters: &[T], x: &Array2<T>) -> Option<Array2<T>> {
        let (weights, bias) = as_f64(parameters)?.split_at(self.inputs * self.outputs);
        let mut y = Array2::zeros((x.nrows(), self.outputs));
        simd::affine(
            as_f64_mut(y.as_slice_mut()?)?,
            as_f64(x.as_slice()?)?,
            weights,
            bias,
            self.outputs,
            SimdLevel::best(),
        );
        Some(y)
    }
}

impl<T: Real> Layer<T> for Dense {
    fn name(&self) -> String {
        format!("Dense {} -> {}", self.inputs, self.outputs)
    }

    fn inputs(&self) -> Option<usize> {
        Some(self.inputs)
    }

    fn outputs(&self, _inputs: usize) -> usize {
        self.outputs
    }

    fn blocks(&self) -> Vec<BlockShape> {
        let shape = vec![self.inputs, self.outputs];
        let bias = self.bias.then_some(self.outputs);
        affine::blocks(shape, self.inputs, self.outputs, bias)
    }

    fn forward(&self, parameters: &[T], x: &Array2<T>) -> Array2<T> {
        if let Some(y) = self.wide_forward(parameters, x) {
            return y;
        }
        let mut y = x.dot(&self.weights(parameters));
        if self.bias {
            y += &ArrayView1::from(&parameters[self.inputs * self.outputs..]);
        }
        y
    }

    fn backward(&self, at: &At<'_, T>, dy: &Array2<T>, dp: &mut [T]) -> Option<Array2<T>> {
        affine::add_gradient(dp, at.x, dy, dy);
        Some(dy.dot(&self.weights(at.parameters).t()))
    }

    fn seed(&self, at: &At<'_, T>, parameter: usize, by: T, _form: Form) -> Change<T> {
        // The bias has the input 1.
        let (input, unit) = (parameter / self.outputs, parameter % self.outputs);
        let moved = if input < self.inputs {
            at.x.column(input).mapv(|x| x * by)
        } else {
            Array1::from_elem(at.x.nrows(), by)
        };
        Change::unit(unit, moved)
    }

    fn push(&self, at: &At<'_, T>, change: Change<T>, _form: Form) -> Change<T> {
        let weights = self.weights(at.parameters);
        Change::dense(change.d.dot(&weights.slice(s![change.columns(), ..])))
    }

    fn mixes_samples(&self) -> bool {
        false
    }

    fn linear_in_parameters(&self) -> bool {
        true
    }

    fn spec(&self) -> Option<Spec> {
        Some(Spec::Dense(*self))
    }
}
