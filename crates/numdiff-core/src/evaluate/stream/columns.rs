//! First derivatives: the gradient and the Jacobian, one column after the other.

use super::plain;
use crate::evaluate::adapter::{all_written, misuse, put, same_length, unwritten};
use crate::line::{LineResults, finite, spacing};
use crate::moves::Failure;
use crate::scheme::fixed::Fixed;
use crate::scheme::formula::Formula;
use crate::scheme::{Scheme, explain};
use crate::workspace::Workspace;
use crate::{Error, Outcome, Point, Real, Written};

/// The gradient, into a slice of x's elements.
pub(crate) fn gradient<T, F, R, X>(
    scheme: &Scheme,
    mut f: F,
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
    let evaluate = |point: &X::Seen, value: &mut [T; 1]| {
        value[0] = f(point).outcome().map_err(Into::into)?;
        Ok(())
    };
    columns(scheme, evaluate, x, &mut [[T::nan()]; 2], out, workspace)
}

/// The Jacobian of an f that writes so many outputs, into a slice of outputs by coordinates.
pub(crate) fn jacobian<T, F, R, X>(
    scheme: &Scheme,
    mut f: F,
    x: &X,
    rows: usize,
    out: &mut [T],
    workspace: &mut Workspace<X::Scratch, T>,
) -> Option<Result<(), Error>>
where
    T: Real,
    F: FnMut(&X::Seen, &mut [T]) -> R,
    R: Written,
    X: Point<T> + ?Sized,
{
    let mut sides = std::mem::take(&mut workspace.sides);
    for side in &mut sides {
        side.resize(rows, T::nan());
    }
    let evaluate = |point: &X::Seen, outputs: &mut Vec<T>| {
        unwritten(outputs);
        f(point, outputs).written().map_err(Into::into)?;
        all_written(outputs).map_err(misuse)
    };
    let done = columns(scheme, evaluate, x, &mut sides, out, workspace);
    workspace.sides = sides;
    done
}

/// The derivatives of all outputs by each coordinate. `evaluate` takes f's outputs at a point; `sides` are those
/// on either side of x.
#[inline]
fn columns<T, X, V>(
    scheme: &Scheme,
    mut evaluate: impl FnMut(&X::Seen, &mut V) -> Result<(), Failure>,
    x: &X,
    sides: &mut [V; 2],
    out: &mut [T],
    workspace: &mut Workspace<X::Scratch, T>,
) -> Option<Result<(), Error>>
where
    T: Real,
    X: Point<T> + ?Sized,
    V: AsRef<[T]>,
{
    let fixed = plain(scheme)?;
    let (scratch, results) = (workspace.point.copy(x), &mut workspace.buffers.results);
    let (length, rows) = (X::len(scratch), sides[0].as_ref().len());
    if rows == 0 || out.len() != rows * length {
        return None;
    }
    let mut run = || {
        begin::<T, X>(fixed, scratch, results)?;
        let pace = fixed.pace(T::EPSILON, 1);
        for k in 0..length {
            let own = X::get(scratch, k);
            let at = own.widen();
            let h = pace.automatic(at);
            let ends = [T::round_from(at - h), T::round_from(at + h)];
            let span = (ends[1].widen() - at) - (ends[0].widen() - at);
            if !is_positive_and_finite(span) {
                return Err(no_step::<T>(k, at, h, span));
            }
            // In a loop: an f that stands once is inlined where one that stands twice may not be.
            for (side, to) in ends.into_iter().enumerate() {
                put::<T, X>(scratch, length, k, to)?;
                results.evaluations += 1;
                if let Err(source) = evaluate(X::seen(scratch), &mut sides[side]) {
                    return Err(Error::function(k, [-h, h][side], source));
                }
            }
            put::<T, X>(scratch, length, k, own)?;
            let [low, high] = sides.each_ref().map(V::as_ref);
            let formula = Formula::Quotient(span);
            let mut finite = true;
            for ((row, a), b) in out.chunks_exact_mut(length).zip(low).zip(high) {
                let value = |node: usize| if node == 0 { a.widen() } else { b.widen() };
                row[k] = T::round_from(formula.combine_in_range(value));
                finite &= row[k].is_finite();
            }
            if !finite {
                combine_out_of_range(formula, [low, high], out, (k, h))?;
            }
        }
        same_length::<T, X>(scratch, length)
    };
    Some(run())
}

/// Checks the copy of x and the settings, and forgets the last call.
#[inline]
fn begin<T: Real, X: Point<T> + ?Sized>(
    fixed: &Fixed,
    scratch: &mut X::Scratch,
    results: &mut LineResults,
) -> Result<(), Error> {
    results.forget_counts();
    let length = X::len(scratch);
    if length == 0 {
        return Err(Error::Empty { argument: "x" });
    }
    // Without an early exit: several elements at a time.
    let all = match X::slice(scratch) {
        Some(slice) => slice.iter().fold(true, |all, v| all & v.is_finite()),
        None => (0..length).all(|i| X::get(scratch, i).is_finite()),
    };
    if !all {
        let wide: Vec<f64> = (0..length).map(|i| X::get(scratch, i).widen()).collect();
        finite("x", &wide)?;
    }
    fixed.validate(1, length)
}

/// The column again, where some of it is out of range, or no numbers.
#[cold]
fn combine_out_of_range<T: Real>(
    formula: Formula,
    sides: [&[T]; 2],
    out: &mut [T],
    (k, h): (usize, f64),
) -> Result<(), Error> {
    let length = out.len() / sides[0].len();
    for (output, row) in out.chunks_exact_mut(length).enumerate() {
        let value = |node: usize| sides[node][output].widen();
        row[k] = T::round_from(formula.combine(value));
        if !row[k].is_finite() {
            return Err(explain(|t| (k, t), [-h, h].into_iter(), output, value));
        }
    }
    Ok(())
}

/// Why a step does not serve: it vanished in rounding, or leads beyond the largest number.
#[cold]
fn no_step<T: Real>(coordinate: usize, x: f64, step: f64, span: f64) -> Error {
    if span == 0.0 {
        Error::StepVanishes {
            coordinate,
            x,
            step,
            smallest: spacing(x, T::EPSILON),
        }
    } else {
        Error::StepOverflows {
            coordinate,
            x,
            step,
        }
    }
}

/// Whether v is above 0, and neither infinite nor NaN: in one comparison.
#[inline(always)]
fn is_positive_and_finite(v: f64) -> bool {
    v.to_bits().wrapping_sub(1) < f64::INFINITY.to_bits() - 1
}
