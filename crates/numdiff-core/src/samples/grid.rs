//! Where samples were taken.

use super::finite;
use crate::Error;
use ndarray::{ArrayBase, Data, Ix1};
use std::borrow::Cow;

/// Where samples were taken: made from the spacing of an even grid, or from the places themselves.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Grid<'g> {
    /// Equal distances; negative if the places fall.
    Even(f64),
    /// The places, rising or falling.
    Uneven(Cow<'g, [f64]>),
}

impl Grid<'_> {
    /// Checks a grid of `count` samples.
    pub(super) fn validate(&self, count: usize) -> Result<(), Error> {
        let places = match self {
            Grid::Even(spacing) if spacing.is_finite() && *spacing != 0.0 => return Ok(()),
            Grid::Even(spacing) => {
                return Err(Error::OutOfRange {
                    argument: "spacing",
                    value: *spacing,
                    expected: "finite and not 0",
                });
            }
            Grid::Uneven(places) => places,
        };
        if places.len() != count {
            return Err(Error::Length {
                argument: "grid",
                found: places.len(),
                expected: count,
            });
        }
        finite("grid", places.iter().copied())?;
        let rises = count < 2 || places[1] > places[0];
        for (i, pair) in places.windows(2).enumerate() {
            if pair[0] == pair[1] {
                return Err(Error::RepeatedNode {
                    value: pair[1],
                    index: i + 1,
                });
            }
            if (pair[1] > pair[0]) != rises {
                return Err(Error::NotSorted {
                    argument: "grid",
                    index: i + 1,
                    before: pair[0],
                    value: pair[1],
                });
            }
        }
        Ok(())
    }
}

impl From<f64> for Grid<'_> {
    fn from(spacing: f64) -> Self {
        Grid::Even(spacing)
    }
}

impl<'g> From<&'g [f64]> for Grid<'g> {
    fn from(places: &'g [f64]) -> Self {
        Grid::Uneven(Cow::Borrowed(places))
    }
}

impl<'g, const N: usize> From<&'g [f64; N]> for Grid<'g> {
    fn from(places: &'g [f64; N]) -> Self {
        Grid::Uneven(Cow::Borrowed(places))
    }
}

impl<'g> From<&'g Vec<f64>> for Grid<'g> {
    fn from(places: &'g Vec<f64>) -> Self {
        Grid::Uneven(Cow::Borrowed(places))
    }
}

impl<'g, S: Data<Elem = f64>> From<&'g ArrayBase<S, Ix1>> for Grid<'g> {
    fn from(places: &'g ArrayBase<S, Ix1>) -> Self {
        Grid::Uneven(match places.as_slice() {
            Some(places) => Cow::Borrowed(places),
            None => Cow::Owned(places.to_vec()),
        })
    }
}
