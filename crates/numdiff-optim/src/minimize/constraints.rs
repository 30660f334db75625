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
    /// Adds the equality constraint h(x) = 0. h returns one number or several, or a `Result` of them, as many at every
    /// x. A trial point at which it fails, or is NaN or infinite, is rejected. It may be called more than once.
    ///
    /// With constraints the method is sequential quadratic programming on differences (J. Nocedal, S. J. Wright,
    /// Numerical Optimization, 2006, chapter 18). One evaluation evaluates f and every constraint at one point.
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
        self.run
            .constraints
            .push(false, numbers(constraint, self.x0), None);
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
    pub fn linear_equality(self, a: &ArrayRef2<f64>, b: &ArrayRef1<f64>) -> Self {
        self.linear(a, b, true)
    }

    /// Adds the linear constraints A x >= b; the rest is as for [`linear_equality`](Self::linear_equality).
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

    /// Accepts only points that satisfy every inequality exactly, from the first such point on. It is for an f that
    /// means nothing outside. Trial points and points of differences may still violate inequalities; bounds hold for
    /// all. It costs more evaluations where a constraint is curved.
    pub fn feasible(mut self) -> Self {
        self.run.constrained.feasible = true;
        self
    }
}
