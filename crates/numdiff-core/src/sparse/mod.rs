//! Sparse Jacobians and Hessians: patterns, colorings, compressed evaluation.

pub(crate) mod coloring;
mod compression;
mod matrix;
mod pattern;
pub(crate) mod splitmix;
mod structure;

pub use coloring::{Coloring, ColoringKind, Order};
pub use compression::Storage;
pub(crate) use compression::{Compression, Pairs};
pub use matrix::{OnPattern, SparseMatrix};
pub use pattern::SparsityPattern;
pub use structure::{SparseHessian, SparseJacobian};
