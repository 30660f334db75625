//! Steepest descent.

use super::Direction;
use crate::interrupt::Interrupt;
use crate::problem::Problem;

/// p = -g.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Steepest;

impl Direction for Steepest {
    fn direction(
        &mut self,
        _: &mut Problem<'_>,
        _: &[f64],
        g: &[f64],
        _: Option<f64>,
        p: &mut [f64],
    ) -> Result<(), Interrupt> {
        p.iter_mut().zip(g).for_each(|(p, g)| *p = -g);
        Ok(())
    }
}
