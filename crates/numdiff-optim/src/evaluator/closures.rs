//! The caller's closures over arrays of any dimension.

use super::drivers::{in_rows, serially, together};
use super::{Cause, DifferenceFailure, Driver, Each, Evaluator, GradientFailure, Threads};
use crate::matrix::is_finite;
use crate::meter::Meter;
use crate::oracle::Halt;
use ndarray::{Array, ArrayRef, ArrayView, Dimension};
use numdiff_core::{FiniteDifference, Outcome, Outputs, Probe, Workspace};
use std::ops::Range;

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
    Box::new(move |x, out| gradient(x).push_to(out).map_err(Into::into))
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

impl<D: Dimension> Evaluator for Closures<'_, '_, D> {
    fn value(&mut self, x: &[f64]) -> Result<f64, Cause> {
        self.at(x);
        self.objective.value(&self.point)
    }

    fn probe(
        &mut self,
        x: &[f64],
        probe: &mut Probe,
        jobs: Range<usize>,
        each: Each<'_>,
    ) -> Result<(), Halt> {
        match &mut self.driver {
            Driver::Serial => serially(x, probe, jobs, each, |z| Evaluator::value(self, z)),
            Driver::Threads => {
                let (shape, objective) = (self.point.raw_dim(), &mut self.objective);
                together(x, probe, jobs, each, |points| {
                    objective.many(&shape, points).unwrap_or_default()
                })
            }
            Driver::Batch(run) => {
                together(x, probe, jobs, each, |points| in_rows(run, points, x.len()))
            }
        }
    }

    fn gradient(
        &mut self,
        x: &[f64],
        out: &mut [f64],
        meter: &mut Meter,
    ) -> Result<Result<(), GradientFailure>, Halt> {
        self.at(x);
        let Some(given) = self.given.as_mut() else {
            unreachable!("asked for a gradient that was not given")
        };
        let point = &self.point;
        let done = meter.derivative(&mut self.buffer, |out| given(point, out))?;
        Ok(match done {
            Err(cause) => Err(GradientFailure::Cause(cause)),
            Ok(()) if self.buffer.len() != out.len() => {
                Err(GradientFailure::Length(self.buffer.len()))
            }
            Ok(()) => {
                let mut finite = true;
                for (out, block) in out.chunks_mut(512).zip(self.buffer.chunks(512)) {
                    out.copy_from_slice(block);
                    finite &= is_finite(block);
                }
                if finite {
                    return Ok(Ok(()));
                }
                let index = out.iter().position(|g| !g.is_finite()).unwrap_or(0);
                Err(GradientFailure::NotFinite(index, out[index]))
            }
        })
    }

    fn difference(
        &mut self,
        method: &FiniteDifference,
        x: &[f64],
        out: &mut [f64],
        meter: &mut Meter,
    ) -> Result<Option<usize>, DifferenceFailure> {
        self.at(x);
        let objective = &mut *self.objective;
        let metered = |x: &ArrayRef<f64, D>| meter.value_within(|| objective.value(x));
        method
            .gradient_into(metered, &self.point, &mut self.scratch, &mut self.workspace)
            .map_err(DifferenceFailure)?;
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
        meter: &mut Meter,
    ) -> Result<Vec<f64>, DifferenceFailure> {
        self.second_derivatives(x, along, bounds, meter)
            .map_err(DifferenceFailure)
    }
}

impl<D: Dimension> Closures<'_, '_, D> {
    fn second_derivatives(
        &mut self,
        x: &[f64],
        along: Option<&[f64]>,
        bounds: Option<(&[f64], &[f64])>,
        meter: &mut Meter,
    ) -> Result<Vec<f64>, numdiff_core::Error> {
        self.at(x);
        let mut method = FiniteDifference::central();
        if let Some((lower, upper)) = bounds {
            method = method.with_bounds(lower, upper);
        }
        let direction = along.map(|v| view(&self.point.raw_dim(), v).to_owned());
        let (objective, point) = (&mut *self.objective, &self.point);
        let entries = |a: Array<f64, D>| a.iter().copied().collect::<Vec<f64>>();
        match &mut self.given {
            Some(given) => {
                let metered = |x: &ArrayRef<f64, D>| -> Result<Vec<f64>, Cause> {
                    let mut out = Vec::new();
                    meter.derivative_within(&mut out, |out| given(x, out))?;
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
                let metered = |x: &ArrayRef<f64, D>| meter.value_within(|| objective.value(x));
                match &direction {
                    Some(v) => method.hessian_vector(metered, point, v).map(entries),
                    None => method
                        .hessian(metered, point)
                        .map(|h| h.iter().copied().collect()),
                }
            }
        }
    }
}
