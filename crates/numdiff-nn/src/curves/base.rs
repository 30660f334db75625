//! What is cached of an element-wise function.

use crate::simd::{Isa, Lanes};

/// What is cached of a curve at the point around which it moves.
///
/// | | p | q |
/// |---|---|---|
/// | sigmoid | s(a) | s(a) s(-a) |
/// | tanh | s(2a) | 2 s(2a) s(-2a) |
/// | softplus | s(a) | s(a) s(-a) |
/// | identity, ReLU | - | - |
#[derive(Clone, Copy)]
pub(crate) struct Base<I: Isa> {
    pub a: Lanes<I>,
    pub p: Lanes<I>,
    pub q: Lanes<I>,
}
