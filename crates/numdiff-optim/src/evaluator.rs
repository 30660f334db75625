//! The one place that calls the user's functions.

use ndarray::{Array, Array2, ArrayRef, ArrayView, ArrayView2, Dimension};
use numdiff_core::{FiniteDifference, Moves, Outcome, Outputs, Plan, Probe, Workspace};
use std::error::Error as StdError;

pub(crate) type Cause = Box<dyn StdError + Send + Sync>;

/// What an optimizer may have evaluated, x in row-major order.
pub(crate) trait Evaluator {
    /// f(x); NaN and infinities are the caller's business.
    fn value(&mut self, x: &[f64]) -> Result<f64, Cause>;

    /// Evaluates every open job of the probe. `each` sees a value as soon as it is there and may end
    /// the round by returning false, after which the probe is worthless.
    fn probe(
        &mut self,
        x: &[f64],
        probe: &mut Probe,
        each: &mut dyn FnMut(&[f64], f64) -> bool,
    ) -> bool;

    /// The given gradient; `None` when there is none.
    fn gradient(&mut self, x: &[f64], out: &mut [f64]) -> Option<Result<(), GradientFailure>>;

    /// The gradient by a fixed difference with at most `room` evaluations, each of which `each` sees:
    /// the first coordinate whose step vanished.
    fn difference(
        &mut self,
        method: &FiniteDifference,
        x: &[f64],
        out: &mut [f64],
        room: usize,
        each: &mut dyn FnMut(f64),
    ) -> Result<Option<usize>, DifferenceFailure>;

    /// The Hessian row by row, or its product with `along`, by central differences of the gradient
    /// when it is given, of f otherwise. `spent` counts evaluations (of the gradient, or of f), of
    /// which there may be `room`.
    fn hessian(
        &mut self,
        x: &[f64],
        along: Option<&[f64]>,
        bounds: Option<(&[f64], &[f64])>,
        room: usize,
        spent: &mut usize,
    ) -> Result<Vec<f64>, DifferenceFailure>;
}

/// Why a given gradient cannot be used.
pub(crate) enum GradientFailure {
    Cause(Cause),
    Length(usize),
}

/// Why a fixed difference could not be taken.
pub(crate) enum DifferenceFailure {
    Room,
    Error(numdiff_core::Error),
}

/// f at many points by threads: chosen where f is known to be shareable.
pub(crate) type Threads<F, D> = fn(&F, &D, &[Vec<f64>]) -> Vec<Option<f64>>;

/// f at many points by the caller's own means: one row each.
pub(crate) type Batch<'a> = Box<dyn FnMut(ArrayView2<'_, f64>) -> Vec<f64> + 'a>;

/// Where the values of a probe come from.
pub(crate) enum Driver<'a> {
    Serial,
    #[cfg_attr(not(feature = "rayon"), allow(dead_code))]
    Threads,
    Batch(Batch<'a>),
}

/// f without its type: all that follows is compiled once for each dimension, not for each closure.
pub(crate) trait Objective<D: Dimension> {
    fn value(&mut self, x: &ArrayRef<f64, D>) -> Result<f64, Cause>;
    /// f at many points; `None` when f cannot be shared.
    fn many(&mut self, shape: &D, points: &[Vec<f64>]) -> Option<Vec<Option<f64>>>;
}

/// The caller's closure, and how to share it.
pub(crate) struct Door<F, D> {
    pub f: F,
    pub threads: Option<Threads<F, D>>,
}

impl<F, R, D> Objective<D> for Door<F, D>
where
    F: FnMut(&ArrayRef<f64, D>) -> R,
    R: Outcome<f64>,
    D: Dimension,
{
    fn value(&mut self, x: &ArrayRef<f64, D>) -> Result<f64, Cause> {
        (self.f)(x).outcome().map_err(Into::into)
    }

    fn many(&mut self, shape: &D, points: &[Vec<f64>]) -> Option<Vec<Option<f64>>> {
        self.threads.map(|threads| threads(&self.f, shape, points))
    }
}

/// A given gradient, with x as the caller's array.
pub(crate) type Given<'a, D> =
    Box<dyn FnMut(&ArrayRef<f64, D>, &mut Vec<f64>) -> Result<(), Cause> + 'a>;

/// Boxes a gradient closure.
pub(crate) fn given<'a, G, O, D>(mut gradient: G) -> Given<'a, D>
where
    G: FnMut(&ArrayRef<f64, D>) -> O + 'a,
    O: Outputs<f64>,
    D: Dimension,
{
    Box::new(move |x, out| gradient(x).push(out).map_err(Into::into))
}

/// Closures over arrays of any dimension.
pub(crate) struct Closures<'o, 'a, D: Dimension> {
    pub objective: &'o mut dyn Objective<D>,
    pub point: Array<f64, D>,
    pub given: Option<Given<'a, D>>,
    pub driver: Driver<'a>,
    pub workspace: Workspace,
    pub scratch: Array<f64, D>,
    pub buffer: Vec<f64>,
}

impl<'o, 'a, D: Dimension> Closures<'o, 'a, D> {
    pub fn new(
        objective: &'o mut dyn Objective<D>,
        shape: D,
        given: Option<Given<'a, D>>,
        driver: Driver<'a>,
    ) -> Self {
        Closures {
            objective,
            point: Array::zeros(shape.clone()),
            given,
            driver,
            workspace: Workspace::new(),
            scratch: Array::zeros(shape),
            buffer: Vec::new(),
        }
    }

    fn at(&mut self, x: &[f64]) {
        match self.point.as_slice_mut() {
            Some(slots) => slots.copy_from_slice(x),
            None => self
                .point
                .iter_mut()
                .zip(x)
                .for_each(|(slot, &v)| *slot = v),
        }
    }
}

/// The point as an array of the caller's shape.
#[cfg_attr(not(feature = "rayon"), allow(dead_code))]
pub(crate) fn view<'x, D: Dimension>(shape: &D, x: &'x [f64]) -> ArrayView<'x, f64, D> {
    match ArrayView::from_shape(shape.clone(), x) {
        Ok(view) => view,
        Err(_) => unreachable!("x has as many elements as its shape"),
    }
}

/// x with one job's coordinate replaced.
fn displaced(x: &[f64], moves: Moves<'_>) -> Vec<f64> {
    let mut z = x.to_vec();
    if let Moves::One(i, to) = moves {
        z[i] = to;
    }
    z
}

impl<D: Dimension> Evaluator for Closures<'_, '_, D> {
    fn value(&mut self, x: &[f64]) -> Result<f64, Cause> {
        self.at(x);
        self.objective.value(&self.point)
    }

    fn probe(
        &mut self,
        x: &[f64],
        probe: &mut Probe,
        each: &mut dyn FnMut(&[f64], f64) -> bool,
    ) -> bool {
        let jobs = probe.jobs();
        match &mut self.driver {
            Driver::Serial => {
                let mut z = x.to_vec();
                for id in 0..jobs {
                    let Moves::One(i, to) = probe.job(id) else {
                        continue;
                    };
                    z[i] = to;
                    let value = Evaluator::value(self, &z).ok();
                    let goes_on = each(&z, value.unwrap_or(f64::NAN));
                    z[i] = x[i];
                    told(probe.tell(id, value.as_ref().map(std::slice::from_ref)));
                    if !goes_on {
                        return false;
                    }
                }
                true
            }
            Driver::Threads => {
                let points: Vec<Vec<f64>> =
                    (0..jobs).map(|id| displaced(x, probe.job(id))).collect();
                let shape = self.point.raw_dim();
                let values = self.objective.many(&shape, &points).unwrap_or_default();
                tell_all(probe, &points, &values, each)
            }
            Driver::Batch(run) => {
                let points: Vec<Vec<f64>> =
                    (0..jobs).map(|id| displaced(x, probe.job(id))).collect();
                let mut rows = Array2::zeros((jobs, x.len()));
                for (mut row, point) in rows.rows_mut().into_iter().zip(&points) {
                    row.iter_mut().zip(point).for_each(|(slot, &v)| *slot = v);
                }
                let mut values: Vec<Option<f64>> = run(rows.view()).into_iter().map(Some).collect();
                // A short answer leaves jobs that failed.
                values.resize(jobs, None);
                tell_all(probe, &points, &values, each)
            }
        }
    }

    fn gradient(&mut self, x: &[f64], out: &mut [f64]) -> Option<Result<(), GradientFailure>> {
        self.given.as_ref()?;
        self.at(x);
        self.buffer.clear();
        let given = self.given.as_mut()?;
        Some(match given(&self.point, &mut self.buffer) {
            Err(cause) => Err(GradientFailure::Cause(cause)),
            Ok(()) if self.buffer.len() != out.len() => {
                Err(GradientFailure::Length(self.buffer.len()))
            }
            Ok(()) => {
                out.copy_from_slice(&self.buffer);
                Ok(())
            }
        })
    }

    fn difference(
        &mut self,
        method: &FiniteDifference,
        x: &[f64],
        out: &mut [f64],
        room: usize,
        each: &mut dyn FnMut(f64),
    ) -> Result<Option<usize>, DifferenceFailure> {
        self.at(x);
        let (objective, mut calls) = (&mut *self.objective, 0);
        let metered = |x: &ArrayRef<f64, D>| -> Result<f64, Cause> {
            if calls == room {
                return Err(FULL.into());
            }
            calls += 1;
            let value = objective.value(x)?;
            each(value);
            Ok(value)
        };
        let run =
            method.gradient_into(metered, &self.point, &mut self.scratch, &mut self.workspace);
        if let Err(error) = run {
            return Err(if calls == room {
                DifferenceFailure::Room
            } else {
                DifferenceFailure::Error(error)
            });
        }
        for (slot, &g) in out.iter_mut().zip(self.scratch.iter()) {
            *slot = g;
        }
        Ok(self.workspace.vanished().1)
    }

    fn hessian(
        &mut self,
        x: &[f64],
        along: Option<&[f64]>,
        bounds: Option<(&[f64], &[f64])>,
        room: usize,
        spent: &mut usize,
    ) -> Result<Vec<f64>, DifferenceFailure> {
        self.second_derivatives(x, along, bounds, room, spent)
    }
}

impl<D: Dimension> Closures<'_, '_, D> {
    fn second_derivatives(
        &mut self,
        x: &[f64],
        along: Option<&[f64]>,
        bounds: Option<(&[f64], &[f64])>,
        room: usize,
        spent: &mut usize,
    ) -> Result<Vec<f64>, DifferenceFailure> {
        self.at(x);
        let mut method = FiniteDifference::central();
        if let Some((lower, upper)) = bounds {
            method = method.with_bounds(lower, upper);
        }
        let direction = along.map(|v| view(&self.point.raw_dim(), v).to_owned());
        let (objective, point) = (&mut *self.objective, &self.point);
        let mut full = || {
            let is_full = *spent == room;
            *spent += usize::from(!is_full);
            is_full
        };
        let entries = |a: Array<f64, D>| a.iter().copied().collect::<Vec<f64>>();
        let result = match &mut self.given {
            Some(given) => {
                let metered = |x: &ArrayRef<f64, D>| -> Result<Vec<f64>, Cause> {
                    if full() {
                        return Err(FULL.into());
                    }
                    let mut out = Vec::new();
                    given(x, &mut out)?;
                    Ok(out)
                };
                match &direction {
                    Some(v) => method
                        .hessian_vector_from_gradient(metered, point, v)
                        .map(entries),
                    None => method
                        .hessian_from_gradient(metered, point)
                        .map(|h| h.iter().copied().collect()),
                }
            }
            None => {
                let metered = |x: &ArrayRef<f64, D>| -> Result<f64, Cause> {
                    if full() {
                        return Err(FULL.into());
                    }
                    objective.value(x)
                };
                match &direction {
                    Some(v) => method.hessian_vector(metered, point, v).map(entries),
                    None => method
                        .hessian(metered, point)
                        .map(|h| h.iter().copied().collect()),
                }
            }
        };
        result.map_err(|error| match *spent == room {
            true => DifferenceFailure::Room,
            false => DifferenceFailure::Error(error),
        })
    }
}

const FULL: &str = "the budget is used up";

/// A probe takes every value.
fn told(result: Result<(), numdiff_core::Error>) {
    debug_assert!(result.is_ok());
}

fn tell_all(
    probe: &mut Probe,
    points: &[Vec<f64>],
    values: &[Option<f64>],
    each: &mut dyn FnMut(&[f64], f64) -> bool,
) -> bool {
    let mut goes_on = true;
    for (id, (point, &value)) in points.iter().zip(values).enumerate() {
        told(probe.tell(id, value.as_ref().map(std::slice::from_ref)));
        goes_on &= each(point, value.unwrap_or(f64::NAN));
    }
    goes_on
}

/// Evaluates the points on rayon's threads; the order of the answers is that of the points.
#[cfg(feature = "rayon")]
pub(crate) fn by_threads<F, R, D>(f: &F, shape: &D, points: &[Vec<f64>]) -> Vec<Option<f64>>
where
    F: Fn(&ArrayRef<f64, D>) -> R + Sync,
    R: Outcome<f64>,
    D: Dimension + Sync,
{
    use rayon::prelude::*;
    points
        .par_iter()
        .map(|x| f(&view(shape, x)).outcome().ok())
        .collect()
}
