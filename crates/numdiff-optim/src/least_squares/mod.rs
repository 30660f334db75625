//! Sums of squares from their residuals.

mod covariance;
mod design;
mod fit;
mod fit_run;
mod profile;
mod propagation;
mod quantile;
mod settings;
mod sobol;
mod standard_errors;
mod starts;
mod statistics;
mod sum_of_squares;
mod table;

use crate::constrained::linear_rows;
use crate::evaluator::{Callback, ConstraintValues, Driver, given, numbers};
use crate::observer::Iteration;
use crate::{Checkpoint, Error, Loss};
pub use design::Starts;
pub use fit::Fit;
use fit_run::FitRun;
use ndarray::{ArrayRef1, ArrayRef2, ArrayView2};
use numdiff_core::{Bound, Outputs, Point, SparsityPattern};
pub use profile::{Profile, ProfilePoint};
pub use propagation::{Band, Propagated};
pub use standard_errors::{ParameterError, StandardErrors};
use starts::Across;
pub use starts::{Found, Minima};
use std::ops::ControlFlow;
use std::time::Duration;

/// Minimizes |r(x)|^2, the sum of the squares of residuals, or a robust [`Loss`] of them, by Levenberg and Marquardt's
/// method: a trust region with the scaling of Moré (Numerical Analysis, Dundee 1977, 105-116), the Jacobian by
/// one-sided differences, corrected by Broyden's update while the model predicts well, and taken on both sides before
/// convergence is claimed and for the errors of the parameters.
///
/// r returns an array of any dimension, a `Vec`, a fixed-size array, or a `Result` of one; always of the same
/// length. NaN, infinities and errors at a trial point mean that it is infeasible. Noise in r that exceeds rounding
/// (a model in f32, or printed to six digits) is found, and the differences are taken wider.
///
/// A claim of convergence says what is left to gain at x: rounding, unless the caller names a tolerance. It is made
/// after a look at points along parameters that the residuals hardly depend on, and along the direction that the
/// residuals depend on the least. Parameters that do not move the residuals, or that run away to infinity, are named
/// in the status, and the fit is tried again from its start with shorter steps before.
///
/// # Example
/// ```
/// use ndarray::{Array1, array};
/// // An exponential decay, four points.
/// let t = array![0.0, 1.0, 2.0, 3.0];
/// let y = array![2.0, 1.21, 0.74, 0.45];
/// let r = |p: &Array1<f64>| t.mapv(|t| p[0] * f64::exp(-p[1] * t)) - &y;
/// let fit = numdiff_optim::least_squares(r, &array![1.0, 1.0]).names(["amplitude", "rate"]).run()?;
/// println!("{fit}");
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
        driver: Driver::Serial,
        across: None,
        fit: FitRun::default(),
    }
}

/// A fit being set up: see [`least_squares()`].
#[must_use = "nothing happens before run()"]
pub struct LeastSquares<'a, F, X: ?Sized> {
    r: F,
    x0: &'a X,
    driver: Driver<'a, F, X, Vec<f64>>,
    across: Option<Across<F, X>>,
    fit: FitRun<'a>,
}

impl<'a, F, O, X> LeastSquares<'a, F, X>
where
    F: FnMut(&X::Seen) -> O,
    O: Outputs<f64>,
    X: Point<f64> + ?Sized,
{
    /// Keeps these parameters, counted from 0, at their start. The errors of the others are those for these values.
    /// Equal bounds do the same.
    pub fn fixed(mut self, parameters: &[usize]) -> Self {
        self.fit.settings.fixed = parameters.to_vec();
        self
    }

    /// The standard deviation of each residual: r / sigma is minimized. Without
    /// [`absolute_sigma`](Self::absolute_sigma) only their ratios matter, and the errors follow the scatter.
    pub fn sigma<'s>(mut self, sigma: impl IntoIterator<Item = &'s f64>) -> Self {
        self.fit.settings.sigma = Some(sigma.into_iter().copied().collect());
        self
    }

    /// [`sigma`](Self::sigma) is known: the errors of the parameters follow from it, not from the scatter of the
    /// residuals.
    pub fn absolute_sigma(mut self) -> Self {
        self.fit.settings.absolute_sigma = true;
        self
    }

    /// What a residual costs: its square by default, less for outliers by a robust loss.
    pub fn loss(mut self, loss: Loss) -> Self {
        self.fit.settings.loss = loss;
        self
    }

    /// Names of the parameters, for tables and messages: `["amplitude", "rate"]`, or a `Vec` of them.
    pub fn names<S: AsRef<str>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.fit.settings.names = Some(
            names
                .into_iter()
                .map(|name| name.as_ref().to_owned())
                .collect(),
        );
        self
    }

    /// The sizes of the parameters where they pass through 0: floors of |x| for the steps of differences. By default
    /// they are found from the residuals.
    pub fn typical<'s>(mut self, sizes: impl IntoIterator<Item = &'s f64>) -> Self {
        self.fit.settings.typical = Some(sizes.into_iter().copied().collect());
        self
    }

    /// The standard deviation of the noise of a residual, such as the tolerance of a simulation, in units of sigma; by
    /// default it is found where it matters. 0 says that there is none beyond rounding.
    pub fn noise(mut self, level: f64) -> Self {
        self.fit.settings.noise = Some(level);
        self
    }

    /// The Jacobian, m x n in row-major order: row i holds the derivatives of residual i. With a
    /// [`sparsity`](Self::sparsity) pattern its entries alone, row by row, the columns of a row in rising order.
    pub fn jacobian<J, P>(mut self, jacobian: J) -> Self
    where
        J: FnMut(&X::Seen) -> P + 'a,
        P: Outputs<f64>,
    {
        self.fit.jacobian = Some(given(jacobian, self.x0));
        self
    }

    /// Which entries of the Jacobian can differ from zero: differences then take as many evaluations as the
    /// pattern needs colors, a given Jacobian returns these entries, and the linear systems are solved by conjugate
    /// gradients.
    pub fn sparsity(mut self, pattern: SparsityPattern) -> Self {
        self.fit.settings.pattern = Some(pattern);
        self
    }

    /// h(x) = 0: a number or several, as many at every x. With constraints the method is that of
    /// [`minimize`](crate::minimize()) under constraints, on the residuals: an evaluation is a point at which r and all
    /// constraints are evaluated. Standard errors are those of what the constraints leave open.
    ///
    /// # Example
    /// ```
    /// // Three shares that add up to 1.
    /// let seen = [0.52, 0.21, 0.31];
    /// let r = |p: &[f64; 3]| [p[0] - seen[0], p[1] - seen[1], p[2] - seen[2]];
    /// let fit = numdiff_optim::least_squares(r, &[0.3, 0.3, 0.3])
    ///     .equality(|p: &[f64; 3]| p.iter().sum::<f64>() - 1.0)
    ///     .run()?;
    /// assert!(fit.status.is_success() && (fit.x[0] - 0.5067).abs() < 1e-4);
    /// assert_eq!(fit.degrees_of_freedom(), 1);
    /// # Ok::<(), numdiff_optim::Error>(())
    /// ```
    pub fn equality<C, V>(mut self, constraint: C) -> Self
    where
        C: FnMut(&X::Seen) -> V + 'a,
        V: ConstraintValues,
    {
        let closures = &mut self.fit.constraints.closures;
        closures.push(true, numbers(constraint, self.x0), None);
        self
    }

    /// g(x) >= 0: as [`equality`](Self::equality). Trial points may violate it.
    pub fn inequality<C, V>(mut self, constraint: C) -> Self
    where
        C: FnMut(&X::Seen) -> V + 'a,
        V: ConstraintValues,
    {
        let closures = &mut self.fit.constraints.closures;
        closures.push(false, numbers(constraint, self.x0), None);
        self
    }

    /// A x = b, a row of `a` and a number of `b` each: kept to rounding, never differenced.
    pub fn linear_equality(mut self, a: &ArrayRef2<f64>, b: &ArrayRef1<f64>) -> Self {
        let rows = linear_rows(a, b, true);
        self.fit.constraints.settings.linear.extend(rows);
        self
    }

    /// A x >= b: as [`linear_equality`](Self::linear_equality).
    pub fn linear_inequality(mut self, a: &ArrayRef2<f64>, b: &ArrayRef1<f64>) -> Self {
        let rows = linear_rows(a, b, false);
        self.fit.constraints.settings.linear.extend(rows);
        self
    }

    /// Only points with `lower` <= x <= `upper` are visited; x0 is moved to the nearest of them.
    pub fn bounds(mut self, lower: impl Into<Bound>, upper: impl Into<Bound>) -> Self {
        self.fit.settings.run.bounds = Some((lower.into(), upper.into()));
        self
    }

    /// At most this many evaluations of r, difference probes included: never exceeded. 1000 (n + 1) by default.
    pub fn max_evaluations(mut self, evaluations: usize) -> Self {
        self.fit.settings.run.evaluations = Some(evaluations);
        self
    }

    /// At most this many steps; no limit by default.
    pub fn max_iterations(mut self, iterations: usize) -> Self {
        self.fit.settings.run.iterations = Some(iterations);
        self
    }

    /// At most this long: no evaluation begins later.
    pub fn max_time(mut self, time: Duration) -> Self {
        self.fit.settings.run.time = Some(time);
        self
    }

    /// Ends as soon as |r|^2 at an accepted point is at or below this value.
    pub fn target(mut self, value: f64) -> Self {
        self.fit.settings.run.target = Some(value);
        self
    }

    /// Convergence tolerance: predicted decrease of |r|^2 relative to |r|^2 at x. 1e-15 by default.
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.fit.settings.run.tolerance = Some(tolerance);
        self
    }

    /// Records every iteration.
    pub fn record(self) -> Self {
        self.record_every(1)
    }

    /// Records the start, every `k`-th iteration, and the end.
    pub fn record_every(mut self, k: usize) -> Self {
        self.fit.settings.run.record_every = Some(k);
        self
    }

    /// Evaluates the points of a Jacobian together: `batch` takes one point a row, parameters in row-major order, and
    /// returns the residuals of each. Trial points still go to r itself.
    pub fn batch<B>(mut self, mut batch: B) -> Self
    where
        B: FnMut(ArrayView2<'_, f64>) -> Vec<Vec<f64>> + 'a,
    {
        self.driver = Driver::Batch(Box::new(move |rows| {
            batch(rows).into_iter().map(Some).collect()
        }));
        self
    }

    /// Evaluates the points of a Jacobian on rayon's threads, and runs from several starts side by side: the same bits as
    /// serially. Needs the feature `rayon`. A
    /// closure must have been bound to a name before: one that is written into the call of [`least_squares()`] is taken
    /// for `FnMut`.
    ///
    /// # Example
    /// ```
    /// let r = |p: &[f64; 2]| [p[0] - 1.0, 10.0 * (p[1] - p[0])];
    /// let fit = numdiff_optim::least_squares(r, &[0.0, 0.0]).threads().run()?;
    /// assert!(fit.status.is_success());
    /// # Ok::<(), numdiff_optim::Error>(())
    /// ```
    #[cfg(feature = "rayon")]
    pub fn threads(mut self) -> Self
    where
        F: Fn(&X::Seen) -> O + Sync,
        X: Sync,
    {
        self.driver = Driver::Threads(crate::evaluator::by_threads::<F, O, X, Vec<f64>>);
        self.across = Some(starts::across_threads::<F, O, X>);
        self
    }

    /// Calls `observer` before the first iteration and after each; `ControlFlow::Break(())` ends the run.
    pub fn on_iteration<W>(mut self, observer: W) -> Self
    where
        W: FnMut(&Iteration<'_, X::Seen>) -> ControlFlow<()> + 'a,
    {
        self.fit.observer = Some(crate::observer::observer(observer, self.x0));
        self
    }

    /// Goes on from a saved state with the same bits: with the limits, observer and Jacobian given here, and the
    /// tolerance of the saved run.
    pub fn resume(mut self, checkpoint: Checkpoint) -> Self {
        self.fit.resumed = Some(checkpoint);
        self
    }

    /// Runs until it converges or can't go on; the status says why it ended.
    ///
    /// # Errors
    /// A start that is empty, not finite, or where r fails, is empty or not finite; bounds
    /// that are reversed or of another length; settings out of range (sigma, loss, fixed, names, typical); no parameter that
    /// is free; a given Jacobian that fails, is not finite or has the
    /// wrong number of entries; r that is not finite around the start; a limit of time that ends
    /// before the first evaluation; a
    /// checkpoint of another number of unknowns, or whose point is outside the bounds.
    pub fn run(self) -> Result<Fit<X::Like>, Error> {
        let x0 = self.x0;
        let mut callback = Callback::new(self.r, x0, self.driver);
        let fit = FitRun {
            x0: callback.x0(),
            ..self.fit
        };
        Ok(Fit::new(fit.run(&mut callback)?, |numbers| {
            x0.like(numbers)
        }))
    }
}
