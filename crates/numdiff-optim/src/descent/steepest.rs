//! Steepest descent.

use super::{At, Direction};
use crate::interrupt::Interrupt;

/// p = -g.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Steepest;

impl Direction for Steepest {
    fn direction(&mut self, at: At<'_, '_>, p: &mut [f64]) -> Result<(), Interrupt> {
        p.iter_mut().zip(at.g).for_each(|(p, g)| *p = -g);
        Ok(())
    }
}
