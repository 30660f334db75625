//! This crate's layers as data.

use crate::{Activation, Dense, Layer};
use numdiff_core::Real;

/// One of this crate's layers as data: what a saved network holds, and how a kernel recognizes what
/// it may replace.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Spec {
    /// Affine.
    Dense(Dense),
    /// Element-wise.
    Activation(Activation),
}

impl Spec {
    /// The layer, for numbers of type `T`.
    pub fn layer<T: Real>(self) -> Box<dyn Layer<T>> {
        match self {
            Spec::Dense(layer) => Box::new(layer),
            Spec::Activation(layer) => Box::new(layer),
        }
    }
}
