//! Fixed differences without a plan: gradients, Jacobians and Hessians whose formula needs no weights,
//! straight from x to the result. The same points, numbers, counts and errors as the plan, without its
//! bookkeeping, which takes longer than a cheap f.
//!
//! Whatever is not plain (bounds, a higher accuracy, arrays that are not contiguous) is left to the
//! general way: these functions then return `None` and have done nothing.

use crate::answer::all_finite;
use crate::operators::off_diagonal;
use crate::results::Results;
use crate::scheme::fixed::{Fixed, Side, quotient, second};
use crate::scheme::{Rule, Scheme};
use crate::step::power_of_two;
use crate::survey::{finite, spacing};
use crate::workspace::Workspace;
use crate::{Error, Outcome, Real, Step, Written};
use ndarray::{Array, ArrayRef, ArrayViewMut1, Dimension, Ix1};

/// What a failed evaluation said.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What is done with the values on both sides of x.
trait Columns<T, D> {
    /// Evaluates f and keeps what it returns for `side`, 0 or 1.
    fn evaluate(&mut self, point: &ArrayRef<T, D>, side: usize) -> Result<(), Failure>;
    /// The derivatives with respect to coordinate `k`; whether they are finite.
    fn combine(&mut self, k: usize, span: f64) -> bool;
    /// The first value that is not finite: its output, its side and itself.
    fn culprit(&self) -> Option<(usize, usize, f64)>;
    /// The first output whose derivative along `k` is not finite.
    fn overflown(&self, k: usize) -> usize;
}

/// The operators that need no plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Stream {
    Gradient,
    Hessian,
    Jacobian,
}

/// An operator of a scalar function, into the elements of its result.
#[inline]
pub(crate) fn scalar<T, F, R, D>(
    stream: Stream,
    scheme: &Scheme,
    f: F,
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
    match stream {
        Stream::Gradient => gradient(scheme, f, x, out, workspace),
        Stream::Hessian => hessian(scheme, f, x, out, workspace),
        Stream::Jacobian => None,
    }
}

/// An operator of an f that writes so many outputs, into the elements of its result.
#[inline]
pub(crate) fn vector<T, F, R, D>(
    stream: Stream,
    scheme: &Scheme,
    f: F,
    x: &ArrayRef<T, D>,
    outputs: usize,
    out: &mut [T],
    workspace: &mut Workspace<T>,
) -> Option<Result<(), Error>>
where
    T: Real,
    F: FnMut(&ArrayRef<T, D>, &mut ArrayRef<T, Ix1>) -> R,
    R: Written,
    D: Dimension,
{
    match stream {
        Stream::Jacobian => jacobian(scheme, f, x, outputs, out, workspace),
        Stream::Gradient | Stream::Hessian => None,
    }
}

/// The gradient, into a slice of x's elements.
fn gradient<T, F, R, D>(
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
    let (fixed, multiple) = plain(scheme, 1)?;
    let (x, shape) = (x.as_slice()?, x.raw_dim());
    if out.len() != x.len() || scheme.given.len() > 1 {
        return None;
    }
    let given = scheme.given.first().copied();
    let mut columns = Slopes {
        evaluate: |point: &ArrayRef<T, D>| f(point).outcome().map(Real::widen),
        values: [given.unwrap_or(0.0); 2],
        out,
    };
    Some(run(
        (fixed, multiple),
        (x, shape),
        given.is_some(),
        &mut columns,
        workspace,
    ))
}

/// The Jacobian of an f that writes its outputs, into a slice of outputs by coordinates.
fn jacobian<T, F, R, D>(
    scheme: &Scheme,
    f: F,
    x: &ArrayRef<T, D>,
    rows: usize,
    out: &mut [T],
    workspace: &mut Workspace<T>,
) -> Option<Result<(), Error>>
where
    T: Real,
    F: FnMut(&ArrayRef<T, D>, &mut ArrayRef<T, Ix1>) -> R,
    R: Written,
    D: Dimension,
{
    let (fixed, multiple) = plain(scheme, 1)?;
    let (x, shape) = (x.as_slice()?, x.raw_dim());
    let given = !scheme.given.is_empty();
    if rows == 0 || out.len() != rows * x.len() || (given && scheme.given.len() != rows) {
        return None;
    }
    let mut values = std::mem::take(&mut workspace.sides);
    for side in &mut values {
        side.clear();
        side.resize(rows, T::nan());
        if given {
            side.iter_mut()
                .zip(&scheme.given)
                .for_each(|(slot, &v)| *slot = T::round_from(v));
        }
    }
    let mut columns = Matrix {
        f,
        values,
        out,
        width: x.len(),
    };
    let done = run(
        (fixed, multiple),
        (x, shape),
        given,
        &mut columns,
        workspace,
    );
    workspace.sides = columns.values;
    Some(done)
}

/// The Hessian, into a square slice.
fn hessian<T, F, R, D>(
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
        exact &= u != 0.0 && moved(u) == u && moved(-u) == -u;
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
        loop {
            let u = unit[i];
            set_two(point, (i, moved(i, -1.0)), (j, moved(j, -1.0)));
            self.evaluations += 1;
            let low = match (self.evaluate)(point) {
                Ok(value) => value,
                Err(source) => return Err(failed(i, -u, source.into())),
            };
            let base = match self.base {
                Some(base) => base,
                None => {
                    set(point, i, x[i]);
                    self.first(point)?
                }
            };
            set_two(point, (i, moved(i, 1.0)), (j, moved(j, 1.0)));
            self.evaluations += 1;
            let high = match (self.evaluate)(point) {
                Ok(value) => value,
                Err(source) => return Err(failed(i, u, source.into())),
            };
            set_two(point, (i, x[i]), (j, x[j]));
            // Along a pair the step is one.
            let value = if i == j {
                second(low, base, high, u)
            } else {
                (low - base) + (high - base)
            };
            if !value.is_finite() {
                return Err(not_second([low, base, high], i, u));
            }
            if i == j {
                self.diagonal.push(value);
                self.out[i * n + i] = T::round_from(value);
                (i, j) = if i + 1 < n { (i + 1, j + 1) } else { (0, 1) };
            } else {
                let entry = T::round_from(self.off_diagonal(value, i, j));
                self.out[i * n + j] = entry;
                self.out[j * n + i] = entry;
                (i, j) = if j + 1 < n {
                    (i, j + 1)
                } else {
                    (i + 1, i + 2)
                };
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

/// Sets two coordinates, or one that is both.
#[inline(always)]
fn set_two<T: Copy, D: Dimension>(point: &mut Array<T, D>, a: (usize, T), b: (usize, T)) {
    match point.as_slice_memory_order_mut() {
        Some(slice) => {
            slice[a.0] = a.1;
            slice[b.0] = b.1;
        }
        None => unreachable!("built from a vector"),
    }
}

#[cold]
fn failed(coordinate: usize, displacement: f64, source: Failure) -> Error {
    Error::Function {
        coordinate,
        displacement,
        source,
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

/// The rule and its two multiples of the step.
#[inline]
fn plain(scheme: &Scheme, order: usize) -> Option<(&Fixed, [f64; 2])> {
    match &scheme.rule {
        Rule::Fixed(fixed) if scheme.bounds.is_none() => Some((fixed, fixed.outer(order)?)),
        _ => None,
    }
}

/// x, checked, as an array to be moved. It is built around a buffer of the workspace, and lost with
/// it when f panics.
#[inline]
fn begin<T: Real, D: Dimension>(
    (fixed, order): (&Fixed, usize),
    (x, shape): (&[T], D),
    buffer: &mut Vec<T>,
    results: &mut Results,
) -> Result<Array<T, D>, Error> {
    (
        results.evaluations,
        results.vanished,
        results.first_vanished,
    ) = (0, 0, None);
    if x.is_empty() {
        return Err(Error::Empty { argument: "x" });
    }
    // Without an early exit: several elements at a time.
    if !x.iter().fold(true, |all, v| all & v.is_finite()) {
        let wide: Vec<f64> = x.iter().map(|v| v.widen()).collect();
        finite("x", &wide)?;
    }
    fixed.validate(order, x.len())?;
    let mut point = std::mem::take(buffer);
    point.clear();
    point.extend_from_slice(x);
    match Array::from_shape_vec(shape, point) {
        Ok(point) => Ok(point),
        Err(_) => unreachable!("as many elements as x has"),
    }
}

#[inline(always)]
fn set<T, D: Dimension>(point: &mut Array<T, D>, k: usize, to: T) {
    match point.as_slice_memory_order_mut() {
        Some(slice) => slice[k] = to,
        None => unreachable!("built from a vector"),
    }
}

fn keep<T, D: Dimension>(point: Array<T, D>, buffer: &mut Vec<T>) {
    *buffer = point.into_raw_vec_and_offset().0;
}

#[inline]
fn run<T: Real, D: Dimension, C: Columns<T, D>>(
    (fixed, multiple): (&Fixed, [f64; 2]),
    (x, shape): (&[T], D),
    given: bool,
    columns: &mut C,
    workspace: &mut Workspace<T>,
) -> Result<(), Error> {
    let results = &mut workspace.results;
    let mut point = begin((fixed, 1), (x, shape), &mut workspace.moved, results)?;
    let factor = fixed.factor(T::EPSILON, 1);
    // A loop of its own for what is usual: the kind of step and of difference is known in it.
    let automatic = matches!(fixed.step, Step::Automatic);
    let (done, evaluations) = if automatic && fixed.side == Side::Central && !fixed.nominal {
        central((fixed, factor), x, &mut point, columns, results)
    } else {
        lines(
            (fixed, multiple),
            factor,
            (x, given),
            &mut point,
            columns,
            results,
        )
    };
    results.evaluations = evaluations;
    keep(point, &mut workspace.moved);
    done
}

/// Central differences with automatic steps, as [`lines`] would compute them; returns the count of
/// evaluations as well.
#[inline]
fn central<T: Real, D: Dimension, C: Columns<T, D>>(
    (fixed, factor): (&Fixed, f64),
    x: &[T],
    point: &mut Array<T, D>,
    columns: &mut C,
    results: &mut Results,
) -> (Result<(), Error>, usize) {
    for (k, &own) in x.iter().enumerate() {
        let at = own.widen();
        let h = power_of_two(factor * at.abs().max(fixed.typical));
        let (low, high) = (T::round_from(at - h), T::round_from(at + h));
        let span = (high.widen() - at) - (low.widen() - at);
        if span == 0.0
            && let Err(error) = vanish::<T>(fixed, k, at, h, results)
        {
            return (Err(error), 2 * k);
        }
        if !span.is_finite() {
            return (Err(beyond(k, at, h)), 2 * k);
        }
        set(point, k, low);
        if let Err(source) = columns.evaluate(point, 0) {
            return (Err(failed(k, -h, source)), 2 * k + 1);
        }
        set(point, k, high);
        if let Err(source) = columns.evaluate(point, 1) {
            return (Err(failed(k, h, source)), 2 * k + 2);
        }
        set(point, k, own);
        if !columns.combine(k, span) {
            return (Err(not_finite(columns, k, [-h, h])), 2 * k + 2);
        }
    }
    (Ok(()), 2 * x.len())
}

/// Line by line; returns the count of evaluations as well.
#[inline]
fn lines<T: Real, D: Dimension, C: Columns<T, D>>(
    (fixed, multiple): (&Fixed, [f64; 2]),
    factor: f64,
    (x, given): (&[T], bool),
    point: &mut Array<T, D>,
    columns: &mut C,
    results: &mut Results,
) -> (Result<(), Error>, usize) {
    let mut evaluations = 0;
    for (k, &own) in x.iter().enumerate() {
        let at = own.widen();
        let h = fixed.step.at(factor, fixed.typical, k, at);
        let t = multiple.map(|multiple| multiple * h);
        let to = t.map(|t| T::round_from(at + t));
        let moved = to.map(|to| to.widen() - at);
        let still = |side: usize| t[side] != 0.0 && moved[side] == 0.0;
        if (moved[0] == moved[1] || (fixed.nominal && (still(0) || still(1))))
            && let Err(error) = vanish::<T>(fixed, k, at, h, results)
        {
            return (Err(error), evaluations);
        }
        let span = fixed.span(multiple, h, moved);
        // Infinite or NaN where a point is, whatever the divisor.
        if !(span + (moved[1] - moved[0])).is_finite() {
            return (Err(beyond(k, at, h)), evaluations);
        }
        for side in [0, 1] {
            // A one-sided scheme evaluates f(x) once.
            if multiple[side] == 0.0 && (given || k > 0) {
                continue;
            }
            // x itself and not x + 0, which turns -0 into 0.
            let to = if multiple[side] == 0.0 { own } else { to[side] };
            set(point, k, to);
            evaluations += 1;
            if let Err(source) = columns.evaluate(point, side) {
                return (Err(failed(k, t[side], source)), evaluations);
            }
        }
        set(point, k, own);
        if !columns.combine(k, span) {
            return (Err(not_finite(columns, k, t)), evaluations);
        }
    }
    (Ok(()), evaluations)
}

#[cold]
fn beyond(coordinate: usize, x: f64, step: f64) -> Error {
    Error::StepOverflows {
        coordinate,
        x,
        step,
    }
}

#[cold]
fn vanish<T: Real>(
    fixed: &Fixed,
    k: usize,
    x: f64,
    step: f64,
    results: &mut Results,
) -> Result<(), Error> {
    if fixed.nominal {
        results.vanish(k);
        return Ok(());
    }
    Err(Error::StepVanishes {
        coordinate: k,
        x,
        step,
        smallest: spacing(x, T::EPSILON),
    })
}

#[cold]
fn not_finite<T, D, C: Columns<T, D>>(columns: &C, coordinate: usize, t: [f64; 2]) -> Error {
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

impl<T, D, F, E> Columns<T, D> for Slopes<'_, T, F>
where
    T: Real,
    F: FnMut(&ArrayRef<T, D>) -> Result<f64, E>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    #[inline(always)]
    fn evaluate(&mut self, point: &ArrayRef<T, D>, side: usize) -> Result<(), Failure> {
        match (self.evaluate)(point) {
            Ok(value) => self.values[side] = value,
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    #[inline(always)]
    fn combine(&mut self, k: usize, span: f64) -> bool {
        let slope = quotient(self.values[0], self.values[1], span);
        self.out[k] = T::round_from(slope);
        self.out[k].is_finite()
    }

    fn culprit(&self) -> Option<(usize, usize, f64)> {
        let side = self.values.iter().position(|v| !v.is_finite())?;
        Some((0, side, self.values[side]))
    }

    fn overflown(&self, _: usize) -> usize {
        0
    }
}

/// All outputs on each side.
struct Matrix<'o, T, F> {
    f: F,
    values: [Vec<T>; 2],
    out: &'o mut [T],
    width: usize,
}

impl<T, D, F, R> Columns<T, D> for Matrix<'_, T, F>
where
    T: Real,
    F: FnMut(&ArrayRef<T, D>, &mut ArrayRef<T, Ix1>) -> R,
    R: Written,
{
    #[inline(always)]
    fn evaluate(&mut self, point: &ArrayRef<T, D>, side: usize) -> Result<(), Failure> {
        // An output that f does not write is NaN rather than what an earlier call left there.
        self.values[side].fill(T::nan());
        let mut outputs = ArrayViewMut1::from(&mut self.values[side][..]);
        let written = (self.f)(point, &mut outputs).written();
        written.map_err(Into::into)
    }

    #[inline(always)]
    fn combine(&mut self, k: usize, span: f64) -> bool {
        let [low, high] = &self.values;
        let column = self.out[k..].iter_mut().step_by(self.width);
        let mut finite = true;
        for ((slot, a), b) in column.zip(low).zip(high) {
            let slope = quotient(a.widen(), b.widen(), span);
            *slot = T::round_from(slope);
            finite &= slot.is_finite();
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
