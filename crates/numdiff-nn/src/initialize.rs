//! How weights start: at random, from the caller's generator.

use crate::Error;
use crate::error::require;
use crate::layers::{BlockShape, Start};
use ndarray::Array1;
use ndarray_rand::RandomExt;
use ndarray_rand::rand::Rng;
use ndarray_rand::rand_distr::Normal;
use numdiff_core::Real;

/// The standard deviation of normally distributed initial weights. Biases start at 0 and scales at 1.
///
/// # Example
/// ```
/// use numdiff_nn::Init;
/// assert_eq!(Init::Xavier.deviation(100, 10), 0.1);
/// assert_eq!(Init::He.deviation(200, 10), 0.1);
/// assert_eq!(Init::Gaussian(0.01).deviation(100, 10), 0.01);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Init {
    /// This standard deviation, at least 0.
    Gaussian(f64),
    /// 1/sqrt(fan in), which keeps the variance of the values through affine layers; for sigmoid and tanh (Y. LeCun et
    /// al., Efficient BackProp, 1998, section 4.6; often named after X. Glorot).
    Xavier,
    /// sqrt(2/(fan in + fan out)), a compromise between forward and backward pass (X. Glorot, Y. Bengio, AISTATS 2010,
    /// equation 12).
    Glorot,
    /// sqrt(2/fan in), for ReLU (K. He et al., ICCV 2015, equation 10).
    He,
}

impl Init {
    /// Returns the standard deviation of the weights of a unit with `fan_in` inputs, whose inputs feed `fan_out` units
    /// each.
    pub fn deviation(self, fan_in: usize, fan_out: usize) -> f64 {
        let (fan_in, fan_out) = (fan_in.max(1) as f64, fan_out as f64);
        match self {
            Init::Gaussian(deviation) => deviation,
            Init::Xavier => (1.0 / fan_in).sqrt(),
            Init::Glorot => (2.0 / (fan_in + fan_out)).sqrt(),
            Init::He => (2.0 / fan_in).sqrt(),
        }
    }

    /// Draws a block's parameters in row-major order.
    pub(crate) fn draw<T: Real, R: Rng + ?Sized>(
        self,
        block: &BlockShape,
        rng: &mut R,
    ) -> Result<Vec<T>, Error> {
        match block.start {
            Start::Constant(value) => Ok(vec![T::round_from(value); block.len()]),
            Start::Weights { fan_in, fan_out } => {
                let deviation = self.deviation(fan_in, fan_out);
                let holds = deviation >= 0.0 && deviation.is_finite();
                let setting = ("deviation", deviation);
                require(holds, "Init::Gaussian", setting, "finite and at least 0")?;
                let normal = Normal::new(0.0, deviation).expect("a deviation that was looked at");
                Ok(Array1::random_using(block.len(), normal, rng)
                    .mapv(T::round_from)
                    .to_vec())
            }
        }
    }
}
