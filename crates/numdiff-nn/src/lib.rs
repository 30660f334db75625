#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod activation;
mod batch;
mod block;
mod builder;
mod change;
mod check;
mod convolution;
mod dense;
mod dropout;
mod error;
mod gradient;
pub mod idx;
mod image;
mod initialize;
mod kernel;
mod layer;
mod loss;
mod method;
mod network;
mod normalization;
mod objective;
mod optimizer;
mod pooling;
#[cfg(feature = "serde")]
mod save;
mod share;
mod softmax;
mod spec;
mod targets;
mod trace;
mod training;

pub use activation::Activation;
pub use batch::Batch;
pub use block::Block;
pub use builder::Builder;
pub use change::Change;
pub use check::{
    BlockCheck, Check, CheckReport, Counts, Fault, Finding, Suspect, Verdict, check_layer,
    check_network,
};
pub use convolution::Conv2d;
pub use dense::Dense;
pub use dropout::Dropout;
pub use error::Error;
pub use gradient::Gradient;
pub use image::Image;
pub use initialize::Init;
pub use kernel::SimdLevel;
pub use layer::{At, BlockShape, Form, Layer, Start};
pub use loss::{Loss, OwnLoss};
pub use method::{GradientAlgorithm, GradientMethod};
pub use network::Network;
pub use normalization::BatchNorm;
pub use objective::Objective;
pub use optimizer::{GradientDescent, Optimizer};
pub use pooling::Pool;
pub use softmax::softmax;
pub use spec::Spec;
pub use targets::Targets;
#[cfg(feature = "serde")]
pub use training::Checkpoint;
pub use training::{Epoch, Progress, Stopped, Training};
