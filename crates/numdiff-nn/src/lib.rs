#![doc = include_str!("../README.md")]

mod activation;
mod batch;
mod block;
mod builder;
mod change;
mod dense;
mod error;
mod gradient;
mod initialize;
mod layer;
mod loss;
mod method;
mod network;
mod softmax;
mod spec;
mod targets;
mod trace;

pub use activation::Activation;
pub use batch::Batch;
pub use block::Block;
pub use builder::Builder;
pub use change::Change;
pub use dense::Dense;
pub use error::Error;
pub use gradient::Gradient;
pub use initialize::Init;
pub use layer::{At, BlockShape, Form, Layer, Start};
pub use loss::Loss;
pub use method::{GradientMethod, Rung};
pub use network::Network;
pub use softmax::softmax;
pub use spec::Spec;
pub use targets::Targets;
