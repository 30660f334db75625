//! `minimize(f, &x0)`, its settings, `run()`.

mod run;
mod setup;

use crate::evaluator::{Batch, Callback, Constraints, Driver, Own, Returned, Simulated, given};
use crate::schedule::Schedule;
use crate::search::Search;
use crate::{Error, Method, Minimum};
use ndarray::ArrayView2;
use numdiff_core::{FiniteDifference, Outputs, Point};
pub(crate) use run::Run;
pub use setup::Setup;

/// Minimizes a function of n unknowns from its values alone, or with its [`gradient`](Minimize::gradient) if that is
/// given.
///
/// x0 may be any [`Point`]. f, the gradient, constraints and the observer receive x by reference: as an array for an
/// ndarray array or view of any dimension, as `&[f64]` for a slice or a `Vec`, and as its own type for an `[f64; N]` or
/// a struct of parameters.
///
/// f returns an `f64`, or a `Result` of one. A simulation that yields constraints together with f may return (f, h, g):
/// h has to be 0 and g must not be negative. Each of them is one number or several, `[0.0; 0]` for none.
///
/// A trial point at which f fails, or is NaN or infinite, is counted and rejected. At the start it is an error.
///
/// [`Method`] describes the methods, with their sources. [`Status`](crate::Status) says why the run ended.
///
/// # Example
/// ```
/// use ndarray::array;
/// let rosenbrock = |x: &ndarray::Array1<f64>| {
///     100.0 * (x[1] - x[0].powi(2)).powi(2) + (1.0 - x[0]).powi(2)
/// };
/// let best = numdiff_optim::minimize(rosenbrock, &array![-1.2, 1.0]).run()?;
/// println!("converged: {}", best.status.is_success());
/// println!("minimum at {:.6}", best.x);
/// assert!(best.status.is_success() && best.value < 1e-15);
///
/// let design = |x: &[f64; 2]| (x[0] + 2.0 * x[1], x[0] * x[1] - 8.0, [x[0] - 1.0, x[1] - 1.0]);
/// let best = numdiff_optim::minimize(design, &[1.0, 1.0]).run()?;
/// println!("f = {:.6} at {:.4?}", best.value, best.x);
/// assert!(best.status.is_success() && (best.value - 8.0).abs() < 1e-7);
/// # Ok::<(), numdiff_optim::Error>(())
/// ```
/// ```text
/// converged: true
/// minimum at [1.000000, 1.000000]
/// f = 8.000000 at [4.0000, 2.0000]
/// ```
pub fn minimize<'a, F, R, X>(f: F, x0: &'a X) -> Minimize<'a, F, X>
where
    F: FnMut(&X::Seen) -> R,
    R: Simulated,
    X: Point<f64> + ?Sized,
{
    let mut run = Run::default();
    if R::CONSTRAINED {
        run.constraints = Constraints::with_f();
    }
    let kind = Values {
        driver: Driver::Serial,
    };
    Setup { f, x0, run, kind }
}

/// A minimization being set up by [`minimize()`]; [`run`](Self::run) starts it. [`Setup`] has more settings.
pub type Minimize<'a, F, X> = Setup<'a, F, X, Values<'a, F, X>>;

/// What only a minimization may be told.
pub struct Values<'a, F, X: ?Sized> {
    driver: Driver<'a, F, X, Own>,
}

impl<'a, F, R, X> Minimize<'a, F, X>
where
    F: FnMut(&X::Seen) -> R,
    R: Simulated,
    X: Point<f64> + ?Sized,
{
    /// Supplies the gradient of f: n numbers in row-major order, as an array, a `Vec` or a `Result` of one.
    pub fn gradient<G, O>(mut self, gradient: G) -> Self
    where
        G: FnMut(&X::Seen) -> O + 'a,
        O: Outputs<f64>,
    {
        self.run.given = Some(given(gradient, self.x0));
        self
    }

    /// Sets the method; [`Method::Automatic`] by default.
    pub fn method(mut self, method: Method) -> Self {
        self.run.settings.method = method;
        self
    }

    /// Sets the search along a direction, for the methods that have a choice.
    pub fn search(mut self, search: Search) -> Self {
        self.run.settings.search = Some(search);
        self
    }

    /// Sets how the learning rate changes from step to step; constant by default.
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.run.settings.schedule = schedule;
        self
    }

    /// Sets a fixed difference in place of differences that adapt to f. Without it and without bounds,
    /// [`Method::GradientDescent`] takes the tutorial's: central, step 1e-4, nominal divisor.
    pub fn difference(mut self, difference: FiniteDifference) -> Self {
        self.run.difference = Some(difference);
        self
    }

    /// Evaluates the points of a difference gradient together, for a vectorized f, a cluster or MPI. `batch` receives
    /// one point in each row, with its elements in row-major order, and returns for each what f returns (NaN where f
    /// failed). Trial points are still passed to f.
    ///
    /// The result is the same to the last bit as long as `batch` returns the values of f. Evaluated one by one are the
    /// differences of [`difference`](Self::difference), those of [`Method::GradientDescent`] without bounds, and the
    /// Hessians of [`Method::Newton`] and [`Method::NewtonCg`].
    pub fn batch<B, V>(mut self, mut batch: B) -> Self
    where
        B: FnMut(ArrayView2<'_, f64>) -> Vec<V> + 'a,
        V: Simulated,
    {
        let batch: Batch<'a, Own> = Box::new(move |rows| {
            let all = batch(rows).into_iter();
            all.map(Returned::untyped).collect()
        });
        self.kind.driver = Driver::Batch(batch);
        self
    }

    /// Evaluates the points of a difference gradient, those that [`batch`](Self::batch) would receive, on rayon's
    /// threads. The result is the same to the last bit as without threads. Needs the feature `rayon`. Bind the closure
    /// to a name first: Rust takes a closure written into the call of [`minimize()`] for `FnMut`, which threads cannot
    /// share.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let f = |x: &ndarray::Array1<f64>| (x[0] - 1.0).powi(2) + (x[1] + 2.0).powi(2);
    /// let best = numdiff_optim::minimize(f, &array![0.0, 0.0]).threads().run()?;
    /// assert!(best.status.is_success());
    /// # Ok::<(), numdiff_optim::Error>(())
    /// ```
    #[cfg(feature = "rayon")]
    pub fn threads(mut self) -> Self
    where
        F: Fn(&X::Seen) -> R + Sync,
        X: Sync,
    {
        self.kind.driver = Driver::Threads(crate::evaluator::by_threads::<F, R, X, Own>);
        self
    }

    /// Runs until the method converges, reaches a limit or cannot make progress. [`Minimum::status`] says which.
    ///
    /// # Errors
    /// - x0 is empty or not finite, or f or a constraint fails or is not finite there.
    /// - Bounds are reversed or have the wrong length.
    /// - A setting is out of range, or two settings cannot be combined ([`Error::Conflict`]).
    /// - A given gradient or Jacobian fails, is not finite or has the wrong length.
    /// - `batch` returns another number of values than it received points.
    /// - A fixed difference cannot be taken.
    /// - The constraints return another number of values than at x0; linear constraints contradict one another
    ///   ([`Error::Contradiction`]), or more equalities than unknowns do ([`Error::TooManyEqualities`]).
    /// - The checkpoint is that of another kind of run, method, number of unknowns, bounds or constraints, or f has
    ///   another value than in the saved run ([`Error::AnotherFunction`]).
    pub fn run(self) -> Result<Minimum<X::Like>, Error> {
        let x0 = self.x0;
        let mut callback = Callback::new(self.f, x0, self.kind.driver);
        let run = Run {
            x0: callback.x0(),
            ..self.run
        };
        let minimum = run.run(&mut callback)?;
        Ok(minimum.in_kind(|numbers| x0.like(numbers)))
    }
}
