//! What is cached of an element-wise function.

use crate::simd::{Isa, Lanes};

/// What is cached of a curve at the point around which it moves.
///
/// | | z | p | q | e |
/// |---|---|---|---|---|
/// | sigmoid | s(a) | s(a) | s(a) s(-a) | e^-a |
/// | tanh | tanh(a) | s(2a) | 2 s(2a) s(-2a) | - |
/// | softplus | ln(1 + e^a) | s(a) | s(a) s(-a) | - |
/// | identity, ReLU | f(a) | f(a) | f(a) | - |
#[derive(Clone, Copy)]
pub(crate) struct Base<I: Isa> {
    pub a: Lanes<I>,
    pub z: Lanes<I>,
    pub p: Lanes<I>,
    pub q: Lanes<I>,
    pub e: Lanes<I>,
}
