//! A row of second derivatives against one direction, from f alone: (H v)_i by polarization.
//!
//! With phi'' along a = u_i e_i + v / s and b = u_i e_i - v / s, phi_a'' - phi_b'' = 4 u_i (H v)_i / s.

use super::{Entry, Operator, found};
use crate::Error;
use crate::results::Results;
use crate::scheme::Scheme;
use crate::survey::{Kind, Survey};

/// The product of the Hessian with a vector.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HessianVector;

impl Operator for HessianVector {
    fn lines(&self) -> (Kind, usize) {
        (Kind::Against, 2)
    }

    fn pose(&self, vector: &[f64], scheme: &Scheme, survey: &mut Survey) -> Result<(), Error> {
        scheme.units(survey);
        survey.add_direction("v", vector)
    }

    fn length(&self, survey: &Survey, _: &Results) -> usize {
        survey.x.len()
    }

    fn entry(&self, survey: &Survey, results: &Results, k: usize) -> Entry {
        let (plus, minus) = (found(results, 2 * k, 0), found(results, 2 * k + 1, 0));
        let u = survey.unit[k];
        let scaled = |d: f64| survey.unscale(0, 1, 0.25 * d / u);
        Entry {
            value: scaled(plus.value - minus.value),
            error: scaled(
                plus.error + minus.error + f64::EPSILON * (plus.value.abs() + minus.value.abs()),
            )
            .abs(),
            step: plus.step.max(minus.step) * u.abs(),
        }
    }
}
