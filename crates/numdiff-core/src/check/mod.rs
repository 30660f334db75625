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
//! | not smooth here | f has a kink at x, and the value lies between the slopes of its two sides, as a subgradient does |
//! | not checkable | noise, rounding, a jump or an f that is not deterministic hides it: the [`Reason`] says which |
//!
//! A [`Report`] counts the four in its first line, lists the worst entries and names the simplest
//! mistake that explains all of them. It passes if no entry is wrong and at least one could be checked;
//! [`Report::allow_not_checkable`] lets one pass in which f's values could tell nothing.
//!
//! ```
//! use ndarray::{ArrayRef1, array};
//! use numdiff_core::check;
//! let f = |x: &ArrayRef1<f64>| x[0].powi(2) * x[1] + x[1].exp();
//! let x = array![1.5, 0.5];
//! check::gradient(f, |x: &ArrayRef1<f64>| array![2.0 * x[0] * x[1], x[0].powi(2) + x[1].exp()], &x)?.assert_ok();
//!
//! let report = check::gradient(f, |x: &ArrayRef1<f64>| -array![2.0 * x[0] * x[1], x[0].powi(2) + x[1].exp()], &x)?;
//! assert_eq!(report.diagnosis, Some(check::Diagnosis::SignFlipped));
//! println!("{report}");
//! # Ok::<(), numdiff_core::Error>(())
//! ```

mod compare;
mod diagnose;
mod diagnosis;
mod direction;
mod judge;
mod line;
mod operator;
mod report;
mod run;
mod taylor;

pub use diagnosis::{Diagnosis, Region, Term};
pub use direction::{directions, directions_of};
pub use judge::slope;
pub use report::{Counts, Entry, Reason, Report, Verdict};
pub use taylor::{TaylorTest, taylor, taylor_of};

use crate::evaluate::adapter::{Point, Scalar, Vector};
use crate::operators::{
    Gradient, Hessian, HessianVector, Jacobian, JacobianVector, VectorJacobian,
};
use crate::survey::finite;
use crate::{Error, Outcome};
use ndarray::{ArrayRef, Dimension, Ix1};
use run::{Check, Shape};

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
/// use ndarray::{Array1, ArrayRef1};
/// use numdiff_core::check;
/// let f = |x: &ArrayRef1<f64>| x.iter().map(|v| v.powi(4)).sum::<f64>();
/// let g = |x: &ArrayRef1<f64>| x.mapv(|v| 3.0 * v.powi(3));
/// let report = check::gradient(f, g, &Array1::linspace(0.5, 2.0, 7))?;
/// assert!(matches!(report.diagnosis, Some(check::Diagnosis::ConstantFactor { factor }) if (factor - 4.0 / 3.0).abs() < 1e-9));
/// # Ok::<(), numdiff_core::Error>(())
/// ```
pub fn gradient<F, R, G, S, D>(f: F, g: G, x: &ArrayRef<f64, D>) -> Result<Report, Error>
where
    F: FnMut(&ArrayRef<f64, D>) -> R,
    R: Outcome<f64>,
    G: FnMut(&ArrayRef<f64, D>) -> S,
    S: crate::Outputs<f64>,
    D: Dimension,
{
    let (mut p, mut q) = (Point::default(), Point::default());
    Check {
        what: "gradient",
        name: "the gradient",
        operator: Gradient,
        f: Scalar::new(f, x.raw_dim(), &mut p),
        derivative: Vector::new(g, x.raw_dim(), &mut q),
        vector: &[],
        shape: Shape::LikeX(x.shape().to_vec()),
    }
    .run(&checked(x)?)
}

/// Checks a Jacobian: `j` returns outputs x coordinates (rows of f's outputs), both in row-major
/// order of their arrays.
///
/// Evaluations: 10 to 14 of f for each coordinate, more where its outputs vary on different scales.
///
/// # Errors
/// As [`gradient`].
pub fn jacobian<F, R, G, S, D>(f: F, j: G, x: &ArrayRef<f64, D>) -> Result<Report, Error>
where
    F: FnMut(&ArrayRef<f64, D>) -> R,
    R: crate::Outputs<f64>,
    G: FnMut(&ArrayRef<f64, D>) -> S,
    S: crate::Outputs<f64>,
    D: Dimension,
{
    let (mut p, mut q) = (Point::default(), Point::default());
    Check {
        what: "jacobian",
        name: "the Jacobian",
        operator: Jacobian,
        f: Vector::new(f, x.raw_dim(), &mut p),
        derivative: Vector::new(j, x.raw_dim(), &mut q),
        vector: &[],
        shape: Shape::OutputsByX,
    }
    .run(&checked(x)?)
}

/// Checks a Hessian: `h` returns n x n entries, coordinates in row-major order.
///
/// The numeric Hessian is made of values of f, about 15 for each of n (n + 1) / 2 entries; where
/// the gradient was checked, [`jacobian`] with the gradient in place of f is faster and sharper.
///
/// # Errors
/// As [`gradient`].
pub fn hessian<F, R, G, S, D>(f: F, h: G, x: &ArrayRef<f64, D>) -> Result<Report, Error>
where
    F: FnMut(&ArrayRef<f64, D>) -> R,
    R: Outcome<f64>,
    G: FnMut(&ArrayRef<f64, D>) -> S,
    S: crate::Outputs<f64>,
    D: Dimension,
{
    let (mut p, mut q) = (Point::default(), Point::default());
    Check {
        what: "hessian",
        name: "the Hessian",
        operator: Hessian,
        f: Scalar::new(f, x.raw_dim(), &mut p),
        derivative: Vector::new(h, x.raw_dim(), &mut q),
        vector: &[],
        shape: Shape::Square,
    }
    .run(&checked(x)?)
}

/// Checks a Jacobian-vector product: `jvp(x, v)` returns one entry for each output of f.
///
/// # Errors
/// As [`gradient`]; v that is not finite or of another length than x.
pub fn jacobian_vector<F, R, G, S, D>(
    f: F,
    mut jvp: G,
    x: &ArrayRef<f64, D>,
    v: &ArrayRef<f64, D>,
) -> Result<Report, Error>
where
    F: FnMut(&ArrayRef<f64, D>) -> R,
    R: crate::Outputs<f64>,
    G: FnMut(&ArrayRef<f64, D>, &ArrayRef<f64, D>) -> S,
    S: crate::Outputs<f64>,
    D: Dimension,
{
    let (mut p, mut q) = (Point::default(), Point::default());
    let vector: Vec<f64> = v.iter().copied().collect();
    Check {
        what: "Jacobian-vector product",
        name: "the product",
        operator: JacobianVector,
        f: Vector::new(f, x.raw_dim(), &mut p),
        derivative: Vector::new(|x: &ArrayRef<f64, D>| jvp(x, v), x.raw_dim(), &mut q),
        vector: &vector,
        shape: Shape::Outputs,
    }
    .run(&checked(x)?)
}

/// Checks a vector-Jacobian product: `vjp(x, u)` returns one entry for each coordinate, `u` has one
/// for each output of f.
///
/// # Errors
/// As [`gradient`]; u that is not finite or of another length than f's outputs.
pub fn vector_jacobian<F, R, G, S, D>(
    f: F,
    mut vjp: G,
    x: &ArrayRef<f64, D>,
    u: &ArrayRef<f64, Ix1>,
) -> Result<Report, Error>
where
    F: FnMut(&ArrayRef<f64, D>) -> R,
    R: crate::Outputs<f64>,
    G: FnMut(&ArrayRef<f64, D>, &ArrayRef<f64, Ix1>) -> S,
    S: crate::Outputs<f64>,
    D: Dimension,
{
    let (mut p, mut q) = (Point::default(), Point::default());
    let vector: Vec<f64> = u.iter().copied().collect();
    Check {
        what: "vector-Jacobian product",
        name: "the product",
        operator: VectorJacobian,
        f: Vector::new(f, x.raw_dim(), &mut p),
        derivative: Vector::new(|x: &ArrayRef<f64, D>| vjp(x, u), x.raw_dim(), &mut q),
        vector: &vector,
        shape: Shape::LikeX(x.shape().to_vec()),
    }
    .run(&checked(x)?)
}

/// Checks a Hessian-vector product: `hvp(x, v)` returns one entry for each coordinate.
///
/// # Errors
/// As [`jacobian_vector`].
pub fn hessian_vector<F, R, G, S, D>(
    f: F,
    mut hvp: G,
    x: &ArrayRef<f64, D>,
    v: &ArrayRef<f64, D>,
) -> Result<Report, Error>
where
    F: FnMut(&ArrayRef<f64, D>) -> R,
    R: Outcome<f64>,
    G: FnMut(&ArrayRef<f64, D>, &ArrayRef<f64, D>) -> S,
    S: crate::Outputs<f64>,
    D: Dimension,
{
    let (mut p, mut q) = (Point::default(), Point::default());
    let vector: Vec<f64> = v.iter().copied().collect();
    Check {
        what: "Hessian-vector product",
        name: "the product",
        operator: HessianVector,
        f: Scalar::new(f, x.raw_dim(), &mut p),
        derivative: Vector::new(|x: &ArrayRef<f64, D>| hvp(x, v), x.raw_dim(), &mut q),
        vector: &vector,
        shape: Shape::LikeX(x.shape().to_vec()),
    }
    .run(&checked(x)?)
}

/// x in row-major order.
fn checked<D: Dimension>(x: &ArrayRef<f64, D>) -> Result<Vec<f64>, Error> {
    let base: Vec<f64> = x.iter().copied().collect();
    if base.is_empty() {
        return Err(Error::Empty { argument: "x" });
    }
    finite("x", &base)?;
    Ok(base)
}
