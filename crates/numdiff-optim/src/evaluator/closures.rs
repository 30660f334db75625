//! The caller's closures, without their types: everything else is compiled once.

use super::drivers::Driver;
use super::point::CallerPoint;
use super::simulated::Returned;
use super::values::ConstraintValues;
use crate::interrupt::Cause;
use numdiff_core::{Outputs, Point};

/// The caller's function over flat numbers: f, or the residuals of a fit.
pub(crate) trait Function<T> {
    fn at(&mut self, x: &[f64]) -> Result<T, Cause>;
    /// Whether several points are evaluated together.
    fn is_together(&self) -> bool;
    /// At many points at once, where they are evaluated together.
    fn many(&mut self, points: &[Vec<f64>]) -> Vec<Result<T, Cause>>;
}

/// The caller's function and the kind of x that it sees.
pub(crate) struct Callback<'x, F, X: Point<f64> + ?Sized, T> {
    f: F,
    x0: &'x X,
    seen: CallerPoint<X>,
    driver: Driver<'x, F, X, T>,
}

impl<'x, F, X: Point<f64> + ?Sized, T> Callback<'x, F, X, T> {
    pub fn new(f: F, x0: &'x X, driver: Driver<'x, F, X, T>) -> Self {
        let seen = CallerPoint::new(x0);
        Callback {
            f,
            x0,
            seen,
            driver,
        }
    }

    /// The numbers of the start.
    pub fn x0(&self) -> Vec<f64> {
        self.seen.numbers()
    }

    /// The function itself.
    pub fn function(&self) -> &F {
        &self.f
    }
}

impl<F, R, X, T> Function<T> for Callback<'_, F, X, T>
where
    F: FnMut(&X::Seen) -> R,
    R: Returned<T>,
    X: Point<f64> + ?Sized,
{
    fn at(&mut self, x: &[f64]) -> Result<T, Cause> {
        (self.f)(self.seen.at(x)).untyped()
    }

    fn is_together(&self) -> bool {
        !matches!(self.driver, Driver::Serial)
    }

    fn many(&mut self, points: &[Vec<f64>]) -> Vec<Result<T, Cause>> {
        self.driver.run(&self.f, self.x0, points)
    }
}

/// A function with several outputs over flat numbers: a gradient, residuals, a Jacobian.
pub(crate) type Given<'a> = Box<dyn FnMut(&[f64], &mut Vec<f64>) -> Result<(), Cause> + 'a>;

/// Boxes a constraint, or what its Jacobian returns.
pub(crate) fn numbers<'a, C, O, X>(mut function: C, x0: &'a X) -> Given<'a>
where
    C: FnMut(&X::Seen) -> O + 'a,
    O: ConstraintValues,
    X: Point<f64> + ?Sized,
{
    let mut seen = CallerPoint::new(x0);
    Box::new(move |x, out| function(seen.at(x)).push_to(out))
}

/// Boxes a closure that returns several numbers.
pub(crate) fn given<'a, G, O, X>(mut function: G, x0: &'a X) -> Given<'a>
where
    G: FnMut(&X::Seen) -> O + 'a,
    O: Outputs<f64>,
    X: Point<f64> + ?Sized,
{
    let mut seen = CallerPoint::new(x0);
    Box::new(move |x, out| function(seen.at(x)).push_to(out).map_err(Into::into))
}
