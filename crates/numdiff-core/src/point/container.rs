//! What lies in memory as a slice, and what the kinds of it differ in.

use super::DenseMatrix;
use crate::Real;
use ndarray::{Array, Array2, ArrayBase, ArrayRef, Data, Dimension};
use std::borrow::Borrow;
use std::fmt::Debug;

/// A number of any type, such as a complex one.
pub trait Number: Copy + PartialEq + Debug + 'static {}

impl<N: Copy + PartialEq + Debug + 'static> Number for N {}

/// A shape that numbers of any type can fill, side by side in order.
pub trait Container {
    /// The shape, filled with numbers.
    type Filled<N: Number>: Borrow<Self::View<N>>;
    /// What f sees of it.
    type View<N: Number>: ?Sized;
    /// What Jacobians and Hessians come back as.
    type Dense<N: Real>: DenseMatrix<N>;

    /// The same shape with these numbers.
    fn filled<N: Number>(&self, numbers: impl Iterator<Item = N>) -> Self::Filled<N>;

    /// The same from a list.
    fn shaped<N: Number>(&self, numbers: Vec<N>) -> Self::Filled<N> {
        self.filled(numbers.into_iter())
    }

    /// Its numbers in order.
    fn numbers_of<N: Number>(filled: &Self::Filled<N>) -> &[N];

    /// The same, to be changed.
    fn numbers_in<N: Number>(filled: &mut Self::Filled<N>) -> &mut [N];

    /// Whether it has the shape of `self`.
    fn fits<N: Number>(&self, filled: &Self::Filled<N>) -> bool;

    /// The lengths of the axes.
    fn axes(&self) -> Vec<usize>;
}

/// A shape that holds numbers of type `T`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a point of numbers of type `{T}`",
    label = "not a point of `{T}`",
    note = "pass an ndarray array or view, a slice, a `Vec`, an array `[{T}; N]`, or a type of your own that implements `numdiff_core::Point`",
    note = "with the features `nalgebra` and `faer`, their vectors too; for `f32` take the method's `.single()`"
)]
pub trait Contiguous<T>: Container {
    /// The numbers in order.
    fn each(&self) -> impl Iterator<Item = T>;

    /// The same, where they lie side by side.
    #[inline(always)]
    fn own(&self) -> Option<&[T]> {
        None
    }
}

/// A number: the x of a function of one variable.
impl<T: Real> Container for T {
    type Filled<N: Number> = N;
    type View<N: Number> = N;
    type Dense<N: Real> = Array2<N>;

    #[inline(always)]
    fn filled<N: Number>(&self, mut numbers: impl Iterator<Item = N>) -> N {
        match numbers.next() {
            Some(number) => number,
            None => unreachable!("a number is one number"),
        }
    }
    #[inline(always)]
    fn numbers_of<N: Number>(filled: &N) -> &[N] {
        std::slice::from_ref(filled)
    }
    #[inline(always)]
    fn numbers_in<N: Number>(filled: &mut N) -> &mut [N] {
        std::slice::from_mut(filled)
    }
    #[inline(always)]
    fn fits<N: Number>(&self, _: &N) -> bool {
        true
    }
    fn axes(&self) -> Vec<usize> {
        vec![1]
    }
}

impl<T: Real> Contiguous<T> for T {
    #[inline(always)]
    fn each(&self) -> impl Iterator<Item = T> {
        std::iter::once(*self)
    }
}

/// Arrays, views and shared arrays of ndarray, and what they all refer to.
macro_rules! ndarray {
    ([$($generics:tt)*] $array:ty) => {
        impl<T, $($generics)*> Container for $array {
            type Filled<N: Number> = Array<N, D>;
            type View<N: Number> = Array<N, D>;
            type Dense<N: Real> = Array2<N>;

            fn filled<N: Number>(&self, numbers: impl Iterator<Item = N>) -> Array<N, D> {
                self.shaped(numbers.collect())
            }
            fn shaped<N: Number>(&self, numbers: Vec<N>) -> Array<N, D> {
                match Array::from_shape_vec(self.raw_dim(), numbers) {
                    Ok(array) => array,
                    Err(_) => unreachable!("as many numbers as the shape has"),
                }
            }
            #[inline(always)]
            fn numbers_of<N: Number>(filled: &Array<N, D>) -> &[N] {
                match filled.as_slice() {
                    Some(numbers) => numbers,
                    None => unreachable!("it was filled in standard layout"),
                }
            }
            #[inline(always)]
            fn numbers_in<N: Number>(filled: &mut Array<N, D>) -> &mut [N] {
                match filled.as_slice_mut() {
                    Some(numbers) => numbers,
                    None => unreachable!("it was filled in standard layout"),
                }
            }
            #[inline(always)]
            fn fits<N: Number>(&self, filled: &Array<N, D>) -> bool {
                filled.raw_dim() == self.raw_dim()
            }
            fn axes(&self) -> Vec<usize> {
                self.raw_dim().slice().to_vec()
            }
        }

        impl<T: Real, $($generics)*> Contiguous<T> for $array {
            #[inline]
            fn each(&self) -> impl Iterator<Item = T> {
                self.iter().copied()
            }
            #[inline(always)]
            fn own(&self) -> Option<&[T]> {
                self.as_slice()
            }
        }
    };
}
ndarray!([S: Data<Elem = T>, D: Dimension] ArrayBase<S, D>);
ndarray!([D: Dimension] ArrayRef<T, D>);

/// Numbers one after the other.
macro_rules! list {
    ($list:ty) => {
        impl<T> Container for $list {
            type Filled<N: Number> = Vec<N>;
            type View<N: Number> = [N];
            type Dense<N: Real> = Array2<N>;

            fn filled<N: Number>(&self, numbers: impl Iterator<Item = N>) -> Vec<N> {
                numbers.collect()
            }
            fn shaped<N: Number>(&self, numbers: Vec<N>) -> Vec<N> {
                numbers
            }
            #[inline(always)]
            fn numbers_of<N: Number>(filled: &Vec<N>) -> &[N] {
                filled
            }
            #[inline(always)]
            fn numbers_in<N: Number>(filled: &mut Vec<N>) -> &mut [N] {
                filled
            }
            #[inline(always)]
            fn fits<N: Number>(&self, filled: &Vec<N>) -> bool {
                filled.len() == self.len()
            }
            fn axes(&self) -> Vec<usize> {
                vec![self.len()]
            }
        }

        impl<T: Real> Contiguous<T> for $list {
            #[inline(always)]
            fn each(&self) -> impl Iterator<Item = T> {
                self.iter().copied()
            }
            #[inline(always)]
            fn own(&self) -> Option<&[T]> {
                Some(self)
            }
        }
    };
}
list!([T]);
list!(Vec<T>);

impl<T, const LENGTH: usize> Container for [T; LENGTH] {
    type Filled<N: Number> = [N; LENGTH];
    type View<N: Number> = [N; LENGTH];
    type Dense<N: Real> = Array2<N>;

    fn filled<N: Number>(&self, mut numbers: impl Iterator<Item = N>) -> [N; LENGTH] {
        std::array::from_fn(|_| match numbers.next() {
            Some(number) => number,
            None => unreachable!("as many numbers as the array has"),
        })
    }
    #[inline(always)]
    fn numbers_of<N: Number>(filled: &[N; LENGTH]) -> &[N] {
        filled
    }
    #[inline(always)]
    fn numbers_in<N: Number>(filled: &mut [N; LENGTH]) -> &mut [N] {
        filled
    }
    #[inline(always)]
    fn fits<N: Number>(&self, _: &[N; LENGTH]) -> bool {
        true
    }
    fn axes(&self) -> Vec<usize> {
        vec![LENGTH]
    }
}

impl<T: Real, const LENGTH: usize> Contiguous<T> for [T; LENGTH] {
    #[inline(always)]
    fn each(&self) -> impl Iterator<Item = T> {
        self.iter().copied()
    }
}
