//! Closures as functions that are told what moved.

use crate::{Function, Moves, Outcome, Outputs, Real, Written};
use ndarray::{ArrayRef, ArrayView, ArrayViewMut1, Dimension};
use std::borrow::BorrowMut;
use std::marker::PhantomData;

/// x in the caller's number type, and a scratch copy that is moved and restored from saved bits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Point<T> {
    base: Vec<T>,
    scratch: Vec<T>,
}

impl<T: Real> Point<T> {
    pub fn begin(&mut self, x: &[f64]) {
        self.base.clear();
        self.base.extend(x.iter().map(|&v| T::round_from(v)));
        // Also what an evaluation that panicked may have left behind.
        self.scratch.clone_from(&self.base);
    }

    /// Runs `call` on the moved point, then restores it.
    #[inline(always)]
    pub fn at<R>(&mut self, moves: Moves<'_>, call: impl FnOnce(&[T]) -> R) -> R {
        match moves {
            Moves::None => call(&self.scratch),
            Moves::One(i, to) => {
                self.scratch[i] = T::round_from(to);
                let result = call(&self.scratch);
                self.scratch[i] = self.base[i];
                result
            }
            Moves::Many(many) => {
                for &(i, to) in many {
                    self.scratch[i] = T::round_from(to);
                }
                let result = call(&self.scratch);
                for &(i, _) in many {
                    self.scratch[i] = self.base[i];
                }
                result
            }
            Moves::Dense(to) => {
                for (slot, &to) in self.scratch.iter_mut().zip(to) {
                    *slot = T::round_from(to);
                }
                let result = call(&self.scratch);
                self.scratch.copy_from_slice(&self.base);
                result
            }
        }
    }
}

/// The point as an array of the caller's shape. Its length is that of the shape.
#[inline(always)]
fn view<'p, T, D: Dimension>(shape: &D, point: &'p [T]) -> ArrayView<'p, T, D> {
    match ArrayView::from_shape(shape.clone(), point) {
        Ok(view) => view,
        Err(_) => unreachable!("x and its scratch copy have the same number of elements"),
    }
}

/// `f(&array) -> T` or `Result<T, E>`.
pub(crate) struct Scalar<P, T, D, F, R> {
    f: F,
    point: P,
    shape: D,
    returns: PhantomData<fn() -> (T, R)>,
}

impl<P: BorrowMut<Point<T>>, T: Real, D: Dimension, F, R> Scalar<P, T, D, F, R>
where
    F: FnMut(&ArrayRef<T, D>) -> R,
{
    pub fn new(f: F, shape: D, point: P) -> Self {
        Scalar {
            f,
            point,
            shape,
            returns: PhantomData,
        }
    }
}

impl<P: BorrowMut<Point<T>>, T: Real, D: Dimension, F, R> Function for Scalar<P, T, D, F, R>
where
    F: FnMut(&ArrayRef<T, D>) -> R,
    R: Outcome<T>,
{
    type Error = R::Error;

    fn begin(&mut self, x: &[f64]) -> Result<(), R::Error> {
        self.point.borrow_mut().begin(x);
        Ok(())
    }

    #[inline]
    fn moved(&mut self, moves: Moves<'_>, values: &mut Vec<f64>) -> Result<(), R::Error> {
        let (f, shape) = (&mut self.f, &self.shape);
        let value = self
            .point
            .borrow_mut()
            .at(moves, |point| f(&view(shape, point)))
            .outcome()?;
        values.push(value.widen());
        Ok(())
    }
}

/// `f(T) -> T` or `Result<T, E>`.
pub(crate) struct Univariate<T, F, R> {
    f: F,
    x: T,
    returns: PhantomData<fn() -> R>,
}

impl<T: Real, F: FnMut(T) -> R, R> Univariate<T, F, R> {
    pub fn new(f: F, x: T) -> Self {
        Univariate {
            f,
            x,
            returns: PhantomData,
        }
    }
}

impl<T: Real, F: FnMut(T) -> R, R: Outcome<T>> Function for Univariate<T, F, R> {
    type Error = R::Error;

    fn begin(&mut self, _: &[f64]) -> Result<(), R::Error> {
        Ok(())
    }

    #[inline]
    fn moved(&mut self, moves: Moves<'_>, values: &mut Vec<f64>) -> Result<(), R::Error> {
        let x = match moves {
            Moves::None => self.x,
            Moves::One(_, to) => T::round_from(to),
            Moves::Many(many) => many.first().map_or(self.x, |&(_, to)| T::round_from(to)),
            Moves::Dense(to) => to.first().map_or(self.x, |&to| T::round_from(to)),
        };
        values.push((self.f)(x).outcome()?.widen());
        Ok(())
    }
}

/// `f(&array)` that returns its outputs.
pub(crate) struct Vector<P, T, D, F, R> {
    f: F,
    point: P,
    shape: D,
    returns: PhantomData<fn() -> (T, R)>,
}

impl<P: BorrowMut<Point<T>>, T: Real, D: Dimension, F, R> Vector<P, T, D, F, R>
where
    F: FnMut(&ArrayRef<T, D>) -> R,
{
    pub fn new(f: F, shape: D, point: P) -> Self {
        Vector {
            f,
            point,
            shape,
            returns: PhantomData,
        }
    }
}

impl<P: BorrowMut<Point<T>>, T: Real, D: Dimension, F, R> Function for Vector<P, T, D, F, R>
where
    F: FnMut(&ArrayRef<T, D>) -> R,
    R: Outputs<T>,
{
    type Error = R::Error;

    fn begin(&mut self, x: &[f64]) -> Result<(), R::Error> {
        self.point.borrow_mut().begin(x);
        Ok(())
    }

    fn moved(&mut self, moves: Moves<'_>, values: &mut Vec<f64>) -> Result<(), R::Error> {
        let (f, shape) = (&mut self.f, &self.shape);
        self.point
            .borrow_mut()
            .at(moves, |point| f(&view(shape, point)))
            .push_to(values)
    }
}

/// `f(&array, &mut outputs)` that writes its outputs in place.
pub(crate) struct InPlace<P, V, T, D, F, R> {
    f: F,
    point: P,
    shape: D,
    outputs: V,
    count: usize,
    returns: PhantomData<fn() -> (T, R)>,
}

impl<P, V, T: Real, D: Dimension, F, R> InPlace<P, V, T, D, F, R>
where
    P: BorrowMut<Point<T>>,
    V: BorrowMut<Vec<T>>,
    F: FnMut(&ArrayRef<T, D>, &mut ArrayRef<T, ndarray::Ix1>) -> R,
{
    pub fn new(f: F, shape: D, point: P, outputs: V, count: usize) -> Self {
        InPlace {
            f,
            point,
            shape,
            outputs,
            count,
            returns: PhantomData,
        }
    }
}

impl<P, V, T: Real, D: Dimension, F, R> Function for InPlace<P, V, T, D, F, R>
where
    P: BorrowMut<Point<T>>,
    V: BorrowMut<Vec<T>>,
    F: FnMut(&ArrayRef<T, D>, &mut ArrayRef<T, ndarray::Ix1>) -> R,
    R: Written,
{
    type Error = R::Error;

    fn begin(&mut self, x: &[f64]) -> Result<(), R::Error> {
        self.point.borrow_mut().begin(x);
        self.outputs.borrow_mut().clear();
        Ok(())
    }

    fn moved(&mut self, moves: Moves<'_>, values: &mut Vec<f64>) -> Result<(), R::Error> {
        let (f, shape) = (&mut self.f, &self.shape);
        // An output that f does not write is NaN rather than what the last call left there.
        let outputs = self.outputs.borrow_mut();
        outputs.clear();
        outputs.resize(self.count, T::nan());
        self.point
            .borrow_mut()
            .at(moves, |point| {
                let mut y = ArrayViewMut1::from(outputs.as_mut_slice());
                f(&view(shape, point), &mut y)
            })
            .written()?;
        values.extend(outputs.iter().map(|v| v.widen()));
        Ok(())
    }
}
