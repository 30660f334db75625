//! Which samples make the derivative at each place, and with which weights.

use super::Grid;
use super::local_fit::least_squares;
use crate::{Error, Stencil};

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
    /// What the weights are divided by.
    divisor: f64,
}

impl Windows {
    /// Interpolation through order + accuracy samples; in the middle of an even grid through a symmetric
    /// window.
    pub fn interpolating(
        order: usize,
        accuracy: usize,
        count: usize,
        grid: &Grid<'_>,
    ) -> Result<Windows, Error> {
        let size = order + accuracy;
        // Twice this and one samples in the middle: parity gives them the accuracy, rounded up to even.
        let half = order.div_ceil(2) + accuracy.div_ceil(2) - 1;
        let place = |i: usize| match grid {
            Grid::Even(_) if i >= half && i + half < count => (i - half, 2 * half + 1),
            Grid::Even(_) => (i.saturating_sub(size / 2).min(count - size), size),
            Grid::Uneven(x) => {
                let mut start = i.saturating_sub((size - 1) / 2).min(count - size);
                // Of an even number of samples the one that is nearer.
                if size.is_multiple_of(2) && start > 0 && start + (size - 1) / 2 == i {
                    let (left, right) = (x[i] - x[start - 1], x[start + size - 1] - x[i]);
                    start -= usize::from(left.abs() < right.abs());
                }
                (start, size)
            }
        };
        let weights = |nodes: &[f64]| Ok(Stencil::new(order, nodes)?.weights().to_vec());
        Windows::new(order, count, grid, place, weights)
    }

    /// Least squares over windows of this size, moved inside at the ends.
    pub fn fitting(
        order: usize,
        size: usize,
        degree: usize,
        count: usize,
        grid: &Grid<'_>,
    ) -> Result<Windows, Error> {
        let place = |i: usize| (i.saturating_sub(size / 2).min(count - size), size);
        let weights = |nodes: &[f64]| Ok(least_squares(order, degree, nodes));
        Windows::new(order, count, grid, place, weights)
    }

    /// `place(i)` is where the window of sample i begins and its size, `weights(nodes)` what the samples
    /// at distances `nodes` from x_i, in units of the divisor's root, count.
    fn new(
        order: usize,
        count: usize,
        grid: &Grid<'_>,
        place: impl Fn(usize) -> (usize, usize),
        weights: impl Fn(&[f64]) -> Result<Vec<f64>, Error>,
    ) -> Result<Windows, Error> {
        let mut all = Windows {
            order,
            windows: Vec::with_capacity(count),
            weights: Vec::new(),
        };
        // Where x_i stands in its window, and the window's size.
        let mut shape = None;
        for i in 0..count {
            let (start, size) = place(i);
            let unit = match grid {
                Grid::Even(spacing) => {
                    if shape != Some((i - start, size)) {
                        shape = Some((i - start, size));
                        let nodes: Vec<f64> =
                            (0..size).map(|j| (start + j) as f64 - i as f64).collect();
                        all.weights.push(weights(&nodes)?);
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
                    all.weights.push(weights(&nodes)?);
                    unit
                }
            };
            all.windows.push(Window {
                start,
                weights: all.weights.len() - 1,
                divisor: unit.powi(order as i32),
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
            checked(i, center + sum / window.divisor)
        };
        self.windows.iter().enumerate().map(derivative).collect()
    }

    /// The variances of the derivatives, from the standard deviations of the samples' noise: none for 1,
    /// one for all, or one for each.
    pub fn variances(&self, noise: &[f64]) -> Result<Vec<f64>, Error> {
        let count = self.windows.len();
        if noise.len() > 1 && noise.len() != count {
            return Err(Error::Length {
                argument: "noise",
                found: noise.len(),
                expected: count,
            });
        }
        if let Some(&value) = noise.iter().find(|s| !(**s >= 0.0 && s.is_finite())) {
            return Err(Error::OutOfRange {
                argument: "noise",
                value,
                expected: "a standard deviation, finite and not below 0",
            });
        }
        let deviation = |j: usize| match noise {
            [] => 1.0,
            [all] => *all,
            each => each[j],
        };
        let variance = |(i, window): (usize, &Window)| {
            let weights = self.weights[window.weights].iter().enumerate();
            let term =
                |(j, w): (usize, &f64)| (w / window.divisor * deviation(window.start + j)).powi(2);
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
