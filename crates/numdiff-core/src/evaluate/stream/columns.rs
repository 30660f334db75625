//! First derivatives: the gradient and the Jacobian, one column after the other.

use super::{begin, failed, plain};
use crate::evaluate::adapter::{all_written, misuse, put, same_length, unwritten};
use crate::line::LineResults;
use crate::line::spacing;
use crate::moves::Failure;
use crate::scheme::Scheme;
use crate::scheme::fixed::Fixed;
use crate::scheme::formula::Formula;
use crate::workspace::Workspace;
use crate::{Error, Outcome, Point, Real, Written};

/// The gradient, into a slice of x's elements.
pub(super) fn gradient<T, F, R, X>(
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
    if out.len() != X::len(scratch) {
        return None;
    }
    let mut columns = Slopes {
        evaluate: |point: &X::Seen| f(point).outcome().map(Real::widen),
        values: [0.0; 2],
        out,
    };
    Some(run::<T, X, _>(
        fixed,
        scratch,
        &mut columns,
        &mut workspace.buffers.results,
    ))
}

/// The Jacobian of an f that writes so many outputs, into a slice of outputs by coordinates.
pub(crate) fn jacobian<T, F, R, X>(
    scheme: &Scheme,
    f: F,
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
    let fixed = plain(scheme)?;
    let scratch = workspace.point.copy(x);
    let width = X::len(scratch);
    if rows == 0 || out.len() != rows * width {
        return None;
    }
    let mut values = std::mem::take(&mut workspace.sides);
    for side in &mut values {
        side.clear();
        side.resize(rows, T::nan());
    }
    let mut columns = Matrix {
        f,
        values,
        out,
        width,
    };
    let done = run::<T, X, _>(fixed, scratch, &mut columns, &mut workspace.buffers.results);
    workspace.sides = columns.values;
    Some(done)
}

/// What is done with the values on both sides of x; P is what f sees.
trait Columns<P: ?Sized> {
    /// Evaluates f and keeps what it returns for `side`, 0 or 1.
    fn evaluate(&mut self, point: &P, side: usize) -> Result<(), Failure>;
    /// The derivatives with respect to coordinate `k`; whether they are finite.
    fn combine(&mut self, k: usize, span: f64) -> bool;
    /// The first value that is not finite: its output, its side and itself.
    fn culprit(&self) -> Option<(usize, usize, f64)>;
    /// The first output whose derivative along `k` is not finite.
    fn overflown(&self, k: usize) -> usize;
}

/// Column by column.
#[inline]
fn run<T: Real, X: Point<T> + ?Sized, C: Columns<X::Seen>>(
    fixed: &Fixed,
    scratch: &mut X::Scratch,
    columns: &mut C,
    results: &mut LineResults,
) -> Result<(), Error> {
    begin::<T, X>((fixed, 1), scratch, results)?;
    let mut evaluations = 0;
    let done = central::<T, X, C>(fixed, scratch, columns, &mut evaluations);
    results.evaluations = evaluations;
    done
}

#[inline]
fn central<T: Real, X: Point<T> + ?Sized, C: Columns<X::Seen>>(
    fixed: &Fixed,
    scratch: &mut X::Scratch,
    columns: &mut C,
    evaluations: &mut usize,
) -> Result<(), Error> {
    let pace = fixed.pace(T::EPSILON, 1);
    let length = X::len(scratch);
    for k in 0..length {
        let own = X::get(scratch, k);
        let at = own.widen();
        let h = pace.automatic(at);
        let (low, high) = (T::round_from(at - h), T::round_from(at + h));
        let span = (high.widen() - at) - (low.widen() - at);
        if !is_positive_and_finite(span) {
            return Err(no_step::<T>(k, at, h, span));
        }
        // In a loop: an f that stands once is inlined where one that stands twice may not be.
        for (side, to) in [low, high].into_iter().enumerate() {
            put::<T, X>(scratch, length, k, to)?;
            *evaluations += 1;
            if let Err(source) = columns.evaluate(X::seen(scratch), side) {
                return Err(failed(k, [-h, h][side], source));
            }
        }
        put::<T, X>(scratch, length, k, own)?;
        if !columns.combine(k, span) {
            return Err(not_finite(columns, k, [-h, h]));
        }
    }
    same_length::<T, X>(scratch, length)
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

#[cold]
fn not_finite<P: ?Sized, C: Columns<P>>(columns: &C, coordinate: usize, t: [f64; 2]) -> Error {
    match columns.culprit() {
        Some((output, side, value)) => Error::NonFiniteValue {
            value,
            coordinate,
            displacement: t[side],
            output,
        },
        None => Error::Overflow {
            coordinate,
            output: columns.overflown(coordinate),
        },
    }
}

/// One value on each side.
struct Slopes<'o, T, F> {
    evaluate: F,
    values: [f64; 2],
    out: &'o mut [T],
}

impl<T, P, F, E> Columns<P> for Slopes<'_, T, F>
where
    T: Real,
    P: ?Sized,
    F: FnMut(&P) -> Result<f64, E>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    #[inline(always)]
    fn evaluate(&mut self, point: &P, side: usize) -> Result<(), Failure> {
        match (self.evaluate)(point) {
            Ok(value) => self.values[side] = value,
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    #[inline(always)]
    fn combine(&mut self, k: usize, span: f64) -> bool {
        let slope = T::round_from(Formula::Quotient(span).combine(|node| self.values[node]));
        self.out[k] = slope;
        slope.is_finite()
    }

    fn culprit(&self) -> Option<(usize, usize, f64)> {
        let side = self.values.iter().position(|v| !v.is_finite())?;
        Some((0, side, self.values[side]))
    }

    fn overflown(&self, _: usize) -> usize {
        0
    }
}

/// Whether v is above 0, and neither infinite nor NaN: in one comparison.
#[inline(always)]
fn is_positive_and_finite(v: f64) -> bool {
    v.to_bits().wrapping_sub(1) < f64::INFINITY.to_bits() - 1
}

/// All outputs on each side.
struct Matrix<'o, T, F> {
    f: F,
    values: [Vec<T>; 2],
    out: &'o mut [T],
    width: usize,
}

impl<T, P, F, R> Columns<P> for Matrix<'_, T, F>
where
    T: Real,
    P: ?Sized,
    F: FnMut(&P, &mut [T]) -> R,
    R: Written,
{
    #[inline(always)]
    fn evaluate(&mut self, point: &P, side: usize) -> Result<(), Failure> {
        let outputs = &mut self.values[side];
        unwritten(outputs);
        (self.f)(point, outputs).written().map_err(Into::into)?;
        all_written(outputs).map_err(misuse)
    }

    #[inline(always)]
    fn combine(&mut self, k: usize, span: f64) -> bool {
        let [low, high] = &self.values;
        let (formula, width) = (Formula::Quotient(span), self.width);
        let mut finite = true;
        for ((row, a), b) in self.out.chunks_exact_mut(width).zip(low).zip(high) {
            let value = |node: usize| if node == 0 { a.widen() } else { b.widen() };
            row[k] = T::round_from(formula.combine_in_range(value));
            finite &= row[k].is_finite();
        }
        if !finite {
            finite = true;
            for ((row, a), b) in self.out.chunks_exact_mut(width).zip(low).zip(high) {
                let value = |node: usize| if node == 0 { a.widen() } else { b.widen() };
                row[k] = T::round_from(formula.combine(value));
                finite &= row[k].is_finite();
            }
        }
        finite
    }

    fn culprit(&self) -> Option<(usize, usize, f64)> {
        let [low, high] = &self.values;
        (0..low.len()).find_map(|output| {
            let both = [low[output].widen(), high[output].widen()];
            let side = both.iter().position(|v| !v.is_finite())?;
            Some((output, side, both[side]))
        })
    }

    fn overflown(&self, k: usize) -> usize {
        let rows = self.values[0].len();
        let entry = |row: &usize| self.out[row * self.width + k];
        (0..rows).find(|row| !entry(row).is_finite()).unwrap_or(0)
    }
}
