//! The fast rungs: gradients of chains of affine layers, sixteen weights at a time.

mod algebra;
mod backprop;
mod chain;
mod dispatch;
mod exponential;
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

pub use dispatch::Level;
pub(crate) use gradient::fill;
