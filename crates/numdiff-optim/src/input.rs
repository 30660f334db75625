//! What every run checks before its first evaluation.

use crate::Error;
use crate::bounds::Bounds;
use crate::error::require;
use numdiff_core::Bound;

/// Not empty, and finite.
pub(crate) fn check_start(x: &[f64]) -> Result<(), Error> {
    if x.is_empty() {
        return Err(numdiff_core::Error::Empty { argument: "x" }.into());
    }
    match x.iter().position(|x| !x.is_finite()) {
        Some(index) => Err(numdiff_core::Error::NotFinite {
            argument: "x",
            index,
            value: x[index],
        }
        .into()),
        None => Ok(()),
    }
}

/// A saved run has as many unknowns as the start.
pub(crate) fn check_unknowns(saved: usize, n: usize) -> Result<(), Error> {
    let expected = "the number of elements of x0; resume with a start of the saved run's shape";
    require(
        saved == n,
        "unknowns of the checkpoint",
        saved as f64,
        expected,
    )
}

/// The box, checked, and how many coordinates of x were moved to their nearest bound.
pub(crate) fn move_inside(
    bounds: Option<(Bound, Bound)>,
    x: &mut [f64],
) -> Result<(Bounds, usize), Error> {
    let Some((lower, upper)) = bounds else {
        return Ok((Bounds::default(), 0));
    };
    let (lower, upper) = Bound::sides(&lower, &upper, x.len())?;
    let mut moved = 0;
    for (x, (l, u)) in x.iter_mut().zip(lower.iter().zip(&upper)) {
        let inside = x.clamp(*l, *u);
        moved += usize::from(inside != *x);
        *x = inside;
    }
    // A point at an infinite bound is no point.
    check_start(x)?;
    let bounded = lower.iter().chain(&upper).any(|b| b.is_finite());
    let bounds = if bounded {
        Bounds::new(lower, upper)
    } else {
        Bounds::default()
    };
    Ok((bounds, moved))
}

/// The box, checked; none when every bound is infinite.
pub(crate) fn resolve(bounds: Option<(Bound, Bound)>, x: &[f64]) -> Result<Bounds, Error> {
    let Some((lower, upper)) = bounds else {
        return Ok(Bounds::default());
    };
    let (lower, upper) = Bound::around(&lower, &upper, x)?;
    let unbounded = lower.iter().chain(&upper).all(|b| b.is_infinite());
    Ok(if unbounded {
        Bounds::default()
    } else {
        Bounds::new(lower, upper)
    })
}
