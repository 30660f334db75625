//! Which samples make a derivative, and with which weights.

use super::Grid;
use super::local_fit::least_squares;
use crate::error::expect;
use crate::stencil::MAX_NODES;
use crate::{Error, Stencil};

/// The polynomial that is differentiated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Rule {
    /// Through as many samples as order and accuracy take.
    Interpolate { accuracy: usize },
    /// Fitted to a window by least squares.
    LeastSquares { window: usize, degree: usize },
}

impl Rule {
    /// Checks the settings for a derivative of this order from `count` samples.
    pub fn validate(self, order: usize, count: usize) -> Result<(), Error> {
        let derivative = "order of the derivative";
        match self {
            Rule::Interpolate { accuracy } => {
                expect(order > 0, derivative, 0.0, "at least 1")?;
                expect(accuracy > 0, "accuracy", 0.0, "at least 1")?;
                let needed = order.saturating_add(accuracy);
                let (fits, sum) = (needed <= MAX_NODES, needed as f64);
                expect(fits, "order + accuracy", sum, "at most 24")?;
                if count < needed {
                    let found = count;
                    return Err(Error::TooFewSamples { found, needed });
                }
                Ok(())
            }
            Rule::LeastSquares { window, degree } => {
                if window.is_multiple_of(2) || window <= degree || window > count {
                    return Err(Error::Window {
                        window,
                        degree,
                        samples: count,
                    });
                }
                let most = "at most the degree of the polynomial";
                expect(order <= degree, derivative, order as f64, most)
            }
        }
    }

    /// Where the window of sample `i` of `count` begins, and its size: moved inside at the ends, in the middle
    /// of an even grid symmetric.
    pub fn window(self, order: usize, i: usize, count: usize, grid: &Grid) -> (usize, usize) {
        let inside = |before: usize, size: usize| i.saturating_sub(before).min(count - size);
        let (size, half) = match self {
            Rule::LeastSquares { window, .. } => return (inside(window / 2, window), window),
            // Twice `half` and one samples in the middle: parity gives them the accuracy, rounded up to even.
            Rule::Interpolate { accuracy } => (
                order + accuracy,
                order.div_ceil(2) + accuracy.div_ceil(2) - 1,
            ),
        };
        match grid {
            Grid::Even(_) if i >= half && i + half < count => (i - half, 2 * half + 1),
            Grid::Even(_) => (inside(size / 2, size), size),
            Grid::Uneven(x) => {
                let mut start = inside((size - 1) / 2, size);
                // Of an even number of samples the one that is nearer.
                if size.is_multiple_of(2) && start > 0 && start + (size - 1) / 2 == i {
                    let (left, right) = (x[i] - x[start - 1], x[start + size - 1] - x[i]);
                    start -= usize::from(left.abs() < right.abs());
                }
                (start, size)
            }
        }
    }

    /// What samples at these distances count in the derivative.
    pub fn weights(self, order: usize, nodes: &[f64]) -> Result<Vec<f64>, Error> {
        match self {
            Rule::Interpolate { .. } => Ok(Stencil::new(order, nodes)?.weights().to_vec()),
            Rule::LeastSquares { degree, .. } => Ok(least_squares(order, degree, nodes)),
        }
    }
}
