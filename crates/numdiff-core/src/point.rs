//! What may be passed as x: anything that is a point of numbers.

#[cfg(feature = "complex")]
mod complex;
mod container;
#[cfg(feature = "faer")]
mod faer;
#[cfg(feature = "nalgebra")]
mod nalgebra;

#[cfg(feature = "complex")]
pub use complex::ComplexPoint;
pub(crate) use container::{Container, Contiguous};

use crate::Real;
use ndarray::Array2;
use std::borrow::Borrow;

/// A point x, as a caller passes it: the function sees the same kind of thing.
///
/// Implemented for ndarray's arrays, views, shared arrays and `ArrayRef`s of any dimension, for
/// slices, `Vec` and arrays. Implement it for a struct of parameters to differentiate by its fields.
///
/// The numbers of a point count from 0: for an ndarray array in row-major order.
///
/// # Example
/// A struct of parameters, seen as such by f:
/// ```
/// use numdiff_core::Point;
/// use ndarray::Array2;
///
/// #[derive(Clone, Debug)]
/// struct Motor { resistance: f64, gains: [f64; 2] }
///
/// impl Point<f64> for Motor {
///     type Seen = Motor;
///     type Scratch = Motor;
///     type Like = Motor;
///     type Matrix = Array2<f64>;
///     fn scratch(&self) -> Motor { self.clone() }
///     fn seen(scratch: &Motor) -> &Motor { scratch }
///     fn len(_: &Motor) -> usize { 3 }
///     fn get(scratch: &Motor, i: usize) -> f64 {
///         if i == 0 { scratch.resistance } else { scratch.gains[i - 1] }
///     }
///     fn set(scratch: &mut Motor, i: usize, value: f64) {
///         if i == 0 { scratch.resistance = value } else { scratch.gains[i - 1] = value }
///     }
///     fn like(&self, numbers: Vec<f64>) -> Motor {
///         Motor { resistance: numbers[0], gains: [numbers[1], numbers[2]] }
///     }
/// }
/// let motor = Motor { resistance: 2.0, gains: [0.5, 4.0] };
/// let mut scratch = motor.scratch();
/// Motor::set(&mut scratch, 2, 5.0);
/// assert_eq!((Motor::seen(&scratch).gains, motor.gains), ([0.5, 5.0], [0.5, 4.0]));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a point of numbers of type `{T}`",
    label = "not a point of `{T}`",
    note = "pass an ndarray array or view, a slice, a `Vec`, an array `[{T}; N]`, or a type of your own that implements `numdiff_core::Point`",
    note = "with the features `nalgebra` and `faer`, their vectors too; for `f32` take the method's `.single()`"
)]
pub trait Point<T> {
    /// What f sees: `f(&seen)`.
    type Seen: ?Sized;
    /// The copy of x that is moved about. It lives in the workspace; the caller's x is never changed.
    type Scratch;
    /// What comes back in the shape of x, such as a gradient.
    type Like;
    /// What a Jacobian or a Hessian comes back as.
    type Matrix: DenseMatrix<T>;

    /// A copy of x.
    fn scratch(&self) -> Self::Scratch;
    /// The copy as f sees it.
    fn seen(scratch: &Self::Scratch) -> &Self::Seen;
    /// How many numbers it has.
    fn len(scratch: &Self::Scratch) -> usize;
    /// Number `i`.
    fn get(scratch: &Self::Scratch, i: usize) -> T;
    /// Replaces number `i`.
    fn set(scratch: &mut Self::Scratch, i: usize, value: T);
    /// `numbers`, as many as x has, in the shape of x.
    fn like(&self, numbers: Vec<T>) -> Self::Like;

    /// The numbers of x in order.
    fn numbers(&self) -> impl Iterator<Item = T> {
        let scratch = self.scratch();
        (0..Self::len(&scratch)).map(move |i| Self::get(&scratch, i))
    }

    /// Makes an earlier copy one of x again: without allocation, where the kind allows.
    fn copy_to(&self, scratch: &mut Self::Scratch) {
        *scratch = self.scratch();
    }

    /// How messages show where a number stands: the lengths of the axes.
    fn shape(&self) -> Vec<usize> {
        vec![self.numbers().count()]
    }

    /// All numbers at once, where they lie side by side in order: faster than one at a time.
    fn slice(scratch: &mut Self::Scratch) -> Option<&mut [T]> {
        let _ = scratch;
        None
    }
}

/// What lies in memory as a slice: the same for all kinds.
impl<T: Real, X: Container + Contiguous<T> + ?Sized> Point<T> for X {
    type Seen = X::View<T>;
    type Scratch = X::Filled<T>;
    type Like = X::Filled<T>;
    type Matrix = X::Dense<T>;

    fn scratch(&self) -> X::Filled<T> {
        self.filled(self.each())
    }
    #[inline(always)]
    fn seen(scratch: &X::Filled<T>) -> &X::View<T> {
        scratch.borrow()
    }
    #[inline(always)]
    fn len(scratch: &X::Filled<T>) -> usize {
        X::numbers_of(scratch).len()
    }
    #[inline(always)]
    fn get(scratch: &X::Filled<T>, i: usize) -> T {
        X::numbers_of(scratch)[i]
    }
    #[inline(always)]
    fn set(scratch: &mut X::Filled<T>, i: usize, value: T) {
        X::numbers_in(scratch)[i] = value;
    }
    fn like(&self, numbers: Vec<T>) -> X::Filled<T> {
        self.shaped(numbers)
    }
    #[inline(always)]
    fn slice(scratch: &mut X::Filled<T>) -> Option<&mut [T]> {
        Some(X::numbers_in(scratch))
    }
    #[inline]
    fn numbers(&self) -> impl Iterator<Item = T> {
        self.each()
    }
    #[inline]
    fn copy_to(&self, scratch: &mut X::Filled<T>) {
        if !self.fits(scratch) {
            *scratch = self.scratch();
        } else if let Some(own) = self.own() {
            X::numbers_in(scratch).copy_from_slice(own);
        } else {
            let slots = X::numbers_in(scratch).iter_mut();
            slots.zip(self.each()).for_each(|(slot, own)| *slot = own);
        }
    }
    fn shape(&self) -> Vec<usize> {
        self.axes()
    }
}

/// A dense matrix that is made from its entries.
pub trait DenseMatrix<T> {
    /// The matrix with these entries, in row-major order.
    fn from_rows(rows: usize, columns: usize, entries: Vec<T>) -> Self;
}

impl<T> DenseMatrix<T> for Array2<T> {
    fn from_rows(rows: usize, columns: usize, entries: Vec<T>) -> Self {
        match Array2::from_shape_vec((rows, columns), entries) {
            Ok(matrix) => matrix,
            Err(_) => unreachable!("as many entries as the shape has"),
        }
    }
}
