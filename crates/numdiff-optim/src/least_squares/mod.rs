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

use crate::evaluator::{Callback, Driver, given};
use crate::minimize::{Run, Setup};
use crate::{Error, Loss};
pub use design::Starts;
pub use fit::Fit;
use fit_run::FitRun;
use ndarray::ArrayView2;
use numdiff_core::{Outputs, Point, SparsityPattern};
pub use profile::{Profile, ProfilePoint};
pub use propagation::{Band, Propagated};
use settings::Settings;
pub use standard_errors::{ParameterError, StandardErrors};
use starts::Across;
pub use starts::{Found, Minima};

/// Minimizes the sum of squared residuals |r(x)|^2, or a robust [`Loss`] of them, by the Levenberg-Marquardt method.
///
/// r returns m residuals: an array of any dimension, a `Vec`, a fixed-size array, or a `Result` of one of these, with
/// the same m at every x. x has n parameters and may be any [`Point`], as in [`minimize()`](crate::minimize()). Without
/// more residuals than parameters, standard errors exist only with [`absolute_sigma`](LeastSquares::absolute_sigma).
///
/// A trial point at which r fails, or is NaN or infinite, is counted and rejected. At the start it is an error.
///
/// # Method
/// A trust region whose scaling follows the columns of the Jacobian (J. J. Moré, The Levenberg-Marquardt algorithm,
/// Numerical Analysis, Dundee 1977, Lecture Notes in Mathematics 630, 105-116). The Jacobian is taken by one-sided
/// differences (n evaluations of r, error of order h), and by central differences (2n evaluations, error of order h^2)
/// near the end. In between it is corrected by Broyden's update while the model predicts well. Noise in r that exceeds
/// rounding, such as that of a model in `f32`, is measured, and the difference steps are widened to suit it.
///
/// # What a success claims
/// [`Status::Converged`](crate::Status::Converged) says that the model predicts no decrease above the
/// [`tolerance`](LeastSquares::tolerance) or the rounding of the sum. Before it is claimed, r is evaluated at points
/// along parameters that hardly change the residuals and along the directions that the residuals determine the least. A
/// parameter that does not change the residuals, or that grows without end, is named in the status. Such a run is first
/// repeated from x0 with a smaller initial radius, at most twice.
///
/// # Example
/// ```
/// use ndarray::{Array1, array};
/// // An exponential decay, four points.
/// let t = array![0.0, 1.0, 2.0, 3.0];
/// let y = array![2.0, 1.21, 0.74, 0.45];
/// let r = |p: &Array1<f64>| t.mapv(|t| p[0] * f64::exp(-p[1] * t)) - &y;
/// let fit = numdiff_optim::least_squares(r, &array![1.0, 1.0]).names(["amplitude", "rate"]).run()?;
/// assert!(fit.status.is_success());
/// for (i, error) in fit.standard_errors().iter().enumerate() {
///     println!("{} {:.4} ± {error}", fit.name(i), fit.x[i]);
/// }
/// assert!((fit.x[1] - 0.5).abs() < 0.01);
/// # Ok::<(), numdiff_optim::Error>(())
/// ```
/// ```text
/// amplitude 1.9985 ± 3.598e-3
/// rate 0.4982 ± 1.920e-3
/// ```
/// `println!("{fit}")` prints all of it as a table.
pub fn least_squares<'a, F, O, X>(r: F, x0: &'a X) -> LeastSquares<'a, F, X>
where
    F: FnMut(&X::Seen) -> O,
    O: Outputs<f64>,
    X: Point<f64> + ?Sized,
{
    let kind = Residuals {
        driver: Driver::Serial,
        across: None,
        settings: Settings::default(),
    };
    let run = Run::default();
    Setup {
        f: r,
        x0,
        run,
        kind,
    }
}

/// A least-squares fit being set up by [`least_squares()`]; [`run`](Self::run) starts it. [`Setup`] has more settings.
pub type LeastSquares<'a, F, X> = Setup<'a, F, X, Residuals<'a, F, X>>;

/// What only a fit may be told.
pub struct Residuals<'a, F, X: ?Sized> {
    driver: Driver<'a, F, X, Vec<f64>>,
    across: Option<Across<F, X>>,
    settings: Settings,
}

impl<'a, F, O, X> LeastSquares<'a, F, X>
where
    F: FnMut(&X::Seen) -> O,
    O: Outputs<f64>,
    X: Point<f64> + ?Sized,
{
    /// Keeps these parameters, counted from 0 in row-major order, at their values in x0. The standard errors of the
    /// others are conditional on these values. A parameter whose two bounds are equal is fixed as well.
    pub fn fixed(mut self, parameters: &[usize]) -> Self {
        self.kind.settings.fixed = parameters.to_vec();
        self
    }

    /// Sets the standard deviations of the m residuals, in the units of r. The fit then minimizes the squares of r /
    /// sigma. By default only their ratios affect the standard errors, whose scale follows from the scatter of the
    /// residuals; [`absolute_sigma`](Self::absolute_sigma) changes that.
    pub fn sigma<'s>(mut self, sigma: impl IntoIterator<Item = &'s f64>) -> Self {
        self.kind.settings.sigma = Some(sigma.into_iter().copied().collect());
        self
    }

    /// Declares the values of [`sigma`](Self::sigma) to be known: the standard errors follow from them, and not from
    /// the scatter of the residuals.
    pub fn absolute_sigma(mut self) -> Self {
        self.kind.settings.absolute_sigma = true;
        self
    }

    /// Sets the loss of a residual: its square by default. A robust loss gives less weight to outliers. The scale of a
    /// [`Loss`] is in units of r / sigma.
    pub fn loss(mut self, loss: Loss) -> Self {
        self.kind.settings.loss = loss;
        self
    }

    /// Sets the n names of the parameters for tables and messages, such as `["amplitude", "rate"]`. No two may be
    /// equal.
    pub fn names<S: AsRef<str>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.kind.settings.names = Some(
            names
                .into_iter()
                .map(|name| name.as_ref().to_owned())
                .collect(),
        );
        self
    }

    /// Sets typical magnitudes of the n parameters, each in its parameter's unit. They replace |x_i| in the difference
    /// steps where |x_i| is smaller, so that steps do not vanish where a parameter passes through 0. By default they
    /// are found from the residuals, or under constraints from x0.
    pub fn typical<'s>(mut self, sizes: impl IntoIterator<Item = &'s f64>) -> Self {
        self.kind.settings.typical = Some(sizes.into_iter().copied().collect());
        self
    }

    /// Sets the standard deviation of the noise of a residual, such as the tolerance of a simulation, in units of r /
    /// sigma. By default it is measured when steps fail or parameters seem to have no effect. 0 means no noise beyond
    /// rounding.
    pub fn noise(mut self, level: f64) -> Self {
        self.kind.settings.noise = Some(level);
        self
    }

    /// Supplies the Jacobian of r (not of r / sigma), m x n in row-major order: row i holds the derivatives of residual
    /// i. With a [`sparsity`](Self::sparsity) pattern it supplies the entries of the pattern alone, row by row, in
    /// rising order of the columns.
    pub fn jacobian<J, P>(mut self, jacobian: J) -> Self
    where
        J: FnMut(&X::Seen) -> P + 'a,
        P: Outputs<f64>,
    {
        self.run.constraints.residual_jacobian = Some(given(jacobian, self.x0));
        self
    }

    /// Declares which entries of the m x n Jacobian can differ from zero. A one-sided difference then costs as many
    /// evaluations of r as the pattern needs colors, instead of n. The linear systems are solved by conjugate
    /// gradients. Cannot be combined with constraints.
    pub fn sparsity(mut self, pattern: SparsityPattern) -> Self {
        self.kind.settings.pattern = Some(pattern);
        self
    }

    /// Evaluates the points of a Jacobian together. `batch` receives one point in each row, with the parameters in
    /// row-major order, and returns the m residuals of each point in the same order. Trial points are still passed to
    /// r. The result is the same to the last bit as long as `batch` returns what r returns.
    pub fn batch<B>(mut self, mut batch: B) -> Self
    where
        B: FnMut(ArrayView2<'_, f64>) -> Vec<Vec<f64>> + 'a,
    {
        self.kind.driver = Driver::Batch(Box::new(move |rows| {
            batch(rows).into_iter().map(Ok).collect()
        }));
        self
    }

    /// Evaluates the points of a Jacobian on rayon's threads, and the runs of [`run_from`](Self::run_from) side by
    /// side. The result is the same to the last bit as without threads. Needs the feature `rayon`. Bind the closure to
    /// a name first: Rust takes a closure written into the call of [`least_squares()`] for `FnMut`, which threads
    /// cannot share.
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
        self.kind.driver = Driver::Threads(crate::evaluator::by_threads::<F, O, X, Vec<f64>>);
        self.kind.across = Some(starts::across_threads::<F, O, X>);
        self
    }

    /// Runs the fit until it converges, reaches a limit or cannot make progress. [`Fit::status`] says which.
    ///
    /// # Errors
    /// - x0 is empty or not finite, or r fails, is empty or is not finite at x0 or around it.
    /// - Bounds are reversed or have the wrong length, or leave no parameter free.
    /// - Sigma, the loss, `fixed`, `names`, `typical`, `noise`, a tolerance or a limit is out of range, or a list of
    ///   them has the wrong length; [`absolute_sigma`](Self::absolute_sigma) is set without [`sigma`](Self::sigma).
    /// - A given Jacobian fails, is not finite or has the wrong number of entries.
    /// - The sparsity pattern is not m x n, or is combined with constraints.
    /// - A constraint fails or is not finite at x0, or returns another number of values later; linear constraints
    ///   contradict one another ([`Error::Contradiction`]), or more equalities than parameters do
    ///   ([`Error::TooManyEqualities`]).
    /// - `max_time` ends before the first evaluation.
    /// - The checkpoint is that of another kind of run, or of other bounds, fixed parameters, loss or number of
    ///   parameters, or r has other values than in the saved fit ([`Error::AnotherFunction`]).
    pub fn run(self) -> Result<Fit<X::Like>, Error> {
        let x0 = self.x0;
        let mut callback = Callback::new(self.f, x0, self.kind.driver);
        let fit = FitRun {
            run: Run {
                x0: callback.x0(),
                ..self.run
            },
            settings: self.kind.settings,
        };
        Ok(Fit::new(fit.run(&mut callback)?, |numbers| {
            x0.like(numbers)
        }))
    }
}
