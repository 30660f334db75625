//! Sparse Jacobians and Hessians: patterns, colorings, compressed evaluation.

pub(crate) mod coloring;
pub(crate) mod pattern;
pub(crate) mod splitmix;

pub use coloring::{Coloring, ColoringKind, Order};
pub use pattern::SparsityPattern;
