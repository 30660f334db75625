//! The caller's closures, without their types: everything else is compiled once.

use super::point::CallerPoint;
use super::simulated::{Own, Simulated};
use super::values::ConstraintValues;
use crate::interrupt::Cause;
use numdiff_core::{Outputs, Point};

/// f over flat numbers.
pub(crate) trait Objective {
    fn value(&mut self, x: &[f64]) -> Result<f64, Cause>;
    /// All that f returns.
    fn own(&mut self, x: &[f64]) -> Result<Own, Cause>;
    /// f at many points at once; `None` when it cannot be shared.
    fn many(&mut self, points: &[Vec<f64>]) -> Option<Vec<Option<Own>>>;
}

/// f at many points by threads: chosen where f is known to be shareable.
pub(crate) type Threads<F, X> = fn(&F, &X, &[Vec<f64>]) -> Vec<Option<Own>>;

/// The caller's f and the kind of x that it sees.
pub(crate) struct Callback<'x, F, X: Point<f64> + ?Sized> {
    f: F,
    x0: &'x X,
    seen: CallerPoint<X>,
    threads: Option<Threads<F, X>>,
}

impl<'x, F, X: Point<f64> + ?Sized> Callback<'x, F, X> {
    pub fn new(f: F, x0: &'x X, threads: Option<Threads<F, X>>) -> Self {
        let seen = CallerPoint::new(x0);
        Callback {
            f,
            x0,
            seen,
            threads,
        }
    }
}

impl<F, X: Point<f64> + ?Sized> Callback<'_, F, X> {
    /// The numbers of the start.
    pub fn x0(&self) -> Vec<f64> {
        self.seen.numbers()
    }
}

impl<F, R, X> Objective for Callback<'_, F, X>
where
    F: FnMut(&X::Seen) -> R,
    R: Simulated,
    X: Point<f64> + ?Sized,
{
    fn value(&mut self, x: &[f64]) -> Result<f64, Cause> {
        (self.f)(self.seen.at(x)).push_to(&mut Vec::new(), &mut Vec::new())
    }

    fn own(&mut self, x: &[f64]) -> Result<Own, Cause> {
        Own::of((self.f)(self.seen.at(x)))
    }

    fn many(&mut self, points: &[Vec<f64>]) -> Option<Vec<Option<Own>>> {
        self.threads
            .map(|threads| threads(&self.f, self.x0, points))
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

/// Evaluates the points on rayon's threads; the order of the values is that of the points.
#[cfg(feature = "rayon")]
pub(crate) fn by_threads<F, R, X>(f: &F, x0: &X, points: &[Vec<f64>]) -> Vec<Option<Own>>
where
    F: Fn(&X::Seen) -> R + Sync,
    R: Simulated,
    X: Point<f64> + Sync + ?Sized,
{
    use rayon::prelude::*;
    points
        .par_iter()
        .map_init(
            || CallerPoint::new(x0),
            |seen, x| Own::of(f(seen.at(x))).ok(),
        )
        .collect()
}
