//! Constraints of a minimization.

use super::Minimize;
use crate::constrained::linear_rows;
use crate::evaluator::{ConstraintValues, Simulated, numbers};
use ndarray::{ArrayRef1, ArrayRef2};
use numdiff_core::Point;

impl<'a, F, R, X> Minimize<'a, F, X>
where
    F: FnMut(&X::Seen) -> R,
    R: Simulated,
    X: Point<f64> + ?Sized,
{
    /// h(x) = 0: a number or several, or a `Result` of them, as many at every x. NaN, infinities and errors at a
    /// trial point are backed away from. May be called more than once.
    ///
    /// With constraints the method is sequential quadratic programming on differences: a point at which f and all
    /// constraints are evaluated counts as one evaluation.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let x0 = array![1.0, 0.5];
    /// let best = numdiff_optim::minimize(|x| x[0] + x[1], &x0)
    ///     .equality(|x| x[0].powi(2) + x[1].powi(2) - 2.0)
    ///     .run()?;
    /// println!("{}", best.status);
    /// println!("errors: {:e} {:e}", best.x[0] + 1.0, best.x[1] + 1.0);
    /// // A larger circle lowers f: d f / d (radius^2) = -1/2.
    /// println!("worth of a unit: {:.3}", best.multipliers.equality[0]);
    /// assert!(best.status.is_success() && (best.x[0] + 1.0).abs() < 1e-7);
    /// assert!((best.multipliers.equality[0] + 0.5).abs() < 1e-4);
    /// # Ok::<(), numdiff_optim::Error>(())
    /// ```
    pub fn equality<C, O>(mut self, constraint: C) -> Self
    where
        C: FnMut(&X::Seen) -> O + 'a,
        O: ConstraintValues,
    {
        self.run
            .constraints
            .push(true, numbers(constraint, self.x0), None);
        self
    }

    /// g(x) >= 0: as [`equality`](Self::equality). Trial points may violate it; see [`feasible`](Self::feasible).
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let x0 = array![0.0, 0.0];
    /// let best = numdiff_optim::minimize(|x| (x[0] - 2.0).powi(2) + (x[1] - 1.0).powi(2), &x0)
    ///     .inequality(|x| [1.0 - x[0] - x[1], x[1] - x[0].powi(2)])
    ///     .bounds(0.0, 10.0)
    ///     .run()?;
    /// assert!(best.status.is_success() && best.violation < 1e-8);
    /// # Ok::<(), numdiff_optim::Error>(())
    /// ```
    pub fn inequality<C, O>(mut self, constraint: C) -> Self
    where
        C: FnMut(&X::Seen) -> O + 'a,
        O: ConstraintValues,
    {
        self.run
            .constraints
            .push(false, numbers(constraint, self.x0), None);
        self
    }

    /// [`equality`](Self::equality) with its Jacobian: a row for each number, in row-major order. Differences are taken
    /// of what has none.
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

    /// [`inequality`](Self::inequality) with its Jacobian: a row for each number, in row-major order.
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

    /// A x = b, a row of `a` and a number of `b` each. Linear constraints are never differenced. x0 is moved to the
    /// nearest point that satisfies them and the bounds, and every accepted point keeps them to rounding; probes of
    /// differences may leave them, not the bounds.
    pub fn linear_equality(self, a: &ArrayRef2<f64>, b: &ArrayRef1<f64>) -> Self {
        self.linear(a, b, true)
    }

    /// A x >= b: as [`linear_equality`](Self::linear_equality).
    pub fn linear_inequality(self, a: &ArrayRef2<f64>, b: &ArrayRef1<f64>) -> Self {
        self.linear(a, b, false)
    }

    fn linear(mut self, a: &ArrayRef2<f64>, b: &ArrayRef1<f64>, equality: bool) -> Self {
        self.run
            .constrained
            .linear
            .extend(linear_rows(a, b, equality));
        self
    }

    /// Accepts only points that satisfy every inequality to the last bit, as soon as one does: for f or results that
    /// mean nothing outside. Trial points and probes of differences may still violate inequalities; bounds hold
    /// for all. Costs evaluations where a constraint is curved.
    pub fn feasible(mut self) -> Self {
        self.run.constrained.feasible = true;
        self
    }
}
