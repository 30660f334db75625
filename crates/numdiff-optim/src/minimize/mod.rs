//! `minimize(f, &x0)`, its settings, `run()`.

mod constraints;
mod run;
mod settings;
mod watch;

use crate::evaluator::{Batch, Callback, Constraints, Driver, Own, Returned, Simulated, given};
use crate::observer::Iteration;
use crate::schedule::Schedule;
use crate::search::Search;
use crate::{Checkpoint, Error, Method, Minimum};
use ndarray::ArrayView2;
use numdiff_core::{Bound, FiniteDifference, Outputs, Point};
pub(crate) use run::Run;
pub(crate) use settings::Settings;
use std::ops::ControlFlow;
use std::time::Duration;
pub(crate) use watch::see;

/// Minimizes a function from its values alone unless [`gradient`](Minimize::gradient) is given.
///
/// x0 may be whatever is a [`Point`]: an ndarray array or view of any dimension, a slice, a `Vec`, an
/// `[f64; N]`, a struct of parameters. f, the gradient and the observer see the same kind of thing.
///
/// f returns `f64`, or (f, h, g) where a simulation yields with it what has to be 0 and what must not be negative, each a
/// number or several, `[0.0; 0]` for none; or a `Result` of one of these. NaN, infinities and errors at a trial point mean that the point
/// is infeasible: it is counted and backed away from. At the start they are returned.
///
/// # Example
/// ```
/// use ndarray::array;
/// let rosenbrock = |x: &ndarray::Array1<f64>| {
///     100.0 * (x[1] - x[0].powi(2)).powi(2) + (1.0 - x[0]).powi(2)
/// };
/// let best = numdiff_optim::minimize(rosenbrock, &array![-1.2, 1.0]).run()?;
/// println!("{} after {} evaluations", best.status, best.evaluations);
/// println!("errors: {:e} {:e}", best.x[0] - 1.0, best.x[1] - 1.0);
/// assert!(best.status.is_success() && best.value < 1e-15);
///
/// let design = |x: &[f64; 2]| (x[0] + 2.0 * x[1], x[0] * x[1] - 8.0, [x[0] - 1.0, x[1] - 1.0]);
/// let best = numdiff_optim::minimize(design, &[1.0, 1.0]).run()?;
/// assert!(best.status.is_success() && (best.value - 8.0).abs() < 1e-7);
/// # Ok::<(), numdiff_optim::Error>(())
/// ```
pub fn minimize<'a, F, R, X>(f: F, x0: &'a X) -> Minimize<'a, F, X>
where
    F: FnMut(&X::Seen) -> R,
    R: Simulated,
    X: Point<f64> + ?Sized,
{
    Minimize {
        f,
        x0,
        driver: Driver::Serial,
        run: Run {
            constraints: match R::CONSTRAINED {
                true => Constraints::with_f(),
                false => Constraints::default(),
            },
            ..Run::default()
        },
    }
}

/// A minimization being set up: see [`minimize()`].
#[must_use = "nothing happens before run()"]
pub struct Minimize<'a, F, X: ?Sized> {
    f: F,
    x0: &'a X,
    driver: Driver<'a, F, X, Own>,
    run: Run<'a>,
}

impl<'a, F, R, X> Minimize<'a, F, X>
where
    F: FnMut(&X::Seen) -> R,
    R: Simulated,
    X: Point<f64> + ?Sized,
{
    /// The gradient, of x's kind (an array, a `Vec` in row-major order, or a `Result` of one).
    pub fn gradient<G, O>(mut self, gradient: G) -> Self
    where
        G: FnMut(&X::Seen) -> O + 'a,
        O: Outputs<f64>,
    {
        self.run.given = Some(given(gradient, self.x0));
        self
    }

    /// Only points with `lower` <= x <= `upper` are visited: a number for all coordinates, or an array
    /// (of any dimension, in row-major order) with one for each; infinities for none. Differences near a
    /// bound are one-sided.
    pub fn bounds(mut self, lower: impl Into<Bound>, upper: impl Into<Bound>) -> Self {
        self.run.settings.run.bounds = Some((lower.into(), upper.into()));
        self
    }

    /// The method; [`Method::Automatic`] by default.
    pub fn method(mut self, method: Method) -> Self {
        self.run.settings.method = method;
        self
    }

    /// The search along a direction, for the methods that have a choice.
    pub fn search(mut self, search: Search) -> Self {
        self.run.settings.search = Some(search);
        self
    }

    /// How the learning rate changes; constant by default.
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.run.settings.schedule = schedule;
        self
    }

    /// Differences of a fixed kind instead of adapted ones. [`Method::GradientDescent`] by default takes
    /// the tutorial's: central, step 1e-4, nominal divisor.
    pub fn difference(mut self, difference: FiniteDifference) -> Self {
        self.run.difference = Some(difference);
        self
    }

    /// At most this many steps. 10,000 by default for methods with a learning rate, no limit for
    /// the others.
    pub fn max_iterations(mut self, iterations: usize) -> Self {
        self.run.settings.run.iterations = Some(iterations);
        self
    }

    /// At most this many evaluations of f, difference probes included: never exceeded. By default
    /// 1000 (n + 1), or no limit for methods with a learning rate.
    pub fn max_evaluations(mut self, evaluations: usize) -> Self {
        self.run.settings.run.evaluations = Some(evaluations);
        self
    }

    /// At most this long: no evaluation begins later.
    pub fn max_time(mut self, time: Duration) -> Self {
        self.run.settings.run.time = Some(time);
        self
    }

    /// Ends as soon as any evaluation is at or below this value.
    pub fn target(mut self, value: f64) -> Self {
        self.run.settings.run.target = Some(value);
        self
    }

    /// Convergence tolerance. [`Method::Automatic`]: the decrease that the model predicts, relative to |f| and to a
    /// thousandth of the terms that cancel in f at x; 2.2e-16 by default, the rounding of f. All other methods, and the
    /// L-BFGS that `Automatic` takes beyond 300 unknowns or with [`difference`](Self::difference): the relative
    /// gradient max |g_i| max(|x_i|, 1) / max(|f|, 1); 1e-8 by default.
    ///
    /// Every claim is checked first at 2 (n + 3) points around x, or 6 beyond ten unknowns, and some more where f does
    /// not change or not bend there: a lower point, or a decrease by more than the tolerance between the points, lets
    /// the run go on. Coordinates in which no displacement changes f, and kinks, are reported and are no success.
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.run.settings.run.tolerance = Some(tolerance);
        self
    }

    /// Calls `observer` before the first iteration and after each; `ControlFlow::Break(())` ends the run.
    pub fn on_iteration<O>(mut self, observer: O) -> Self
    where
        O: FnMut(&Iteration<'_, X::Seen>) -> ControlFlow<()> + 'a,
    {
        self.run.observer = Some(crate::observer::observer(observer, self.x0));
        self
    }

    /// Records every iteration.
    pub fn record(self) -> Self {
        self.record_every(1)
    }

    /// Records the start, every `k`-th iteration, and the end.
    pub fn record_every(mut self, k: usize) -> Self {
        self.run.settings.run.record_every = Some(k);
        self
    }

    /// Evaluates the probes of a gradient together: `batch` takes one point a row, elements in row-major
    /// order, and returns for each what f returns (NaN where f failed). Trial points still go to f itself. For a
    /// vectorized f, a cluster, or MPI: the results are those of the serial run to the last bit, as far as
    /// `batch` returns the same values. The differences of [`difference`](Self::difference), with them those of
    /// [`Method::GradientDescent`] without bounds, and the Hessians of [`Method::Newton`] and [`Method::NewtonCg`] are
    /// taken one point after the other.
    pub fn batch<B, V>(mut self, mut batch: B) -> Self
    where
        B: FnMut(ArrayView2<'_, f64>) -> Vec<V> + 'a,
        V: Simulated,
    {
        let batch: Batch<'a, Own> = Box::new(move |rows| {
            let all = batch(rows).into_iter();
            all.map(|returned| returned.untyped().ok()).collect()
        });
        self.driver = Driver::Batch(batch);
        self
    }

    /// Evaluates the probes of a gradient on rayon's threads, those that [`batch`](Self::batch) would be given: the same
    /// bits as serially. Needs the feature `rayon`. A closure must have been bound to a name before: one that is written
    /// into the call of [`minimize()`] is taken for `FnMut`.
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
        self.driver = Driver::Threads(crate::evaluator::by_threads::<F, R, X, Own>);
        self
    }

    /// Goes on from a saved state: with the settings of limits, observer and recording given here, and
    /// the method of the saved run. The trajectory begins anew.
    pub fn resume(mut self, checkpoint: Checkpoint) -> Self {
        self.run.resumed = Some(checkpoint);
        self
    }

    /// Runs until it converges or can't go on; the status says why it ended.
    ///
    /// # Errors
    /// A start that is empty, not finite, or where f or a constraint fails or is not finite; bounds
    /// that are reversed or of another length; settings out of range or that do not go together; a
    /// given gradient that fails, is not finite or has another length than x; a batch of another number of values; a fixed difference that cannot be taken; a
    /// checkpoint of another number of unknowns, another method or other bounds.
    pub fn run(self) -> Result<Minimum<X::Like>, Error> {
        let x0 = self.x0;
        let mut callback = Callback::new(self.f, x0, self.driver);
        let run = Run {
            x0: callback.x0(),
            ..self.run
        };
        let minimum = run.run(&mut callback)?;
        Ok(minimum.in_kind(|numbers| x0.like(numbers)))
    }
}
