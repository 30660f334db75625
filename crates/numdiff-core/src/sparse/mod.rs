//! Sparse Jacobians and Hessians: patterns, colorings, compressed evaluation.

pub(crate) mod coloring;
mod compressed;
mod compression;
mod detect;
mod detection;
mod matrix;
mod pattern;
#[cfg(feature = "serde")]
mod saved;
pub(crate) mod splitmix;
mod structure;
mod verify;

pub use coloring::{Coloring, ColoringKind, Order};
pub use compression::Storage;
pub(crate) use compression::{Compression, Pairs};
pub use detect::{detect_pattern, detect_pattern_by_probing};
pub(crate) use detection::Bisection;
pub use matrix::{OnPattern, SparseMatrix};
pub use pattern::SparsityPattern;
pub use structure::{SparseHessian, SparseJacobian};
pub use verify::PatternCheck;
pub(crate) use verify::{Origin, Probe};
