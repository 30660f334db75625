//! Sparsity: patterns, colorings, compressed entries, matrices. No user code.

mod bisection;
pub(crate) mod coloring;
mod csx;
mod decompression;
mod matrix;
mod pattern;
#[cfg(feature = "serde")]
mod saved;
mod structure;
mod symmetry;
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
