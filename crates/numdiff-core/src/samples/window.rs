//! The window of each sample, and the derivatives and variances from all of them.

use super::Grid;
use super::rule::Rule;
use crate::Error;
use crate::bounds::Bound;
use crate::error::expect;

/// The windows of all samples.
pub(super) struct Windows {
    order: usize,
    windows: Vec<Window>,
    /// Weights of windows; those in the middle of an even grid share theirs.
    weights: Vec<Vec<f64>>,
}

/// The samples around one place.
struct Window {
    start: usize,
    /// Index of its weights.
    weights: usize,
    /// The unit of x in which the weights are: they are divided by its power.
    unit: f64,
}

impl Windows {
    /// The window and the weights for each of `count` samples.
    pub fn new(order: usize, rule: Rule, count: usize, grid: &Grid) -> Result<Windows, Error> {
        if count == 0 {
            return Err(Error::Empty { argument: "values" });
        }
        grid.validate(count)?;
        rule.validate(order, count)?;
        let mut all = Windows {
            order,
            windows: Vec::with_capacity(count),
            weights: Vec::new(),
        };
        // Where x_i stands in its window, and the window's size.
        let mut shape = None;
        for i in 0..count {
            let (start, size) = rule.window(order, i, count, grid);
            let unit = match grid {
                Grid::Even(spacing) => {
                    if shape.replace((i - start, size)) != Some((i - start, size)) {
                        let nodes = (0..size).map(|j| (start + j) as f64 - i as f64);
                        let weights = rule.weights(order, &nodes.collect::<Vec<f64>>())?;
                        all.weights.push(weights);
                    }
                    *spacing
                }
                Grid::Uneven(x) => {
                    let window = &x[start..start + size];
                    let width = (window[size - 1] - window[0]).abs();
                    if !width.is_finite() {
                        return Err(Error::StepOverflows {
                            coordinate: i,
                            x: x[i],
                            step: width,
                        });
                    }
                    // A power of two: nodes are scaled without rounding.
                    let unit = width.log2().floor().exp2().max(f64::MIN_POSITIVE);
                    let nodes: Vec<f64> = window.iter().map(|x_j| (x_j - x[i]) / unit).collect();
                    let weights = rule.weights(order, &nodes).map_err(|error| match error {
                        // In the units of the grid, not of the window.
                        Error::RepeatedNode { index, .. } => Error::RepeatedNode {
                            value: window[index],
                            index: start + index,
                        },
                        error => error,
                    });
                    all.weights.push(weights?);
                    unit
                }
            };
            all.windows.push(Window {
                start,
                weights: all.weights.len() - 1,
                unit,
            });
        }
        Ok(all)
    }

    /// The derivatives of samples.
    pub fn derivatives(&self, samples: &[f64]) -> Result<Vec<f64>, Error> {
        let derivative = |(i, window): (usize, &Window)| {
            let weights = &self.weights[window.weights];
            // Differences from the sample in the middle: a large constant does no harm.
            let terms = weights.iter().zip(&samples[window.start..]);
            let sum: f64 = terms.map(|(w, f)| w * (f - samples[i])).sum();
            let center = if self.order == 0 { samples[i] } else { 0.0 };
            checked(i, center + self.scaled(sum, window))
        };
        self.windows.iter().enumerate().map(derivative).collect()
    }

    /// A weighted sum in the units of x: divided one by one, for the power may overflow or underflow.
    fn scaled(&self, sum: f64, window: &Window) -> f64 {
        (0..self.order).fold(sum, |sum, _| sum / window.unit)
    }

    /// The variances of the derivatives, from the standard deviations of the samples' noise.
    pub fn variances(&self, noise: &Bound) -> Result<Vec<f64>, Error> {
        let count = self.windows.len();
        noise.expect_length("noise", count)?;
        for s in (0..count).map(|j| noise.at(j)) {
            let range = "a standard deviation, finite and not below 0";
            expect(s >= 0.0 && s.is_finite(), "noise", s, range)?;
        }
        let variance = |(i, window): (usize, &Window)| {
            let weights = self.weights[window.weights].iter().enumerate();
            let term =
                |(j, w): (usize, &f64)| self.scaled(w * noise.at(window.start + j), window).powi(2);
            checked(i, weights.map(term).sum())
        };
        self.windows.iter().enumerate().map(variance).collect()
    }
}

fn checked(index: usize, value: f64) -> Result<f64, Error> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Error::ResultOverflows { index })
    }
}
