//! How a learning rate changes with the iteration.

use crate::Error;
use crate::error::{positive, require};

/// The factor on the learning rate at iteration k, counted from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Schedule {
    /// 1.
    #[default]
    Constant,
    /// 1 / (1 + k / half): sums to infinity while its squares do not (Robbins, Monro 1951).
    Inverse {
        /// The iteration at which the rate has halved.
        half: f64,
    },
    /// factor^k.
    Exponential {
        /// At most 1.
        factor: f64,
    },
    /// factor^(k / every), rounded down.
    Steps {
        /// Iterations between two drops.
        every: usize,
        /// At most 1.
        factor: f64,
    },
    /// (1 + cos(pi k / period)) / 2 up to k = period, then its last value above zero (Loshchilov,
    /// Hutter 2017, without restarts).
    Cosine {
        /// Iterations until the rate is about 0.
        period: usize,
    },
}

impl Schedule {
    /// The factor at iteration `k`.
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
