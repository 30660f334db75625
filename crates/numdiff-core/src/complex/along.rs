//! Derivatives along a direction by the complex step.

use super::displacement::{displacement, quotient};
use super::jacobian::same_count;
use super::{ComplexStep, begin, length};
use crate::evaluate::complex::Point;
use crate::outcome::ComplexOutputs;
use crate::step::power_of_two;
use crate::survey::finite;
use crate::{Error, Outcome, Real, Workspace, Written};
use ndarray::{Array, ArrayRef, Dimension, Ix1};
use num_complex::Complex;

impl<T: Real> ComplexStep<T> {
    /// The derivative of a scalar function along `v`, v . gradient; one evaluation. Any norm of v
    /// serves that leaves the result a number; v = 0 gives 0.
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
    ///
    /// # Errors
    /// As [`directional`](Self::directional).
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
    ///
    /// # Errors
    /// As [`jacobian_vector`](Self::jacobian_vector); an empty `out`. After an error `out` may hold
    /// parts of a result.
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
