//! Second derivatives along the coordinates and pairs of them.

use super::{begin, failed, plain};
use crate::evaluate::adapter::{put, same_length};
use crate::moves::Failure;
use crate::operators::off_diagonal;
use crate::real::all_finite;
use crate::scheme::Scheme;
use crate::scheme::fixed::Fixed;
use crate::scheme::formula::Formula;
use crate::workspace::Workspace;
use crate::{Error, Outcome, Point, Real};

/// The Hessian, into a square slice.
pub(super) fn hessian<T, F, R, X>(
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
    let fixed = plain(scheme)?;
    let scratch = workspace.point.copy(x);
    let n = X::len(scratch);
    if out.len() != n * n {
        return None;
    }
    if let Err(error) = begin::<T, X>((fixed, 2), scratch, &mut workspace.buffers.results) {
        return Some(Err(error));
    }
    let mut own = std::mem::take(&mut workspace.own);
    own.clear();
    own.extend((0..n).map(|i| X::get(scratch, i)));
    let mut unit = std::mem::take(&mut workspace.buffers.steps);
    let done = units::<T>(fixed, &own, &mut unit).then(|| {
        let mut second = Second {
            evaluate: |point: &X::Seen| f(point).outcome().map(Real::widen),
            evaluations: 0,
            x: &own,
            unit: &unit,
            base: None,
            diagonal: &mut workspace.buffers.vector,
            out,
        };
        let done = second.run::<X, _>(scratch);
        workspace.buffers.results.evaluations = second.evaluations;
        done.and_then(|()| same_length::<T, X>(scratch, n))
            .and_then(|()| all_finite(second.out))
    });
    workspace.buffers.steps = unit;
    workspace.own = own;
    done
}

/// The steps, as [`Scheme::units`] finds them; whether x holds them without rounding on both sides,
/// as the formula without weights asks for.
fn units<T: Real>(fixed: &Fixed, x: &[T], unit: &mut Vec<f64>) -> bool {
    let pace = fixed.pace(T::EPSILON, 2);
    unit.clear();
    let mut exact = true;
    for x in x {
        let x = x.widen();
        let h = pace.automatic(x);
        let moved = |t: f64| T::round_from(x + t).widen() - x;
        let up = moved(h);
        let u = if up > 0.0 { up } else { h };
        exact &= u != 0.0 && u.is_finite() && moved(u) == u && moved(-u) == -u;
        unit.push(u);
    }
    exact
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

/// Second derivatives along coordinates and pairs of them, with f(x) and the steps.
struct Second<'a, T, F> {
    evaluate: F,
    evaluations: usize,
    x: &'a [T],
    unit: &'a [f64],
    base: Option<f64>,
    diagonal: &'a mut Vec<f64>,
    out: &'a mut [T],
}

impl<T: Real, F> Second<'_, T, F> {
    fn run<X, E>(&mut self, scratch: &mut X::Scratch) -> Result<(), Error>
    where
        X: Point<T> + ?Sized,
        F: FnMut(&X::Seen) -> Result<f64, E>,
        E: Into<Failure>,
    {
        let (n, x, unit) = (self.x.len(), self.x, self.unit);
        let moved = |k: usize, side: f64| T::round_from(x[k].widen() + side * unit[k]);
        self.diagonal.clear();
        // The coordinates, then the pairs, in one loop: where f stands often it is not inlined.
        let (mut i, mut j) = (0, 0);
        // What the line before leaves to be restored.
        let mut last = 0;
        let mut values = [0.0; 2];
        loop {
            let u = unit[i];
            for (side, sign) in [-1.0, 1.0].into_iter().enumerate() {
                if side == 1 && self.base.is_none() {
                    put::<T, X>(scratch, n, i, x[i])?;
                    self.first::<X, _>(scratch)?;
                }
                let to = [(last, x[last]), (i, moved(i, sign)), (j, moved(j, sign))];
                place::<T, X>(scratch, n, to)?;
                self.evaluations += 1;
                values[side] = match (self.evaluate)(X::seen(scratch)) {
                    Ok(value) => value,
                    Err(source) => return Err(failed(i, sign * u, source.into())),
                };
            }
            let ([low, high], base) = (values, self.base.unwrap_or(f64::NAN));
            // Along a pair the step is one.
            let formula = Formula::Second(if i == j { u } else { 1.0 });
            let value = formula.combine(|node| [low, base, high][node]);
            if !value.is_finite() {
                return Err(not_second([low, base, high], i, u));
            }
            last = j;
            if i == j {
                self.diagonal.push(value);
                self.out[i * n + i] = T::round_from(value);
                (i, j) = if i + 1 < n { (i + 1, j + 1) } else { (0, 1) };
            } else {
                let entry = T::round_from(self.off_diagonal(value, i, j));
                self.out[i * n + j] = entry;
                self.out[j * n + i] = entry;
                if j + 1 < n {
                    j += 1;
                } else {
                    put::<T, X>(scratch, n, i, x[i])?;
                    (i, j) = (i + 1, i + 2);
                }
            }
            if j >= n {
                return Ok(());
            }
        }
    }

    /// f(x), once.
    #[cold]
    #[inline(never)]
    fn first<X, E>(&mut self, scratch: &X::Scratch) -> Result<f64, Error>
    where
        X: Point<T> + ?Sized,
        F: FnMut(&X::Seen) -> Result<f64, E>,
        E: Into<Failure>,
    {
        self.evaluations += 1;
        let base =
            (self.evaluate)(X::seen(scratch)).map_err(|source| failed(0, 0.0, source.into()))?;
        self.base = Some(base);
        Ok(base)
    }

    /// Of the second derivative `sum` along both coordinates.
    #[inline(always)]
    fn off_diagonal(&self, sum: f64, i: usize, j: usize) -> f64 {
        let (u, v) = (self.unit[i], self.unit[j]);
        let (ii, jj) = (self.diagonal[i], self.diagonal[j]);
        off_diagonal(sum, [ii, jj], [u, v])
    }
}

#[cold]
fn not_second(values: [f64; 3], coordinate: usize, h: f64) -> Error {
    match values.iter().position(|v| !v.is_finite()) {
        Some(node) => Error::NonFiniteValue {
            value: values[node],
            coordinate,
            displacement: [-h, 0.0, h][node],
            output: 0,
        },
        None => Error::Overflow {
            coordinate,
            output: 0,
        },
    }
}
