//! What may be passed as x: anything that is a point of numbers.

#[cfg(feature = "complex")]
mod complex;
mod evaluated;
#[cfg(feature = "faer")]
mod faer;
#[cfg(feature = "nalgebra")]
mod nalgebra;

#[cfg(feature = "complex")]
pub use complex::ComplexPoint;
pub use evaluated::Evaluated;

use crate::Real;
use ndarray::{Array, Array2, ArrayBase, ArrayRef, Data, Dimension};

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

    /// f's outputs at x, where they came with it: see [`Evaluated`].
    fn known(&self) -> &[T] {
        &[]
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

/// A number: the x of a function of one variable.
impl<T: Real> Point<T> for T {
    type Seen = T;
    type Scratch = T;
    type Like = T;
    type Matrix = Array2<T>;

    fn scratch(&self) -> T {
        *self
    }
    #[inline(always)]
    fn seen(scratch: &T) -> &T {
        scratch
    }
    #[inline(always)]
    fn len(_: &T) -> usize {
        1
    }
    #[inline(always)]
    fn get(scratch: &T, _: usize) -> T {
        *scratch
    }
    #[inline(always)]
    fn set(scratch: &mut T, _: usize, value: T) {
        *scratch = value;
    }
    fn like(&self, numbers: Vec<T>) -> T {
        numbers[0]
    }
    #[inline(always)]
    fn slice(scratch: &mut T) -> Option<&mut [T]> {
        Some(std::slice::from_mut(scratch))
    }
    #[inline]
    fn numbers(&self) -> impl Iterator<Item = T> {
        std::iter::once(*self)
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

/// The numbers of an array that is made in standard layout.
fn numbers<T, D: Dimension>(scratch: &mut Array<T, D>) -> &mut [T] {
    match scratch.as_slice_mut() {
        Some(numbers) => numbers,
        None => unreachable!("the scratch copy is in standard layout"),
    }
}

fn shaped<T, D: Dimension>(shape: D, numbers: Vec<T>) -> Array<T, D> {
    match Array::from_shape_vec(shape, numbers) {
        Ok(array) => array,
        Err(_) => unreachable!("as many numbers as x has"),
    }
}

/// The methods that all ndarray kinds share.
macro_rules! in_standard_layout {
    () => {
        type Seen = Array<T, D>;
        type Scratch = Array<T, D>;
        type Like = Array<T, D>;
        type Matrix = Array2<T>;

        fn scratch(&self) -> Array<T, D> {
            shaped(self.raw_dim(), self.iter().copied().collect())
        }
        #[inline(always)]
        fn seen(scratch: &Array<T, D>) -> &Array<T, D> {
            scratch
        }
        #[inline(always)]
        fn len(scratch: &Array<T, D>) -> usize {
            scratch.len()
        }
        #[inline(always)]
        fn get(scratch: &Array<T, D>, i: usize) -> T {
            match scratch.as_slice() {
                Some(numbers) => numbers[i],
                None => unreachable!("the scratch copy is in standard layout"),
            }
        }
        #[inline(always)]
        fn set(scratch: &mut Array<T, D>, i: usize, value: T) {
            numbers(scratch)[i] = value;
        }
        fn like(&self, numbers: Vec<T>) -> Array<T, D> {
            shaped(self.raw_dim(), numbers)
        }
        #[inline(always)]
        fn slice(scratch: &mut Array<T, D>) -> Option<&mut [T]> {
            Some(numbers(scratch))
        }
        #[inline]
        fn numbers(&self) -> impl Iterator<Item = T> {
            self.iter().copied()
        }
        #[inline]
        fn copy_to(&self, scratch: &mut Array<T, D>) {
            if scratch.raw_dim() != self.raw_dim() {
                *scratch = self.scratch();
            } else if let Some(own) = self.as_slice() {
                numbers(scratch).copy_from_slice(own);
            } else {
                let slots = numbers(scratch).iter_mut();
                slots.zip(self.iter()).for_each(|(slot, &own)| *slot = own);
            }
        }
        fn shape(&self) -> Vec<usize> {
            self.raw_dim().slice().to_vec()
        }
    };
}

impl<T: Real, S: Data<Elem = T>, D: Dimension> Point<T> for ArrayBase<S, D> {
    in_standard_layout!();
}

impl<T: Real, D: Dimension> Point<T> for ArrayRef<T, D> {
    in_standard_layout!();
}

/// The methods of what lies in memory as a slice.
macro_rules! as_slice {
    () => {
        type Matrix = Array2<T>;

        #[inline(always)]
        fn seen(scratch: &Self::Scratch) -> &Self::Seen {
            scratch
        }
        #[inline(always)]
        fn len(scratch: &Self::Scratch) -> usize {
            scratch.len()
        }
        #[inline(always)]
        fn get(scratch: &Self::Scratch, i: usize) -> T {
            scratch[i]
        }
        #[inline(always)]
        fn set(scratch: &mut Self::Scratch, i: usize, value: T) {
            scratch[i] = value;
        }
        #[inline(always)]
        fn slice(scratch: &mut Self::Scratch) -> Option<&mut [T]> {
            Some(scratch)
        }
        #[inline]
        fn numbers(&self) -> impl Iterator<Item = T> {
            self.iter().copied()
        }
    };
}

impl<T: Real> Point<T> for [T] {
    type Seen = [T];
    type Scratch = Vec<T>;
    type Like = Vec<T>;
    fn scratch(&self) -> Vec<T> {
        self.to_vec()
    }
    #[inline]
    fn copy_to(&self, scratch: &mut Vec<T>) {
        scratch.clear();
        scratch.extend_from_slice(self);
    }
    fn like(&self, numbers: Vec<T>) -> Vec<T> {
        numbers
    }
    as_slice!();
}

impl<T: Real> Point<T> for Vec<T> {
    type Seen = [T];
    type Scratch = Vec<T>;
    type Like = Vec<T>;
    fn scratch(&self) -> Vec<T> {
        self.clone()
    }
    #[inline]
    fn copy_to(&self, scratch: &mut Vec<T>) {
        scratch.clear();
        scratch.extend_from_slice(self);
    }
    fn like(&self, numbers: Vec<T>) -> Vec<T> {
        numbers
    }
    as_slice!();
}

impl<T: Real, const N: usize> Point<T> for [T; N] {
    type Seen = [T; N];
    type Scratch = [T; N];
    type Like = [T; N];
    fn scratch(&self) -> [T; N] {
        *self
    }
    fn like(&self, numbers: Vec<T>) -> [T; N] {
        match numbers.try_into() {
            Ok(numbers) => numbers,
            Err(_) => unreachable!("as many numbers as x has"),
        }
    }
    as_slice!();
}
