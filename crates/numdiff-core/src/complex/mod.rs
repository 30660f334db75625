//! The complex step, for functions that are written over complex numbers.

mod outputs;
mod verify;

pub use outputs::ComplexOutputs;
pub use verify::ComplexCheck;

use crate::evaluate::complex::{Point, univariate};
use crate::step::power_of_two;
use crate::survey::finite;
use crate::{Error, Outcome, Real, Workspace, Written};
use ndarray::{Array, ArrayRef, Axis, Dimension, Ix1, Ix2};
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

    /// The Jacobian of a vector function: row i holds the derivatives of output i, column j those
    /// with respect to coordinate j, both in row-major order; one evaluation for each coordinate.
    ///
    /// # Errors
    /// As [`gradient`](Self::gradient); f that returns no outputs, or another number of outputs
    /// than before.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use numdiff_core::ComplexStep;
    /// let j = ComplexStep::new().jacobian(|z| [z[0] * z[1], z[0].sin()], &array![2.0, 3.0])?;
    /// assert_eq!(j, array![[3.0, 2.0], [2f64.cos(), 0.0]]);
    /// # Ok::<(), numdiff_core::Error>(())
    /// ```
    pub fn jacobian<F, R, D>(&self, mut f: F, x: &ArrayRef<T, D>) -> Result<Array<T, Ix2>, Error>
    where
        F: FnMut(&ArrayRef<Complex<T>, D>) -> R,
        R: ComplexOutputs<T>,
        D: Dimension,
    {
        let mut workspace = Workspace::<T>::new();
        begin(x, &mut workspace)?;
        let mut point = Point::new(x, &mut workspace.complex_point);
        let (mut columns, mut values, mut outputs) = (Vec::<T>::new(), Vec::new(), 0);
        for (k, x) in x.iter().enumerate() {
            let h = displacement::<T>(x.widen());
            point.set(k, T::round_from(h));
            values.clear();
            point.outputs(&mut f, &mut values, k, h)?;
            point.set(k, T::zero());
            outputs = same_count(values.len(), outputs)?;
            for (output, &value) in values.iter().enumerate() {
                columns.push(quotient(value, h, k, output)?);
            }
        }
        match Array::from_shape_vec((x.len(), outputs), columns) {
            Ok(transposed) => Ok(transposed.reversed_axes().as_standard_layout().into_owned()),
            Err(_) => unreachable!("as many columns as x has coordinates"),
        }
    }

    /// [`jacobian`](Self::jacobian) without allocation: f writes its outputs to its second argument,
    /// whose length is the number of rows of `out`.
    pub fn jacobian_into<F, R, D>(
        &self,
        mut f: F,
        x: &ArrayRef<T, D>,
        out: &mut ArrayRef<T, Ix2>,
        workspace: &mut Workspace<T>,
    ) -> Result<(), Error>
    where
        F: FnMut(&ArrayRef<Complex<T>, D>, &mut ArrayRef<Complex<T>, Ix1>) -> R,
        R: Written,
        D: Dimension,
    {
        begin(x, workspace)?;
        let rows = out.nrows();
        same_count(rows, 0)?;
        length("out", out.len(), rows * x.len())?;
        let mut point = Point::new(x, &mut workspace.complex_point);
        let outputs = &mut workspace.complex_outputs;
        outputs.resize(rows, Complex::new(T::nan(), T::nan()));
        let mut evaluations = 0;
        let mut column = |k: usize, x: f64| {
            let h = displacement::<T>(x);
            point.set(k, T::round_from(h));
            evaluations += 1;
            point.write(&mut f, outputs, k, h)?;
            point.set(k, T::zero());
            let column = out.index_axis_mut(Axis(1), k);
            for (output, (slot, &value)) in column.into_iter().zip(&*outputs).enumerate() {
                *slot = quotient(value, h, k, output)?;
            }
            Ok(())
        };
        let mut elements = x.iter().enumerate();
        let done = elements.try_for_each(|(k, x)| column(k, x.widen()));
        workspace.results.evaluations = evaluations;
        point.keep(&mut workspace.complex_point);
        done
    }

    /// The derivative of a scalar function along `v`, v . gradient; one evaluation. v = 0 gives 0.
    ///
    /// # Errors
    /// As [`gradient`](Self::gradient); v that is not finite or of another length than x.
    pub fn directional<F, R, D>(
        &self,
        f: F,
        x: &ArrayRef<T, D>,
        v: &ArrayRef<T, D>,
    ) -> Result<T, Error>
    where
        F: FnMut(&ArrayRef<Complex<T>, D>) -> R,
        R: Outcome<Complex<T>>,
        D: Dimension,
    {
        let mut out = T::zero();
        self.directional_into(f, x, v, &mut out, &mut Workspace::<T>::new())?;
        Ok(out)
    }

    /// [`directional`](Self::directional) without allocation.
    pub fn directional_into<F, R, D>(
        &self,
        mut f: F,
        x: &ArrayRef<T, D>,
        v: &ArrayRef<T, D>,
        out: &mut T,
        workspace: &mut Workspace<T>,
    ) -> Result<(), Error>
    where
        F: FnMut(&ArrayRef<Complex<T>, D>) -> R,
        R: Outcome<Complex<T>>,
        D: Dimension,
    {
        let (point, h) = along(x, v, workspace)?;
        workspace.results.evaluations = 1;
        let value = point.value(&mut f, 0, h);
        point.keep(&mut workspace.complex_point);
        *out = quotient(value?, h, 0, 0)?;
        Ok(())
    }

    /// The product of the Jacobian with `v`, one number for each output; one evaluation.
    ///
    /// # Errors
    /// As [`jacobian`](Self::jacobian) and [`directional`](Self::directional).
    pub fn jacobian_vector<F, R, D>(
        &self,
        mut f: F,
        x: &ArrayRef<T, D>,
        v: &ArrayRef<T, D>,
    ) -> Result<Array<T, Ix1>, Error>
    where
        F: FnMut(&ArrayRef<Complex<T>, D>) -> R,
        R: ComplexOutputs<T>,
        D: Dimension,
    {
        let mut workspace = Workspace::<T>::new();
        let (point, h) = along(x, v, &mut workspace)?;
        let mut values = Vec::new();
        point.outputs(&mut f, &mut values, 0, h)?;
        same_count(values.len(), 0)?;
        let slopes = values.iter().enumerate();
        slopes.map(|(k, &value)| quotient(value, h, 0, k)).collect()
    }

    /// [`jacobian_vector`](Self::jacobian_vector) without allocation: f writes its outputs to its
    /// second argument, whose length is that of `out`.
    pub fn jacobian_vector_into<F, R, D>(
        &self,
        mut f: F,
        x: &ArrayRef<T, D>,
        v: &ArrayRef<T, D>,
        out: &mut ArrayRef<T, Ix1>,
        workspace: &mut Workspace<T>,
    ) -> Result<(), Error>
    where
        F: FnMut(&ArrayRef<Complex<T>, D>, &mut ArrayRef<Complex<T>, Ix1>) -> R,
        R: Written,
        D: Dimension,
    {
        let (point, h) = along(x, v, workspace)?;
        same_count(out.len(), 0)?;
        let outputs = &mut workspace.complex_outputs;
        outputs.resize(out.len(), Complex::new(T::nan(), T::nan()));
        workspace.results.evaluations = 1;
        let written = point.write(&mut f, outputs, 0, h);
        point.keep(&mut workspace.complex_point);
        written?;
        for (output, (slot, &value)) in out.iter_mut().zip(&*outputs).enumerate() {
            *slot = quotient(value, h, 0, output)?;
        }
        Ok(())
    }
}

/// h for a coordinate at x: a power of two, so that the division is exact.
///
/// 2^-332 |x|, about 1e-100 |x| (2^-66 |x| in `f32`): h^2 vanishes against x^2, and h f' is far from
/// underflow for all but the smallest derivatives. Where x itself is small, and f' may be as small, h
/// is at least 2^-500 (2^-60), but still at most 2^-27 |x| (2^-13 |x|), whose square vanishes in
/// rounding.
fn displacement<T: Real>(x: f64) -> f64 {
    let double = T::EPSILON == f64::EPSILON;
    let (part, least, most) = if double {
        (-332, -500, -27)
    } else {
        (-66, -60, -13)
    };
    let two = |e: i32| f64::from(e).exp2();
    if x == 0.0 {
        return two(part);
    }
    let scale = power_of_two(x.abs());
    let smallest = if double {
        f64::from_bits(1)
    } else {
        f64::from(f32::from_bits(1))
    };
    (scale * two(part))
        .max(two(least).min(scale * two(most)))
        .max(smallest)
}

/// x + ihv as a point, and h.
fn along<T: Real, D: Dimension>(
    x: &ArrayRef<T, D>,
    v: &ArrayRef<T, D>,
    workspace: &mut Workspace<T>,
) -> Result<(Point<T, D>, f64), Error> {
    begin(x, workspace)?;
    length("v", v.len(), x.len())?;
    let wide = &mut workspace.vector;
    wide.clear();
    wide.extend(v.iter().map(|v| v.widen()));
    finite("v", wide)?;
    // The largest h for which no coordinate moves farther than it would by itself.
    let mut h = f64::INFINITY;
    for (x, v) in x.iter().zip(&*wide) {
        if *v != 0.0 {
            h = h.min(displacement::<T>(x.widen()) / power_of_two(v.abs()));
        }
    }
    if !h.is_finite() {
        h = displacement::<T>(0.0);
    }
    let mut point = Point::new(x, &mut workspace.complex_point);
    for (k, v) in wide.iter().enumerate() {
        point.set(k, T::round_from(h * v));
    }
    Ok((point, h))
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

fn same_count(found: usize, expected: usize) -> Result<usize, Error> {
    if found == 0 {
        Err(Error::Empty {
            argument: "f's output",
        })
    } else if expected == 0 || found == expected {
        Ok(found)
    } else {
        Err(Error::OutputsChanged { found, expected })
    }
}

/// Im f / h, where f and the result are finite.
#[inline]
fn quotient<T: Real>(
    value: Complex<T>,
    h: f64,
    coordinate: usize,
    output: usize,
) -> Result<T, Error> {
    // Plus zero: -0, which complex arithmetic likes to leave, is 0.
    let slope = T::round_from(value.im.widen() / h) + T::zero();
    if value.re.is_finite() && slope.is_finite() {
        return Ok(slope);
    }
    let (re, im) = (value.re.widen(), value.im.widen());
    Err(if re.is_finite() && im.is_finite() {
        Error::Overflow { coordinate, output }
    } else {
        Error::NonFiniteComplex {
            re,
            im,
            coordinate,
            displacement: h,
            output,
        }
    })
}
