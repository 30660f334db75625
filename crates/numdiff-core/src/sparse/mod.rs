//! Sparsity: patterns, colorings, compressed entries, matrices. No user code.

mod bisection;
pub(crate) mod coloring;
mod decompression;
mod lists;
mod matrix;
mod pattern;
mod structure;
mod verify;

pub(crate) use bisection::Bisection;
pub use coloring::{Coloring, ColoringKind, Order};
pub use decompression::Storage;
pub(crate) use decompression::{Compression, Pairs};
pub use matrix::SparseMatrix;
pub use pattern::SparsityPattern;
pub use structure::{SparseHessian, SparseJacobian};
pub use verify::PatternCheck;
pub(crate) use verify::{Origin, Probe};
