//! The Hessian of a scalar function, from second derivatives along e_i and e_i + e_j.
//!
//! With u_i the displacement of coordinate i, phi'' along u_i e_i + u_j e_j is
//! u_i^2 H_ii + 2 u_i u_j H_ij + u_j^2 H_jj: every off-diagonal entry costs one more line, and both
//! triangles are the same number. With the central second difference this is the formula on
//! n^2 + n + 1 points (Dennis and Schnabel, *Numerical Methods for Unconstrained Optimization*,
//! 1983, A5.6.2, with both signs).

use super::witness::{contradiction, doubt, part};
use super::{Of, Operator, Size, Stream};
use crate::Error;
use crate::line::{Direction, LineEstimate, LineKind, LineResults, LineSet};
use crate::scheme::Scheme;

/// The Hessian of a scalar function, or of each output: row i of output k stands at row k n + i.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Hessian(pub(crate) Of);

impl Operator for Hessian {
    fn stream(&self) -> Option<Stream> {
        Some(Stream::Pairs)
    }

    fn lines(&self) -> (LineKind, usize) {
        (LineKind::Pairs, 2)
    }

    fn prepare(&self, _: &[f64], scheme: &Scheme, line_set: &mut LineSet) -> Result<(), Error> {
        scheme.units(line_set);
        let n = line_set.x.len();
        if scheme.is_adaptive() {
            // Any two coordinates differ in the sign of some witness.
            for bit in 0..usize::BITS - (n - 1).leading_zeros() {
                line_set.add_witness((0..n).map(|i| signed_part(i, n, bit)));
            }
        }
        Ok(())
    }

    fn conclude(&self, line_set: &LineSet, results: &mut LineResults) {
        for output in 0..results.outputs {
            Hessian::doubt_pairs(line_set, results, output);
        }
    }

    fn outputs(&self, line_set: &LineSet) -> Option<(usize, &'static str)> {
        self.0.count(line_set)
    }

    fn written(
        &self,
        (numbers, rows): (usize, Option<usize>),
        coordinates: usize,
        _: usize,
    ) -> usize {
        match self.0 {
            Of::Outputs => rows
                .unwrap_or_else(|| numbers / (coordinates * coordinates).max(1))
                .max(1),
            _ => 1,
        }
    }

    fn size(&self, line_set: &LineSet, results: &LineResults) -> Size {
        (results.outputs * line_set.x.len(), line_set.x.len())
    }

    #[inline]
    fn at(
        &self,
        line_set: &LineSet,
        results: &LineResults,
        row: usize,
        column: usize,
    ) -> LineEstimate {
        let n = line_set.x.len();
        let (output, row) = if row < n {
            (0, row)
        } else {
            (row / n, row % n)
        };
        let (i, j) = (row.min(column), row.max(column));
        if i == j {
            return results.get(i, output);
        }
        let line = n + i * (2 * n - i - 1) / 2 + j - i - 1;
        off_diagonal_entry(line_set, results, [i, j, line], output)
    }
}

impl Hessian {
    /// Doubts the pairs of coordinates that every witness which moves them against each other contradicts:
    /// along sum c_i u_i e_i the second derivative is sum c_i^2 u_i^2 H_ii + 2 sum c_i c_j u_i u_j H_ij.
    fn doubt_pairs(line_set: &LineSet, results: &mut LineResults, output: usize) {
        let (n, first) = (line_set.x.len(), line_set.first_witness());
        let pairs = |line| match line_set.direction(line) {
            Direction::Pair([(i, _), (j, _)]) => (i, j),
            _ => (0, 0),
        };
        let mut found = [0.0; usize::BITS as usize];
        for (bit, found) in found.iter_mut().enumerate().take(line_set.witnesses) {
            let part = |i| signed_part(i, n, bit as u32);
            let sum: f64 = (0..n).map(part).sum();
            let along = (0..n).map(|i| {
                let (u, c) = (line_set.unit[i], part(i));
                (i, u * u * c * (2.0 * c - sum))
            });
            let across = (n..first).map(|line| {
                let (i, j) = pairs(line);
                (line, part(i) * part(j))
            });
            let terms = std::iter::once((first + bit, -1.0))
                .chain(along)
                .chain(across);
            *found = contradiction(line_set, results, output, terms);
        }
        if found.iter().all(|found| *found == 0.0) {
            return;
        }
        for line in n..first {
            let (i, j) = pairs(line);
            let against = (0..line_set.witnesses).filter(|bit| (i ^ j) >> bit & 1 == 1);
            let least = against.map(|bit| found[bit]).fold(f64::INFINITY, f64::min);
            if least > 0.0 {
                let coefficient = signed_part(i, n, 0) * signed_part(j, n, 0);
                doubt(results, line, output, least / coefficient.abs());
            }
        }
    }
}

/// The part of its unit by which a witness moves coordinate i of n; its sign is that of a bit of i.
fn signed_part(i: usize, n: usize, bit: u32) -> f64 {
    let sign = if i >> bit & 1 == 1 { -1.0 } else { 1.0 };
    sign * part(i, n)
}

/// H_ij of an output from the second derivatives along the coordinates and along line `line`.
pub(super) fn off_diagonal_entry(
    line_set: &LineSet,
    results: &LineResults,
    [i, j, line]: [usize; 3],
    output: usize,
) -> LineEstimate {
    let [ii, jj, sum] = [i, j, line].map(|line| results.get(line, output));
    let (u, v) = (line_set.unit[i], line_set.unit[j]);
    let ratio = u / v;
    let (a, b) = (ratio * ii.value, jj.value / ratio);
    LineEstimate {
        value: off_diagonal(sum.value, [ii.value, jj.value], [u, v]),
        error: 0.5 * (sum.error / (u * v).abs() + (ratio * ii.error).abs() + (jj.error / ratio).abs())
            // Rounding of this very combination.
            + 2.0 * f64::EPSILON * ((sum.value / u / v).abs() + a.abs() + b.abs()),
        step: (sum.step * u.abs().max(v.abs())).max(ii.step).max(jj.step),
        ..sum.resting_on(&ii).resting_on(&jj)
    }
}

/// H_ij from the second derivatives H_ii and H_jj, and `sum` along u e_i + v e_j.
#[inline(always)]
pub(crate) fn off_diagonal(sum: f64, [ii, jj]: [f64; 2], [u, v]: [f64; 2]) -> f64 {
    // sum / (u v) - (u / v) H_ii - (v / u) H_jj, over 2: ratios, as u^2 may underflow.
    let ratio = u / v;
    0.5 * (sum / u / v - ratio * ii - jj / ratio)
}
