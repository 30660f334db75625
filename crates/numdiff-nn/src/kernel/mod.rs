//! The fast algorithms: gradients of chains of affine layers, sixteen weights at a time.

mod affine;
mod algebra;
mod backprop;
mod chain;
mod dispatch;
mod exponential;
mod factored;
mod gradient;
mod head;
mod increment;
mod incremental;
mod lanes;
mod node;
mod product;
mod reach;
mod roof;
mod rows;
mod series;
mod suffix;
mod wide;

pub(crate) use affine::affine;
pub use dispatch::SimdLevel;
pub(crate) use gradient::fill;
pub(crate) use increment::activate;
pub(crate) use wide::{as_f64, as_f64_mut};
