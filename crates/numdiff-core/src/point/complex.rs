//! What may be passed as x to the complex step.

use super::{Contiguous, Point};
use crate::Real;
use ndarray::{ArrayBase, ArrayRef, Data, Dimension};

/// A point x that a function over complex numbers can see: whatever lies in memory as a slice. The function
/// sees the same kind of thing, with complex numbers in it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a point of complex numbers over `{T}`",
    label = "the complex step can't move this",
    note = "pass an ndarray array or view, a slice, a `Vec` or an array `[{T}; N]`, with the features `nalgebra` and `faer` their vectors; for other kinds take `FiniteDifference` or `Adaptive`"
)]
pub trait ComplexPoint<T>: Point<T> + Contiguous<T> {}

impl<T: Real, S: Data<Elem = T>, D: Dimension> ComplexPoint<T> for ArrayBase<S, D> {}
impl<T: Real, D: Dimension> ComplexPoint<T> for ArrayRef<T, D> {}
impl<T: Real> ComplexPoint<T> for [T] {}
impl<T: Real> ComplexPoint<T> for Vec<T> {}
impl<T: Real, const N: usize> ComplexPoint<T> for [T; N] {}

#[cfg(feature = "faer")]
impl<T: Real, C> ComplexPoint<T> for faer::col::generic::Col<C> where
    Self: faer::col::AsColRef<T = T, Rows = usize>
{
}

#[cfg(feature = "nalgebra")]
impl<T, R, C, S> ComplexPoint<T> for nalgebra::Matrix<T, R, C, S>
where
    T: Real,
    R: nalgebra::Dim,
    C: nalgebra::Dim,
    S: nalgebra::Storage<T, R, C>,
    nalgebra::DefaultAllocator: nalgebra::allocator::Allocator<R, C>,
{
}
