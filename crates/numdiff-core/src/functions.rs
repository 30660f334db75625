//! The free functions: the usual method, `f64`.

use crate::{
    Adaptive, Error, Estimate, FiniteDifference, Outcome, Outputs, Point, SparseHessian,
    SparseJacobian, SparseMatrix, SparsityPattern,
};
use ndarray::{Array1, Array2, ArrayRef, Ix2};

/// The derivative of a function of one variable, with its error bar: [`Adaptive`] at its defaults.
///
/// A dozen evaluations for a smooth f, at most 64.
///
/// # Errors
/// [`Error::NotFinite`] for x; [`Error::Function`] when f fails; [`Error::NonFiniteValue`] when
/// f(x) is not finite, [`Error::NoFiniteDifference`] when f is finite nowhere around x.
///
/// # Example
/// ```
/// let d = numdiff_core::derivative(|x: f64| x.ln(), 1e-6)?;
/// println!("error {:e} within {:e}", d.value - 1e6, d.error);
/// assert!((d.value - 1e6).abs() <= d.error);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
pub fn derivative<F, R>(f: F, x: f64) -> Result<Estimate<f64>, Error>
where
    F: FnMut(f64) -> R,
    R: Outcome<f64>,
{
    Adaptive::new().derivative(f, x)
}

/// The gradient of a scalar function by central differences with automatic steps: an array of x's
/// shape, for 2n evaluations.
///
/// The truncation error is of second order in the step, about eps^(2/3) in all for an f that varies
/// over the scale of x. Below |x_i| = 1 nobody knows whether that is |x_i| or 1: from 1e-10 on 4 digits
/// are kept either way ([`Step::Automatic`](crate::Step::Automatic)). For smaller numbers and for an
/// error bar use [`Adaptive`](crate::Adaptive); for `f32`, other steps
/// and other stencils [`FiniteDifference`].
///
/// # Errors
/// [`Error::Empty`] and [`Error::NotFinite`] for x; [`Error::Function`] when f fails;
/// [`Error::NonFiniteValue`] when it returns NaN or an infinity.
///
/// # Example
/// ```
/// use ndarray::array;
/// let g = numdiff_core::gradient(|x| x[0].powi(2) + x[1].powi(2), &array![3.0, 4.0])?;
/// let error = &g - &array![6.0, 8.0];
/// println!("errors: {error:e}");
/// assert!(error.iter().all(|e| e.abs() < 1e-9));
/// # Ok::<(), numdiff_core::Error>(())
/// ```
pub fn gradient<F, R, X>(f: F, x: &X) -> Result<X::Like, Error>
where
    F: FnMut(&X::Seen) -> R,
    R: Outcome<f64>,
    X: Point<f64> + ?Sized,
{
    FiniteDifference::central().gradient(f, x)
}

/// The gradients at many points, one point per row, by central differences: row i of the result is
/// the gradient at row i of `xs`. 2n evaluations for each row.
///
/// # Errors
/// Those of [`gradient()`]; [`Error::Empty`] without rows.
///
/// # Example
/// ```
/// use ndarray::array;
/// let xs = array![[3.0, 4.0], [0.0, 2.0]];
/// let g = numdiff_core::gradient_rows(|x| x[0].powi(2) + x[1].powi(2), &xs)?;
/// assert!((&g - &(2.0 * &xs)).iter().all(|e| e.abs() < 1e-9));
/// # Ok::<(), numdiff_core::Error>(())
/// ```
pub fn gradient_rows<F, R>(f: F, xs: &ArrayRef<f64, Ix2>) -> Result<Array2<f64>, Error>
where
    F: FnMut(&Array1<f64>) -> R,
    R: Outcome<f64>,
{
    FiniteDifference::central().gradient_rows(f, xs)
}

/// The Jacobian of a vector function by central differences with automatic steps: m x n, row i for
/// output i, for 2n evaluations.
///
/// # Errors
/// Those of [`gradient()`]; [`Error::OutputsChanged`] when f returns another number of outputs than
/// before.
///
/// # Example
/// ```
/// use ndarray::array;
/// let j = numdiff_core::jacobian(|x| array![x[0] * x[1], x[0].sin()], &array![2.0, 3.0])?;
/// let error = &j - &array![[3.0, 2.0], [2.0f64.cos(), 0.0]];
/// assert!(error.iter().all(|e| e.abs() < 1e-9));
/// # Ok::<(), numdiff_core::Error>(())
/// ```
pub fn jacobian<F, R, X>(f: F, x: &X) -> Result<X::Matrix, Error>
where
    F: FnMut(&X::Seen) -> R,
    R: Outputs<f64>,
    X: Point<f64> + ?Sized,
{
    FiniteDifference::central().jacobian(f, x)
}

/// The Hessian of a scalar function by central second differences with automatic steps: n x n,
/// symmetric to the last bit, for n^2 + n + 1 evaluations.
///
/// Some 7 digits for an f that varies over the scale of x; below |x_i| = 1 fewer, 3 at 1e-6, for an f
/// that varies over |x_i| or over 1 ([`Step::Automatic`](crate::Step::Automatic)).
/// [`Adaptive`](crate::Adaptive) finds the scale.
///
/// # Errors
/// Those of [`gradient()`].
///
/// # Example
/// ```
/// use ndarray::array;
/// let h = numdiff_core::hessian(|x| x[0].powi(2) * x[1], &array![2.0, 3.0])?;
/// let error = &h - &array![[6.0, 4.0], [4.0, 0.0]];
/// assert!(error.iter().all(|e| e.abs() < 1e-5));
/// # Ok::<(), numdiff_core::Error>(())
/// ```
pub fn hessian<F, R, X>(f: F, x: &X) -> Result<X::Matrix, Error>
where
    F: FnMut(&X::Seen) -> R,
    R: Outcome<f64>,
    X: Point<f64> + ?Sized,
{
    FiniteDifference::central().hessian(f, x)
}

/// The Jacobian of a vector function on a sparsity pattern, by central differences with automatic
/// steps: 2 evaluations for each color of the pattern (3 for a tridiagonal Jacobian of any size).
/// It colors the pattern; make a [`SparseJacobian`] to color once for many x.
///
/// # Errors
/// Those of [`jacobian()`]; [`Error::PatternShape`] when x or f's output has another length than the
/// pattern.
///
/// # Example
/// ```
/// use numdiff_core::{SparsityPattern, sparse_jacobian};
/// use ndarray::{Array1, array};
/// let pattern = SparsityPattern::banded(3, 3, 0, 0)?;
/// let j = sparse_jacobian(|x| x.mapv(f64::exp), &array![0.0, 1.0, 2.0], &pattern)?;
/// let (starts, rows, values) = j.csc();
/// assert_eq!((starts, rows), (vec![0, 1, 2, 3], vec![0, 1, 2]));
/// assert!((values[2] - 2.0f64.exp()).abs() < 1e-8);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
pub fn sparse_jacobian<F, R, X>(
    f: F,
    x: &X,
    pattern: &SparsityPattern,
) -> Result<SparseMatrix, Error>
where
    F: FnMut(&X::Seen) -> R,
    R: Outputs<f64>,
    X: Point<f64> + ?Sized,
{
    FiniteDifference::central().sparse_jacobian(f, x, &SparseJacobian::new(pattern.clone()))
}

/// The Hessian of a scalar function on a symmetric sparsity pattern, by central second differences
/// with automatic steps: 2 n + 1 evaluations and 2 for each pair i < j of the pattern.
///
/// # Errors
/// Those of [`hessian()`]; [`Error::NotSymmetric`], [`Error::NotSquare`] and [`Error::PatternShape`] for
/// a pattern that is none of a Hessian at x.
///
/// # Example
/// ```
/// use numdiff_core::{SparsityPattern, sparse_hessian};
/// use ndarray::array;
/// let pattern = SparsityPattern::banded(3, 3, 1, 1)?;
/// let h = sparse_hessian(|x| x[0] * x[1].powi(2) + x[1] * x[2], &array![1.0, 2.0, 3.0], &pattern)?;
/// assert!((h.get(0, 1) - 4.0).abs() < 1e-5 && (h.get(1, 2) - 1.0).abs() < 1e-5);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
pub fn sparse_hessian<F, R, X>(
    f: F,
    x: &X,
    pattern: &SparsityPattern,
) -> Result<SparseMatrix, Error>
where
    F: FnMut(&X::Seen) -> R,
    R: Outcome<f64>,
    X: Point<f64> + ?Sized,
{
    FiniteDifference::central().sparse_hessian(f, x, &SparseHessian::new(pattern.clone())?)
}
