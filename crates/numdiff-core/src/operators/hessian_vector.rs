//! A row of second derivatives against one direction, from f alone: (H v)_i by polarization.
//!
//! With phi'' along a = u_i e_i + v / s and b = u_i e_i - v / s, phi_a'' - phi_b'' = 4 u_i (H v)_i / s.

use super::{Entry, Operator, line_entry};
use crate::Error;
use crate::line::LineResults;
use crate::line::{LineKind, LineSet};
use crate::scheme::Scheme;

/// The product of the Hessian with a vector.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct HessianVector;

impl Operator for HessianVector {
    fn lines(&self) -> (LineKind, usize) {
        (LineKind::Polarized, 2)
    }

    fn prepare(
        &self,
        vector: &[f64],
        scheme: &Scheme,
        line_set: &mut LineSet,
    ) -> Result<(), Error> {
        scheme.units(line_set);
        line_set.add_direction("v", vector)
    }

    fn length(&self, line_set: &LineSet, _: &LineResults) -> usize {
        line_set.x.len()
    }

    fn entry(&self, line_set: &LineSet, results: &LineResults, k: usize) -> Entry {
        let (plus, minus) = (
            line_entry(results, 2 * k, 0),
            line_entry(results, 2 * k + 1, 0),
        );
        let u = line_set.unit[k];
        let scaled = |d: f64| line_set.unscale(0, 1, 0.25 * d / u);
        Entry {
            value: scaled(plus.value - minus.value),
            error: scaled(
                plus.error + minus.error + f64::EPSILON * (plus.value.abs() + minus.value.abs()),
            )
            .abs(),
            step: plus.step.max(minus.step) * u.abs(),
            ..plus.resting_on(&minus)
        }
    }
}
