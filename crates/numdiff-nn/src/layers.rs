//! Layers: what one is, and those of this crate.

mod activation;
mod affine;
mod convolution;
mod dense;
mod dropout;
mod layer;
mod lost;
mod normalization;
mod pooling;
mod spec;
mod windows;

pub use activation::Activation;
pub use convolution::Conv2d;
pub use dense::Dense;
pub use dropout::Dropout;
pub use layer::{At, BlockShape, Form, Layer, Start};
pub use normalization::BatchNorm;
pub use pooling::Pool;
pub use spec::Spec;
