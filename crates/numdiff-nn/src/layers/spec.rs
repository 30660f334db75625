//! This crate's layers as data.

use crate::{Activation, BatchNorm, Conv2d, Dense, Dropout, Layer, Pool};
use numdiff_core::Real;

/// One of this crate's layers as data. Saved networks hold it, and kernels recognize by it the layers that they can
/// replace.
///
/// # Example
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
    /// An affine layer.
    Dense(Dense),
    /// An element-wise layer.
    Activation(Activation),
    /// A 2-d convolution.
    Conv2d(Conv2d),
    /// Max or average pooling.
    Pool(Pool),
    /// A batch normalization.
    BatchNorm(BatchNorm),
    /// Dropout.
    Dropout(Dropout),
}

impl Spec {
    /// Returns the layer, for numbers of type `T`.
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
