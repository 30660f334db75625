//! Sparsity: patterns, colorings, what is read from which group of columns, matrices. No user code.

mod bisection;
pub(crate) mod coloring;
mod compressed;
mod compression;
mod matrix;
mod pattern;
#[cfg(feature = "serde")]
mod saved;
mod structure;
mod verify;

pub(crate) use bisection::Bisection;
pub use coloring::{Coloring, ColoringKind, Order};
pub use compression::Storage;
pub(crate) use compression::{Compression, Pairs};
pub use matrix::SparseMatrix;
pub use pattern::SparsityPattern;
pub use structure::{SparseHessian, SparseJacobian};
pub use verify::PatternCheck;
pub(crate) use verify::{Origin, Probe};
