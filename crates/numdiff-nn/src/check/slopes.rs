//! One-sided slopes along a line, with their rounding.

use ndarray::{Array2, Zip, s};
use std::ops::Range;

/// Ratio of two neighboring distances.
pub(super) const RATIO: f64 = 4.0;

/// Rounding of a sum of changes in units of the noise of its terms, added in quadrature.
pub(super) const ROUNDING: f64 = 16.0;

/// The outputs of a layer after something moved, minus those before.
pub(super) struct Moved {
    pub change: Array2<f64>,
    /// How far each [`Cell`] really moved, signed.
    pub distances: Vec<f64>,
}

/// The samples that answer to one movement, and the analytic derivative of their weighted outputs.
pub(super) struct Cell {
    pub rows: Range<usize>,
    pub analytic: f64,
    /// Rounding of the analytic derivative.
    pub rounding: f64,
}

/// What all lines of a layer share.
pub(super) struct Scene<'a> {
    /// The weights of the outputs.
    pub weights: &'a Array2<f64>,
    /// The rounding of each output.
    pub noise: &'a Array2<f64>,
    /// The first distance, relative.
    pub step: f64,
    /// The caller's relative tolerance.
    pub tolerance: f64,
    /// Unit roundoff of the numbers that the layer computes with.
    pub epsilon: f64,
}

/// A value and how far it may be off.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bar {
    pub value: f64,
    pub error: f64,
}

impl Bar {
    pub const UNKNOWN: Bar = Bar {
        value: 0.0,
        error: f64::INFINITY,
    };

    pub fn meets(self, other: Bar) -> bool {
        (self.value - other.value).abs() <= self.error + other.error
    }
}

impl Scene<'_> {
    /// Slope of the weighted sum over a cell's outputs, and its rounding, which an output has also where it
    /// did not move far enough to show it.
    fn slope(&self, moved: &Moved, answers: &Array2<bool>, cell: &Cell, c: usize) -> Bar {
        let rows = s![cell.rows.clone(), ..];
        let (mut sum, mut squares) = (0.0, 0.0);
        Zip::from(moved.change.slice(rows))
            .and(self.weights.slice(rows))
            .and(self.noise.slice(rows))
            .and(answers.slice(rows))
            .for_each(|d, w, noise, answers| {
                if *answers {
                    sum += d * w;
                    squares += (w * noise).powi(2);
                }
            });
        let distance = moved.distances[c];
        let bar = Bar {
            value: sum / distance,
            error: ROUNDING * squares.sqrt() / distance.abs(),
        };
        if bar.value.is_finite() && bar.error.is_finite() {
            bar
        } else {
            Bar::UNKNOWN
        }
    }

    /// Both one-sided slopes and the central difference.
    pub fn slopes(
        &self,
        [up, down]: &[Moved; 2],
        answers: &Array2<bool>,
        cell: &Cell,
        c: usize,
    ) -> [Bar; 3] {
        let (right, left) = (
            self.slope(up, answers, cell, c),
            self.slope(down, answers, cell, c),
        );
        let (a, b) = (up.distances[c], -down.distances[c]);
        let central = Bar {
            value: (right.value * a + left.value * b) / (a + b),
            error: right.error + left.error,
        };
        [right, left, central]
    }

    /// The sums over the outputs of the smaller and of the larger one-sided slopes.
    pub fn span(
        &self,
        levels: &[[Moved; 2]],
        cell: &Cell,
        c: usize,
        [up, down]: [usize; 2],
    ) -> [f64; 2] {
        let rows = s![cell.rows.clone(), ..];
        let side = |level: usize, side: usize| {
            // The first bar belongs to the third distance.
            let (far, near) = (&levels[level + 1][side], &levels[level + 2][side]);
            let slope = |moved: &Moved| {
                let distance = moved.distances[c];
                let change = moved.change.slice(rows);
                (&change * &self.weights.slice(rows)).mapv(|d| d / distance)
            };
            let (far, near) = (slope(far), slope(near));
            &near + &((&near - &far) / (RATIO - 1.0))
        };
        let (right, left) = (side(up, 0), side(down, 1));
        let sum = |pick: fn(f64, f64) -> f64| {
            right
                .iter()
                .zip(&left)
                .map(|(r, l)| pick(*r, *l))
                .sum::<f64>()
        };
        [sum(f64::min), sum(f64::max)]
    }
}

/// The outputs that move at any distance.
pub(super) fn answering(levels: &[[Moved; 2]]) -> Array2<bool> {
    let mut answers = Array2::from_elem(levels[0][0].change.dim(), false);
    for moved in levels.iter().flatten() {
        Zip::from(&mut answers)
            .and(&moved.change)
            .for_each(|answers, d| *answers |= *d != 0.0);
    }
    answers
}

/// The narrowest bar among those that agree with all finer ones (Lepski 1990); the last is the finest.
pub(super) fn best(bars: &[Bar]) -> (usize, Bar) {
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut found = (bars.len() - 1, Bar::UNKNOWN);
    for (level, bar) in bars.iter().enumerate().rev() {
        if !bar.error.is_finite() {
            continue;
        }
        if bar.value - bar.error > high || bar.value + bar.error < low {
            break;
        }
        low = low.max(bar.value - bar.error);
        high = high.min(bar.value + bar.error);
        if bar.error < found.1.error {
            found = (level, *bar);
        }
    }
    found
}
