//! Where the result of a run goes: into an answer that is made, or where the caller wants it.

// The private parts of what a run is made of keep it to this crate.
#![allow(private_interfaces, private_bounds)]

use super::Method;
use crate::answer::{Found, Out, Shaped, Size};
use crate::operators::Operator;
use crate::{DenseMatrix, Error, Point, Real, Workspace};
use ndarray::{Array1, Array2};
use std::marker::PhantomData;

/// The shape of an operator's result: a number, an array or a sparse matrix, [`Like`] x, or [`Dense`].
pub trait Shape<T, X: ?Sized> {
    /// What is returned.
    type Value;
    /// What a plan returns, which does not keep x.
    type Kept: Shaped<Number = T>;
    /// The numbers, row by row, in their shape.
    fn value(x: &X, operator: &dyn Operator, size: Size, numbers: Vec<T>) -> Self::Value;
}

impl<T, X: ?Sized, V: Shaped<Number = T>> Shape<T, X> for V {
    type Value = V;
    type Kept = V;
    fn value(_: &X, operator: &dyn Operator, size: Size, numbers: Vec<T>) -> V {
        V::shaped(operator, size, numbers)
    }
}

/// A result of x's shape.
#[derive(Clone, Copy, Debug)]
pub struct Like;

impl<T: Real, X: Point<T> + ?Sized> Shape<T, X> for Like {
    type Value = X::Like;
    type Kept = Array1<T>;
    fn value(x: &X, _: &dyn Operator, _: Size, numbers: Vec<T>) -> X::Like {
        x.like(numbers)
    }
}

/// A matrix of the kind that belongs to x.
#[derive(Clone, Copy, Debug)]
pub struct Dense;

impl<T: Real, X: Point<T> + ?Sized> Shape<T, X> for Dense {
    type Value = X::Matrix;
    type Kept = Array2<T>;
    fn value(_: &X, _: &dyn Operator, (rows, columns): Size, numbers: Vec<T>) -> X::Matrix {
        X::Matrix::from_rows(rows, columns, numbers)
    }
}

/// Where a run's result goes: it is returned, or written to what the caller has.
pub trait Goal<'a, M: Method, X: ?Sized, W, S> {
    /// What a run returns: [`Method::Answer`], or nothing where it was written.
    type Done;
    type Target: Destination<M, Done = Self::Done>;
    /// Hands the target and a workspace to what fills it.
    fn fill(
        self,
        x: &'a X,
        run: impl FnOnce(Self::Target, &mut Workspace<S, M::Number>) -> Result<Self::Done, Error>,
    ) -> Result<Self::Done, Error>;
}

/// The result is returned.
#[derive(Clone, Copy, Debug)]
pub struct Returned;

impl<'a, M, X, W, S> Goal<'a, M, X, W, S> for Returned
where
    M: Method,
    X: ?Sized + 'a,
    W: Shape<M::Number, X>,
{
    type Done = M::Answer<W::Value>;
    type Target = Made<'a, M::Number, X, W>;

    #[inline]
    fn fill(
        self,
        x: &'a X,
        run: impl FnOnce(Self::Target, &mut Workspace<S, M::Number>) -> Result<Self::Done, Error>,
    ) -> Result<Self::Done, Error> {
        let made = Made {
            x,
            numbers: Vec::new(),
            size: (0, 0),
            shape: PhantomData,
        };
        run(made, &mut Workspace::new())
    }
}

/// The result is written to what the caller has, by way of a workspace.
pub struct To<'o, U: ?Sized, S, T> {
    pub(super) out: &'o mut U,
    pub(super) workspace: &'o mut Workspace<S, T>,
}

impl<'a, 'o, M, T, X, W, U, S> Goal<'a, M, X, W, S> for To<'o, U, S, T>
where
    M: Method<Number = T>,
    T: Real,
    X: ?Sized,
    U: Out<M::Rule, T> + ?Sized,
{
    type Done = ();
    type Target = &'o mut U;

    #[inline]
    fn fill(
        self,
        _: &'a X,
        run: impl FnOnce(&'o mut U, &mut Workspace<S, T>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        run(self.out, self.workspace)
    }
}

pub trait Destination<M: Method> {
    /// What the run returns.
    type Done;
    /// What may be filled while f is evaluated, in row-major order; `None` where that does not serve.
    /// `size` is that of the result.
    fn values(&mut self, size: impl FnOnce() -> Size) -> Option<&mut [M::Number]>;
    /// Called when the values were filled.
    fn filled(self, operator: &dyn Operator) -> Self::Done;
    /// Takes what was found along the lines.
    fn take(self, found: Found<'_>) -> Result<Self::Done, Error>;
}

/// An answer whose numbers are given their shape.
pub struct Made<'a, T, X: ?Sized, W> {
    x: &'a X,
    numbers: Vec<T>,
    size: Size,
    shape: PhantomData<W>,
}

impl<M, T, X, W> Destination<M> for Made<'_, T, X, W>
where
    M: Method<Number = T>,
    T: Real,
    X: ?Sized,
    W: Shape<T, X>,
{
    type Done = M::Answer<W::Value>;

    fn values(&mut self, size: impl FnOnce() -> Size) -> Option<&mut [T]> {
        M::plain(())?;
        self.size = size();
        self.numbers = vec![T::zero(); self.size.0 * self.size.1];
        Some(&mut self.numbers)
    }

    fn filled(self, operator: &dyn Operator) -> Self::Done {
        match M::plain(W::value(self.x, operator, self.size, self.numbers)) {
            Some(answer) => answer,
            None => unreachable!("error bars are not filled while f is evaluated"),
        }
    }

    fn take(self, found: Found<'_>) -> Result<Self::Done, Error> {
        M::answer(found, |size, numbers| {
            W::value(self.x, found.operator, size, numbers)
        })
    }
}

/// What the caller wants overwritten.
impl<M: Method, U: Out<M::Rule, M::Number> + ?Sized> Destination<M> for &mut U {
    type Done = ();

    #[inline]
    fn values(&mut self, _: impl FnOnce() -> Size) -> Option<&mut [M::Number]> {
        (**self).values()
    }

    fn filled(self, _: &dyn Operator) {}

    fn take(self, found: Found<'_>) -> Result<(), Error> {
        found.write(self)
    }
}
