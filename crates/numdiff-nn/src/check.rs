//! Is every layer's backward right? Analytic against numeric, entry by entry, each layer alone.

mod bits;
mod examine;
mod judge;
mod loss_layer;
mod noise;
mod promises;
mod report;
mod slopes;
mod subject;

pub use numdiff_core::check::{Counts, Entry, Reason, Report, Verdict};
pub use report::{BlockCheck, CheckReport, Fault, Suspect};

use crate::error::{require, require_finite, require_inputs, require_length};
use crate::{Batch, BlockShape, Error, Init, Layer, Loss, Network, OwnLoss, Start};
use bits::Bits;
use examine::{compare, examine};
use loss_layer::LossLayer;
use ndarray::Array2;
use ndarray_rand::rand::SeedableRng;
use numdiff_core::Real;
use rand_chacha::ChaCha8Rng;
use subject::Subject;

/// Checks the backward pass of every layer of a network on a batch: [`Check`] with its defaults.
///
/// ```
/// # use ndarray::array;
/// # use numdiff_nn::{Activation, Batch, Dense, Network, Targets, check_network};
/// let weights: Vec<f64> = (0..22).map(|i| (i as f64).sin()).collect();
/// let network = Network::builder()
///     .layer(Dense::new(2, 4)).layer(Activation::Tanh).layer(Dense::new(4, 2))
///     .weights(&weights)?;
/// let batch = Batch::new(array![[0.1, 0.2], [0.3, -0.4]], Targets::labels(&[0, 1]))?;
/// check_network(&network, &batch)?.assert_ok();
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
///
/// # Errors
/// Those of [`Check::network`].
pub fn check_network<T: Real>(
    network: &Network<T>,
    batch: &Batch<T>,
) -> Result<CheckReport, Error> {
    Check::new().network(network, batch)
}

/// Checks one layer alone, on inputs `x` (samples, inputs): [`Check`] with its defaults. Its parameters
/// are drawn.
///
/// ```
/// use ndarray::{Array2, array};
/// use numdiff_nn::{At, Fault, Layer, check_layer};
///
/// #[derive(Debug)]
/// struct Cube;
/// impl Layer<f64> for Cube {
///     fn name(&self) -> String { "Cube".into() }
///     fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> { x * x * x }
///     fn backward(&self, at: &At<'_, f64>, dy: &Array2<f64>, _: &mut [f64]) -> Option<Array2<f64>> {
///         Some(dy * at.x * at.x * 2.0)                      // 3 would be right
///     }
/// }
/// let report = check_layer(&Cube, &array![[0.5, -1.0], [2.0, 0.25]])?;
/// assert_eq!(report.suspects[0].fault, Fault::Inputs);
/// println!("{report}");
/// // derivatives WRONG: 0 right, 4 wrong, 0 not smooth here, 0 not checkable
/// //   layer 0 (Cube): its backward is wrong for its inputs
/// //   ...
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
///
/// # Errors
/// Those of [`Check::layer`].
pub fn check_layer<T: Real>(layer: &dyn Layer<T>, x: &Array2<T>) -> Result<CheckReport, Error> {
    Check::new().layer(layer, x)
}

/// How derivatives are checked.
///
/// Every layer is tested alone: at its parameters and the inputs that it has, with random weights of
/// its outputs in the place of what lies behind it, so that neither a certain prediction nor another
/// layer's bug can hide or feign anything. Each derivative of the weighted outputs, by each parameter
/// and each input, ends as one of four ([`Verdict`]):
///
/// - *right*: central differences at two distances agree with it, or those at 20 distances, from the
///   size of what is moved to 4e-12 of it, as far as the finer ones bear them out;
/// - *not smooth here*: the one-sided slopes differ, and it lies between them, output by output;
/// - *not checkable*: rounding hides it;
/// - *wrong*: none of these, at two distances in succession.
///
/// The rounding of each output is measured, by differences of its values on lines through the parameters
/// and inputs: terms that cancel, outputs that saturate and steps of single precision inside count as
/// what they do to the values. A derivative of 0 passes for outputs that move by steps alone, and where nothing
/// moves: its error bar says how much rounding may hide there.
///
/// An entry that is right would have shown an error of a hundredth of it, or of 1e-5 of the largest of its block.
///
/// What a layer says of itself besides (`seed`, `push`, `mixes_samples`, `linear_in_parameters`, `spec`, `wide`) is
/// held against its `forward`, and that is asked twice for the same values. Its `backward` has to go by the point it is
/// handed and not by what was asked before, to add to `dp`, and to be proportional to `dy`.
///
/// Cost: four forward passes of a layer for each parameter and for each input of a sample, or each
/// column of inputs where samples do not meet; 40 more where those do not settle it, 10 where rounding
/// hides it, 30 before it is called wrong; two more where nothing answers; some 50 for the rounding of a layer's
/// outputs, 34 more for each of 6 spacings while an output stays constant; 4 for each of up to 64 parameters and columns
/// of inputs for what it says of its movements. This crate's own layers are moved by their increments, which
/// cost a column of a pass.
///
/// ```
/// use ndarray::array;
/// use numdiff_nn::{Activation, Check};
/// // At a kink in every input nothing can be checked.
/// let x = array![[0.0, 0.0]];
/// let check = Check::new().with_seed(7).with_step(1e-5).with_tolerance(1e-9);
/// assert!(!check.layer::<f64>(&Activation::Relu, &x)?.passed());
/// check.with_unchecked_blocks().layer::<f64>(&Activation::Relu, &x)?.assert_ok();
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a setting is in what it returns"]
pub struct Check {
    step: f64,
    seed: u64,
    tolerance: f64,
    unchecked: bool,
}

impl Default for Check {
    fn default() -> Self {
        Self::new()
    }
}

impl Check {
    /// A first step of 2^-12 of the size of what is moved, seed 0, no tolerance but that of rounding
    /// and truncation.
    pub fn new() -> Self {
        Self {
            step: 2f64.powi(-12),
            seed: 0,
            tolerance: 0.0,
            unchecked: false,
        }
    }

    /// The first distance, relative to the size of what is moved; the second is a fourth of it.
    pub fn with_step(self, step: f64) -> Self {
        Self { step, ..self }
    }

    /// The seed of the weights of the outputs and, for a layer alone, of its parameters.
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// A relative error that passes, besides rounding and truncation.
    pub fn with_tolerance(self, tolerance: f64) -> Self {
        Self { tolerance, ..self }
    }

    /// Lets blocks pass in which nothing could be checked.
    pub fn with_unchecked_blocks(mut self) -> Self {
        self.unchecked = true;
        self
    }

    /// Checks every layer of a network, on the inputs that it has for this batch.
    ///
    /// An `f32` network is checked in `f64`, where a wrong formula is not hidden by rounding, unless a
    /// layer exists in `f32` alone ([`Layer::wide`](crate::Layer::wide)).
    ///
    /// # Errors
    /// A batch that does not fit, a value that is not finite, a layer without `backward` or one that
    /// returns arrays of the wrong shape, a setting out of its range.
    pub fn network<T: Real>(
        &self,
        network: &Network<T>,
        batch: &Batch<T>,
    ) -> Result<CheckReport, Error> {
        self.settings()?;
        if T::EPSILON > f64::EPSILON
            && let Some(wide) = network.widened()
        {
            let mut report = self.network(&wide, &batch.widened())?;
            let trace = network.trace(batch)?;
            for (l, (layer, wide)) in network.layers.iter().zip(&wide.layers).enumerate() {
                // One function for all kinds of numbers.
                if layer.spec().is_none() {
                    let at = trace.at(network, l);
                    let subject = Subject::new(l, &**layer, at.parameters, at.x, vec![])?;
                    compare(self, &subject, &**wide, &mut report)?;
                }
            }
            return Ok(report);
        }
        let trace = network.trace(batch)?;
        let mut report = self.report(Some(trace.finite_loss(network, batch)?));
        for (l, layer) in network.layers.iter().enumerate() {
            let at = trace.at(network, l);
            let blocks = network.blocks.iter().filter(|block| block.layer == l);
            let blocks = blocks.map(|b| (b.name.clone(), b.shape.clone())).collect();
            let subject = Subject::new(l, &**layer, at.parameters, at.x, blocks)?;
            examine(self, &subject, &mut report)?;
        }
        if let Loss::Own(own @ OwnLoss { slope: Some(_), .. }) = network.loss {
            let rows = LossLayer {
                loss: own,
                targets: batch.targets(),
            };
            let subject = Subject::new(network.layers.len(), &rows, &[], trace.outputs(), vec![])?;
            examine(self, &subject, &mut report)?;
        }
        Ok(report)
    }

    /// Checks one layer alone, on inputs `x` (samples, inputs). Its parameters are drawn: weights as
    /// [`Init::Xavier`] does, others around where they start.
    ///
    /// # Errors
    /// Those of [`network`](Self::network).
    pub fn layer<T: Real>(
        &self,
        layer: &dyn Layer<T>,
        x: &Array2<T>,
    ) -> Result<CheckReport, Error> {
        let mut parameters = Vec::new();
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let mut bits = Bits::new(self.seed, u64::MAX);
        for block in layer.blocks() {
            let drawn: Vec<T> = Init::Xavier.draw(&block, &mut rng)?;
            let spread = match block.start {
                Start::Constant(_) => 0.25,
                Start::Weights { .. } => 0.0,
            };
            let spread = drawn.iter().map(|p| p.widen() + spread * bits.weight());
            parameters.extend(spread.map(T::round_from));
        }
        self.layer_at(layer, &parameters, x)
    }

    /// Checks one layer alone at these parameters.
    ///
    /// # Errors
    /// Those of [`network`](Self::network); the wrong number of parameters.
    pub fn layer_at<T: Real>(
        &self,
        layer: &dyn Layer<T>,
        parameters: &[T],
        x: &Array2<T>,
    ) -> Result<CheckReport, Error> {
        self.settings()?;
        layer.check()?;
        require_inputs(x.dim(), layer.inputs().unwrap_or(x.ncols()))?;
        require_finite("x", x.iter().copied())?;
        let blocks = layer.blocks();
        let expected = blocks.iter().map(BlockShape::len).sum();
        require_length("parameters", parameters.len(), expected)?;
        require_finite("parameters", parameters.iter().copied())?;
        if T::EPSILON > f64::EPSILON
            && let Some(wide) = layer.wide()
        {
            let in_wide: Vec<f64> = parameters.iter().map(|p| p.widen()).collect();
            let mut report = self.layer_at(&*wide, &in_wide, &x.mapv(T::widen))?;
            if layer.spec().is_none() {
                let subject = Subject::new(0, layer, parameters, x, vec![])?;
                compare(self, &subject, &*wide, &mut report)?;
            }
            return Ok(report);
        }
        let names = blocks.into_iter().map(|b| (b.name.to_string(), b.shape));
        let mut report = self.report(None);
        let subject = Subject::new(0, layer, parameters, x, names.collect())?;
        examine(self, &subject, &mut report)?;
        Ok(report)
    }

    fn report(&self, loss: Option<f64>) -> CheckReport {
        CheckReport {
            loss,
            blocks: vec![],
            suspects: vec![],
            single: vec![],
            unchecked_allowed: self.unchecked,
        }
    }

    fn settings(&self) -> Result<(), Error> {
        let require = |holds, setting, expected| require(holds, "Check", setting, expected);
        let step = (1e-12..=0.5).contains(&self.step);
        require(step, ("step", self.step), "between 1e-12 and 0.5")?;
        let share = (0.0..1.0).contains(&self.tolerance);
        let tolerance = ("tolerance", self.tolerance);
        require(share, tolerance, "at least 0 and below 1")
    }
}
