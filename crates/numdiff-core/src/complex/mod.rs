//! The complex step, for functions that are written over complex numbers.

mod along;
mod confirm;
mod displaced;
mod displacement;
mod jacobian;
mod sparse;

use crate::evaluate::complex::Imaginary;
use crate::point::ComplexPoint;
use crate::{Buffer, Error, Outcome, Real, Workspace};
use confirm::looks_right;
use displacement::{displacement, quotient};
use num_complex::Complex;
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
/// [`Error::NotAnalytic`] if its error bar excludes the complex step. Not seen is what rounding or a
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

    /// f'(x) of a function of one variable; one evaluation, and two of the check.
    ///
    /// # Errors
    /// x that is not finite; f that fails, returns a value that is not finite, or is not analytic.
    pub fn derivative<F, R>(&self, mut f: F, x: T) -> Result<T, Error>
    where
        F: FnMut(Complex<T>) -> R,
        R: Outcome<Complex<T>>,
    {
        let f = move |z: &[Complex<T>; 1]| f(z[0]);
        let mut slope = [T::zero()];
        slopes(self, f, &[x], &mut slope, &mut Workspace::new())?;
        Ok(slope[0])
    }

    /// The gradient of a scalar function, of x's shape; one evaluation for each coordinate, and two of
    /// the check.
    ///
    /// # Errors
    /// x that is empty or not finite; f that fails, returns a value that is not finite, or is not analytic.
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
    pub fn gradient<F, R, X>(&self, f: F, x: &X) -> Result<X::Like, Error>
    where
        F: FnMut(&X::ComplexSeen) -> R,
        R: Outcome<Complex<T>>,
        X: ComplexPoint<T> + ?Sized,
    {
        let mut out = vec![T::zero(); x.numbers().count()];
        slopes(self, f, x, &mut out, &mut Workspace::new())?;
        Ok(x.like(out))
    }

    /// [`gradient`](Self::gradient) without allocation.
    ///
    /// # Errors
    /// Those of [`gradient`](Self::gradient); `out` of another length than x. After an error `out` may hold
    /// parts of a result.
    pub fn gradient_into<F, R, X>(
        &self,
        f: F,
        x: &X,
        out: &mut (impl Buffer<T> + ?Sized),
        workspace: &mut Workspace<X::ComplexScratch, T>,
    ) -> Result<(), Error>
    where
        F: FnMut(&X::ComplexSeen) -> R,
        R: Outcome<Complex<T>>,
        X: ComplexPoint<T> + ?Sized,
    {
        slopes(self, f, x, out, workspace)
    }
}

/// The derivatives with respect to all coordinates.
fn slopes<T, F, R, X>(
    method: &ComplexStep<T>,
    mut f: F,
    x: &X,
    out: &mut (impl Buffer<T> + ?Sized),
    workspace: &mut Workspace<X::ComplexScratch, T>,
) -> Result<(), Error>
where
    T: Real,
    F: FnMut(&X::ComplexSeen) -> R,
    R: Outcome<Complex<T>>,
    X: ComplexPoint<T> + ?Sized,
{
    begin(x, workspace)?;
    length("out", out.room(), x.numbers().count())?;
    let mut copy = Imaginary(&mut workspace.point.scratch);
    copy.begin(x);
    workspace.axis.begin(x.numbers());
    for (k, x) in x.numbers().enumerate() {
        let h = displacement::<T>(x.widen());
        copy.set::<T, X>(k, T::round_from(h));
        workspace.results.evaluations += 1;
        let value = copy.value::<T, X, _, _>(&mut f, k, h)?;
        copy.set::<T, X>(k, T::zero());
        let slope = quotient(value, h, k, 0)?;
        workspace.axis.add(0, k, slope);
        out.put(k, slope);
    }
    if method.checked {
        let evaluate = |copy: &Imaginary<'_, _>, values: &mut Vec<_>| {
            values.push(copy.value::<T, X, _, _>(&mut f, 0, 0.0)?);
            Ok(())
        };
        match looks_right(x, &mut copy, &mut workspace.axis, evaluate) {
            Ok(count) => workspace.results.evaluations += count,
            Err(count) => {
                let f = |z: &X::ComplexSeen| f(z).outcome().map(|value| [value]);
                workspace.results.evaluations += count + method.refute(f, x, &workspace.axis.v)?;
            }
        }
    }
    Ok(())
}

/// Checks x and forgets the last call.
fn begin<T: Real, X: ComplexPoint<T> + ?Sized>(
    x: &X,
    workspace: &mut Workspace<X::ComplexScratch, T>,
) -> Result<(), Error> {
    workspace.results.evaluations = 0;
    (workspace.results.vanished, workspace.results.first_vanished) = (0, None);
    if x.numbers().next().is_none() {
        return Err(Error::Empty { argument: "x" });
    }
    match x.numbers().enumerate().find(|(_, v)| !v.is_finite()) {
        None => Ok(()),
        Some((index, value)) => Err(Error::NotFinite {
            argument: "x",
            index,
            value: value.widen(),
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
