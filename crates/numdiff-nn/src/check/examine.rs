//! The derivatives of one layer alone, entry by entry.

use super::Check;
use super::bits::Bits;
use super::noise::Noise;
use super::report::{BlockCheck, CheckReport, Fault, Suspect};
use super::slopes::{Cell, Moved, Scene};
use super::subject::{Subject, largest};
use crate::{Change, Error, Form};
use ndarray::Array2;
use numdiff_core::Real;
use numdiff_core::check::{Entry, Report};
use std::ops::Range;

/// Checks one layer and writes down what is found.
pub(super) fn examine<T: Real>(
    check: &Check,
    subject: &Subject<'_, T>,
    report: &mut CheckReport,
) -> Result<(), Error> {
    let mut bits = Bits::new(check.seed, subject.index as u64);
    // Weights between 1/2 and 1, of either sign.
    let dy = Array2::from_shape_fn(subject.y.dim(), |_| T::round_from(bits.weight()));
    let suspect = |fault| Suspect {
        layer: subject.index,
        name: subject.layer.name(),
        fault,
    };
    if !subject.is_deterministic(&dy)? {
        report.suspects.push(suspect(Fault::NotDeterministic));
        return Ok(());
    }
    let known = subject.layer.spec().is_some();
    let noise = if known {
        Noise::none::<T>(subject.y.dim())
    } else {
        subject.noise(&mut bits)?
    };
    if noise.single {
        report.single.push((subject.index, subject.layer.name()));
    }
    if !known {
        let faults = subject.wrong_increments(&noise.of_outputs, &mut bits)?;
        report.suspects.extend(faults.into_iter().map(suspect));
    }
    let meet = subject.samples_meet()?;
    if meet && !subject.layer.mixes_samples() {
        report.suspects.push(suspect(Fault::MixesSamples));
    }
    if subject.layer.linear_in_parameters() && !subject.is_linear(&noise.of_outputs, &mut bits)? {
        report.suspects.push(suspect(Fault::NotLinear));
    }
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
