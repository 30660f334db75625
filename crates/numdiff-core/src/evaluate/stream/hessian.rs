//! Second derivatives along the coordinates and pairs of them.

use super::{Failure, begin, elements, failed, keep, plain, set};
use crate::operators::off_diagonal;
use crate::real::all_finite;
use crate::scheme::Scheme;
use crate::scheme::fixed::Fixed;
use crate::scheme::formula::Formula;
use crate::workspace::Workspace;
use crate::{Error, Outcome, Real};
use ndarray::{Array, ArrayRef, Dimension};

/// The Hessian, into a square slice.
pub(super) fn hessian<T, F, R, D>(
    scheme: &Scheme,
    mut f: F,
    x: &ArrayRef<T, D>,
    out: &mut [T],
    workspace: &mut Workspace<T>,
) -> Option<Result<(), Error>>
where
    T: Real,
    F: FnMut(&ArrayRef<T, D>) -> R,
    R: Outcome<T>,
    D: Dimension,
{
    let (fixed, _) = plain(scheme, 2)?;
    let (x, shape) = (x.as_slice()?, x.raw_dim());
    let n = x.len();
    if out.len() != n * n || scheme.given.len() > 1 {
        return None;
    }
    let mut point = match begin(
        (fixed, 2),
        (x, shape),
        &mut workspace.moved,
        &mut workspace.results,
    ) {
        Ok(point) => point,
        Err(error) => return Some(Err(error)),
    };
    let [mut unit, mut inverse] = std::mem::take(&mut workspace.steps);
    let done = units::<T>(fixed, x, &mut unit).then(|| {
        let exact = inverses(&unit, &mut inverse);
        let mut second = Second {
            evaluate: |point: &ArrayRef<T, D>| f(point).outcome().map(Real::widen),
            evaluations: 0,
            x,
            unit: &unit,
            inverse: exact.then_some(&inverse[..]),
            base: scheme.given.first().copied(),
            diagonal: &mut workspace.vector,
            out,
        };
        let done = second.run(&mut point);
        workspace.results.evaluations = second.evaluations;
        done.and_then(|()| all_finite(second.out))
    });
    workspace.steps = [unit, inverse];
    keep(point, &mut workspace.moved);
    done
}

/// The steps, as [`Scheme::units`] finds them; whether x holds them without rounding on both sides,
/// as the formula without weights asks for.
fn units<T: Real>(fixed: &Fixed, x: &[T], unit: &mut Vec<f64>) -> bool {
    let factor = fixed.factor(T::EPSILON, 2);
    unit.clear();
    let mut exact = true;
    for (i, x) in x.iter().enumerate() {
        let x = x.widen();
        let h = fixed.step.at(factor, fixed.typical, i, x);
        let moved = |t: f64| T::round_from(x + t).widen() - x;
        let up = moved(h);
        let u = if fixed.nominal || !(up > 0.0) { h } else { up };
        exact &= u != 0.0 && u.is_finite() && moved(u) == u && moved(-u) == -u;
        unit.push(u);
    }
    exact
}

/// One over each step; whether multiplying by it is dividing by the step, to the last bit: for powers
/// of two whose ratios are far from overflow and underflow.
fn inverses(unit: &[f64], inverse: &mut Vec<f64>) -> bool {
    inverse.clear();
    let mut exact = true;
    for &u in unit {
        let exponent = (u.to_bits() >> 52) as i32 - 1023;
        exact &= u.to_bits() & ((1 << 52) - 1) == 0 && exponent.abs() <= 500;
        inverse.push(1.0 / u);
    }
    exact
}

/// Second derivatives along coordinates and pairs of them, with f(x) and the steps.
struct Second<'a, T, F> {
    evaluate: F,
    evaluations: usize,
    x: &'a [T],
    unit: &'a [f64],
    /// One over the steps, where that is exact.
    inverse: Option<&'a [f64]>,
    base: Option<f64>,
    diagonal: &'a mut Vec<f64>,
    out: &'a mut [T],
}

impl<T: Real, F> Second<'_, T, F> {
    fn run<D, E>(&mut self, point: &mut Array<T, D>) -> Result<(), Error>
    where
        D: Dimension,
        F: FnMut(&ArrayRef<T, D>) -> Result<f64, E>,
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
                    set(point, i, x[i]);
                    self.first(point)?;
                }
                let slice = elements(point);
                slice[last] = x[last];
                (slice[i], slice[j]) = (moved(i, sign), moved(j, sign));
                self.evaluations += 1;
                values[side] = match (self.evaluate)(point) {
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
                    set(point, i, x[i]);
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
    fn first<D, E>(&mut self, point: &Array<T, D>) -> Result<f64, Error>
    where
        D: Dimension,
        F: FnMut(&ArrayRef<T, D>) -> Result<f64, E>,
        E: Into<Failure>,
    {
        self.evaluations += 1;
        let base = (self.evaluate)(point).map_err(|source| failed(0, 0.0, source.into()))?;
        self.base = Some(base);
        Ok(base)
    }

    /// Of the second derivative `sum` along both coordinates.
    #[inline(always)]
    fn off_diagonal(&self, sum: f64, i: usize, j: usize) -> f64 {
        let (u, v) = (self.unit[i], self.unit[j]);
        let (ii, jj) = (self.diagonal[i], self.diagonal[j]);
        match self.inverse {
            Some(inverse) => {
                let (iu, iv) = (inverse[i], inverse[j]);
                0.5 * (sum * iu * iv - u * iv * ii - jj * (v * iu))
            }
            None => off_diagonal(sum, [ii, jj], [u, v]),
        }
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
