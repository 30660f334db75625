//! This crate's layers as data.

use crate::{Activation, BatchNorm, Conv2d, Dense, Dropout, Layer, Pool};
use numdiff_core::Real;

/// One of this crate's layers as data: what a saved network holds, and how a kernel recognizes what
/// it may replace.
///
/// ```
/// use numdiff_nn::{Dense, Layer, Spec};
/// let spec = Layer::<f64>::spec(&Dense::new(3, 2)).expect("a layer of this crate");
/// assert_eq!(spec, Spec::Dense(Dense::new(3, 2)));
/// assert_eq!(spec.layer::<f32>().name(), "Dense 3 -> 2");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Spec {
    /// Affine.
    Dense(Dense),
    /// Element-wise.
    Activation(Activation),
    /// 2-d convolution.
    Conv2d(Conv2d),
    /// Max or average pooling.
    Pool(Pool),
    /// Batch normalization.
    BatchNorm(BatchNorm),
    /// Dropout.
    Dropout(Dropout),
}

impl Spec {
    /// The layer, for numbers of type `T`.
    pub fn layer<T: Real>(self) -> Box<dyn Layer<T>> {
        match self {
            Spec::Dense(layer) => Box::new(layer),
            Spec::Activation(layer) => Box::new(layer),
            Spec::Conv2d(layer) => Box::new(layer),
            Spec::Pool(layer) => Box::new(layer),
            Spec::BatchNorm(layer) => Box::new(layer),
            Spec::Dropout(layer) => Box::new(layer),
        }
    }
}
