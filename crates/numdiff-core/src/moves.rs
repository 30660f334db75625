//! How one evaluation differs from `f(x)`, and the trait of functions that can use it.

use std::convert::Infallible;

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
        let Ok(()) = self.try_for_each(|i, to| {
            visit(i, to);
            Ok::<(), Infallible>(())
        });
    }

    /// The same until `visit` fails.
    #[inline]
    pub(crate) fn try_for_each<E>(
        &self,
        mut visit: impl FnMut(usize, f64) -> Result<(), E>,
    ) -> Result<(), E> {
        match *self {
            Moves::None => Ok(()),
            Moves::One(i, to) => visit(i, to),
            Moves::Many(many) => many.iter().try_for_each(|&(i, to)| visit(i, to)),
            Moves::Dense(to) => to.iter().enumerate().try_for_each(|(i, &to)| visit(i, to)),
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

/// A function of any type, behind one type: what runs it is compiled once, not for every closure.
pub(crate) trait AnyFunction {
    /// As [`Function::begin`].
    fn begin(&mut self, x: &[f64]) -> Result<(), Failure>;

    /// As [`Function::moved`].
    fn moved(&mut self, moves: Moves<'_>, values: &mut Vec<f64>) -> Result<(), Failure>;
}

/// Why an evaluation failed.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

impl<F: Function> AnyFunction for F {
    fn begin(&mut self, x: &[f64]) -> Result<(), Failure> {
        Function::begin(self, x).map_err(Into::into)
    }

    #[inline]
    fn moved(&mut self, moves: Moves<'_>, values: &mut Vec<f64>) -> Result<(), Failure> {
        Function::moved(self, moves, values).map_err(Into::into)
    }
}
