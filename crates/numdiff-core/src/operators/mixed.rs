//! Mixed partial derivatives of total order up to four, by polarization.
//!
//! For k directions a_1 … a_k the mixed derivative is
//! (1 / (2^(k-1) k!)) sum over signs e_2 … e_k of (e_2 … e_k) phi^(k) along a_1 + e_2 a_2 + … + e_k a_k,
//! and also (1 / k!) sum over subsets S of (-1)^(k-|S|) phi^(k) along the sum of S. Where all are the
//! same it is phi^(k) along a_1.

use super::witness::{IRREGULAR, contradiction, doubt};
use super::{Operator, Size};
use crate::error::expect;
use crate::line::{LineEstimate, LineKind, LineResults, LineSet};
use crate::scheme::Scheme;
use crate::{Error, Status};

/// Largest total order.
pub(crate) const MAX_ORDER: usize = 4;

/// The mixed partial derivative with respect to these coordinates.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Mixed {
    pub(crate) coordinates: [usize; MAX_ORDER],
    pub(crate) order: usize,
}

impl Mixed {
    /// More coordinates than serve are counted.
    pub(crate) fn new(coordinates: &[usize]) -> Self {
        let mut all = [0; MAX_ORDER];
        all.iter_mut()
            .zip(coordinates)
            .for_each(|(to, from)| *to = *from);
        Mixed {
            coordinates: all,
            order: coordinates.len(),
        }
    }

    /// Whether it is a derivative along one coordinate: one line.
    fn is_pure(&self) -> bool {
        self.coordinates[..self.order]
            .iter()
            .all(|&i| i == self.coordinates[0])
    }

    /// The factor of a coordinate in a line, and with what sign the line counts.
    ///
    /// Without bounds: 2^(k-1) lines along a_1 + e_2 a_2 + …. With bounds, where a_1 - a_2 may have
    /// no room on either side though a_1 + a_2 has: 2^k - 1 lines along the sums of subsets.
    fn factor(&self, subsets: bool, line: usize, coordinate: usize) -> f64 {
        if subsets {
            ((line + 1) >> coordinate & 1) as f64
        } else if coordinate > 0 && line >> (coordinate - 1) & 1 == 1 {
            -1.0
        } else {
            1.0
        }
    }

    fn sign(&self, subsets: bool, line: usize) -> f64 {
        let minus = if subsets {
            self.order - (line + 1).count_ones() as usize
        } else {
            line.count_ones() as usize
        };
        if minus % 2 == 1 { -1.0 } else { 1.0 }
    }
}

impl Operator for Mixed {
    fn check(&self) -> Result<(), Error> {
        if self.order == 0 {
            return Err(Error::Empty {
                argument: "coordinates",
            });
        }
        let (argument, order) = ("number of coordinates (total order)", self.order);
        expect(order <= MAX_ORDER, argument, order as f64, "at most 4")
    }

    fn lines(&self) -> (LineKind, usize) {
        (LineKind::Directions, self.order)
    }

    fn prepare(&self, _: &[f64], scheme: &Scheme, line_set: &mut LineSet) -> Result<(), Error> {
        let length = line_set.x.len();
        let coordinates = &self.coordinates[..self.order];
        if let Some(&coordinate) = coordinates.iter().find(|&&c| c >= length) {
            return Err(Error::NoCoordinate { coordinate, length });
        }
        scheme.units(line_set);
        if self.is_pure() {
            let i = coordinates[0];
            line_set.entries.push((i, line_set.unit[i]));
            line_set.ends.push(line_set.entries.len());
            return Ok(());
        }
        let subsets = scheme.bounds.is_some();
        let lines = if subsets {
            (1 << self.order) - 1
        } else {
            1 << (self.order - 1)
        };
        for line in 0..lines {
            let start = line_set.entries.len();
            for (factor, &i) in coordinates.iter().enumerate() {
                let step = self.factor(subsets, line, factor) * line_set.unit[i];
                match line_set.entries[start..]
                    .iter_mut()
                    .find(|(seen, _)| *seen == i)
                {
                    Some((_, d)) => *d += step,
                    None => line_set.entries.push((i, step)),
                }
            }
            // Coordinates whose displacements cancel do not move.
            let mut kept = start;
            for at in start..line_set.entries.len() {
                if line_set.entries[at].1 != 0.0 {
                    line_set.entries.swap(kept, at);
                    kept += 1;
                }
            }
            line_set.entries.truncate(kept);
            line_set.ends.push(kept);
        }
        if self.order == 2 && !subsets && scheme.is_adaptive() {
            // a_1 + a_2 + r (a_1 - a_2) and a_1 + a_2 - r (a_1 - a_2).
            for r in [IRREGULAR, -IRREGULAR] {
                let part = |i| {
                    if i == coordinates[0] {
                        1.0 + r
                    } else if i == coordinates[1] {
                        1.0 - r
                    } else {
                        0.0
                    }
                };
                line_set.add_witness((0..length).map(part));
            }
        }
        Ok(())
    }

    fn conclude(&self, line_set: &LineSet, results: &mut LineResults) {
        if line_set.witnesses == 0 {
            return;
        }
        // Of a quadratic form q, q(a + r b) + q(a - r b) = 2 q(a) + 2 r^2 q(b).
        let across = 2.0 * IRREGULAR * IRREGULAR;
        let terms = [(2, -1.0), (3, -1.0), (0, 2.0), (1, across)].into_iter();
        let found = contradiction(line_set, results, 0, terms);
        if found > 0.0 {
            doubt(results, 0, 0, 0.5 * found);
            doubt(results, 1, 0, found / across);
        }
    }

    fn size(&self, _: &LineSet, _: &LineResults) -> Size {
        (1, 1)
    }

    fn at(&self, line_set: &LineSet, results: &LineResults, _: usize, _: usize) -> LineEstimate {
        let factorial = (1..=self.order).product::<usize>() as f64;
        let lines = line_set.first_witness();
        let subsets = lines == (1 << self.order) - 1;
        let pure = self.is_pure();
        let mut sum = LineEstimate::zero(Status::Converged);
        let mut size = 0.0;
        for line in 0..lines {
            let sign = self.sign(subsets, line);
            let entry = results.get(line, 0);
            sum.value += sign * entry.value;
            sum.error += entry.error;
            let parts = line_set.explicit(line).iter();
            let farthest = parts.fold(0.0, |most: f64, (_, d)| most.max(d.abs()));
            sum.step = sum.step.max(entry.step * farthest);
            size += entry.value.abs();
            sum = sum.resting_on(&entry);
        }
        if !pure {
            sum.error += lines as f64 * f64::EPSILON * size;
        }
        for &i in &self.coordinates[..self.order] {
            sum.value /= line_set.unit[i];
            sum.error /= line_set.unit[i].abs();
        }
        let norm = if pure {
            1.0
        } else if subsets {
            factorial
        } else {
            lines as f64 * factorial
        };
        LineEstimate {
            value: sum.value / norm,
            error: sum.error / norm,
            ..sum
        }
    }
}
