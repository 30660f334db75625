//! A row of second derivatives against one direction, from f alone: (H v)_i by polarization.
//!
//! With phi'' along a = u_i e_i + v / s and b = u_i e_i - v / s, phi_a'' - phi_b'' = 4 u_i (H v)_i / s.

use super::witness::{contradiction, doubt, part};
use super::{Operator, Size};
use crate::Error;
use crate::line::{LineEstimate, LineKind, LineResults, LineSet};
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
        line_set.add_direction("v", vector)?;
        let n = line_set.x.len();
        if scheme.is_adaptive() {
            // w + v and w - v, with w = sum c_i u_i e_i.
            for sign in [1.0, -1.0] {
                let start = line_set.entries.len();
                line_set.add_witness((0..n).map(|i| alternating(i, n)));
                for k in 0..line_set.ends[0] {
                    let (i, v) = line_set.entries[k];
                    line_set.entries[start + i].1 += sign * v;
                }
            }
        }
        Ok(())
    }

    fn conclude(&self, line_set: &LineSet, results: &mut LineResults) {
        if line_set.witnesses == 0 {
            return;
        }
        // phi'' along w + v less that along w - v is the sum of c_i times the same of u_i e_i.
        let (n, first) = (line_set.x.len(), line_set.first_witness());
        let witnesses = [(first, -1.0), (first + 1, 1.0)].into_iter();
        let own = (0..2 * n).map(|line| {
            let c = alternating(line / 2, n);
            (line, if line.is_multiple_of(2) { c } else { -c })
        });
        let found = contradiction(line_set, results, 0, witnesses.chain(own));
        if found > 0.0 {
            for i in 0..n {
                doubt(results, 2 * i, 0, found / part(i, n));
            }
        }
    }

    fn size(&self, line_set: &LineSet, _: &LineResults) -> Size {
        (1, line_set.x.len())
    }

    fn at(&self, line_set: &LineSet, results: &LineResults, _: usize, k: usize) -> LineEstimate {
        let (plus, minus) = (results.get(2 * k, 0), results.get(2 * k + 1, 0));
        let u = line_set.unit[k];
        let scaled = |d: f64| line_set.unscale(0, 1, 0.25 * d / u);
        LineEstimate {
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

/// The part of its unit by which the witnesses move coordinate i of n.
fn alternating(i: usize, n: usize) -> f64 {
    if i.is_multiple_of(2) {
        part(i, n)
    } else {
        -part(i, n)
    }
}
