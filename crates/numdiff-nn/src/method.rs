//! How a gradient is computed: which algorithm, which step, which divisor, how many threads.

use crate::error::require;
use crate::{Error, SimdLevel};

/// How a gradient is computed. The numerical algorithms evaluate the same central difference with ever
/// less work and less rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GradientAlgorithm {
    /// Two full forward passes per parameter, in the network's own numbers: what the tutorial does.
    Naive,
    /// Two forward passes of what moved alone, each value computed and then subtracted. In `f64`,
    /// also for `f32` networks.
    Incremental,
    /// As [`GradientAlgorithm::Incremental`], but differences are computed without cancellation, so that the
    /// rounding that limits a difference quotient is gone. In `f64`, also for `f32` networks.
    IncrementAlgebra,
    /// The values between the layers are perturbed instead of the parameters, and the derivatives
    /// by affine parameters follow by the chain rule. It *uses* that an affine layer is linear in
    /// its weights, so it does not check the weight gradient of affine layers independently.
    NodePerturbation,
    /// Not numerical: the chain rule, backward through every layer.
    Backpropagation,
}

/// A [`GradientAlgorithm`] with its settings; a `GradientAlgorithm` alone means the defaults.
///
/// ```
/// use numdiff_nn::{GradientMethod, GradientAlgorithm};
/// let tutorial = GradientMethod::new(GradientAlgorithm::Naive).with_step(1e-4).with_nominal_divisor();
/// let fast = GradientMethod::new(GradientAlgorithm::IncrementAlgebra).with_threads(2);
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
    /// Central difference with the tutorial's step 1e-4, divided by the distance really moved, on
    /// one thread.
    pub fn new(algorithm: GradientAlgorithm) -> Self {
        Self {
            algorithm,
            step: 1e-4,
            nominal: false,
            threads: 1,
            level: None,
        }
    }

    /// The absolute step h to either side.
    pub fn with_step(self, step: f64) -> Self {
        Self { step, ..self }
    }

    /// Divides by 2h, as the tutorial does, and not by the distance really moved.
    pub fn with_nominal_divisor(mut self) -> Self {
        self.nominal = true;
        self
    }

    /// The number of threads, at most those of rayon's pool; the result is the same to the bit for any
    /// number.
    pub fn with_threads(self, threads: usize) -> Self {
        Self { threads, ..self }
    }

    /// The instruction set that kernels are to use; without this call the widest that the machine
    /// has. For comparing them: results differ between AVX2 or AVX-512 and the portable level by
    /// rounding.
    pub fn with_level(mut self, level: SimdLevel) -> Self {
        self.level = Some(level);
        self
    }

    /// The algorithm.
    pub fn algorithm(&self) -> GradientAlgorithm {
        self.algorithm
    }

    /// The absolute step.
    pub fn step(&self) -> f64 {
        self.step
    }

    /// The instruction set of the kernels.
    pub(crate) fn simd_level(&self) -> SimdLevel {
        self.level.unwrap_or_else(SimdLevel::best)
    }

    /// How far a parameter really moves, up and down.
    pub(crate) fn moves(&self, w: f64) -> [f64; 2] {
        [(w + self.step) - w, w - (w - self.step)]
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
