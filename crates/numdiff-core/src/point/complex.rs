//! What may be passed as x to the complex step.

use super::Point;
use crate::Real;
use ndarray::{Array, ArrayBase, ArrayRef, Data, Dimension};
use num_complex::Complex;

/// A point x that a function over complex numbers can see: ndarray's arrays and views, slices, `Vec`
/// and arrays. The function sees the same kind of thing, with complex numbers in it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a point of complex numbers over `{T}`",
    label = "the complex step can't move this",
    note = "pass an ndarray array or view, a slice, a `Vec` or an array `[{T}; N]`; for other kinds take `FiniteDifference` or `Adaptive`"
)]
pub trait ComplexPoint<T>: Point<T> {
    /// What f sees: `f(&seen)`.
    type ComplexSeen: ?Sized;
    /// The copy of x that is moved along the imaginary axis.
    type ComplexScratch;

    /// A copy of x without imaginary parts.
    fn complex(&self) -> Self::ComplexScratch;
    /// Makes an earlier copy one of x again: without allocation, where the kind allows.
    fn complex_copy_to(&self, scratch: &mut Self::ComplexScratch);
    /// The copy as f sees it.
    fn complex_seen(scratch: &Self::ComplexScratch) -> &Self::ComplexSeen;
    /// The numbers of the copy in order.
    fn complex_slice(scratch: &mut Self::ComplexScratch) -> &mut [Complex<T>];
}

fn real<T: Real>(re: T) -> Complex<T> {
    Complex::new(re, T::zero())
}

fn copy<T: Real>(slots: &mut [Complex<T>], numbers: impl Iterator<Item = T>) {
    slots
        .iter_mut()
        .zip(numbers)
        .for_each(|(slot, re)| *slot = real(re));
}

fn slice<T, D: Dimension>(scratch: &mut Array<T, D>) -> &mut [T] {
    match scratch.as_slice_mut() {
        Some(numbers) => numbers,
        None => unreachable!("the scratch copy is in standard layout"),
    }
}

macro_rules! ndarray {
    () => {
        type ComplexSeen = Array<Complex<T>, D>;
        type ComplexScratch = Array<Complex<T>, D>;

        fn complex(&self) -> Array<Complex<T>, D> {
            match Array::from_shape_vec(self.raw_dim(), self.iter().map(|&v| real(v)).collect()) {
                Ok(array) => array,
                Err(_) => unreachable!("as many elements as x has"),
            }
        }
        fn complex_copy_to(&self, scratch: &mut Array<Complex<T>, D>) {
            if scratch.raw_dim() == self.raw_dim() {
                copy(slice(scratch), self.iter().copied());
            } else {
                *scratch = self.complex();
            }
        }
        fn complex_seen(scratch: &Array<Complex<T>, D>) -> &Array<Complex<T>, D> {
            scratch
        }
        fn complex_slice(scratch: &mut Array<Complex<T>, D>) -> &mut [Complex<T>] {
            slice(scratch)
        }
    };
}

impl<T: Real, S: Data<Elem = T>, D: Dimension> ComplexPoint<T> for ArrayBase<S, D> {
    ndarray!();
}

impl<T: Real, D: Dimension> ComplexPoint<T> for ArrayRef<T, D> {
    ndarray!();
}

macro_rules! list {
    () => {
        type ComplexSeen = [Complex<T>];
        type ComplexScratch = Vec<Complex<T>>;

        fn complex(&self) -> Vec<Complex<T>> {
            self.iter().map(|&v| real(v)).collect()
        }
        fn complex_copy_to(&self, scratch: &mut Vec<Complex<T>>) {
            scratch.clear();
            scratch.extend(self.iter().map(|&v| real(v)));
        }
        fn complex_seen(scratch: &Vec<Complex<T>>) -> &[Complex<T>] {
            scratch
        }
        fn complex_slice(scratch: &mut Vec<Complex<T>>) -> &mut [Complex<T>] {
            scratch
        }
    };
}

impl<T: Real> ComplexPoint<T> for [T] {
    list!();
}

impl<T: Real> ComplexPoint<T> for Vec<T> {
    list!();
}

impl<T: Real, const N: usize> ComplexPoint<T> for [T; N] {
    type ComplexSeen = [Complex<T>; N];
    type ComplexScratch = [Complex<T>; N];

    fn complex(&self) -> [Complex<T>; N] {
        self.map(real)
    }
    fn complex_copy_to(&self, scratch: &mut [Complex<T>; N]) {
        *scratch = self.complex();
    }
    fn complex_seen(scratch: &[Complex<T>; N]) -> &[Complex<T>; N] {
        scratch
    }
    fn complex_slice(scratch: &mut [Complex<T>; N]) -> &mut [Complex<T>] {
        scratch
    }
}
