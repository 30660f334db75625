//! What every run checks before its first evaluation.

use crate::Error;
use crate::bounds::Bounds;
use crate::error::{finite, require};
use numdiff_core::Bound;

/// Not empty, and finite.
pub(crate) fn check_start(x: &[f64]) -> Result<(), Error> {
    if x.is_empty() {
        return Err(numdiff_core::Error::Empty { argument: "x" }.into());
    }
    finite("x", x)
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

/// Where a run begins: at the saved x, which the bounds must hold, or at x0 moved into the box. Returns the box, too,
/// and how many coordinates were moved.
pub(crate) fn place(
    x0: Vec<f64>,
    saved: Option<&[f64]>,
    bounds: &Option<(Bound, Bound)>,
) -> Result<(Vec<f64>, Bounds, usize), Error> {
    check_start(&x0)?;
    let mut x = x0;
    if let Some(saved) = saved {
        check_unknowns(saved.len(), x.len())?;
        x = saved.to_vec();
    }
    let Some((lower, upper)) = bounds else {
        return Ok((x, Bounds::default(), 0));
    };
    let (lower, upper) = match saved {
        Some(_) => Bound::around(lower, upper, &x)?,
        None => Bound::sides(lower, upper, x.len())?,
    };
    let mut moved = 0;
    for (x, (l, u)) in x.iter_mut().zip(lower.iter().zip(&upper)) {
        let inside = x.clamp(*l, *u);
        moved += usize::from(inside != *x);
        *x = inside;
    }
    // A point at an infinite bound is no point.
    check_start(&x)?;
    let unbounded = lower.iter().chain(&upper).all(|b| b.is_infinite());
    let bounds = match unbounded {
        true => Bounds::default(),
        false => Bounds::new(lower, upper),
    };
    Ok((x, bounds, moved))
}
