//! The complex step, for functions that are written over complex numbers.

mod confirm;
mod displacement;
mod lines;
mod operators;

use crate::Real;
use std::marker::PhantomData;

/// Derivatives of a function over complex numbers, exact to the rounding of f.
///
/// For an analytic f that is real on the real axis, f(x + ih) = f(x) + ih f'(x) - h^2 f''(x)/2 - …: the
/// derivative is Im f(x + ih) / h. Nothing is subtracted, so h may be as small as 1e-100 |x|, and the
/// truncation, of order h^2, is far below rounding. One evaluation for each coordinate or direction,
/// and two of a check, with as many digits as f' would have if it were computed by the same operations.
///
/// # Caution
/// f must be analytic at x, made of arithmetic, powers and the elementary functions, and must keep a small
/// imaginary part. `norm`, `conj`, `arg`, `re` and `im` are not analytic, nor are |x|, max and min taken
/// by them; `asin`, `acos` and `atan` of num-complex lose an imaginary part of 1e-100. Branches on the real
/// part (`if z.re > 0.0`) are right on either side of the branch, |x| as
/// `if z.re < 0.0 { -z } else { z }`.
///
/// So each call compares its result, along a direction that moves every coordinate, drawn at random from a
/// fixed seed, with a central difference on the real axis: two evaluations. Where they disagree beyond some eight digits,
/// [`Adaptive`](crate::Adaptive) looks closer, a dozen evaluations, and the call ends with
/// [`Error::NotAnalytic`](crate::Error::NotAnalytic) if its error bar excludes the complex step. Not seen is what rounding or a
/// kink hides on the real axis. [`unchecked`](Self::unchecked) leaves the comparison out.
///
/// # Example
/// ```
/// use numdiff_core::ComplexStep;
/// use numdiff_core::num_complex::Complex64;
/// // Squire and Trapp's function.
/// let f = |z: Complex64| z.exp() / (z.sin().powi(3) + z.cos().powi(3)).sqrt();
/// let d = ComplexStep::new().derivative(f, 1.5)?;
/// assert!((d - 4.053427893898621).abs() < 1e-14);
/// // What would be a derivative of 0 is an error.
/// let error = ComplexStep::new().derivative(|z: Complex64| z.asin(), 0.3).unwrap_err();
/// println!("{error}");
/// assert!(matches!(error, numdiff_core::Error::NotAnalytic { complex: 0.0, .. }));
/// # Ok::<(), numdiff_core::Error>(())
/// ```
///
/// # Source
/// W. Squire and G. Trapp, *Using complex variables to estimate derivatives of real functions*, SIAM
/// Rev. 40 (1998), 110-112; J. N. Lyness and C. B. Moler, SIAM J. Numer. Anal. 4 (1967), 202-210.
#[derive(Clone, Copy, Debug)]
#[must_use = "a setting is in what it returns"]
pub struct ComplexStep<T = f64> {
    checked: bool,
    number: PhantomData<fn() -> T>,
}

impl Default for ComplexStep<f64> {
    fn default() -> Self {
        Self::new()
    }
}

impl ComplexStep<f64> {
    /// The method for `f64`.
    pub fn new() -> Self {
        ComplexStep {
            checked: true,
            number: PhantomData,
        }
    }

    /// The method for functions over `Complex<f32>`.
    pub fn single(self) -> ComplexStep<f32> {
        ComplexStep {
            checked: self.checked,
            number: PhantomData,
        }
    }
}

impl<T: Real> ComplexStep<T> {
    /// The method without its comparison with the real axis: two evaluations of f less for each call, for
    /// an f that is known to be analytic.
    pub fn unchecked(self) -> Self {
        ComplexStep {
            checked: false,
            ..self
        }
    }
}
