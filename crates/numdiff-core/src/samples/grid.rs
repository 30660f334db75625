//! Where samples were taken.

use crate::Error;
use crate::bounds::Numbers;
use crate::error::{expect, expect_length};
use crate::line::finite;

/// Where samples were taken: made from the spacing of an even grid, or from the places themselves.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Grid {
    /// Equal distances; negative if the places fall.
    Even(f64),
    /// The places, rising or falling.
    Uneven(Vec<f64>),
}

impl Grid {
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

/// A number is the spacing, several are the places.
impl<V: Numbers> From<V> for Grid {
    fn from(places: V) -> Self {
        match places.bound().split() {
            Ok(spacing) => Grid::Even(spacing),
            Err(places) => Grid::Uneven(places),
        }
    }
}
