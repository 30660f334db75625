#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod batch;
mod block;
mod change;
mod check;
mod curves;
mod error;
mod gradient;
pub mod idx;
mod image;
mod initialize;
mod kernel;
mod layers;
mod loss;
mod method;
mod movement;
mod network;
mod objective;
#[cfg(feature = "serde")]
mod save;
mod share;
mod simd;
mod softmax;
mod targets;
mod training;

pub use batch::Batch;
pub use block::Block;
pub use change::Change;
pub use check::{
    BlockCheck, Check, CheckReport, Counts, Entry, Fault, Reason, Report, Suspect, Verdict,
    check_layer, check_network,
};
pub use error::Error;
pub use gradient::Gradient;
pub use image::Image;
pub use initialize::Init;
pub use layers::{
    Activation, At, BatchNorm, BlockShape, Conv2d, Dense, Dropout, Form, Layer, Pool, Spec, Start,
};
pub use loss::{Loss, LossSlope, OwnLoss};
pub use method::{GradientAlgorithm, GradientMethod};
pub use network::{Builder, Network};
pub use objective::Objective;
pub use simd::SimdLevel;
pub use softmax::softmax;
pub use targets::Targets;
#[cfg(feature = "serde")]
pub use training::Checkpoint;
pub use training::{Epoch, Progress, Stopped, Training};
