//! Sums of squares from their residuals.

mod calls;
mod checkpoint;
mod evaluator;
mod fit;
mod levenberg_marquardt;
mod linear;
mod run;
mod settings;

use crate::Error;
use crate::evaluator::{Given, Seen, given};
pub use checkpoint::FitCheckpoint;
pub use fit::{Fit, FitIteration};
use numdiff_core::{Bound, Outputs, Point, SparsityPattern};
use run::Question;
use settings::Settings;
use std::ops::ControlFlow;
use std::time::Duration;

/// Minimizes |r(x)|^2, the sum of the squares of residuals, by Levenberg and Marquardt's method: a trust
/// region with the scaling of Moré (Numerical Analysis, Dundee 1977, 105-116), the Jacobian by one-sided
/// differences, corrected by Broyden's update while the model predicts well, and taken on both sides before
/// convergence is claimed. Where residuals are left, 2 (n + 3) points around x, or 6 beyond ten unknowns, are looked at
/// before: the gradient vanishes at a saddle, too.
///
/// r returns an array of any dimension, a `Vec`, a fixed-size array, or a `Result` of one; always of the same
/// length. NaN, infinities and errors at a trial point mean that it is infeasible. Where a fit stalls, it is tried again
/// with displacements for smaller unknowns, then twice with wider ones, in case that r is noisy.
///
/// # Example
/// ```
/// use ndarray::{Array1, array};
/// // An exponential decay, four points.
/// let t = array![0.0, 1.0, 2.0, 3.0];
/// let y = array![2.0, 1.21, 0.74, 0.45];
/// let r = |p: &ndarray::Array1<f64>| t.mapv(|t| p[0] * f64::exp(-p[1] * t)) - &y;
/// let fit = numdiff_optim::least_squares(r, &array![1.0, 1.0]).run()?;
/// println!("{}: {} +- {:?}", fit.status, fit.x, fit.standard_errors());
/// assert!(fit.status.is_success() && (fit.x[1] - 0.5).abs() < 0.01);
/// # Ok::<(), numdiff_optim::Error>(())
/// ```
pub fn least_squares<'a, F, O, X>(r: F, x0: &'a X) -> LeastSquares<'a, F, X>
where
    F: FnMut(&X::Seen) -> O,
    O: Outputs<f64>,
    X: Point<f64> + ?Sized,
{
    LeastSquares {
        r,
        x0,
        given: None,
        bounds: None,
        pattern: None,
        observer: None,
        settings: Settings::default(),
        resumed: None,
    }
}

/// What is shown each iteration, over flat numbers.
type Observer<'a> = Box<dyn FnMut(&FitIteration<'_, [f64]>) -> ControlFlow<()> + 'a>;

/// A fit being set up: see [`least_squares()`].
#[must_use = "nothing happens before run()"]
pub struct LeastSquares<'a, F, X: ?Sized> {
    r: F,
    x0: &'a X,
    given: Option<Given<'a>>,
    bounds: Option<(Bound, Bound)>,
    pattern: Option<SparsityPattern>,
    observer: Option<Observer<'a>>,
    settings: Settings,
    resumed: Option<FitCheckpoint>,
}

impl<'a, F, O, X> LeastSquares<'a, F, X>
where
    F: FnMut(&X::Seen) -> O,
    O: Outputs<f64>,
    X: Point<f64> + ?Sized,
{
    /// The Jacobian, m x n in row-major order: row i holds the derivatives of residual i.
    pub fn jacobian<J, P>(mut self, jacobian: J) -> Self
    where
        J: FnMut(&X::Seen) -> P + 'a,
        P: Outputs<f64>,
    {
        self.given = Some(given(jacobian, self.x0));
        self
    }

    /// Which entries of the Jacobian can differ from zero: differences then take as many evaluations as the
    /// pattern needs colors, and the linear systems are solved by conjugate gradients.
    pub fn sparsity(mut self, pattern: SparsityPattern) -> Self {
        self.pattern = Some(pattern);
        self
    }

    /// Only points with `lower` <= x <= `upper` are visited.
    pub fn bounds(mut self, lower: impl Into<Bound>, upper: impl Into<Bound>) -> Self {
        self.bounds = Some((lower.into(), upper.into()));
        self
    }

    /// At most this many evaluations of r, difference probes included: never exceeded. 1000 (n + 1) by default.
    pub fn max_evaluations(mut self, evaluations: usize) -> Self {
        self.settings.evaluations = Some(evaluations);
        self
    }

    /// At most this many steps; no limit by default.
    pub fn max_iterations(mut self, iterations: usize) -> Self {
        self.settings.iterations = iterations;
        self
    }

    /// At most this long: no evaluation begins later.
    pub fn max_time(mut self, time: Duration) -> Self {
        self.settings.time = Some(time);
        self
    }

    /// Ends as soon as |r|^2 at an accepted point is at or below this value.
    pub fn target(mut self, value: f64) -> Self {
        self.settings.target = Some(value);
        self
    }

    /// The predicted decrease of |r|^2, relative to it, that is not worth going on for; 1e-15 by default.
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.settings.tolerance = tolerance;
        self
    }

    /// Calls `observer` before the first iteration and after each; `ControlFlow::Break(())` ends the run.
    pub fn on_iteration<W>(mut self, mut observer: W) -> Self
    where
        W: FnMut(&FitIteration<'_, X::Seen>) -> ControlFlow<()> + 'a,
    {
        let mut seen = Seen::new(self.x0);
        self.observer = Some(Box::new(move |it: &FitIteration<'_, [f64]>| {
            observer(&it.seen_as(seen.at(it.x)))
        }));
        self
    }

    /// Goes on from a saved state with the same bits: with the limits, observer and Jacobian given here, and the
    /// tolerance of the saved run.
    pub fn resume(mut self, checkpoint: FitCheckpoint) -> Self {
        self.resumed = Some(checkpoint);
        self
    }

    /// Runs until it converges or can't go on; the status says why it ended.
    ///
    /// # Errors
    /// A start that is empty, not finite, outside the bounds, or where r fails, is empty or not finite; bounds
    /// that are reversed or of another length; settings out of range; a given Jacobian that fails, is not finite or has the
    /// wrong number of entries; a Jacobian given together with a pattern; r that is not finite around the start; a limit of time that ends
    /// before the first evaluation; a
    /// checkpoint of another number of unknowns, or whose point is outside the bounds.
    pub fn run(self) -> Result<Fit<X::Like>, Error> {
        let x0 = self.x0;
        let (mut r, mut seen) = (self.r, Seen::new(x0));
        let numbers = seen.numbers();
        let mut erased =
            |x: &[f64], out: &mut Vec<f64>| r(seen.at(x)).push_to(out).map_err(Into::into);
        let question = Question {
            x0: numbers,
            settings: self.settings,
            given: self.given,
            bounds: self.bounds,
            pattern: self.pattern,
            observer: self.observer,
            resumed: self.resumed,
        };
        let fit = question.run(&mut erased)?;
        Ok(fit.in_kind(|numbers| x0.like(numbers)))
    }
}
