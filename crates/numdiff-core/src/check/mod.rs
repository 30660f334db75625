//! Analytic derivatives against f's values: do they agree, and if not, what is wrong?
//!
//! The numeric side is [`Adaptive`](crate::Adaptive), whose error bars say how far the numbers can be
//! trusted. Where it leaves a doubt, and before an entry is called wrong, plain differences at many
//! steps decide. Every entry ends as one of four [`Verdict`]s:
//!
//! | verdict | when |
//! |---|---|
//! | right | both values agree, and an error of 1 % of the entry, or of f's change along its line, would have shown |
//! | wrong | they disagree beyond noise and rounding; at a kink: outside the slopes of its two sides |
//! | not smooth here | f has a kink at x, and the value lies between the slopes of its two sides, as a subgradient does; a second derivative: between the curvatures of its sides |
//! | not checkable | noise, rounding, a jump or an f that is not deterministic hides it: the [`Reason`] says which |
//!
//! A [`Report`] counts the four in its first line, lists the worst entries and names the simplest
//! mistake that explains all of them. It passes if no entry is wrong and at least one could be checked;
//! [`Report::allow_not_checkable`] lets one pass in which f's values could tell nothing.
//!
//! Points and directions that a check draws at random come from a fixed seed, or from that which the function
//! takes: a check says the same every time.
//!
//! ```
//! use ndarray::{Array1, array};
//! use numdiff_core::check;
//! let f = |x: &Array1<f64>| x[0].powi(2) * x[1] + x[1].exp();
//! let x = array![1.5, 0.5];
//! check::gradient(f, |x: &Array1<f64>| array![2.0 * x[0] * x[1], x[0].powi(2) + x[1].exp()], &x)?.assert_ok();
//!
//! let report = check::gradient(f, |x: &Array1<f64>| -array![2.0 * x[0] * x[1], x[0].powi(2) + x[1].exp()], &x)?;
//! assert_eq!(report.diagnosis, Some(check::Diagnosis::SignFlipped));
//! println!("{report}");
//! # Ok::<(), numdiff_core::Error>(())
//! ```

mod compare;
mod corner;
mod diagnose;
mod diagnosis;
mod direction;
mod index;
mod judge;
mod kind;
mod line;
mod report;
mod run;
mod taylor;

pub use diagnosis::{Diagnosis, Region, Term};
pub use direction::{directions, directions_of};
pub use report::{Counts, Entry, Reason, Report, Verdict};
pub use taylor::{TaylorTest, taylor, taylor_of};

use crate::evaluate::adapter::{Copied, scalar_closure, vector_closure};
use crate::{Error, Outcome, Point};
use kind::Kind;
use run::run;

/// Checks a gradient: `g` returns an array of x's shape (or its entries in row-major order).
///
/// Evaluations: 10 to 14 of f for each coordinate, 3 of `g`; more where something is wrong.
///
/// # Errors
/// x that is empty or not finite; f or g that fails; a g of another length than x; f(x) that is
/// not finite.
///
/// # Example
/// ```
/// use ndarray::Array1;
/// use numdiff_core::check;
/// let f = |x: &Array1<f64>| x.iter().map(|v| v.powi(4)).sum::<f64>();
/// let g = |x: &Array1<f64>| x.mapv(|v| 3.0 * v.powi(3));
/// let report = check::gradient(f, g, &Array1::linspace(0.5, 2.0, 7))?;
/// assert!(matches!(report.diagnosis, Some(check::Diagnosis::ConstantFactor { factor }) if (factor - 4.0 / 3.0).abs() < 1e-9));
/// # Ok::<(), numdiff_core::Error>(())
/// ```
pub fn gradient<F, R, G, S, X>(f: F, g: G, x: &X) -> Result<Report, Error>
where
    F: FnMut(&X::Seen) -> R,
    R: Outcome<f64>,
    G: FnMut(&X::Seen) -> S,
    S: crate::Outputs<f64>,
    X: Point<f64> + ?Sized,
{
    let f = &mut scalar_closure(f, x, Copied::default());
    let derivative = &mut vector_closure(g, x, Copied::default());
    run(Kind::Gradient, f, derivative, x, &[])
}

/// Checks a Jacobian: `j` returns outputs x coordinates (rows of f's outputs), both in row-major
/// order of their arrays.
///
/// Evaluations: 10 to 14 of f for each coordinate, more where its outputs vary on different scales.
///
/// # Errors
/// Those of [`gradient`].
pub fn jacobian<F, R, G, S, X>(f: F, j: G, x: &X) -> Result<Report, Error>
where
    F: FnMut(&X::Seen) -> R,
    R: crate::Outputs<f64>,
    G: FnMut(&X::Seen) -> S,
    S: crate::Outputs<f64>,
    X: Point<f64> + ?Sized,
{
    let f = &mut vector_closure(f, x, Copied::default());
    let derivative = &mut vector_closure(j, x, Copied::default());
    run(Kind::Jacobian, f, derivative, x, &[])
}

/// Checks a Hessian: `h` returns n x n entries, coordinates in row-major order.
///
/// The numeric Hessian is made of values of f, about 15 for each of n (n + 1) / 2 entries; where
/// the gradient was checked, [`jacobian`] with the gradient in place of f is faster and sharper.
/// Entries that are in doubt or wrong are looked at from each side of x, in the four quadrants of
/// their coordinates: some 100 evaluations for an entry, 82 for a row. Where the curvature of f jumps,
/// an entry between those of the sides passes.
///
/// ```
/// use ndarray::{Array1, array};
/// use numdiff_core::check;
/// let f = |x: &Array1<f64>| x[0].max(0.0).powi(2);
/// let at_0 = |second: f64| check::hessian(f, move |_: &Array1<f64>| array![[second]], &array![0.0]);
/// assert!(at_0(0.0)?.is_ok() && at_0(2.0)?.is_ok());
/// assert_eq!(at_0(3.0)?.diagnosis, Some(check::Diagnosis::OutsideSlopes));
/// # Ok::<(), numdiff_core::Error>(())
/// ```
///
/// # Errors
/// Those of [`gradient`].
pub fn hessian<F, R, G, S, X>(f: F, h: G, x: &X) -> Result<Report, Error>
where
    F: FnMut(&X::Seen) -> R,
    R: Outcome<f64>,
    G: FnMut(&X::Seen) -> S,
    S: crate::Outputs<f64>,
    X: Point<f64> + ?Sized,
{
    let f = &mut scalar_closure(f, x, Copied::default());
    let derivative = &mut vector_closure(h, x, Copied::default());
    run(Kind::Hessian, f, derivative, x, &[])
}

/// Checks a Jacobian-vector product: `jvp(x, v)` returns one entry for each output of f.
///
/// # Errors
/// Those of [`gradient`]; v that is not finite or of another length than x.
pub fn jacobian_vector<F, R, G, S, X>(f: F, mut jvp: G, x: &X, v: &X) -> Result<Report, Error>
where
    F: FnMut(&X::Seen) -> R,
    R: crate::Outputs<f64>,
    G: FnMut(&X::Seen, &X::Seen) -> S,
    S: crate::Outputs<f64>,
    X: Point<f64> + ?Sized,
{
    let vector: Vec<f64> = v.numbers().collect();
    let v = v.scratch();
    let f = &mut vector_closure(f, x, Copied::default());
    let derivative = &mut vector_closure(|x: &X::Seen| jvp(x, X::seen(&v)), x, Copied::default());
    run(Kind::JacobianVector, f, derivative, x, &vector)
}

/// Checks a vector-Jacobian product: `vjp(x, u)` returns one entry for each coordinate, `u` has one
/// for each output of f.
///
/// # Errors
/// Those of [`gradient`]; u that is not finite or of another length than f's outputs.
pub fn vector_jacobian<F, R, G, S, X, U>(f: F, mut vjp: G, x: &X, u: &U) -> Result<Report, Error>
where
    F: FnMut(&X::Seen) -> R,
    R: crate::Outputs<f64>,
    G: FnMut(&X::Seen, &U::Seen) -> S,
    S: crate::Outputs<f64>,
    X: Point<f64> + ?Sized,
    U: Point<f64> + ?Sized,
{
    let vector: Vec<f64> = u.numbers().collect();
    let u = u.scratch();
    let f = &mut vector_closure(f, x, Copied::default());
    let derivative = &mut vector_closure(|x: &X::Seen| vjp(x, U::seen(&u)), x, Copied::default());
    run(Kind::VectorJacobian, f, derivative, x, &vector)
}

/// Checks a Hessian-vector product: `hvp(x, v)` returns one entry for each coordinate.
///
/// # Errors
/// Those of [`jacobian_vector`].
pub fn hessian_vector<F, R, G, S, X>(f: F, mut hvp: G, x: &X, v: &X) -> Result<Report, Error>
where
    F: FnMut(&X::Seen) -> R,
    R: Outcome<f64>,
    G: FnMut(&X::Seen, &X::Seen) -> S,
    S: crate::Outputs<f64>,
    X: Point<f64> + ?Sized,
{
    let vector: Vec<f64> = v.numbers().collect();
    let v = v.scratch();
    let f = &mut scalar_closure(f, x, Copied::default());
    let derivative = &mut vector_closure(|x: &X::Seen| hvp(x, X::seen(&v)), x, Copied::default());
    run(Kind::HessianVector, f, derivative, x, &vector)
}
