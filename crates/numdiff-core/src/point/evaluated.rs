//! x with f(x).

use super::Point;
use crate::Real;

/// A point x with f's outputs there, where the caller has them: no method evaluates f at x again.
///
/// It may be passed wherever x may; what f sees and what comes back is as for x alone. A scalar f has one
/// value; outputs of a vector function count in row-major order, as many as f has.
///
/// # Example
/// ```
/// use numdiff_core::{Evaluated, FiniteDifference};
/// use ndarray::{Array1, array};
/// let mut calls = 0;
/// let mut f = |x: &Array1<f64>| { calls += 1; x[0] * x[1] };
/// let x = array![3.0, 4.0];
/// let value = f(&x);
/// let here = Evaluated { x: &x, values: &[value] };
/// let g = FiniteDifference::forward().gradient(f, &here)?;
/// println!("{g:.4} from {calls} evaluations");
/// # Ok::<(), numdiff_core::Error>(())
/// ```
/// ```text
/// [4.0000, 3.0000] from 3 evaluations
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Evaluated<'a, X: ?Sized, T = f64> {
    /// The point.
    pub x: &'a X,
    /// f's outputs at x.
    pub values: &'a [T],
}

impl<T: Real, X: Point<T> + ?Sized> Point<T> for Evaluated<'_, X, T> {
    type Seen = X::Seen;
    type Scratch = X::Scratch;
    type Like = X::Like;
    type Matrix = X::Matrix;

    fn scratch(&self) -> X::Scratch {
        self.x.scratch()
    }
    #[inline(always)]
    fn seen(scratch: &X::Scratch) -> &X::Seen {
        X::seen(scratch)
    }
    #[inline(always)]
    fn len(scratch: &X::Scratch) -> usize {
        X::len(scratch)
    }
    #[inline(always)]
    fn get(scratch: &X::Scratch, i: usize) -> T {
        X::get(scratch, i)
    }
    #[inline(always)]
    fn set(scratch: &mut X::Scratch, i: usize, value: T) {
        X::set(scratch, i, value);
    }
    fn like(&self, numbers: Vec<T>) -> X::Like {
        self.x.like(numbers)
    }
    #[inline(always)]
    fn slice(scratch: &mut X::Scratch) -> Option<&mut [T]> {
        X::slice(scratch)
    }
    #[inline]
    fn numbers(&self) -> impl Iterator<Item = T> {
        self.x.numbers()
    }
    #[inline]
    fn copy_to(&self, scratch: &mut X::Scratch) {
        self.x.copy_to(scratch);
    }
    fn known(&self) -> &[T] {
        self.values
    }
    fn shape(&self) -> Vec<usize> {
        self.x.shape()
    }
}
