//! How a learning rate changes with the iteration.

use crate::Error;
use crate::error::{positive, require};

/// How a learning rate changes: a factor on it at each iteration k, counted from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Schedule {
    /// The factor 1.
    #[default]
    Constant,
    /// The factor 1 / (1 + k / half). The sum of the rates diverges and that of their squares does not (H. Robbins, S.
    /// Monro, Ann. Math. Stat. 22 (1951) 400-407).
    Inverse {
        /// The number of iterations after which the rate has halved; positive.
        half: f64,
    },
    /// The factor factor^k.
    Exponential {
        /// Above 0 and at most 1.
        factor: f64,
    },
    /// The factor factor^floor(k / every).
    Steps {
        /// The number of iterations between two drops; at least 1.
        every: usize,
        /// The factor of each drop; above 0 and at most 1.
        factor: f64,
    },
    /// The factor (1 + cos(pi k / period)) / 2 for k < period; from then on that of k = period - 1, which is above 0
    /// (I. Loshchilov, F. Hutter, SGDR, ICLR 2017, equation 5, without restarts).
    Cosine {
        /// The number of iterations after which the rate is about 0; at least 1.
        period: usize,
    },
}

impl Schedule {
    /// Returns the factor at iteration `k`.
    pub fn factor(&self, k: usize) -> f64 {
        match *self {
            Schedule::Constant => 1.0,
            Schedule::Inverse { half } => 1.0 / (1.0 + k as f64 / half),
            Schedule::Exponential { factor } => factor.powf(k as f64),
            Schedule::Steps { every, factor } => factor.powf((k / every) as f64),
            Schedule::Cosine { period } => {
                let k = k.min(period.saturating_sub(1)) as f64;
                0.5 * (1.0 + (std::f64::consts::PI * k / period as f64).cos())
            }
        }
    }

    pub(crate) fn validate(&self) -> Result<(), Error> {
        let share = |value: f64| {
            require(
                value > 0.0 && value <= 1.0,
                "schedule factor",
                value,
                "above 0 and at most 1",
            )
        };
        let count = |setting, value: usize| require(value > 0, setting, 0.0, "at least 1");
        match *self {
            Schedule::Constant => Ok(()),
            Schedule::Inverse { half } => positive("schedule half-life", half),
            Schedule::Exponential { factor } => share(factor),
            Schedule::Steps { every, factor } => {
                count("schedule interval", every)?;
                share(factor)
            }
            Schedule::Cosine { period } => count("schedule period", period),
        }
    }
}
