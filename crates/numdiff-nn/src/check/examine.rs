//! The derivatives of one layer alone, entry by entry.

use super::Check;
use super::bits::Bits;
use super::noise::Noise;
use super::report::{BlockCheck, CheckReport, Fault};
use super::slopes::{Cell, Moved, Scene};
use super::subject::{Subject, largest};
use crate::{Change, Error, Form, Layer, Spec};
use ndarray::Array2;
use numdiff_core::Real;
use numdiff_core::check::{Entry, Report};
use std::ops::Range;

/// By how many last places of its size a sample's output moves where samples meet.
const MEETING: f64 = 64.0;

/// Checks one layer and writes down what is found.
pub(super) fn examine<T: Real>(
    check: &Check,
    subject: &Subject<'_, T>,
    report: &mut CheckReport,
) -> Result<(), Error> {
    let mut bits = Bits::new(check.seed, subject.index as u64);
    let dy = subject.weights(&mut bits);
    let suspect = |fault| subject.suspect(fault);
    // Random numbers of its own: those of other questions stay the same.
    let mut elsewhere = Bits::new(check.seed, u64::MAX - 1 - subject.index as u64);
    if let Some(fault) = subject.unsteady(&dy, &mut elsewhere)? {
        report.suspects.push(suspect(fault));
        return Ok(());
    }
    let known: Option<Box<dyn Layer<T>>> = subject.layer.spec().map(Spec::layer);
    let noise = match known {
        Some(_) => Noise::none::<T>(subject.y.dim()),
        None => subject.noise(&mut bits)?,
    };
    if noise.single {
        report.single.push((subject.index, subject.layer.name()));
    }
    let mut faults = match &known {
        Some(known) if subject.is(&**known, &noise.of_outputs, &mut bits)? => vec![],
        Some(_) => vec![Fault::Spec],
        None => subject.wrong_increments(&noise.of_outputs, &mut bits)?,
    };
    faults.extend(subject.wrong_backward(&dy, noise.single)?);
    report.suspects.extend(faults.into_iter().map(suspect));
    let meeting = subject.meeting(&mut bits)?;
    let meet = meeting > MEETING * T::EPSILON;
    // Half of the digits: far above the rounding of any sum, and far below what samples do to each other.
    if meeting > T::EPSILON.sqrt() && !subject.layer.mixes_samples() {
        report.suspects.push(suspect(Fault::MixesSamples));
    }
    if subject.layer.linear_in_parameters() && !subject.is_linear(&noise.of_outputs, &mut bits)? {
        report.suspects.push(suspect(Fault::NotLinear));
    }
    let known = known.is_some();
    let (dx, dp) = subject.backward(&dy)?;
    let (dx, dp) = (dx.mapv(T::widen), widened(&dp));
    let scene = Scene {
        check,
        weights: &dy.mapv(T::widen),
        noise: &noise,
        sizes: &subject.y.mapv(|y| y.widen().abs()),
    };
    let (dx_rounding, dp_rounding) = subject.backward_rounding(&dy, &mut bits)?;
    let mut begin = 0;
    for (name, shape) in &subject.blocks {
        let range = begin..begin + shape.iter().product::<usize>();
        begin = range.end;
        let entries = subject.by_parameters(&scene, range, [&dp, &dp_rounding], known)?;
        if report.add(subject.index, name, shape, entries) {
            let fault = Fault::Parameters(name.clone());
            report.suspects.push(suspect(fault));
        }
    }
    let judged = subject.by_inputs(&scene, [&dx, &dx_rounding], meet, known)?;
    let name = format!("inputs of layer {}", subject.index);
    let (rows, columns) = dx.dim();
    if report.add(subject.index, &name, &[rows, columns], judged) {
        report.suspects.push(suspect(Fault::Inputs));
    }
    Ok(())
}

/// Checks whether a layer that is another one in `f64` says so truly; that one is examined.
pub(super) fn compare<T: Real>(
    check: &Check,
    subject: &Subject<'_, T>,
    wide: &dyn Layer<f64>,
    report: &mut CheckReport,
) -> Result<(), Error> {
    let mut bits = Bits::new(check.seed, subject.index as u64);
    let noise = subject.noise(&mut bits)?;
    if !subject.is(wide, &noise.of_outputs, &mut bits)? {
        report.suspects.push(subject.suspect(Fault::Wide));
    }
    Ok(())
}

impl CheckReport {
    /// Adds a block; whether an entry of it is wrong.
    fn add(&mut self, layer: usize, name: &str, shape: &[usize], entries: Vec<Entry>) -> bool {
        let report = Report::new(name, shape.to_vec(), entries);
        let wrong = report.counts().wrong > 0;
        self.blocks.push(BlockCheck { layer, report });
        wrong
    }
}

fn widened<T: Real>(values: &[T]) -> Vec<f64> {
    values.iter().map(|v| v.widen()).collect()
}

fn largest_finite<'a>(values: impl IntoIterator<Item = &'a f64>) -> f64 {
    largest(values.into_iter().filter(|v| v.is_finite()))
}

impl<T: Real> Subject<'_, T> {
    /// A judgement for each of these parameters, a block. `known` layers are moved by their own increments.
    fn by_parameters(
        &self,
        scene: &Scene<'_>,
        block: Range<usize>,
        [dp, rounding]: [&[f64]; 2],
        known: bool,
    ) -> Result<Vec<Entry>, Error> {
        let largest = largest_finite(&dp[block.clone()]);
        let mut judged = Vec::with_capacity(block.len());
        let mut moved = self.parameters.to_vec();
        for i in block {
            let (p, size) = (self.parameters[i], self.parameter_size(i));
            let cells = [Cell {
                index: 0,
                rows: 0..self.y.nrows(),
                analytic: dp[i],
                rounding: rounding[i],
            }];
            let evaluate = |t: f64| {
                let mut by = T::round_from(t * size);
                let change = if known {
                    self.dense(self.layer.seed(&self.at(), i, by, Form::Algebra))
                } else {
                    moved[i] = p + by;
                    by = moved[i] - p;
                    self.apart(&self.forward(&moved, self.x)?)
                };
                let distances = vec![by.widen()];
                Ok(Moved { change, distances })
            };
            judged.extend(scene.judge(evaluate, &cells, largest)?);
            moved[i] = p;
        }
        Ok(judged)
    }

    /// A judgement for each input, row by row.
    fn by_inputs(
        &self,
        scene: &Scene<'_>,
        [dx, rounding]: [&Array2<f64>; 2],
        meet: bool,
        known: bool,
    ) -> Result<Vec<Entry>, Error> {
        let (rows, columns) = dx.dim();
        let largest = largest_finite(dx);
        let mut judged: Vec<Option<Entry>> = vec![None; rows * columns];
        // Where samples meet, one input moves at a time, else the same of every sample.
        let size = if meet { 1 } else { rows };
        for k in 0..columns {
            for first in (0..rows).step_by(size) {
                let group = first..first + size;
                let cell = |n: usize| Cell {
                    index: n - first,
                    rows: if meet { 0..rows } else { n..n + 1 },
                    analytic: dx[[n, k]],
                    rounding: rounding[[n, k]],
                };
                let cells: Vec<Cell> = group.clone().map(cell).collect();
                let evaluate = |t: f64| {
                    let mut d = Array2::zeros((rows, 1));
                    let mut distances = Vec::with_capacity(group.len());
                    for n in group.clone() {
                        let by = T::round_from(t * self.input_size(n, k));
                        let x = self.x[[n, k]];
                        // What the layer sees when it is shown the moved input.
                        d[[n, 0]] = if known { by } else { (x + by) - x };
                        distances.push(d[[n, 0]].widen());
                    }
                    let change = Change { first: k, d };
                    let change = if known {
                        self.dense(self.layer.push(&self.at(), change, Form::Algebra))
                    } else {
                        self.apart(&self.forward(self.parameters, &change.applied(self.x))?)
                    };
                    Ok(Moved { change, distances })
                };
                let found = scene.judge(evaluate, &cells, largest)?;
                for (n, found) in group.zip(found) {
                    judged[n * columns + k] = Some(found);
                }
            }
        }
        Ok(judged.into_iter().flatten().collect())
    }

    fn dense(&self, change: Change<T>) -> Array2<f64> {
        let mut out = Array2::zeros(self.y.dim());
        let columns = change.columns();
        out.slice_mut(ndarray::s![.., columns])
            .assign(&change.d.mapv(T::widen));
        out
    }

    fn apart(&self, y: &Array2<T>) -> Array2<f64> {
        Array2::from_shape_fn(y.dim(), |at| y[at].widen() - self.y[at].widen())
    }
}
