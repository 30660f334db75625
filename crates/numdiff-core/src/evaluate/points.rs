//! Single evaluations at given points, for checks.

use crate::error::expect_outputs;
use crate::line::finite;
use crate::moves::{AnyFunction, Failure};
use crate::{Error, Moves, Point, Real};

/// Takes the numbers of x, of which there is one at least, all finite.
pub(crate) fn numbers<T: Real, X: Point<T> + ?Sized>(
    x: &X,
    into: &mut Vec<f64>,
) -> Result<(), Error> {
    into.clear();
    into.extend(x.numbers().map(Real::widen));
    if into.is_empty() {
        return Err(Error::Empty { argument: "x" });
    }
    finite("x", into)
}

/// f's outputs at x, all finite.
pub(crate) fn values_at_x(f: &mut dyn AnyFunction, x: &[f64]) -> Result<Vec<f64>, Error> {
    let values = values(f, x, None, 0)?;
    match values.iter().position(|v| !v.is_finite()) {
        None => Ok(values),
        Some(output) => Err(Error::NonFiniteValue {
            value: values[output],
            coordinate: 0,
            displacement: 0.0,
            output,
        }),
    }
}

/// f's outputs at x, or at x with every coordinate replaced; `expected` is their number, 0 before it is known.
pub(crate) fn values(
    f: &mut dyn AnyFunction,
    x: &[f64],
    point: Option<&[f64]>,
    expected: usize,
) -> Result<Vec<f64>, Error> {
    let failed = |source: Failure| Error::function(0, point.map_or(0.0, |p| p[0] - x[0]), source);
    f.begin(x).map_err(failed)?;
    let mut values = Vec::new();
    f.moved(point.map_or(Moves::None, Moves::Dense), &mut values)
        .map_err(failed)?;
    expect_outputs(values.len(), expected)?;
    Ok(values)
}
