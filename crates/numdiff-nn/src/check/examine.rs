//! The derivatives of one layer alone, entry by entry.

use super::bits::Bits;
use super::noise::Noise;
use super::report::{BlockCheck, CheckReport, Fault, Suspect};
use super::slopes::{Cell, Moved, Scene};
use super::subject::Subject;
use crate::{Change, Error, Form};
use ndarray::Array2;
use numdiff_core::Real;
use numdiff_core::check::{Entry, Report};

/// What a check is asked for.
pub(super) struct Asked {
    pub seed: u64,
    /// The first distance, relative.
    pub step: f64,
    /// A relative error that passes.
    pub tolerance: f64,
}

/// Checks one layer and writes down what is found.
pub(super) fn examine<T: Real>(
    asked: &Asked,
    subject: &Subject<'_, T>,
    report: &mut CheckReport,
) -> Result<(), Error> {
    let mut bits = Bits::new(asked.seed, subject.index as u64);
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
    let (dx, dp) = (
        dx.mapv(T::widen),
        dp.iter().map(|d| d.widen()).collect::<Vec<_>>(),
    );
    let scene = Scene {
        weights: &dy.mapv(T::widen),
        noise: &noise.of_outputs,
        steps: &noise.steps,
        sizes: &subject.y.mapv(|y| y.widen().abs()),
        step: asked.step,
        tolerance: asked.tolerance,
        epsilon: noise.epsilon,
        largest_epsilon: noise.largest_epsilon,
    };
    let (dx_rounding, dp_rounding) = subject.backward_rounding(&dy, &mut bits)?;
    let judged = subject.by_parameters(&scene, [&dp, &dp_rounding], known)?;
    let mut judged = judged.into_iter();
    for (name, shape) in &subject.blocks {
        let entries = judged.by_ref().take(shape.iter().product()).collect();
        if report.add(subject.index, name, shape, entries) {
            report
                .suspects
                .push(suspect(Fault::Parameters(name.clone())));
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

fn largest(values: &[f64]) -> f64 {
    let finite = values.iter().filter(|v| v.is_finite());
    finite.fold(0.0f64, |m, v| v.abs().max(m))
}

impl<T: Real> Subject<'_, T> {
    /// A judgement for each parameter. `known` layers are moved by their own increments.
    fn by_parameters(
        &self,
        scene: &Scene<'_>,
        [dp, rounding]: [&[f64]; 2],
        known: bool,
    ) -> Result<Vec<Entry>, Error> {
        let mut judged = Vec::with_capacity(dp.len());
        let mut moved = self.parameters.to_vec();
        let mut begin = 0;
        for (_, shape) in &self.blocks {
            let range = begin..begin + shape.iter().product::<usize>();
            begin = range.end;
            let largest = largest(&dp[range.clone()]);
            for i in range {
                let size = self.parameter_size(i);
                let cells = [Cell {
                    rows: 0..self.y.nrows(),
                    analytic: dp[i],
                    rounding: rounding[i],
                }];
                let evaluate = |t: f64| {
                    let p = self.parameters[i];
                    let by = T::round_from(t * size);
                    let (change, by) = if known {
                        (
                            self.dense(self.layer.seed(&self.at(), i, by, Form::Algebra)),
                            by,
                        )
                    } else {
                        moved[i] = p + by;
                        let by = moved[i] - p;
                        let y = self.forward(&moved, self.x)?;
                        (self.apart(&y), by)
                    };
                    Ok(Moved {
                        change,
                        distances: vec![by.widen()],
                    })
                };
                judged.extend(scene.judge(evaluate, &cells, largest)?);
                moved[i] = self.parameters[i];
            }
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
        let largest = largest(&dx.iter().copied().collect::<Vec<_>>());
        let mut judged: Vec<Option<Entry>> = vec![None; rows * columns];
        // Where samples meet, one input moves at a time, else the same of every sample.
        let groups: Vec<Vec<usize>> = if meet {
            (0..rows).map(|n| vec![n]).collect()
        } else {
            vec![(0..rows).collect()]
        };
        for k in 0..columns {
            for group in &groups {
                let cells: Vec<Cell> = group
                    .iter()
                    .map(|&n| Cell {
                        rows: if meet { 0..rows } else { n..n + 1 },
                        analytic: dx[[n, k]],
                        rounding: rounding[[n, k]],
                    })
                    .collect();
                let evaluate = |t: f64| {
                    let mut d = Array2::zeros((rows, 1));
                    let mut distances = Vec::with_capacity(group.len());
                    for &n in group {
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
                        let y = self.forward(self.parameters, &change.applied(self.x))?;
                        self.apart(&y)
                    };
                    Ok(Moved { change, distances })
                };
                let found = scene.judge(evaluate, &cells, largest)?;
                for (&n, found) in group.iter().zip(found) {
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
