//! What f is, and the drivers of each kind: it returns a number, takes one, returns its outputs or writes them.

// The private parts of what a run is made of keep it to this crate.
#![allow(private_interfaces, private_bounds)]

use super::Method;
use super::destination::{Destination, Goal, To};
use super::run::{Kind, Run, Whole};
use crate::answer::Out;
#[cfg(feature = "rayon")]
use crate::evaluate::adapter::Copied;
use crate::evaluate::adapter::{in_place_closure, of_number, scalar_closure, vector_closure};
use crate::evaluate::stream;
use crate::operators::Stream;
use crate::workspace::Workspace;
use crate::{Error, Outcome, Outputs, Point, Real, Written};
use std::marker::PhantomData;

/// f returns a number; the result has the shape `W`.
#[derive(Clone, Copy, Debug)]
pub struct Scalar<W>(PhantomData<W>);

/// f has outputs; the result has the shape `W`.
#[derive(Clone, Copy, Debug)]
pub struct Vector<W>(PhantomData<W>);

/// f takes a number and returns one, as is the result.
#[derive(Clone, Copy, Debug)]
pub struct Univariate<W>(PhantomData<W>);

macro_rules! whole {
    ($($kind:ident),*) => {
        $(impl<T, X: Point<T> + ?Sized, W> Kind<X, T> for $kind<W> {
            type Shape = W;
            type Scratch = X::Scratch;
        }

        impl<W> Whole for $kind<W> {})*
    };
}
whole!(Scalar, Vector, Univariate);

/// f returns a number.
impl<'a, M, T, X, V, W, D> Run<'a, M, X, V, Scalar<W>, D>
where
    M: Method<Number = T>,
    T: Real,
    X: Point<T> + ?Sized,
    V: Point<T> + ?Sized,
    D: Goal<'a, M, X, W, X::Scratch>,
{
    /// The evaluations one after the other.
    #[inline]
    pub fn serial<F, R>(self, mut f: F) -> Result<D::Done, Error>
    where
        F: FnMut(&X::Seen) -> R,
        R: Outcome<T>,
    {
        let Run {
            question,
            mut watch,
            to,
            ..
        } = self;
        to.fill(question.x, |mut to, workspace| {
            question.operator.check()?;
            if watch.is_none()
                && question.given.is_empty()
                && let Some(stream) = question.operator.stream()
                && let Some(values) =
                    to.values(|| stream.size(X::len(workspace.point.copy(question.x))))
                && let Some(done) = {
                    let (scheme, x, f) = (question.scheme, question.x, &mut f);
                    match stream {
                        Stream::Columns => stream::gradient(scheme, f, x, values, workspace),
                        Stream::Pairs => stream::hessian(scheme, f, x, values, workspace),
                    }
                }
            {
                return done.map(|()| to.filled(&*question.operator));
            }
            let Workspace { point, buffers, .. } = workspace;
            let f = &mut scalar_closure(f, question.x, point);
            question.serial(f, buffers, watch.as_deref_mut())?;
            to.take(buffers.found(&question.operator))
        })
    }

    /// The evaluations on the threads of the current rayon pool. Functions that are so cheap that threads
    /// would not pay are noticed (the evaluations are timed) and evaluated on the calling thread. A panic of f
    /// passes through.
    ///
    /// # Example
    /// ```
    /// use ndarray::Array1;
    /// use numdiff_core::FiniteDifference;
    /// let f = |x: &ndarray::Array1<f64>| x.iter().map(|v| v.sin()).sum::<f64>();
    /// let x = Array1::linspace(0.0, 1.0, 100);
    /// let central = FiniteDifference::central();
    /// assert_eq!(central.plan().gradient(&x).parallel(f)?, central.gradient(f, &x)?);
    /// # Ok::<(), numdiff_core::Error>(())
    /// ```
    #[cfg(feature = "rayon")]
    pub fn parallel<F, R>(self, f: F) -> Result<D::Done, Error>
    where
        F: Fn(&X::Seen) -> R + Sync,
        R: Outcome<T>,
        X: Sync,
    {
        let x = self.question.x;
        self.on_threads(|| scalar_closure(&f, x, Copied::default()))
    }
}

/// f takes a number.
impl<'a, M, T, W, D> Run<'a, M, T, [T; 0], Univariate<W>, D>
where
    M: Method<Number = T>,
    T: Real,
    D: Goal<'a, M, T, W, T>,
{
    /// The evaluations one after the other.
    #[inline]
    pub fn serial<F, R>(self, f: F) -> Result<D::Done, Error>
    where
        F: FnMut(T) -> R,
        R: Outcome<T>,
    {
        self.evaluate(|question, workspace, watch| {
            let Workspace { point, buffers, .. } = workspace;
            let f = &mut scalar_closure(of_number(f), question.x, point);
            question.serial(f, buffers, watch)
        })
    }

    /// The evaluations on the threads of the current rayon pool, where that pays.
    #[cfg(feature = "rayon")]
    pub fn parallel<F, R>(self, f: F) -> Result<D::Done, Error>
    where
        F: Fn(T) -> R + Sync,
        R: Outcome<T>,
    {
        let x = self.question.x;
        self.on_threads(|| scalar_closure(|x: &T| f(*x), x, Copied::default()))
    }
}

/// f returns its outputs.
impl<'a, M, T, X, V, W, D> Run<'a, M, X, V, Vector<W>, D>
where
    M: Method<Number = T>,
    T: Real,
    X: Point<T> + ?Sized,
    V: Point<T> + ?Sized,
    D: Goal<'a, M, X, W, X::Scratch>,
{
    /// The evaluations one after the other.
    #[inline]
    pub fn serial<F, R>(self, f: F) -> Result<D::Done, Error>
    where
        F: FnMut(&X::Seen) -> R,
        R: Outputs<T>,
    {
        self.evaluate(|question, workspace, watch| {
            let Workspace { point, buffers, .. } = workspace;
            let f = &mut vector_closure(f, question.x, point);
            question.serial(f, buffers, watch)
        })
    }

    /// The evaluations on the threads of the current rayon pool, where that pays. A panic of f passes through.
    #[cfg(feature = "rayon")]
    pub fn parallel<F, R>(self, f: F) -> Result<D::Done, Error>
    where
        F: Fn(&X::Seen) -> R + Sync,
        R: Outputs<T>,
        X: Sync,
    {
        let x = self.question.x;
        self.on_threads(|| vector_closure(&f, x, Copied::default()))
    }
}

/// f writes its outputs: how many follows from where the result goes.
impl<'a, 'o, M, T, X, V, W, U> Run<'a, M, X, V, Vector<W>, To<'o, U, X::Scratch, T>>
where
    M: Method<Number = T>,
    T: Real,
    X: Point<T> + ?Sized,
    V: Point<T> + ?Sized,
    U: Out<M::Rule, T> + ?Sized,
{
    /// f writes its outputs, in row-major order, to its second argument. A Jacobian has one for each row of
    /// what it is written to, a product with it one for each entry, a gradient that is given as many as x.
    #[inline]
    pub fn serial_in_place<F, R>(self, mut f: F) -> Result<(), Error>
    where
        F: FnMut(&X::Seen, &mut [T]) -> R,
        R: Written,
    {
        let Run {
            question,
            mut watch,
            to: To { out, workspace },
            ..
        } = self;
        question.operator.check()?;
        let count = question.written(out.extent());
        if watch.is_none()
            && question.given.is_empty()
            && question.operator.stream() == Some(Stream::Columns)
            && let Some(values) = out.values()
            && let Some(done) = stream::jacobian(
                question.scheme,
                &mut f,
                question.x,
                count,
                values,
                workspace,
            )
        {
            return done;
        }
        let Workspace {
            point,
            outputs,
            buffers,
            ..
        } = workspace;
        let f = &mut in_place_closure(f, question.x, point, outputs, count);
        question.serial(f, buffers, watch.as_deref_mut())?;
        let Workspace { buffers, .. } = workspace;
        buffers.found(&question.operator).write(out)
    }

    /// The same on the threads of the current rayon pool, where that pays.
    #[cfg(feature = "rayon")]
    pub fn parallel_in_place<F, R>(self, f: F) -> Result<(), Error>
    where
        F: Fn(&X::Seen, &mut [T]) -> R + Sync,
        R: Written,
        X: Sync,
    {
        let (x, count) = (self.question.x, self.question.written(self.to.out.extent()));
        self.on_threads(|| in_place_closure(&f, x, Copied::default(), Vec::new(), count))
    }
}
