//! Lines through x along which f is differentiated, and what is known along them.

mod direction;
mod pairs;
mod points;
mod results;
mod samples;
mod set;
mod values;

pub(crate) use direction::Direction;
pub(crate) use points::Line;
pub(crate) use results::LineResults;
pub(crate) use samples::{LineEstimate, Pending, Place};
pub(crate) use set::{LineKind, LineSet, finite, scale, spacing};
pub(crate) use values::{BASE, LineValues, Scratch};
