//! Closures as functions that are told what moved.

use crate::error::Misuse;
use crate::moves::Failure;
use crate::{Error, Function, Moves, Outcome, Outputs, Point, Real, Written};
use std::borrow::BorrowMut;
use std::marker::PhantomData;

/// The copy of x that f sees: moved, and restored from saved numbers.
#[derive(Clone)]
pub(crate) struct Copied<T, S> {
    base: Vec<T>,
    pub scratch: Option<S>,
}

impl<T, S> Default for Copied<T, S> {
    fn default() -> Self {
        Copied {
            base: Vec::new(),
            scratch: None,
        }
    }
}

impl<T: Real, S> Copied<T, S> {
    /// A copy of x: in the place of an earlier one, whatever an evaluation that panicked left there.
    #[inline]
    pub fn copy<X: Point<T, Scratch = S> + ?Sized>(&mut self, x: &X) -> &mut S {
        match &mut self.scratch {
            Some(scratch) => x.copy_to(scratch),
            None => self.scratch = Some(x.scratch()),
        }
        match &mut self.scratch {
            Some(scratch) => scratch,
            None => unreachable!("x was copied"),
        }
    }

    /// A copy of x that holds `numbers`.
    fn begin<X>(&mut self, x: &X, numbers: &[f64]) -> Result<(), Failure>
    where
        X: Point<T, Scratch = S> + ?Sized,
    {
        self.base.clear();
        self.base.extend(numbers.iter().map(|&v| T::round_from(v)));
        let (n, scratch) = (numbers.len(), self.copy(x));
        same_length::<T, X>(scratch, n).map_err(misuse)?;
        let mut each = numbers.iter().map(|&v| T::round_from(v)).enumerate();
        each.try_for_each(|(i, own)| put::<T, X>(scratch, n, i, own))
            .map_err(misuse)
    }

    /// Runs `call` on the moved point, then restores it.
    #[inline]
    fn at<X, R>(&mut self, moves: Moves<'_>, call: impl FnOnce(&X::Seen) -> R) -> Result<R, Failure>
    where
        X: Point<T, Scratch = S> + ?Sized,
    {
        let Copied { base, scratch } = self;
        let Some(scratch) = scratch else {
            unreachable!("x is copied before f is evaluated")
        };
        let n = base.len();
        moves
            .try_for_each(|i, to| put::<T, X>(scratch, n, i, T::round_from(to)))
            .map_err(misuse)?;
        let result = call(X::seen(scratch));
        moves
            .try_for_each(|i, _| put::<T, X>(scratch, n, i, base[i]))
            .and_then(|()| same_length::<T, X>(scratch, n))
            .map_err(misuse)?;
        Ok(result)
    }
}

/// Sets number `i` of a point that has `length`, and sees that it is there.
#[inline(always)]
pub(crate) fn put<T, X>(
    scratch: &mut X::Scratch,
    length: usize,
    i: usize,
    to: T,
) -> Result<(), Error>
where
    T: Real,
    X: Point<T> + ?Sized,
{
    if let Some(slice) = X::slice(scratch) {
        if let Some(slot) = slice.get_mut(i) {
            *slot = to;
            return Ok(());
        }
        return same_length::<T, X>(scratch, length);
    }
    put_alone::<T, X>(scratch, length, i, to)
}

/// The same where numbers do not lie in a slice.
fn put_alone<T, X>(scratch: &mut X::Scratch, length: usize, i: usize, to: T) -> Result<(), Error>
where
    T: Real,
    X: Point<T> + ?Sized,
{
    same_length::<T, X>(scratch, length)?;
    X::set(scratch, i, to);
    same_length::<T, X>(scratch, length)?;
    let found = X::get(scratch, i);
    if found == to || (found.is_nan() && to.is_nan()) {
        return Ok(());
    }
    Err(Error::NumberNotKept {
        coordinate: i,
        set: to.widen(),
        found: found.widen(),
    })
}

/// Whether a point has as many numbers as before.
#[inline(always)]
pub(crate) fn same_length<T, X>(scratch: &X::Scratch, expected: usize) -> Result<(), Error>
where
    X: Point<T> + ?Sized,
{
    let found = X::len(scratch);
    if found == expected {
        return Ok(());
    }
    Err(Error::LengthChanged { found, expected })
}

/// An error that is the point's or the function's own, and not one that f returned.
#[cold]
pub(crate) fn misuse(error: Error) -> Failure {
    Box::new(Misuse(error))
}

/// Outputs that f is to write, none of which it has written yet.
pub(crate) fn unwritten<T: Real>(outputs: &mut [T]) {
    outputs.fill(T::unwritten());
}

/// Whether f wrote all of its outputs, and read none.
pub(crate) fn all_written<T: Real>(outputs: &[T]) -> Result<(), Error> {
    // Without an early exit: several elements at a time.
    if !outputs.iter().fold(false, |any, v| any | v.is_nan()) {
        return Ok(());
    }
    written_one_by_one(outputs)
}

#[cold]
fn written_one_by_one<T: Real>(outputs: &[T]) -> Result<(), Error> {
    for (output, value) in outputs.iter().enumerate() {
        if value.is_unwritten() {
            return Err(Error::OutputNotWritten { output });
        }
        if value.was_unwritten() {
            return Err(Error::OutputAddedTo { output });
        }
    }
    Ok(())
}

/// A closure that pushes f's outputs at a copy of x.
struct Closure<'x, P, T, X: ?Sized, C> {
    outputs: C,
    x: &'x X,
    point: P,
    number: PhantomData<fn() -> T>,
}

impl<'x, P, T, X, C> Closure<'x, P, T, X, C>
where
    P: BorrowMut<Copied<T, X::Scratch>>,
    T: Real,
    X: Point<T> + ?Sized,
    C: FnMut(&X::Seen, &mut Vec<f64>) -> Result<(), Failure>,
{
    fn new(x: &'x X, point: P, outputs: C) -> Self {
        Closure {
            outputs,
            x,
            point,
            number: PhantomData,
        }
    }
}

impl<P, T, X, C> Function for Closure<'_, P, T, X, C>
where
    P: BorrowMut<Copied<T, X::Scratch>>,
    T: Real,
    X: Point<T> + ?Sized,
    C: FnMut(&X::Seen, &mut Vec<f64>) -> Result<(), Failure>,
{
    type Error = Failure;

    fn begin(&mut self, x: &[f64]) -> Result<(), Failure> {
        self.point.borrow_mut().begin(self.x, x)
    }

    #[inline]
    fn moved(&mut self, moves: Moves<'_>, values: &mut Vec<f64>) -> Result<(), Failure> {
        let outputs = &mut self.outputs;
        let point = self.point.borrow_mut();
        point.at::<X, _>(moves, |x| outputs(x, values))?
    }
}

/// `f(&x) -> T` or `Result<T, E>`.
pub(crate) fn scalar_closure<P, T, X, F, R>(
    mut f: F,
    x: &X,
    point: P,
) -> impl Function<Error = Failure>
where
    P: BorrowMut<Copied<T, X::Scratch>>,
    T: Real,
    X: Point<T> + ?Sized,
    F: FnMut(&X::Seen) -> R,
    R: Outcome<T>,
{
    Closure::new(x, point, move |x: &X::Seen, values: &mut Vec<f64>| {
        values.push(f(x).outcome().map_err(Into::into)?.widen());
        Ok(())
    })
}

/// `f(&x)` that returns its outputs.
pub(crate) fn vector_closure<P, T, X, F, R>(
    mut f: F,
    x: &X,
    point: P,
) -> impl Function<Error = Failure>
where
    P: BorrowMut<Copied<T, X::Scratch>>,
    T: Real,
    X: Point<T> + ?Sized,
    F: FnMut(&X::Seen) -> R,
    R: Outputs<T>,
{
    Closure::new(x, point, move |x: &X::Seen, values: &mut Vec<f64>| {
        f(x).push_to(values).map_err(Into::into)
    })
}

/// `f(&x, &mut outputs)` that writes so many outputs in place.
pub(crate) fn in_place_closure<P, V, T, X, F, R>(
    mut f: F,
    x: &X,
    point: P,
    mut outputs: V,
    count: usize,
) -> impl Function<Error = Failure>
where
    P: BorrowMut<Copied<T, X::Scratch>>,
    V: BorrowMut<Vec<T>>,
    T: Real,
    X: Point<T> + ?Sized,
    F: FnMut(&X::Seen, &mut [T]) -> R,
    R: Written,
{
    Closure::new(x, point, move |x: &X::Seen, values: &mut Vec<f64>| {
        let outputs = outputs.borrow_mut();
        outputs.resize(count, T::zero());
        unwritten(outputs);
        f(x, outputs).written().map_err(Into::into)?;
        all_written(outputs).map_err(misuse)?;
        values.extend(outputs.iter().map(|v| v.widen()));
        Ok(())
    })
}

/// A function of one variable, as one of a point.
pub(crate) fn of_number<T: Copy, R>(mut f: impl FnMut(T) -> R) -> impl FnMut(&T) -> R {
    move |x| f(*x)
}
