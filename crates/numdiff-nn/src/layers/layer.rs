//! What a layer says about itself.

use crate::layers::lost;
use crate::{Change, Error, Spec};
use ndarray::{Array2, Zip, s};
use numdiff_core::Real;
use std::fmt::Debug;

/// A layer of a [`Network`](crate::Network): a function of its parameters and its inputs.
///
/// A layer holds no parameters; it receives its part of the network's flat array. Rows of data are samples: `x` is
/// (samples, inputs) and the result (samples, outputs).
///
/// [`name`](Self::name) and [`forward`](Self::forward) are enough for every numerical gradient. All other methods are
/// optional, and [`check_layer`](crate::check_layer) finds out whether what they return is true:
///
/// | If the layer | implement |
/// |---|---|
/// | changes the width | [`outputs`](Self::outputs), and [`inputs`](Self::inputs) if it takes one width only |
/// | has parameters | [`blocks`](Self::blocks) |
/// | is differentiated by backpropagation | [`backward`](Self::backward), and optionally [`remember`](Self::remember) |
/// | is to be fast and accurate under numerical gradients | [`seed`](Self::seed), [`push`](Self::push); for node perturbation [`mixes_samples`](Self::mixes_samples) and [`linear_in_parameters`](Self::linear_in_parameters) |
/// | has a kink | [`kink`](Self::kink), so that gradients name the parameters concerned; the check finds kinks by itself |
/// | has settings | [`check`](Self::check) |
/// | collects statistics of its inputs in training | [`statistics`](Self::statistics), [`observe`](Self::observe) |
/// | differs in `f64`, from step to step, or after training | [`wide`](Self::wide), [`renew`](Self::renew), [`inference`](Self::inference) |
///
/// # Example
/// ```
/// use ndarray::{Array2, array};
/// use numdiff_nn::{Batch, Dense, Layer, Loss, Network, GradientAlgorithm, Targets};
///
/// /// y = x^2, element by element.
/// #[derive(Clone, Debug)]
/// struct Square;
/// impl Layer<f64> for Square {
///     fn name(&self) -> String { "Square".into() }
///     fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> { x.mapv(|v| v * v) }
/// }
///
/// let network = Network::builder()
///     .layer(Dense::new(2, 4)).layer(Square).layer(Dense::new(4, 2))
///     .loss(Loss::LogSoftmax)
///     .weights(&[0.1; 22])?;
/// let batch = Batch::new(array![[1.0, 2.0]], Targets::labels(&[1]))?;
/// let slow = network.gradient(&batch, GradientAlgorithm::Naive)?;
/// let fast = network.gradient(&batch, GradientAlgorithm::Incremental)?;
/// assert!((slow.flat()[0] - fast.flat()[0]).abs() < 1e-10);
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
pub trait Layer<T: Real>: Debug + Send + Sync {
    /// Returns the name for reports and errors, such as `Dense 784 -> 50`.
    fn name(&self) -> String;

    /// Checks the settings; called once, when a network is built. `Ok` by default.
    ///
    /// # Errors
    /// A setting is out of range ([`Error::Setting`]).
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Returns the number of inputs. `None`, the default, means any number.
    fn inputs(&self) -> Option<usize> {
        None
    }

    /// Returns the number of outputs for this number of inputs; by default the same number.
    fn outputs(&self, inputs: usize) -> usize {
        inputs
    }

    /// Returns the parameter blocks in the order in which they lie in `parameters`; none by default.
    fn blocks(&self) -> Vec<BlockShape> {
        Vec::new()
    }

    /// Returns the outputs, (samples, outputs), for the data `x`, (samples, inputs).
    fn forward(&self, parameters: &[T], x: &Array2<T>) -> Array2<T>;

    /// Returns values worth keeping for [`backward`](Self::backward), [`seed`](Self::seed) and [`push`](Self::push),
    /// besides x and y. They are passed back as [`At::memory`]. None by default.
    fn remember(&self, parameters: &[T], x: &Array2<T>, y: &Array2<T>) -> Vec<T> {
        let _ = (parameters, x, y);
        Vec::new()
    }

    /// Returns the derivative of the loss with respect to the inputs, (samples, inputs), given `dy`, that with respect
    /// to the outputs, (samples, outputs). *Adds* the derivative with respect to the parameters to `dp`. `None`, the
    /// default, means that the layer has no backward pass.
    fn backward(&self, at: &At<'_, T>, dy: &Array2<T>, dp: &mut [T]) -> Option<Array2<T>> {
        let _ = (at, dy, dp);
        None
    }

    /// Returns the change of the outputs when parameter number `parameter` of this layer changes by `by`.
    ///
    /// With [`Form::Algebra`] the result should be computed without subtracting nearly equal numbers. The default
    /// evaluates [`forward`](Self::forward) again and subtracts. If the change is lost in the rounding of the
    /// parameter, and the layer loses digits, the outputs concerned are NaN, and the gradient is an error that names
    /// the entry.
    fn seed(&self, at: &At<'_, T>, parameter: usize, by: T, form: Form) -> Change<T> {
        let mut moved = at.parameters.to_vec();
        moved[parameter] += by;
        let after = self.forward(&moved, at.x);
        let part = match form {
            Form::Subtract => T::zero(),
            Form::Algebra => lost::further(&mut moved[parameter], at.parameters[parameter], by),
        };
        let beyond = || self.forward(&moved, at.x);
        Change::dense(lost::difference(after, at.y, part, beyond))
    }

    /// Returns the change of the outputs when the inputs change by `change`.
    ///
    /// With [`Form::Algebra`] the result should be computed without subtracting nearly equal numbers. The default
    /// evaluates [`forward`](Self::forward) again and subtracts. A change that is lost in the rounding of the inputs is
    /// treated as by [`seed`](Self::seed).
    fn push(&self, at: &At<'_, T>, change: Change<T>, form: Form) -> Change<T> {
        let mut moved = change.applied(at.x);
        let after = self.forward(at.parameters, &moved);
        let mut part = T::zero();
        if form == Form::Algebra {
            let columns = s![.., change.columns()];
            Zip::from(moved.slice_mut(columns))
                .and(at.x.slice(columns))
                .and(&change.d)
                .for_each(|moved, &x, &d| part = part.max(lost::further(moved, x, d)));
        }
        let beyond = || self.forward(at.parameters, &moved);
        Change::dense(lost::difference(after, at.y, part, beyond))
    }

    /// Returns whether a kink lies between the inputs changed by `a` and the inputs changed by `b`: a sign or the
    /// position of a maximum differs. `false` by default.
    fn kink(&self, at: &At<'_, T>, a: &Change<T>, b: &Change<T>) -> bool {
        let _ = (at, a, b);
        false
    }

    /// Returns whether the output of a sample depends on other samples of the batch, as in batch normalization. `true`,
    /// the default, is always correct; `false` makes node perturbation fast.
    fn mixes_samples(&self) -> bool {
        true
    }

    /// Returns whether the outputs are an affine function of the parameters and [`backward`](Self::backward) computes
    /// `dp`. Node perturbation then differentiates with respect to the outputs and uses the `dp` of `backward`;
    /// otherwise, and by default, it perturbs each parameter.
    fn linear_in_parameters(&self) -> bool {
        false
    }

    /// Returns this layer in `f64`, for numerical gradients of `f32` networks: the difference of two `f32` values has
    /// lost the digits that the derivative needs. `None`, the default for layers of your own, means that differences
    /// are taken in `T`.
    fn wide(&self) -> Option<Box<dyn Layer<f64>>> {
        self.spec().map(Spec::layer)
    }

    /// Returns the layer for training step `step`: dropout draws another mask. `None`, the default, means the layer
    /// itself.
    fn renew(&self, step: u64) -> Option<Box<dyn Layer<T>>> {
        let _ = step;
        None
    }

    /// Returns how many numbers the layer collects in training, such as running means. The network holds them; they
    /// start at 0. None by default.
    fn statistics(&self) -> usize {
        0
    }

    /// Updates the statistics with the inputs `x` of the layer in a training step.
    fn observe(&self, x: &Array2<T>, statistics: &mut [f64]) {
        let _ = (x, statistics);
    }

    /// Returns the layer as it is used after training, given its inputs `x` on representative data and its statistics.
    /// Dropout passes everything; batch normalization fixes the statistics. `None`, the default, means the layer
    /// itself.
    fn inference(&self, x: &Array2<T>, statistics: &[f64]) -> Option<Box<dyn Layer<T>>> {
        let _ = (x, statistics);
        None
    }

    /// Returns the layer as data if it is one of this crate's. Networks are saved by it, and kernels recognize by it
    /// the layers that they can replace. `None` by default.
    fn spec(&self) -> Option<Spec> {
        None
    }
}

/// The point at which a layer is differentiated: its parameters, inputs and outputs.
#[derive(Clone, Copy)]
pub struct At<'a, T> {
    /// The parameters of the layer.
    pub parameters: &'a [T],
    /// The inputs, (samples, inputs).
    pub x: &'a Array2<T>,
    /// The outputs, (samples, outputs).
    pub y: &'a Array2<T>,
    /// The values that [`Layer::remember`] returned.
    pub memory: &'a [T],
}

/// The form in which a difference of two function values is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Both values are computed and subtracted, with the rounding of a plain program.
    Subtract,
    /// An identity for the difference that subtracts no nearly equal numbers, such as `exp(a + u) - exp(a) = exp(a)
    /// expm1(u)` (T. Reps, L. Rall, Computational divided differencing and divided-difference arithmetics, 2003).
    Algebra,
}

/// The name, shape and initialization of a parameter block of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockShape {
    /// The name without a number: `W`, `b`, `gamma`.
    pub name: &'static str,
    /// The shape. Elements lie in row-major order.
    pub shape: Vec<usize>,
    /// The initial values.
    pub start: Start,
}

impl BlockShape {
    /// Returns the number of parameters; `usize::MAX` on overflow.
    pub fn len(&self) -> usize {
        let times = |product: usize, &n: &usize| product.saturating_mul(n);
        self.shape.iter().fold(1, times)
    }

    /// Returns whether the block has no parameters.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The initial values of a parameter block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Start {
    /// Random numbers with the standard deviation that [`Init`](crate::Init) gives for these numbers.
    Weights {
        /// The number of inputs of one unit.
        fan_in: usize,
        /// The number of units that one input feeds.
        fan_out: usize,
    },
    /// The same value for every element.
    Constant(f64),
}
