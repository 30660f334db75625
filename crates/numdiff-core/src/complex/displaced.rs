//! Copies of x that are moved along a direction times i.

use super::displacement::{displacement, quotient};
use super::{begin, length};
use crate::evaluate::axis::AxisBuffers;
use crate::evaluate::complex::Imaginary;
use crate::line::finite;
use crate::outcome::ComplexOutputs;
use crate::point::ComplexPoint;
use crate::step::power_of_two;
use crate::{Error, Point, Real, Workspace};

/// What is needed to differentiate along v.
pub(super) struct Displaced<'w, S, T> {
    /// A copy of x at x + ihv, to be evaluated once.
    pub copy: Imaginary<'w, S>,
    /// What the check keeps, with v.
    pub axis: &'w mut AxisBuffers<T>,
    pub h: f64,
}

/// A copy of x at x + ihv.
pub(super) fn along<'w, T: Real, X: ComplexPoint<T> + ?Sized>(
    x: &X,
    v: &(impl Point<T> + ?Sized),
    workspace: &'w mut Workspace<X::ComplexScratch, T>,
) -> Result<Displaced<'w, X::ComplexScratch, T>, Error> {
    begin(x, workspace)?;
    let axis = &mut workspace.axis;
    axis.slopes.clear();
    let wide = &mut axis.v;
    wide.clear();
    wide.extend(v.numbers().map(Real::widen));
    length("v", wide.len(), x.numbers().count())?;
    finite("v", wide)?;
    // The largest h for which no coordinate moves farther than it would by itself.
    let mut h = f64::INFINITY;
    for (x, v) in x.numbers().zip(&*wide) {
        if *v != 0.0 {
            h = h.min(displacement::<T>(x.widen()) / power_of_two(v.abs()));
        }
    }
    if !h.is_finite() {
        h = displacement::<T>(0.0);
    }
    workspace.results.evaluations = 1;
    let mut copy = Imaginary(&mut workspace.point.scratch);
    copy.begin(x);
    for (k, v) in axis.v.iter().enumerate() {
        copy.set::<T, X>(k, T::round_from(h * v));
    }
    Ok(Displaced { copy, axis, h })
}

/// The derivative of each output at a copy of x at x + ihv.
pub(super) fn outputs_along<T, X, F, R>(
    f: &mut F,
    copy: &Imaginary<'_, X::ComplexScratch>,
    h: f64,
) -> Result<Vec<T>, Error>
where
    T: Real,
    F: FnMut(&X::ComplexSeen) -> R,
    R: ComplexOutputs<T>,
    X: ComplexPoint<T> + ?Sized,
{
    let mut values = Vec::new();
    copy.outputs::<T, X, _, _>(f, &mut values, 0, h)?;
    same_count(values.len(), 0)?;
    let slopes = values.iter().enumerate();
    slopes.map(|(k, &value)| quotient(value, h, 0, k)).collect()
}

/// The product of the Jacobian with `v`, not compared with anything.
pub(super) fn plain_products<T, F, R, X>(f: &mut F, x: &X, v: &[T]) -> Result<Vec<T>, Error>
where
    T: Real,
    F: FnMut(&X::ComplexSeen) -> R,
    R: ComplexOutputs<T>,
    X: ComplexPoint<T> + ?Sized,
{
    let workspace = &mut Workspace::new();
    let Displaced { copy, h, .. } = along(x, v, workspace)?;
    outputs_along::<T, X, _, _>(f, &copy, h)
}

/// The number of outputs, which stays the same; `expected` is 0 before it is known.
pub(super) fn same_count(found: usize, expected: usize) -> Result<usize, Error> {
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
