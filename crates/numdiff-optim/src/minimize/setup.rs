//! What a minimization and a fit may both be told.

use super::run::Run;
use crate::Checkpoint;
use crate::evaluator::{ConstraintValues, numbers};
use crate::observer::{Iteration, observer};
use ndarray::{ArrayRef1, ArrayRef2};
use numdiff_core::{Bound, Point};
use std::ops::ControlFlow;
use std::time::Duration;

/// A run being set up: a [`Minimize`](crate::Minimize) by [`minimize()`](crate::minimize()), or a
/// [`LeastSquares`](crate::LeastSquares) by [`least_squares()`](crate::least_squares()), whose f is the value that the
/// fit minimizes.
#[must_use = "nothing happens before run()"]
pub struct Setup<'a, F, X: ?Sized, K> {
    pub(crate) f: F,
    pub(crate) x0: &'a X,
    pub(crate) run: Run<'a>,
    /// What only this kind of run may be told.
    pub(crate) kind: K,
}

impl<'a, F, X: Point<f64> + ?Sized, K> Setup<'a, F, X, K> {
    /// Restricts all evaluations to `lower` <= x <= `upper`. Each side is a number for all coordinates, or an array (of
    /// any dimension, in row-major order) of n; an infinite bound is none. x0 is moved to the nearest point that
    /// satisfies them. Differences next to a bound are one-sided.
    pub fn bounds(mut self, lower: impl Into<Bound>, upper: impl Into<Bound>) -> Self {
        self.run.settings.bounds = Some((lower.into(), upper.into()));
        self
    }

    /// Limits the accepted steps, those before a [`resume`](Self::resume) included. The default is 10,000 for methods
    /// with a learning rate, and no limit for the others.
    pub fn max_iterations(mut self, iterations: usize) -> Self {
        self.run.settings.iterations = Some(iterations);
        self
    }

    /// Limits the evaluations of f, those of the differences and those before a [`resume`](Self::resume) included. The
    /// limit is never exceeded. The default is 1000 (n + 1), and no limit for methods with a learning rate.
    pub fn max_evaluations(mut self, evaluations: usize) -> Self {
        self.run.settings.evaluations = Some(evaluations);
        self
    }

    /// Limits the time from the call of `run()`: no evaluation begins later. No limit by default.
    pub fn max_time(mut self, time: Duration) -> Self {
        self.run.settings.time = Some(time);
        self
    }

    /// Ends the run with [`Status::TargetReached`](crate::Status::TargetReached) when f is at or below this value: in a
    /// minimization at any evaluated point, in a fit at an accepted one. Under constraints none may be violated there
    /// by more than 1e-8.
    pub fn target(mut self, value: f64) -> Self {
        self.run.settings.target = Some(value);
        self
    }

    /// Sets the convergence tolerance. Its meaning depends on the method:
    ///
    /// | Method | Quantity that is compared with it | Default |
    /// |---|---|---|
    /// | [`Method::Automatic`](crate::Method::Automatic) | predicted decrease of f, relative to abs(f) and to a thousandth of the terms that cancel in f at x | 2.2e-16 |
    /// | `Automatic` under constraints | predicted decrease of f, relative to abs(f) | 1e-13 |
    /// | all others | relative gradient, max abs(g_i) max(abs(x_i), 1) / max(abs(f), 1) | 1e-8 |
    /// | that of a fit | predicted decrease of the value, relative to it | 1e-15, under constraints at least 1e-13 |
    ///
    /// The line of the others also holds for the L-BFGS that `Automatic` takes beyond 300 unknowns or with a fixed
    /// difference. There 1 is the power of two next to f and its derivatives where these are beyond 1e120, until they
    /// have fallen by that factor, and next to f(x0) where that is below 1e-120.
    ///
    /// Before a minimization claims success without constraints, f is evaluated around x: by `Automatic` at some 2 n
    /// points, by the others at 2 (n + 3) points and, up to ten unknowns, at n (n - 1) / 2 + 2 more (at 6 beyond ten),
    /// and at up to 46 where f does not change or not bend, or on the way from x0. If one of them is lower, or f would
    /// decrease by more than the tolerance between them, the run continues. Coordinates that do not change f, kinks and
    /// unknowns that run away are reported and are no success.
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.run.settings.tolerance = Some(tolerance);
        self
    }

    /// Adds the equality constraint h(x) = 0. h returns one number or several, or a `Result` of them, as many at every
    /// x. A trial point at which it fails, or is NaN or infinite, is rejected. It may be called more than once.
    ///
    /// With constraints the method is sequential quadratic programming on differences (J. Nocedal, S. J. Wright,
    /// Numerical Optimization, 2006, chapter 18), in a fit with the Jacobian of the residuals in its model. One
    /// evaluation evaluates f, or the residuals, and every constraint at one point. The standard errors of a fit are
    /// those of the directions that the active constraints leave free.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let x0 = array![1.0, 0.5];
    /// let best = numdiff_optim::minimize(|x| x[0] + x[1], &x0)
    ///     .equality(|x| x[0].powi(2) + x[1].powi(2) - 2.0)
    ///     .run()?;
    /// println!("minimum at {:.6}", best.x);
    /// // A larger circle lowers f: d f / d (radius^2) = -1/2.
    /// println!("multiplier {:.3}", best.multipliers.equality[0]);
    /// assert!(best.status.is_success() && (best.x[0] + 1.0).abs() < 1e-7);
    /// assert!((best.multipliers.equality[0] + 0.5).abs() < 1e-4);
    /// # Ok::<(), numdiff_optim::Error>(())
    /// ```
    /// ```text
    /// minimum at [-1.000000, -1.000000]
    /// multiplier -0.500
    /// ```
    /// ```
    /// // A fit of three shares that add up to 1.
    /// let seen = [0.52, 0.21, 0.31];
    /// let r = |p: &[f64; 3]| [p[0] - seen[0], p[1] - seen[1], p[2] - seen[2]];
    /// let fit = numdiff_optim::least_squares(r, &[0.3, 0.3, 0.3])
    ///     .equality(|p: &[f64; 3]| p.iter().sum::<f64>() - 1.0)
    ///     .run()?;
    /// println!("{:.4?}, degrees of freedom: {}", fit.x, fit.degrees_of_freedom());
    /// assert!(fit.status.is_success() && (fit.x[0] - 0.5067).abs() < 1e-4);
    /// assert_eq!(fit.degrees_of_freedom(), 1);
    /// # Ok::<(), numdiff_optim::Error>(())
    /// ```
    /// ```text
    /// [0.5067, 0.1967, 0.2967], degrees of freedom: 1
    /// ```
    pub fn equality<C, O>(mut self, constraint: C) -> Self
    where
        C: FnMut(&X::Seen) -> O + 'a,
        O: ConstraintValues,
    {
        let constraint = numbers(constraint, self.x0);
        self.run.constraints.push(true, constraint, None);
        self
    }

    /// Adds the inequality constraint g(x) >= 0. g returns one number or several, as many at every x. Trial points may
    /// violate it; see [`feasible`](Self::feasible). The rest is as for [`equality`](Self::equality).
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let x0 = array![0.0, 0.0];
    /// let best = numdiff_optim::minimize(|x| (x[0] - 2.0).powi(2) + (x[1] - 1.0).powi(2), &x0)
    ///     .inequality(|x| [1.0 - x[0] - x[1], x[1] - x[0].powi(2)])
    ///     .bounds(0.0, 10.0)
    ///     .run()?;
    /// println!("minimum at {:.6}", best.x);
    /// assert!(best.status.is_success() && best.violation < 1e-8);
    /// # Ok::<(), numdiff_optim::Error>(())
    /// ```
    /// ```text
    /// minimum at [0.618034, 0.381966]
    /// ```
    pub fn inequality<C, O>(mut self, constraint: C) -> Self
    where
        C: FnMut(&X::Seen) -> O + 'a,
        O: ConstraintValues,
    {
        let constraint = numbers(constraint, self.x0);
        self.run.constraints.push(false, constraint, None);
        self
    }

    /// Adds an [`equality`](Self::equality) constraint with its Jacobian: a row of n derivatives for each number, in
    /// row-major order. Constraints without a Jacobian are differenced.
    pub fn equality_with_jacobian<C, O, J, P>(mut self, constraint: C, jacobian: J) -> Self
    where
        C: FnMut(&X::Seen) -> O + 'a,
        O: ConstraintValues,
        J: FnMut(&X::Seen) -> P + 'a,
        P: ConstraintValues,
    {
        let jacobian = numbers(jacobian, self.x0);
        let constraint = numbers(constraint, self.x0);
        self.run.constraints.push(true, constraint, Some(jacobian));
        self
    }

    /// Adds an [`inequality`](Self::inequality) constraint with its Jacobian: a row of n derivatives for each number,
    /// in row-major order. Constraints without a Jacobian are differenced.
    pub fn inequality_with_jacobian<C, O, J, P>(mut self, constraint: C, jacobian: J) -> Self
    where
        C: FnMut(&X::Seen) -> O + 'a,
        O: ConstraintValues,
        J: FnMut(&X::Seen) -> P + 'a,
        P: ConstraintValues,
    {
        let jacobian = numbers(jacobian, self.x0);
        let constraint = numbers(constraint, self.x0);
        self.run.constraints.push(false, constraint, Some(jacobian));
        self
    }

    /// Adds the linear constraints A x = b: one row of `a`, n long, and one number of `b` for each. x0 is moved to the
    /// nearest point that satisfies them and the bounds, and every accepted point satisfies them to rounding. The
    /// points of differences may violate them, but not the bounds. They cost no evaluations.
    pub fn linear_equality(mut self, a: &ArrayRef2<f64>, b: &ArrayRef1<f64>) -> Self {
        self.run.constraints.push_linear(a, b, true);
        self
    }

    /// Adds the linear constraints A x >= b; the rest is as for [`linear_equality`](Self::linear_equality).
    pub fn linear_inequality(mut self, a: &ArrayRef2<f64>, b: &ArrayRef1<f64>) -> Self {
        self.run.constraints.push_linear(a, b, false);
        self
    }

    /// Accepts only points that satisfy every inequality exactly, from the first such point on. It is for an f that
    /// means nothing outside. Trial points and points of differences may still violate inequalities; bounds hold for
    /// all. It costs more evaluations where a constraint is curved.
    pub fn feasible(mut self) -> Self {
        self.run.constraints.feasible = true;
        self
    }

    /// Calls `observer` before the first iteration and after each one; in a fit without constraints, after each whose
    /// value is lower than all before. `ControlFlow::Break(())` ends the run with
    /// [`Status::Stopped`](crate::Status::Stopped).
    pub fn on_iteration<O>(mut self, to: O) -> Self
    where
        O: FnMut(&Iteration<'_, X::Seen>) -> ControlFlow<()> + 'a,
    {
        self.run.observer = Some(observer(to, self.x0));
        self
    }

    /// Records every iteration in [`trajectory`](crate::Minimum::trajectory).
    pub fn record(self) -> Self {
        self.record_every(1)
    }

    /// Records the start, every `k`-th iteration and the end in [`trajectory`](crate::Minimum::trajectory). Iterations
    /// that [`on_iteration`](Self::on_iteration) is not shown are left out.
    pub fn record_every(mut self, k: usize) -> Self {
        self.run.settings.record_every = Some(k);
        self
    }

    /// Continues a saved run to the same bits as an uninterrupted run. The limits, the observer, the recording and
    /// given derivatives are those given here; the method, its search, its schedule, the tolerance, and of a fit
    /// `typical`,
    /// `noise` and `sparsity`, are those of the saved run. f, the bounds and the constraints must be the same, and of a
    /// fit sigma, the loss and the fixed parameters. The trajectory begins anew.
    pub fn resume(mut self, checkpoint: Checkpoint) -> Self {
        self.run.resumed = Some(checkpoint);
        self
    }
}
