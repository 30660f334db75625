//! The derivatives of one layer alone, entry by entry.

use super::report::{BlockCheck, CheckReport, Fault, Suspect};
use super::slopes::{Cell, Moved, Scene};
use super::{Bits, Check};
use crate::layers::{At, Layer};
use crate::{Change, Error, Form};
use ndarray::Array2;
use numdiff_core::Real;
use numdiff_core::check::{Entry, Report};

/// A layer at its parameters and inputs.
pub(super) struct Subject<'a, T: Real> {
    pub index: usize,
    pub layer: &'a dyn Layer<T>,
    pub parameters: &'a [T],
    pub x: &'a Array2<T>,
    pub y: Array2<T>,
    pub memory: Vec<T>,
    /// Names and shapes of the parameter blocks.
    pub blocks: Vec<(String, Vec<usize>)>,
    /// Root mean square of the inputs, and of the parameters.
    sizes: [f64; 2],
}

impl<'a, T: Real> Subject<'a, T> {
    pub fn new(
        index: usize,
        layer: &'a dyn Layer<T>,
        parameters: &'a [T],
        x: &'a Array2<T>,
        blocks: Vec<(String, Vec<usize>)>,
    ) -> Result<Self, Error> {
        let size = |values: &mut dyn Iterator<Item = f64>| {
            let (mut top, mut sum, mut count) = (0.0f64, 0.0, 0.0);
            let values: Vec<f64> = values.map(f64::abs).collect();
            values.iter().for_each(|v| top = top.max(*v));
            for v in values {
                sum += (v / top).powi(2);
                count += 1.0;
            }
            if top > 0.0 {
                top * f64::sqrt(sum / count)
            } else {
                1.0
            }
        };
        let sizes = [
            size(&mut x.iter().map(|v| v.widen())),
            size(&mut parameters.iter().map(|v| v.widen())),
        ];
        let mut subject = Self {
            index,
            layer,
            parameters,
            x,
            y: Array2::zeros((0, 0)),
            memory: Vec::new(),
            blocks,
            sizes,
        };
        subject.y = subject.forward(parameters, x)?;
        if let Some(value) = subject.y.iter().find(|y| !y.is_finite()) {
            return Err(Error::NonFiniteOutput {
                what: "output",
                value: value.widen(),
                layer: index,
                name: layer.name(),
                block: subject.blocks.first().map(|block| block.0.clone()),
            });
        }
        subject.memory = layer.remember(parameters, x, &subject.y);
        Ok(subject)
    }

    pub fn at(&self) -> At<'_, T> {
        At {
            parameters: self.parameters,
            x: self.x,
            y: &self.y,
            memory: &self.memory,
        }
    }

    pub fn forward(&self, parameters: &[T], x: &Array2<T>) -> Result<Array2<T>, Error> {
        let y = self.layer.forward(parameters, x);
        self.shape(
            "forward",
            y.dim(),
            (x.nrows(), self.layer.outputs(x.ncols())),
        )?;
        Ok(y)
    }

    /// The derivatives by the inputs and by the parameters.
    pub fn backward(&self, dy: &Array2<T>) -> Result<(Array2<T>, Vec<T>), Error> {
        let mut dp = vec![T::zero(); self.parameters.len()];
        let dx = self
            .layer
            .backward(&self.at(), dy, &mut dp)
            .ok_or_else(|| Error::NoBackward {
                layer: self.index,
                name: self.layer.name(),
            })?;
        self.shape("backward", dx.dim(), self.x.dim())?;
        Ok((dx, dp))
    }

    fn shape(
        &self,
        method: &'static str,
        found: (usize, usize),
        expected: (usize, usize),
    ) -> Result<(), Error> {
        if found == expected {
            return Ok(());
        }
        Err(Error::LayerShape {
            layer: self.index,
            name: self.layer.name(),
            method,
            found,
            expected,
        })
    }

    /// What a parameter is moved in terms of: a power of 2, so that it really moves by its parts.
    pub fn parameter_size(&self, i: usize) -> f64 {
        power_above(self.parameters[i].widen().abs().max(self.sizes[1]))
    }

    /// The same for an input.
    pub fn input_size(&self, n: usize, k: usize) -> f64 {
        power_above(self.x[[n, k]].widen().abs().max(self.sizes[0]))
    }
}

/// The least power of 2 that is not below `size`.
fn power_above(size: f64) -> f64 {
    2f64.powi((size.log2().ceil() as i32).clamp(-1000, 1000))
}

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
    let noise = subject.noise(&mut bits)?;
    if noise.single {
        report.single.push((subject.index, subject.layer.name()));
    }
    let (noise, epsilon) = (noise.of_outputs, noise.epsilon);
    let known = subject.layer.spec().is_some();
    if !known {
        let faults = subject.wrong_increments(&noise, &mut bits)?;
        report.suspects.extend(faults.into_iter().map(suspect));
    }
    let meet = subject.samples_meet()?;
    if meet && !subject.layer.mixes_samples() {
        report.suspects.push(suspect(Fault::MixesSamples));
    }
    if subject.layer.linear_in_parameters() && !subject.is_linear(&noise, &mut bits)? {
        report.suspects.push(suspect(Fault::NotLinear));
    }
    let (dx, dp) = subject.backward(&dy)?;
    let (dx, dp) = (
        dx.mapv(T::widen),
        dp.iter().map(|d| d.widen()).collect::<Vec<_>>(),
    );
    let scene = Scene {
        weights: &dy.mapv(T::widen),
        noise: &noise,
        step: check.step,
        tolerance: check.tolerance,
        epsilon,
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
