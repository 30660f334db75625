//! How a gradient is computed: which algorithm, which step, which divisor, how many threads.

use crate::error::require;
use crate::{Error, SimdLevel};

/// The algorithm that computes a gradient of P parameters. The numerical ones evaluate the same central difference,
/// each with less work or less rounding than the one before.
///
/// [`Network::gradient`](crate::Network::gradient) states their errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GradientAlgorithm {
    /// Central differences by full forward passes, two for each parameter, in the network's own numbers: what the
    /// tutorial does. 2P forward passes.
    Naive,
    /// Central differences that recompute only the values that a parameter changes, at the points where rounding leaves
    /// them. 2P passes through the layers after the parameter. In `f64`, also for `f32` networks. Layers behind which a
    /// value may move by more than 1, as by a step of 1e-4 where inputs are beyond 1e4, take a slower general path.
    Incremental,
    /// As [`GradientAlgorithm::Incremental`], with the same cost, but differences are computed by identities without
    /// cancellation, so that their rounding error does not grow as the step shrinks. In `f64`, also for `f32` networks.
    IncrementAlgebra,
    /// Central differences in the outputs of affine layers instead of the parameters; the derivatives with respect to
    /// the parameters follow by the chain rule. Two passes for each unit. It assumes that an affine layer is linear in
    /// its weights and takes the layer's own `dp`, so it does not check the weight gradient of affine layers
    /// independently. Parameters of other layers, and of layers before one in which samples interact, are perturbed as
    /// by `IncrementAlgebra`.
    NodePerturbation,
    /// The chain rule, backward through every layer. It is not numerical. One forward and one backward pass.
    Backpropagation,
}

/// A [`GradientAlgorithm`] with its settings. A `GradientAlgorithm` alone stands for the default settings.
///
/// # Example
/// ```
/// use numdiff_nn::{GradientMethod, GradientAlgorithm};
/// let tutorial = GradientMethod::new(GradientAlgorithm::Naive).with_step(1e-4).with_nominal_divisor();
/// let fast = GradientMethod::new(GradientAlgorithm::IncrementAlgebra).with_threads(2);
/// assert_eq!(fast.step(), 1e-4);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use = "a setting is in what it returns"]
pub struct GradientMethod {
    pub(crate) algorithm: GradientAlgorithm,
    pub(crate) step: f64,
    pub(crate) nominal: bool,
    pub(crate) threads: usize,
    pub(crate) level: Option<SimdLevel>,
}

impl GradientMethod {
    /// Returns the default settings: the tutorial's absolute step h = 1e-4, division by the distance that the parameter
    /// really moved, and one thread.
    pub fn new(algorithm: GradientAlgorithm) -> Self {
        Self {
            algorithm,
            step: 1e-4,
            nominal: false,
            threads: 1,
            level: None,
        }
    }

    /// Sets the absolute step h to either side; positive and finite.
    pub fn with_step(self, step: f64) -> Self {
        Self { step, ..self }
    }

    /// Divides differences by 2h, as the tutorial does, instead of by the distance that the parameter really moved.
    pub fn with_nominal_divisor(mut self) -> Self {
        self.nominal = true;
        self
    }

    /// Sets the number of threads, at least 1; no more than those of rayon's pool are used. The result is the same to
    /// the last bit for any number.
    pub fn with_threads(self, threads: usize) -> Self {
        Self { threads, ..self }
    }

    /// Sets the instruction set of the kernels; by default the widest of the machine. It serves to compare them:
    /// results of the portable level differ from those of AVX2 and AVX-512 by rounding.
    pub fn with_level(mut self, level: SimdLevel) -> Self {
        self.level = Some(level);
        self
    }

    /// Returns the algorithm.
    pub fn algorithm(&self) -> GradientAlgorithm {
        self.algorithm
    }

    /// Returns the absolute step h.
    pub fn step(&self) -> f64 {
        self.step
    }

    /// The instruction set of the kernels.
    pub(crate) fn simd_level(&self) -> SimdLevel {
        self.level.unwrap_or_else(SimdLevel::best)
    }

    /// How far a parameter moves, up and down: by the step, where differences know no rounding.
    pub(crate) fn moves(&self, w: f64) -> [f64; 2] {
        match self.algorithm {
            GradientAlgorithm::IncrementAlgebra => [self.step; 2],
            _ => [(w + self.step) - w, w - (w - self.step)],
        }
    }

    /// What a difference is divided by.
    pub(crate) fn divisor(&self, [up, down]: [f64; 2]) -> f64 {
        if self.nominal {
            2.0 * self.step
        } else {
            up + down
        }
    }

    /// What a difference of the summed loss is multiplied by where everything moves by the step.
    pub(crate) fn scale(&self, samples: usize) -> f64 {
        1.0 / (samples as f64 * self.divisor([self.step; 2]))
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let require =
            |holds, setting, expected| require(holds, "GradientMethod", setting, expected);
        let step = self.step > 0.0 && self.step.is_finite();
        require(step, ("step", self.step), "finite and above 0")?;
        require(self.threads > 0, ("threads", 0.0), "at least 1")
    }
}

impl From<GradientAlgorithm> for GradientMethod {
    fn from(algorithm: GradientAlgorithm) -> Self {
        Self::new(algorithm)
    }
}
