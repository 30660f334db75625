//! How one evaluation differs from `f(x)`, and the trait of functions that can use it.

/// Which coordinates one evaluation replaces, with their new values. Borrowed: nothing is copied.
///
/// Coordinates count in logical (row-major) order of the array `x`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Moves<'p> {
    /// The point `x` itself.
    None,
    /// One coordinate has a new value.
    One(usize, f64),
    /// Several coordinates have new values; each coordinate occurs once.
    Many(&'p [(usize, f64)]),
    /// Every coordinate has a new value.
    Dense(&'p [f64]),
}

impl Moves<'_> {
    /// Calls `visit` with each moved coordinate and its new value.
    #[inline]
    pub fn for_each(&self, mut visit: impl FnMut(usize, f64)) {
        match *self {
            Moves::None => {}
            Moves::One(i, to) => visit(i, to),
            Moves::Many(many) => many.iter().for_each(|&(i, to)| visit(i, to)),
            Moves::Dense(to) => to.iter().enumerate().for_each(|(i, &to)| visit(i, to)),
        }
    }
}

/// A function that is told what moved, so that it may recompute only what depends on it.
///
/// Closures do not need this trait: the operators take them directly. Implement it for a type that
/// can evaluate `f` after one coordinate moved in less than a full evaluation, such as a neural
/// network with cached activations.
pub trait Function {
    /// What a failed evaluation says.
    type Error: Into<Box<dyn std::error::Error + Send + Sync>>;

    /// Takes the base point `x`. Every later call of [`moved`](Self::moved) is relative to it.
    fn begin(&mut self, x: &[f64]) -> Result<(), Self::Error>;

    /// Evaluates f at `x` with `moves` applied and pushes its outputs to `values`, which is empty.
    /// The state afterwards must be that after [`begin`](Self::begin), also on failure.
    fn moved(&mut self, moves: Moves<'_>, values: &mut Vec<f64>) -> Result<(), Self::Error>;
}
