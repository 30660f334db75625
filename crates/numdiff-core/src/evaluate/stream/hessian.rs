//! Second derivatives along the coordinates and pairs of them.

use super::plain;
use crate::evaluate::adapter::{put, same_length};
use crate::line::{LineKind, LineSet};
use crate::operators::off_diagonal;
use crate::real::all_finite;
use crate::scheme::formula::Formula;
use crate::scheme::{Scheme, explain};
use crate::workspace::Workspace;
use crate::{Error, Outcome, Point, Real};

/// The Hessian, into a square slice.
pub(crate) fn hessian<T, F, R, X>(
    scheme: &Scheme,
    f: F,
    x: &X,
    out: &mut [T],
    workspace: &mut Workspace<X::Scratch, T>,
) -> Option<Result<(), Error>>
where
    T: Real,
    F: FnMut(&X::Seen) -> R,
    R: Outcome<T>,
    X: Point<T> + ?Sized,
{
    let fixed = plain(scheme)?;
    let (scratch, buffers) = (workspace.point.copy(x), &mut workspace.buffers);
    let (n, line_set) = (X::len(scratch), &mut buffers.line_set);
    if out.len() != n * n {
        return None;
    }
    buffers.results.forget_counts();
    let numbers = (0..n).map(|i| X::get(scratch, i).widen());
    let begun = line_set.begin(numbers, T::EPSILON, LineKind::Pairs, 2);
    if let Err(error) = begun.and_then(|()| fixed.validate(2, n)) {
        return Some(Err(error));
    }
    scheme.units(line_set);
    // The formula without weights asks for steps that x holds without rounding on both sides.
    let moved = |i: usize, t: f64| line_set.moved_to(i, t) - line_set.x[i] == t;
    let exact = |(i, &u): (usize, &f64)| u != 0.0 && u.is_finite() && moved(i, u) && moved(i, -u);
    if !line_set.unit.iter().enumerate().all(exact) {
        return None;
    }
    let count = &mut buffers.results.evaluations;
    let done = along_lines::<T, F, R, X>(f, scratch, line_set, &mut buffers.vector, out, count);
    Some(done.and_then(|()| all_finite(out)))
}

/// Sets three numbers of a point that has `n`, one after the other.
#[inline(always)]
fn place<T, X>(scratch: &mut X::Scratch, n: usize, to: [(usize, T); 3]) -> Result<(), Error>
where
    T: Real,
    X: Point<T> + ?Sized,
{
    if let Some(slice) = X::slice(scratch)
        && slice.len() == n
    {
        to.into_iter().for_each(|(i, to)| slice[i] = to);
        return Ok(());
    }
    to.into_iter()
        .try_for_each(|(i, to)| put::<T, X>(scratch, n, i, to))
}

/// Second derivatives along the coordinates, then along pairs of them, in units of the steps.
// Apart, so that f is inlined here.
#[inline(never)]
fn along_lines<T, F, R, X>(
    mut f: F,
    scratch: &mut X::Scratch,
    line_set: &LineSet,
    diagonal: &mut Vec<f64>,
    out: &mut [T],
    evaluations: &mut usize,
) -> Result<(), Error>
where
    T: Real,
    F: FnMut(&X::Seen) -> R,
    R: Outcome<T>,
    X: Point<T> + ?Sized,
{
    let (x, unit, n) = (&line_set.x[..], &line_set.unit[..], line_set.x.len());
    let own = |k: usize| T::round_from(x[k]);
    diagonal.clear();
    let (mut sides, mut base) = ([0.0; 2], None);
    // In one loop: where f stands often it is not inlined. `last` is what the line before leaves to be restored.
    let (mut i, mut j, mut last) = (0, 0, 0);
    while j < n {
        let u = unit[i];
        for (side, sign) in [-1.0, 1.0].into_iter().enumerate() {
            if side == 1 && base.is_none() {
                put::<T, X>(scratch, n, i, own(i))?;
                *evaluations += 1;
                base = Some(value_at_x::<T, F, R, X>(&mut f, scratch)?);
            }
            let moved = |k: usize| T::round_from(x[k] + sign * unit[k]);
            let to = [(last, own(last)), (i, moved(i)), (j, moved(j))];
            place::<T, X>(scratch, n, to)?;
            *evaluations += 1;
            sides[side] = match f(X::seen(scratch)).outcome() {
                Ok(value) => value.widen(),
                Err(source) => return Err(Error::function(i, sign * u, source.into())),
            };
        }
        let values = [sides[0], base.unwrap_or(f64::NAN), sides[1]];
        // Along a pair the step is one.
        let formula = Formula::Second(if i == j { u } else { 1.0 });
        let value = formula.combine(|node| values[node]);
        if !value.is_finite() {
            let steps = [-u, 0.0, u].into_iter();
            return Err(explain(|t| (i, t), steps, 0, |node| values[node]));
        }
        last = j;
        if i == j {
            diagonal.push(value);
            out[i * n + i] = T::round_from(value);
            (i, j) = if i + 1 < n { (i + 1, j + 1) } else { (0, 1) };
        } else {
            let second = [diagonal[i], diagonal[j]];
            let entry = T::round_from(off_diagonal(value, second, [unit[i], unit[j]]));
            out[i * n + j] = entry;
            out[j * n + i] = entry;
            if j + 1 < n {
                j += 1;
            } else {
                put::<T, X>(scratch, n, i, own(i))?;
                (i, j) = (i + 1, i + 2);
            }
        }
    }
    same_length::<T, X>(scratch, n)
}

/// f(x): apart, so that f stands once in the loop.
#[cold]
#[inline(never)]
fn value_at_x<T, F, R, X>(f: &mut F, scratch: &X::Scratch) -> Result<f64, Error>
where
    T: Real,
    F: FnMut(&X::Seen) -> R,
    R: Outcome<T>,
    X: Point<T> + ?Sized,
{
    match f(X::seen(scratch)).outcome() {
        Ok(value) => Ok(value.widen()),
        Err(source) => Err(Error::function(0, 0.0, source.into())),
    }
}
