//! What a layer says about itself.

use crate::layers::lost;
use crate::{Change, Error, Spec};
use ndarray::{Array2, Zip, s};
use numdiff_core::Real;
use std::fmt::Debug;

/// One layer of a [`Network`](crate::Network): a function of its parameters and its inputs.
///
/// A layer holds no parameters; it is handed its part of the network's flat parameter array.
/// Batches are rows: `x` is (samples, inputs), the result (samples, outputs).
///
/// [`name`](Self::name) and [`forward`](Self::forward) make a layer correct under every numerical
/// gradient. All else is optional, and [`check_layer`](crate::check_layer) tells whether it is true:
///
/// | when the layer | say |
/// |---|---|
/// | has another width behind it than before it | [`outputs`](Self::outputs), and [`inputs`](Self::inputs) where it takes one width alone |
/// | has parameters | [`blocks`](Self::blocks) |
/// | is to be differentiated by backpropagation | [`backward`](Self::backward), perhaps [`remember`](Self::remember) |
/// | is to be fast and exact under numerical gradients | [`seed`](Self::seed), [`push`](Self::push); [`mixes_samples`](Self::mixes_samples) and [`linear_in_parameters`](Self::linear_in_parameters) for node perturbation |
/// | has a kink | [`kink`](Self::kink), so that gradients name the parameters it concerns; the check finds it by itself |
/// | has settings | [`check`](Self::check) |
/// | collects statistics of its inputs in training | [`statistics`](Self::statistics), [`observe`](Self::observe) |
/// | is another one in `f64`, in the next step, or after training | [`wide`](Self::wide), [`renew`](Self::renew), [`inference`](Self::inference) |
///
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
    /// Name for reports and errors, such as `Dense 784 -> 50`.
    fn name(&self) -> String;

    /// Whether the settings make sense; asked once, when a network is built. `Ok` by default.
    ///
    /// # Errors
    /// [`Error::Setting`] for a setting out of its range.
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Inputs this layer takes; `None` (the default): any number.
    fn inputs(&self) -> Option<usize> {
        None
    }

    /// Outputs for this number of inputs; as many (the default) for a layer that keeps its width.
    fn outputs(&self, inputs: usize) -> usize {
        inputs
    }

    /// Parameter blocks, in the order in which they lie in `parameters`; none by default.
    fn blocks(&self) -> Vec<BlockShape> {
        Vec::new()
    }

    /// The outputs for a batch `x` (samples, inputs): (samples, outputs).
    fn forward(&self, parameters: &[T], x: &Array2<T>) -> Array2<T>;

    /// Whatever is worth keeping for [`backward`](Self::backward), [`seed`](Self::seed) and
    /// [`push`](Self::push) besides x and y; handed back as [`At::memory`].
    fn remember(&self, parameters: &[T], x: &Array2<T>, y: &Array2<T>) -> Vec<T> {
        let _ = (parameters, x, y);
        Vec::new()
    }

    /// The derivative of the loss by the inputs, (samples, inputs), given `dy`, that by the outputs,
    /// (samples, outputs); *adds* that by the parameters to `dp`. `None` (the default): the layer
    /// has no derivative of its own.
    fn backward(&self, at: &At<'_, T>, dy: &Array2<T>, dp: &mut [T]) -> Option<Array2<T>> {
        let _ = (at, dy, dp);
        None
    }

    /// How the outputs move when parameter number `parameter` of this layer moves by `by`.
    ///
    /// With [`Form::Algebra`] the answer should be computed without subtracting nearly equal
    /// numbers. The default evaluates [`forward`](Self::forward) anew and subtracts; where the movement is
    /// lost in the rounding of the parameter, and the layer loses digits, outputs that it would move are
    /// NaN, and a gradient is an error that names its entry.
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

    /// How the outputs move when the inputs move by `change`.
    ///
    /// With [`Form::Algebra`] the answer should be computed without subtracting nearly equal
    /// numbers. The default evaluates [`forward`](Self::forward) anew and subtracts; what is lost in the
    /// rounding of the inputs is told as by [`seed`](Self::seed).
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

    /// Whether a kink lies between the inputs moved by `a` and those moved by `b`: a sign or an
    /// argmax differs. `false` by default.
    fn kink(&self, at: &At<'_, T>, a: &Change<T>, b: &Change<T>) -> bool {
        let _ = (at, a, b);
        false
    }

    /// Whether a sample's output depends on other samples of the batch, as in batch normalization.
    /// `true` by default, which is always correct; `false` makes node perturbation fast.
    fn mixes_samples(&self) -> bool {
        true
    }

    /// Whether the outputs are an affine function of the parameters and [`backward`](Self::backward)
    /// gives `dp`. Node perturbation then differentiates the outputs and uses `backward`'s `dp`;
    /// otherwise (the default) it perturbs each parameter.
    fn linear_in_parameters(&self) -> bool {
        false
    }

    /// This layer in `f64`, for numerical gradients of `f32` networks: the difference of two `f32`
    /// values has lost the digits that the derivative needs. `None` (the default): differences are
    /// taken in `T`.
    fn wide(&self) -> Option<Box<dyn Layer<f64>>> {
        self.spec().map(Spec::layer)
    }

    /// The layer for training step `step`: dropout draws another mask. `None` (the default): itself.
    fn renew(&self, step: u64) -> Option<Box<dyn Layer<T>>> {
        let _ = step;
        None
    }

    /// How many numbers the layer collects over training, such as running means; the network holds
    /// them, 0 at first. None by default.
    fn statistics(&self) -> usize {
        0
    }

    /// Updates those numbers with the inputs `x` that the layer had in a training step.
    fn observe(&self, x: &Array2<T>, statistics: &mut [f64]) {
        let _ = (x, statistics);
    }

    /// The layer as it is used after training, given the inputs it has on representative data and
    /// what it collected: dropout lets everything through, batch normalization keeps the statistics
    /// of `x` or those collected. `None` (the default): itself.
    fn inference(&self, x: &Array2<T>, statistics: &[f64]) -> Option<Box<dyn Layer<T>>> {
        let _ = (x, statistics);
        None
    }

    /// The layer as data, when it is one of this crate's; it is how networks are saved and how fast
    /// kernels know what they may replace. `None` by default.
    fn spec(&self) -> Option<Spec> {
        None
    }
}

/// The point around which a layer is asked to move: its parameters, inputs and outputs.
#[derive(Clone, Copy)]
pub struct At<'a, T> {
    /// The layer's parameters.
    pub parameters: &'a [T],
    /// Its inputs: (samples, inputs).
    pub x: &'a Array2<T>,
    /// Its outputs: (samples, outputs).
    pub y: &'a Array2<T>,
    /// What [`Layer::remember`] returned.
    pub memory: &'a [T],
}

/// How a difference of two function values is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Both values, then their difference: what a plain program does, with its rounding.
    Subtract,
    /// An identity for the difference that subtracts no nearly equal numbers, such as
    /// `exp(a + u) - exp(a) = exp(a) expm1(u)` (computational divided differencing: Reps and Rall,
    /// "Computational divided differencing and divided-difference arithmetics", 2003).
    Algebra,
}

/// Name, shape and initialization of one of a layer's parameter blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockShape {
    /// Name without number: `W`, `b`, `gamma`.
    pub name: &'static str,
    /// Shape; elements lie in row-major order.
    pub shape: Vec<usize>,
    /// How it starts.
    pub start: Start,
}

impl BlockShape {
    /// Number of parameters; the largest number when there are more.
    pub fn len(&self) -> usize {
        let times = |product: usize, &n: &usize| product.saturating_mul(n);
        self.shape.iter().fold(1, times)
    }

    /// Whether the block has no parameters.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// How a parameter block starts before training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Start {
    /// At random, with a spread that depends on how many values a unit sums and feeds.
    Weights {
        /// Inputs of one unit.
        fan_in: usize,
        /// Units that one input feeds.
        fan_out: usize,
    },
    /// Every element the same.
    Constant(f64),
}
