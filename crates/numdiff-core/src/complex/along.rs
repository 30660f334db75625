//! Derivatives along a direction by the complex step.

use super::ComplexStep;
use super::confirm::looks_right;
use super::displaced::{Displaced, along, outputs_along, same_count};
use super::displacement::quotient;
use super::jacobian::returning;
use crate::evaluate::complex::Imaginary;
use crate::outcome::ComplexOutputs;
use crate::point::ComplexPoint;
use crate::{Buffer, Error, Outcome, Point, Real, Workspace, Written};
use ndarray::{Array, Ix1};
use num_complex::Complex;

impl<T: Real> ComplexStep<T> {
    /// The derivative of a scalar function along `v`, v . gradient; one evaluation, and two of the check. Any norm of v
    /// serves that leaves the result a number; v = 0 gives 0.
    ///
    /// # Errors
    /// Those of [`gradient`](Self::gradient); v that is not finite or of another length than x.
    pub fn directional<F, R, X>(
        &self,
        f: F,
        x: &X,
        v: &(impl Point<T> + ?Sized),
    ) -> Result<T, Error>
    where
        F: FnMut(&X::ComplexSeen) -> R,
        R: Outcome<Complex<T>>,
        X: ComplexPoint<T> + ?Sized,
    {
        slope(self, f, x, v, &mut Workspace::new())
    }

    /// [`directional`](Self::directional) without allocation.
    ///
    /// # Errors
    /// Those of [`directional`](Self::directional).
    pub fn directional_into<F, R, X>(
        &self,
        f: F,
        x: &X,
        v: &(impl Point<T> + ?Sized),
        out: &mut T,
        workspace: &mut Workspace<X::ComplexScratch, T>,
    ) -> Result<(), Error>
    where
        F: FnMut(&X::ComplexSeen) -> R,
        R: Outcome<Complex<T>>,
        X: ComplexPoint<T> + ?Sized,
    {
        *out = slope(self, f, x, v, workspace)?;
        Ok(())
    }

    /// The product of the Jacobian with `v`, one number for each output; one evaluation, and two of
    /// the check.
    ///
    /// # Errors
    /// Those of [`jacobian`](Self::jacobian) and [`directional`](Self::directional).
    pub fn jacobian_vector<F, R, X>(
        &self,
        mut f: F,
        x: &X,
        v: &(impl Point<T> + ?Sized),
    ) -> Result<Array<T, Ix1>, Error>
    where
        F: FnMut(&X::ComplexSeen) -> R,
        R: ComplexOutputs<T>,
        X: ComplexPoint<T> + ?Sized,
    {
        let workspace = &mut Workspace::new();
        let Displaced { mut copy, axis, h } = along(x, v, workspace)?;
        let products = outputs_along::<T, X, _, _>(&mut f, &copy, h)?;
        axis.slopes
            .extend(products.iter().map(|slope| slope.widen()));
        if self.checked {
            let evaluate = |copy: &Imaginary<'_, _>, values: &mut Vec<_>| {
                copy.outputs::<T, X, _, _>(&mut f, values, 0, 0.0)
            };
            if looks_right(x, &mut copy, axis, evaluate).is_err() {
                self.refute(&mut f, x, &axis.v)?;
            }
        }
        Ok(products.into())
    }

    /// [`jacobian_vector`](Self::jacobian_vector) without allocation: f writes its outputs to its
    /// second argument, whose length is that of `out`.
    ///
    /// # Errors
    /// Those of [`jacobian_vector`](Self::jacobian_vector); an empty `out`. After an error `out` may hold
    /// parts of a result.
    pub fn jacobian_vector_into<F, R, X>(
        &self,
        mut f: F,
        x: &X,
        v: &(impl Point<T> + ?Sized),
        out: &mut (impl Buffer<T> + ?Sized),
        workspace: &mut Workspace<X::ComplexScratch, T>,
    ) -> Result<(), Error>
    where
        F: FnMut(&X::ComplexSeen, &mut [Complex<T>]) -> R,
        R: Written,
        X: ComplexPoint<T> + ?Sized,
    {
        products(self, &mut f, x, v, out, workspace)
    }
}

fn slope<T, F, R, X>(
    method: &ComplexStep<T>,
    mut f: F,
    x: &X,
    v: &(impl Point<T> + ?Sized),
    workspace: &mut Workspace<X::ComplexScratch, T>,
) -> Result<T, Error>
where
    T: Real,
    F: FnMut(&X::ComplexSeen) -> R,
    R: Outcome<Complex<T>>,
    X: ComplexPoint<T> + ?Sized,
{
    let Displaced { mut copy, axis, h } = along(x, v, workspace)?;
    let slope = quotient(copy.value::<T, X, _, _>(&mut f, 0, h)?, h, 0, 0)?;
    axis.slopes.push(slope.widen());
    let mut evaluations = 1;
    if method.checked {
        let evaluate = |copy: &Imaginary<'_, _>, values: &mut Vec<_>| {
            values.push(copy.value::<T, X, _, _>(&mut f, 0, 0.0)?);
            Ok(())
        };
        match looks_right(x, &mut copy, axis, evaluate) {
            Ok(count) => evaluations += count,
            Err(count) => {
                let f = |z: &X::ComplexSeen| f(z).outcome().map(|value| [value]);
                evaluations += count + method.refute(f, x, &axis.v)?;
            }
        }
    }
    workspace.results.evaluations = evaluations;
    Ok(slope)
}

fn products<T, F, R, X>(
    method: &ComplexStep<T>,
    f: &mut F,
    x: &X,
    v: &(impl Point<T> + ?Sized),
    out: &mut (impl Buffer<T> + ?Sized),
    workspace: &mut Workspace<X::ComplexScratch, T>,
) -> Result<(), Error>
where
    T: Real,
    F: FnMut(&X::ComplexSeen, &mut [Complex<T>]) -> R,
    R: Written,
    X: ComplexPoint<T> + ?Sized,
{
    let mut outputs = std::mem::take(&mut workspace.complex_outputs);
    let done = write_products(method, f, x, v, &mut outputs, out, workspace);
    workspace.complex_outputs = outputs;
    done
}

fn write_products<T, F, R, X>(
    method: &ComplexStep<T>,
    f: &mut F,
    x: &X,
    v: &(impl Point<T> + ?Sized),
    outputs: &mut Vec<Complex<T>>,
    out: &mut (impl Buffer<T> + ?Sized),
    workspace: &mut Workspace<X::ComplexScratch, T>,
) -> Result<(), Error>
where
    T: Real,
    F: FnMut(&X::ComplexSeen, &mut [Complex<T>]) -> R,
    R: Written,
    X: ComplexPoint<T> + ?Sized,
{
    let Displaced { mut copy, axis, h } = along(x, v, workspace)?;
    same_count(out.room(), 0)?;
    outputs.resize(out.room(), Complex::new(T::zero(), T::zero()));
    copy.write::<T, X, _, _>(f, outputs, 0, h)?;
    for (output, &value) in outputs.iter().enumerate() {
        let slope = quotient(value, h, 0, output)?;
        axis.slopes.push(slope.widen());
        out.put(output, slope);
    }
    let mut evaluations = 1;
    if method.checked {
        let count = outputs.len();
        let evaluate = |copy: &Imaginary<'_, _>, values: &mut Vec<_>| {
            values.resize(count, Complex::new(T::nan(), T::nan()));
            copy.write::<T, X, _, _>(f, values, 0, 0.0)
        };
        match looks_right(x, &mut copy, axis, evaluate) {
            Ok(count) => evaluations += count,
            Err(count) => {
                let f = returning::<T, X, _, _>(f, count);
                evaluations += count + method.refute(f, x, &axis.v)?;
            }
        }
    }
    workspace.results.evaluations = evaluations;
    Ok(())
}
