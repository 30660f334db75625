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

/// Checks the backward pass of every layer of a network on a batch, with the default settings of [`Check`].
///
/// # Errors
/// Those of [`Check::network`].
///
/// # Example
/// ```
/// # use ndarray::array;
/// # use numdiff_nn::{Activation, Batch, Dense, Network, Targets, check_network};
/// let weights: Vec<f64> = (0..22).map(|i| (i as f64).sin()).collect();
/// let network = Network::builder()
///     .layer(Dense::new(2, 4)).layer(Activation::Tanh).layer(Dense::new(4, 2))
///     .weights(&weights)?;
/// let batch = Batch::new(array![[0.1, 0.2], [0.3, -0.4]], Targets::labels(&[0, 1]))?;
/// let report = check_network(&network, &batch)?;
/// println!("{}", report.counts());
/// report.assert_ok();
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
/// ```text
/// 42 right, 0 wrong, 0 not smooth here, 0 not checkable
/// ```
pub fn check_network<T: Real>(
    network: &Network<T>,
    batch: &Batch<T>,
) -> Result<CheckReport, Error> {
    Check::new().network(network, batch)
}

/// Checks one layer alone on inputs `x`, (samples, inputs), with the default settings of [`Check`]. Its parameters are
/// drawn at random.
///
/// # Errors
/// Those of [`Check::layer`].
///
/// # Example
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
/// let text = report.to_string();
/// println!("{}", text.lines().take(2).collect::<Vec<_>>().join("\n"));
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
/// ```text
/// derivatives WRONG: 0 right, 4 wrong, 0 not smooth here, 0 not checkable
///   layer 0 (Cube): its backward is wrong for its inputs
/// ```
pub fn check_layer<T: Real>(layer: &dyn Layer<T>, x: &Array2<T>) -> Result<CheckReport, Error> {
    Check::new().layer(layer, x)
}

/// The settings of a check of derivatives.
///
/// Every layer is tested alone: at its parameters and inputs, with random weights of its outputs in place of the layers
/// after it, so that neither a saturated prediction nor an error of another layer can hide or cause a finding. Each
/// derivative of the weighted outputs, with respect to a parameter or an input, gets one of four verdicts
/// ([`Verdict`]):
///
/// - *right*: it agrees with central differences at two distances. If these do not suffice, it agrees with those at 20
///   distances, from the size of the parameter or input down to 4e-12 of it.
/// - *not smooth here*: the one-sided slopes differ, and it lies between them for each output.
/// - *not checkable*: rounding hides it.
/// - *wrong*: none of these.
///
/// The rounding of each output is measured by differences of its values on lines through the parameters and inputs.
/// Terms that cancel, saturated outputs and single precision inside the layer count by their effect on the values. A
/// derivative of 0 passes for outputs that change in steps only, and where no output changes; its error bar then bounds
/// what rounding may hide. Otherwise a right verdict means that an error of 1 %, or of 1e-5
/// of the largest entry of the block, would have shown.
///
/// What the layer returns from `seed`, `push`, `mixes_samples`, `linear_in_parameters`, `spec` and `wide` is compared
/// with its `forward`, which is called twice to see that it is deterministic. Its `backward` has to depend on the point
/// that it receives and not on earlier calls, to add to `dp`, and to be proportional to `dy`.
///
/// # Cost
/// In forward passes of the layer, for each parameter and for each input of a sample (or each column of inputs if
/// samples do not interact):
///
/// - four, if the first two distances settle it; 40 more if not, 10 more where rounding hides it, and 30 more before it
///   is called wrong; two more where no output changes;
/// - for the whole layer, about 50 to measure rounding, 34 more for each of six wider spacings while an output stays
///   constant, and four for each of up to 64 parameters and columns of inputs to test `seed` and `push`.
///
/// For the layers of this crate a difference costs one column of a pass.
///
/// # Example
/// ```
/// use ndarray::array;
/// use numdiff_nn::{Activation, Check};
/// // Every input is at a kink: nothing can be checked.
/// let x = array![[0.0, 0.0]];
/// let check = Check::new().with_seed(7).with_step(1e-5).with_tolerance(1e-9);
/// let report = check.layer::<f64>(&Activation::Relu, &x)?;
/// println!("{}", report.counts());
/// assert!(!report.passed());
/// check.with_unchecked_blocks().layer::<f64>(&Activation::Relu, &x)?.assert_ok();
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
/// ```text
/// 0 right, 0 wrong, 2 not smooth here, 0 not checkable
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
    /// Returns the default settings: a first distance of 2^-12, seed 0, and no tolerance beyond rounding and
    /// truncation.
    pub fn new() -> Self {
        Self {
            step: 2f64.powi(-12),
            seed: 0,
            tolerance: 0.0,
            unchecked: false,
        }
    }

    /// Sets the first distance, relative to the size of the parameter or input, between 1e-12 and 0.5. The second is a
    /// fourth of it.
    pub fn with_step(self, step: f64) -> Self {
        Self { step, ..self }
    }

    /// Sets the seed of the weights of the outputs and, for a layer alone, of its parameters.
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Sets a relative error that passes in addition to rounding and truncation; at least 0 and below 1, 0 by default.
    pub fn with_tolerance(self, tolerance: f64) -> Self {
        Self { tolerance, ..self }
    }

    /// Lets blocks pass in which no entry could be checked.
    pub fn with_unchecked_blocks(mut self) -> Self {
        self.unchecked = true;
        self
    }

    /// Checks every layer of a network on its inputs for this batch, and the derivative of a loss of your own.
    ///
    /// An `f32` network is checked in `f64`, where rounding does not hide a wrong formula, unless a layer exists in
    /// `f32` only ([`Layer::wide`](crate::Layer::wide)).
    ///
    /// # Errors
    /// - The batch does not fit the network, or a setting is out of range.
    /// - A value is not finite.
    /// - A layer has no `backward`, or returns arrays of the wrong shape.
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

    /// Checks one layer alone on inputs `x`, (samples, inputs). Its parameters are drawn: weights as by
    /// [`Init::Xavier`], others around their initial values.
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

    /// Checks one layer alone on inputs `x`, (samples, inputs), with these parameters.
    ///
    /// # Errors
    /// Those of [`network`](Self::network); the number of parameters is wrong.
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
