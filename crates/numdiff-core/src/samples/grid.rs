//! Where samples were taken.

use crate::Error;
use crate::error::{expect, expect_length};
use crate::line::finite;
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
            Grid::Uneven(places) => places,
            Grid::Even(spacing) => {
                let useful = spacing.is_finite() && *spacing != 0.0;
                return expect(useful, "spacing", *spacing, "finite and not 0");
            }
        };
        expect_length("grid", places.len(), count)?;
        finite("grid", places)?;
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
