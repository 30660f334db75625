//! The complex step, for functions that are written over complex numbers.

mod along;
mod displacement;
mod jacobian;
mod verify;

pub use verify::ComplexCheck;

use crate::evaluate::complex::{Point, univariate};
use crate::survey::finite;
use crate::{Error, Outcome, Real, Workspace};
use displacement::{displacement, quotient};
use ndarray::{Array, ArrayRef, Dimension};
use num_complex::Complex;
use std::marker::PhantomData;

/// Derivatives of a function over complex numbers, exact to the rounding of f.
///
/// For an analytic f that is real on the real axis, f(x + ih) = f(x) + ih f'(x) - h^2 f''(x)/2 - …: the
/// derivative is Im f(x + ih) / h. Nothing is subtracted, so h may be as small as 1e-100 |x|, and the
/// truncation, of order h^2, is far below rounding. One evaluation for each coordinate or direction,
/// with as many digits as f' would have if it were computed by the same operations.
///
/// # Caution
/// f must be analytic at x: made of arithmetic, powers and the elementary functions. What is not
/// analytic goes wrong without a sign, often as a derivative of 0: `norm`, `conj`, `arg`, `re` and
/// `im`; |x| and max and min taken by them. Branches on the real part (`if z.re > 0.0`) are right on
/// either side of the branch, |x| as `if z.re < 0.0 { -z } else { z }`. Roots, logarithms and powers
/// of negative numbers are not real; they give a huge derivative or an error.
/// [`verify`](Self::verify) and its kin compare with differences along the real axis, which costs a
/// dozen evaluations for any number of coordinates.
///
/// # Example
/// ```
/// use numdiff_core::ComplexStep;
/// use numdiff_core::num_complex::Complex64;
/// // Squire and Trapp's function.
/// let f = |z: Complex64| z.exp() / (z.sin().powi(3) + z.cos().powi(3)).sqrt();
/// let d = ComplexStep::new().derivative(f, 1.5)?;
/// assert!((d - 4.053427893898621).abs() < 1e-14);
/// // A derivative of 0 that is none, and how it is found.
/// let distance = |z: Complex64| Complex64::from(z.norm());
/// assert_eq!(ComplexStep::new().derivative(distance, 1.5)?, 0.0);
/// assert!(!ComplexStep::new().verify_derivative(distance, 1.5)?.agrees);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
///
/// # Source
/// W. Squire and G. Trapp, *Using complex variables to estimate derivatives of real functions*, SIAM
/// Rev. 40 (1998), 110-112; J. N. Lyness and C. B. Moler, SIAM J. Numer. Anal. 4 (1967), 202-210.
#[derive(Clone, Copy, Debug)]
pub struct ComplexStep<T = f64> {
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
            number: PhantomData,
        }
    }

    /// The method for functions over `Complex<f32>`.
    pub fn single(self) -> ComplexStep<f32> {
        ComplexStep {
            number: PhantomData,
        }
    }
}

impl<T: Real> ComplexStep<T> {
    /// f'(x) of a function of one variable; one evaluation.
    ///
    /// # Errors
    /// x that is not finite; f that fails, or returns a value that is not finite.
    pub fn derivative<F, R>(&self, f: F, x: T) -> Result<T, Error>
    where
        F: FnMut(Complex<T>) -> R,
        R: Outcome<Complex<T>>,
    {
        finite("x", &[x.widen()])?;
        let h = displacement::<T>(x.widen());
        let value = univariate(f, x, T::round_from(h))?;
        quotient(value, h, 0, 0)
    }

    /// The gradient of a scalar function, of x's shape; one evaluation for each coordinate.
    ///
    /// # Errors
    /// x that is empty or not finite; f that fails, or returns a value that is not finite.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use numdiff_core::ComplexStep;
    /// let g = ComplexStep::new().gradient(|z| z[0].exp() * z[1].sin(), &array![1.0, 2.0])?;
    /// let exact = array![1f64.exp() * 2f64.sin(), 1f64.exp() * 2f64.cos()];
    /// assert!((&g - &exact).iter().all(|error| error.abs() < 1e-15));
    /// # Ok::<(), numdiff_core::Error>(())
    /// ```
    pub fn gradient<F, R, D>(&self, f: F, x: &ArrayRef<T, D>) -> Result<Array<T, D>, Error>
    where
        F: FnMut(&ArrayRef<Complex<T>, D>) -> R,
        R: Outcome<Complex<T>>,
        D: Dimension,
    {
        let mut out = Array::zeros(x.raw_dim());
        self.gradient_into(f, x, &mut out, &mut Workspace::<T>::new())?;
        Ok(out)
    }

    /// [`gradient`](Self::gradient) without allocation.
    ///
    /// # Errors
    /// As [`gradient`](Self::gradient); `out` of another length than x. After an error `out` may hold
    /// parts of a result.
    pub fn gradient_into<F, R, D>(
        &self,
        mut f: F,
        x: &ArrayRef<T, D>,
        out: &mut ArrayRef<T, D>,
        workspace: &mut Workspace<T>,
    ) -> Result<(), Error>
    where
        F: FnMut(&ArrayRef<Complex<T>, D>) -> R,
        R: Outcome<Complex<T>>,
        D: Dimension,
    {
        begin(x, workspace)?;
        length("out", out.len(), x.len())?;
        let mut point = Point::new(x, &mut workspace.complex_point);
        let mut evaluations = 0;
        let mut entry = |(k, (slot, x)): (usize, (&mut T, &T))| {
            let h = displacement::<T>(x.widen());
            point.set(k, T::round_from(h));
            evaluations += 1;
            let value = point.value(&mut f, k, h)?;
            point.set(k, T::zero());
            *slot = quotient(value, h, k, 0)?;
            Ok(())
        };
        let done = out.iter_mut().zip(x).enumerate().try_for_each(&mut entry);
        workspace.results.evaluations = evaluations;
        point.keep(&mut workspace.complex_point);
        done
    }
}

/// Checks x and forgets the last call.
fn begin<T: Real, D: Dimension>(
    x: &ArrayRef<T, D>,
    workspace: &mut Workspace<T>,
) -> Result<(), Error> {
    workspace.results.evaluations = 0;
    (workspace.results.vanished, workspace.results.first_vanished) = (0, None);
    if x.is_empty() {
        return Err(Error::Empty { argument: "x" });
    }
    match x.iter().position(|v| !v.is_finite()) {
        None => Ok(()),
        Some(index) => Err(Error::NotFinite {
            argument: "x",
            index,
            value: x.iter().nth(index).map_or(f64::NAN, |v| v.widen()),
        }),
    }
}

fn length(argument: &'static str, found: usize, expected: usize) -> Result<(), Error> {
    if found == expected {
        return Ok(());
    }
    Err(Error::Length {
        argument,
        found,
        expected,
    })
}
