//! Operators whose evaluations are shared among threads.

use super::destination::{Destination, Made};
use super::operators::every_operator;
use super::signatures::{operator, result_shape, result_type, univariate};
use super::{Method, prepare, widen_into};
use crate::answer::{self, Out};
use crate::evaluate::adapter::{Copied, in_place_closure, scalar_closure, vector_closure};
use crate::evaluate::threads;
use crate::operators::*;
use crate::scheme::Scheme;
use crate::sparse::{SparseHessian, SparseJacobian, SparseMatrix};
use crate::workspace::Workspace;
use crate::{DenseMatrix, Error, Function, Outcome, Outputs, Point, Real, Written};
use ndarray::Array1;

/// A method whose evaluations run on the threads of the current rayon pool; made by
/// [`parallel`](crate::FiniteDifference::parallel).
///
/// Results and counts of evaluations are those of the serial method to the last bit, for any number
/// of threads. Functions that are so cheap that threads would not pay are noticed (the evaluations
/// are timed) and evaluated on the calling thread. A panic of f passes through.
///
/// Every operator has an `*_into` that writes to the caller's result. With a warm workspace it
/// allocates a few times for each thread and round (a thread's copy of x, its task), and nothing for
/// each evaluation: the count does not grow with n.
///
/// # Example
/// ```
/// use ndarray::Array1;
/// use numdiff_core::FiniteDifference;
/// let f = |x: &ndarray::Array1<f64>| x.iter().map(|v| v.sin()).sum::<f64>();
/// let x = Array1::linspace(0.0, 1.0, 100);
/// let central = FiniteDifference::central();
/// assert_eq!(central.parallel().gradient(f, &x)?, central.gradient(f, &x)?);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Parallel<M> {
    method: M,
    pub(super) threads: Option<usize>,
}

impl<M> Parallel<M> {
    pub(super) fn new(method: M) -> Self {
        Parallel {
            method,
            threads: None,
        }
    }

    /// At most this many threads at a time; by default as many as the rayon pool has. To run on
    /// another pool, call the operator inside its `install`.
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// The settings, or why they make no sense.
    pub(super) fn scheme(&self) -> Result<&Scheme, Error>
    where
        M: Method,
    {
        if self.threads == Some(0) {
            return Err(Error::OutOfRange {
                argument: "threads",
                value: 0.0,
                expected: "at least 1",
            });
        }
        Ok(self.method.scheme())
    }
}

/// f is called by several threads at a time.
macro_rules! parallel {
    ($method:ident scalar $entry:tt) => {
        operator! {
            $method [Point<T> + Sync]
            |p, o, f, x, v, to, w| p.run(o, x, v, || scalar_closure(&f, x, Copied::default()), to, w),
            [Fn(&X::Seen) -> R + Sync] -> [Outcome<T>],
            |p, o, f, x, v, to, w| p.run(o, x, v, || scalar_closure(&f, x, Copied::default()), to, w),
            [Fn(&X::Seen) -> R + Sync] -> [Outcome<T>],
            "without allocation for each evaluation"
            $entry
        }
    };
    ($method:ident vector $entry:tt) => {
        operator! {
            $method [Point<T> + Sync]
            |p, o, f, x, v, to, w| p.run(o, x, v, || vector_closure(&f, x, Copied::default()), to, w),
            [Fn(&X::Seen) -> R + Sync] -> [Outputs<T>],
            |p, o, f, x, v, outputs, to, w| {
                let own = || in_place_closure(&f, x, Copied::default(), Vec::new(), outputs);
                p.run(o, x, v, own, to, w)
            },
            [Fn(&X::Seen, &mut [T]) -> R + Sync] -> [Written],
            "without allocation for each evaluation: f writes its outputs, in row-major order, to its second argument"
            $entry
        }
    };
}

impl<M: Method<Number = T>, T: Real> Parallel<M> {
    univariate! {
        M
        |p, o, f, x, v, to, w| {
            p.run(o, x, v, || scalar_closure(|x: &T| f(*x), x, Copied::default()), to, w)
        },
        [Fn(T) -> R + Sync] -> [Outcome<T>],
        |p, o, f, x, v, to, w| {
            p.run(o, x, v, || scalar_closure(|x: &T| f(*x), x, Copied::default()), to, w)
        },
        [Fn(T) -> R + Sync] -> [Outcome<T>],
        "without allocation for each evaluation"
    }
    every_operator!(parallel M);
}

impl<M: Method<Number = T>, T: Real> Parallel<M> {
    /// The answer from lines along which `worker`'s f is differentiated.
    fn run<X, G, D>(
        &self,
        operator: impl Operator + Into<AnyOperator> + Clone,
        x: &X,
        vector: impl IntoIterator<Item = T>,
        worker: impl Fn() -> G + Sync,
        to: D,
        workspace: &mut Workspace<X::Scratch, T>,
    ) -> Result<D::Done, Error>
    where
        X: Point<T> + ?Sized,
        G: Function,
        D: Destination<M>,
    {
        self.evaluate(&operator, x, vector, worker, workspace)?;
        to.take(&operator, &workspace.line_set, &workspace.results)
    }

    /// Prepares the lines, differentiates along them, and leaves what was found in the workspace.
    pub(super) fn evaluate<X, G>(
        &self,
        operator: &(impl Operator + Into<AnyOperator> + Clone),
        x: &X,
        vector: impl IntoIterator<Item = T>,
        worker: impl Fn() -> G + Sync,
        workspace: &mut Workspace<X::Scratch, T>,
    ) -> Result<(), Error>
    where
        X: Point<T> + ?Sized,
        G: Function,
    {
        let scheme = self.scheme()?;
        let mut vector = widen_into(vector, workspace);
        let done = prepare(scheme, operator, x, &vector, &mut workspace.line_set).and_then(|()| {
            threads::run(
                scheme,
                operator.clone().into(),
                &mut workspace.line_set,
                &mut vector,
                &threads::any(worker),
                self.threads,
                workspace.rounds.get_or_insert_default(),
                (
                    &mut workspace.scratch,
                    &mut workspace.workers,
                    &mut workspace.shares,
                ),
                &mut workspace.results,
            )
        });
        workspace.vector = vector;
        done
    }
}
