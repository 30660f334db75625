//! The fast algorithms: gradients of chains of affine layers, sixteen weights at a time.

mod algebra;
mod backprop;
mod chain;
mod direct;
mod gradient;
mod head;
mod incremental;
mod node;
mod reach;
mod rows;
mod suffix;
mod units;

pub(crate) use gradient::fill;
