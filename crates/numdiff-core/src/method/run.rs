//! An operator at x that is yet to be told f: the settings of its run, and the drivers, which are its last
//! words, of any f; those of each kind of f stand in [`kinds`](super::kinds).

// The private parts of what a run is made of keep it to this crate.
#![allow(private_interfaces, private_bounds)]

use super::Method;
use super::destination::{Destination, Goal, Returned, Shape, To};
use super::question::Question;
use crate::answer::{Out, Shaped};
#[cfg(feature = "rayon")]
use crate::error::expect;
#[cfg(feature = "rayon")]
use crate::evaluate::threads;
use crate::evaluate::{Watch, batch};
use crate::moves::Failure;
use crate::plan::LinePlan;
use crate::workspace::Workspace;
use crate::{AskTell, Error, Function, Outputs, Point, Real, Written};
use ndarray::Array2;
use std::marker::PhantomData;

/// An operator at x that is yet to be told f; made by the operators of [`Plans`](crate::Plans).
///
/// Settings come first: [`write_to`](Self::write_to), [`progress`](Self::progress), `with_threads`,
/// [`given`](Self::given). The last word says how f is evaluated:
///
/// | last word | f |
/// |---|---|
/// | `serial(f)` | one point after the other: `f(&x)`, as the methods of [`FiniteDifference`](crate::FiniteDifference) |
/// | `parallel(f)` | on the threads of the current rayon pool (feature `rayon`) |
/// | `batched(f)` | many points at once: the rows of an `Array2` |
/// | `serial_in_place(f)`, `parallel_in_place(f)`, `batched_in_place(f)` | writes its outputs to its second argument, a slice |
/// | `serial_function(&mut f)`, `parallel_functions(make)` | a [`Function`], which is told what moved |
/// | `ask_tell()` | is not called: the caller makes the evaluations, see [`AskTell`] |
///
/// Whatever evaluates f, the result and the count of evaluations are the same, to the last bit. What is wrong
/// with the operator's arguments is the error of the last word.
///
/// The types after x's are those of the operator; no program needs to write them.
///
/// # Example
/// ```
/// use ndarray::{Array1, Axis, array};
/// use numdiff_core::{FiniteDifference, Workspace};
/// let central = FiniteDifference::central();
/// let x = array![3.0, 4.0];
/// // One call of f for all four points.
/// let g = central.plan().gradient(&x).batched(|points| points.map_axis(Axis(1), |x| x[0] * x[1]))?;
/// assert_eq!(g, central.gradient(|x| x[0] * x[1], &x)?);
///
/// // Without allocation, at many points.
/// let (mut out, mut workspace) = (Array1::zeros(2), Workspace::new());
/// let run = central.plan().gradient(&x).write_to(&mut out, &mut workspace);
/// run.serial(|x| x[0] * x[1])?;
/// assert_eq!(out, g);
///
/// // Told how far it is.
/// central.plan().hessian(&x).progress(|told, open| println!("{told} told, {open} open")).serial(|x| x[0] * x[1])?;
/// # Ok::<(), numdiff_core::Error>(())
/// ```
#[must_use = "a run evaluates nothing before its last word, such as `serial`"]
pub struct Run<'a, M: Method, X: ?Sized, V: ?Sized, K, D = Returned> {
    pub(super) question: Question<'a, M::Number, X, V>,
    threads: Option<usize>,
    pub(super) watch: Option<Box<Watch<'a>>>,
    pub(super) to: D,
    kind: PhantomData<fn() -> (M, K)>,
}

/// What f is.
pub trait Kind<X: ?Sized, T> {
    /// The shape of the result.
    type Shape;
    /// The copy of x, or of a part of it, that f sees.
    type Scratch;
}

/// f sees all of x.
pub trait Whole {}

impl<'a, M, T, X, V, K> Run<'a, M, X, V, K>
where
    M: Method<Number = T>,
    T: Real,
    X: ?Sized,
    V: ?Sized,
{
    pub(super) fn new(question: Question<'a, T, X, V>) -> Self {
        Run {
            question,
            threads: None,
            watch: None,
            to: Returned,
            kind: PhantomData,
        }
    }

    /// The plan, whose evaluations the caller makes. It does not keep x as it was passed: a gradient is an
    /// `Array1` of numbers in the order of x's, a matrix an `Array2`. Of the settings
    /// [`given`](Self::given) alone is the plan's.
    ///
    /// # Errors
    /// What the method makes of x and of the operator's arguments.
    ///
    /// # Example
    /// ```
    /// use numdiff_core::ndarray::{Array1, array};
    /// use numdiff_core::{AskTell, FiniteDifference, Error};
    ///
    /// struct Study {
    ///     plan: AskTell<Array1<f64>>,
    /// }
    /// let plan = FiniteDifference::central().plan().gradient(&array![3.0, 4.0]).ask_tell()?;
    /// let mut study = Study { plan };
    /// for job in study.plan.ask()? {
    ///     let x = job.point(study.plan.x());
    ///     study.plan.tell(job.id, [x[0] * x[1]])?;
    /// }
    /// println!("{:.6}", study.plan.finish()?);
    /// # Ok::<(), Error>(())
    /// ```
    /// ```text
    /// [4.000000, 3.000000]
    /// ```
    pub fn ask_tell<A>(self) -> Result<AskTell<M::Answer<A>>, Error>
    where
        X: Point<T>,
        V: Point<T>,
        K: Kind<X, T, Shape: Shape<T, X, Kept = A>>,
        A: Shaped<Number = T>,
    {
        let question = self.question;
        question.operator.check()?;
        let mut plan = LinePlan::default();
        question.open(&mut plan)?;
        Ok(AskTell::new(plan, |found| {
            M::answer(found, |size, numbers| {
                A::shaped(found.operator, size, numbers)
            })
        }))
    }

    /// The result is written to `out`: an array or a view, a slice, a `Vec` or a number, for methods with
    /// error bars an [`Estimate`](crate::Estimate) of one ([`blank`](crate::Estimate::blank)). With a warm
    /// workspace nothing is allocated, on threads nothing for each evaluation.
    ///
    /// # Errors
    /// The last word returns [`Error::Length`] for `out` of another length than the result. After an error
    /// `out` may hold parts of one.
    pub fn write_to<'o, U, S>(
        self,
        out: &'o mut U,
        workspace: &'o mut Workspace<S, T>,
    ) -> Run<'a, M, X, V, K, To<'o, U, S, T>>
    where
        U: Out<M::Rule, T> + ?Sized,
    {
        Run {
            question: self.question,
            threads: self.threads,
            watch: self.watch,
            to: To { out, workspace },
            kind: PhantomData,
        }
    }
}

impl<'a, M, T, X, V, K, D> Run<'a, M, X, V, K, D>
where
    M: Method<Number = T>,
    T: Real,
    X: ?Sized,
    V: ?Sized,
{
    /// At most this many threads at a time, for the drivers that take several; by default as many as the rayon
    /// pool has. To run on another pool, say the last word inside its `install`.
    ///
    /// # Errors
    /// `parallel` and its kin return [`Error::OutOfRange`] for 0.
    #[cfg(feature = "rayon")]
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// `watch(told, open)` is called after each evaluation, after each batch of them where f takes many:
    /// how many were told, and how many of the round are open, for the method decides on what follows when a
    /// round is told. One call at a time, on whatever thread evaluated f.
    ///
    /// Evaluations then come in the order of the plan, round by round, however cheap f is; where several fail, the
    /// error is that of the first in this order. What `watch` holds is allocated once.
    /// On threads `watch` is called while others may wait for it: it must not use the pool itself.
    pub fn progress(mut self, watch: impl FnMut(usize, usize) + Send + 'a) -> Self {
        self.watch = Some(Box::new(watch));
        self
    }

    /// The count of threads, or why it makes no sense.
    #[cfg(feature = "rayon")]
    fn threads(&self) -> Result<usize, Error> {
        let threads = self.threads.unwrap_or_else(rayon::current_num_threads);
        expect(threads > 0, "threads", 0.0, "at least 1")?;
        Ok(threads)
    }
}

impl<'a, M, T, X, V, K, D> Run<'a, M, X, V, K, D>
where
    M: Method<Number = T>,
    T: Real,
    X: Point<T> + ?Sized,
    V: Point<T> + ?Sized,
    K: Kind<X, T>,
    D: Goal<'a, M, X, K::Shape, K::Scratch>,
{
    /// f's outputs at x, where the caller has them (one for a scalar f): no method evaluates f at x again.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use numdiff_core::FiniteDifference;
    /// let (mut calls, x) = (0, array![3.0, 4.0]);
    /// let run = FiniteDifference::forward();
    /// let run = run.plan().gradient(&x).given(&[12.0]);
    /// let g = run.serial(|x| { calls += 1; x[0] * x[1] })?;
    /// println!("{g:.4} from {calls} evaluations");
    /// # Ok::<(), numdiff_core::Error>(())
    /// ```
    /// ```text
    /// [4.0000, 3.0000] from 2 evaluations
    /// ```
    pub fn given(mut self, values: &'a [T]) -> Self
    where
        K: Whole,
    {
        self.question.given = values;
        self
    }

    /// f takes many points: an array with one in each row, of x's numbers in row-major order. It returns
    /// a row of outputs for each: for a scalar function a 1-d array of values, for a vector function a 2-d array.
    ///
    /// The result is that of the other drivers when f gives each row the bits that it would give the point alone.
    pub fn batched<F, R>(self, mut f: F) -> Result<D::Done, Error>
    where
        F: FnMut(&Array2<T>) -> R,
        R: Outputs<T>,
    {
        self.in_batches(|points, _, values| f(points).push_to(values).map_err(Into::into))
    }

    /// The evaluations one after the other, by a function that is told what moved.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use numdiff_core::{FiniteDifference, Function, Moves};
    ///
    /// /// x^2 summed: one coordinate moved costs O(1), not O(n).
    /// struct SumOfSquares {
    ///     x: Vec<f64>,
    ///     sum: f64,
    /// }
    /// impl Function for SumOfSquares {
    ///     type Error = std::convert::Infallible;
    ///     fn begin(&mut self, x: &[f64]) -> Result<(), Self::Error> {
    ///         (self.x, self.sum) = (x.to_vec(), x.iter().map(|v| v * v).sum());
    ///         Ok(())
    ///     }
    ///     fn moved(&mut self, moves: Moves<'_>, values: &mut Vec<f64>) -> Result<(), Self::Error> {
    ///         let mut sum = self.sum;
    ///         moves.for_each(|i, to| sum += to * to - self.x[i] * self.x[i]);
    ///         values.push(sum);
    ///         Ok(())
    ///     }
    /// }
    ///
    /// let mut f = SumOfSquares { x: Vec::new(), sum: 0.0 };
    /// let g = FiniteDifference::central().plan().gradient(&array![3.0, 4.0]).serial_function(&mut f)?;
    /// assert!((g[0] - 6.0).abs() < 1e-9 && (g[1] - 8.0).abs() < 1e-9);
    /// # Ok::<(), numdiff_core::Error>(())
    /// ```
    pub fn serial_function(self, f: &mut impl Function) -> Result<D::Done, Error> {
        self.evaluate(|question, workspace, watch| {
            question.rounds(f, &mut workspace.buffers, watch)
        })
    }

    /// The same on threads: `make` makes the function for one thread, and is called for each thread and
    /// round.
    #[cfg(feature = "rayon")]
    pub fn parallel_functions<F: Function>(
        self,
        make: impl Fn() -> F + Sync,
    ) -> Result<D::Done, Error> {
        let threads = self.threads()?;
        self.evaluate(|question, workspace, watch| {
            let buffers = &mut workspace.buffers;
            question.parallel_rounds(&threads::any(make), threads, buffers, watch)
        })
    }

    /// The answer from what `drive` leaves in the workspace.
    pub(super) fn evaluate(
        mut self,
        drive: impl FnOnce(
            &Question<'a, T, X, V>,
            &mut Workspace<K::Scratch, T>,
            Option<&mut Watch<'_>>,
        ) -> Result<(), Error>,
    ) -> Result<D::Done, Error> {
        let question = &self.question;
        self.to.fill(question.x, |to, workspace| {
            question.operator.check()?;
            drive(question, workspace, self.watch.as_deref_mut())?;
            to.take(workspace.buffers.found(&question.operator))
        })
    }

    /// `fill` takes f's outputs at the points, by way of a buffer where f writes them.
    fn in_batches(
        self,
        mut fill: impl FnMut(&Array2<T>, &mut Vec<T>, &mut Vec<f64>) -> Result<(), Failure>,
    ) -> Result<D::Done, Error> {
        self.evaluate(|question, workspace, watch| {
            let Workspace {
                buffers,
                points,
                outputs,
                ..
            } = workspace;
            question.by_plan(buffers, |plan, buffers| {
                let fill =
                    &mut |points: &Array2<T>, values: &mut Vec<f64>| fill(points, outputs, values);
                let buffers = (points, &mut buffers.scratch.base);
                batch::run(plan, buffers, fill, watch)
            })
        })
    }

    /// On threads, by closures of this kind.
    #[cfg(feature = "rayon")]
    pub(super) fn on_threads<F: Function>(
        self,
        make: impl Fn() -> F + Sync,
    ) -> Result<D::Done, Error> {
        let threads = self.threads();
        self.evaluate(|question, workspace, watch| {
            let buffers = &mut workspace.buffers;
            question.parallel(&threads::any(make), threads?, buffers, watch)
        })
    }
}

/// f writes what it has at many points.
impl<'a, 'o, M, T, X, V, K, U, S> Run<'a, M, X, V, K, To<'o, U, S, T>>
where
    M: Method<Number = T>,
    T: Real,
    X: Point<T> + ?Sized,
    V: Point<T> + ?Sized,
    K: Kind<X, T, Scratch = S>,
    U: Out<M::Rule, T> + ?Sized,
{
    /// f takes many points, the rows of an array, and writes the outputs of each, one point after the other,
    /// to its second argument.
    pub fn batched_in_place<F, R>(self, mut f: F) -> Result<(), Error>
    where
        F: FnMut(&Array2<T>, &mut [T]) -> R,
        R: Written,
    {
        let count = self.question.written(self.to.out.extent());
        self.in_batches(|points, written, values| {
            batch::write(&mut f, points, count, written, values)
        })
    }
}
