//! The Hessian of a scalar function, from second derivatives along e_i and e_i + e_j.
//!
//! With u_i the displacement of coordinate i, phi'' along u_i e_i + u_j e_j is
//! u_i^2 H_ii + 2 u_i u_j H_ij + u_j^2 H_jj: every off-diagonal entry costs one more line, and both
//! triangles are the same number. With the central second difference this is the formula on
//! n^2 + n + 1 points (Dennis and Schnabel, *Numerical Methods for Unconstrained Optimization*,
//! 1983, A5.6.2, with both signs).

use super::{Entry, Operator, Stream, line_entry};
use crate::Error;
use crate::line::LineResults;
use crate::line::{LineKind, LineSet};
use crate::scheme::Scheme;

/// The Hessian.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Hessian;

impl Operator for Hessian {
    fn stream() -> Option<Stream> {
        Some(Stream::Hessian)
    }

    fn lines(&self) -> (LineKind, usize) {
        (LineKind::Pairs, 2)
    }

    fn prepare(&self, _: &[f64], scheme: &Scheme, line_set: &mut LineSet) -> Result<(), Error> {
        scheme.units(line_set);
        Ok(())
    }

    fn length(&self, line_set: &LineSet, _: &LineResults) -> usize {
        line_set.x.len() * line_set.x.len()
    }

    fn entry(&self, line_set: &LineSet, results: &LineResults, k: usize) -> Entry {
        let n = line_set.x.len();
        self.at(line_set, results, k / n, k % n)
    }

    fn width(&self, line_set: &LineSet) -> usize {
        line_set.x.len()
    }

    #[inline]
    fn at(&self, line_set: &LineSet, results: &LineResults, row: usize, column: usize) -> Entry {
        Hessian::of_output(line_set, results, 0, row, column)
    }
}

impl Hessian {
    /// Element (`row`, `column`) of the Hessian of an output.
    #[inline]
    pub(super) fn of_output(
        line_set: &LineSet,
        results: &LineResults,
        output: usize,
        row: usize,
        column: usize,
    ) -> Entry {
        let n = line_set.x.len();
        let (i, j) = (row.min(column), row.max(column));
        if i == j {
            return line_entry(results, i, output);
        }
        let line = n + i * (2 * n - i - 1) / 2 + j - i - 1;
        off_diagonal_entry(line_set, results, [i, j, line], output)
    }
}

/// H_ij of an output from the second derivatives along the coordinates and along line `line`.
pub(super) fn off_diagonal_entry(
    line_set: &LineSet,
    results: &LineResults,
    [i, j, line]: [usize; 3],
    output: usize,
) -> Entry {
    let [ii, jj, sum] = [i, j, line].map(|line| line_entry(results, line, output));
    let (u, v) = (line_set.unit[i], line_set.unit[j]);
    let ratio = u / v;
    let (a, b) = (ratio * ii.value, jj.value / ratio);
    Entry {
        value: off_diagonal(sum.value, [ii.value, jj.value], [u, v]),
        error: 0.5 * (sum.error / (u * v).abs() + (ratio * ii.error).abs() + (jj.error / ratio).abs())
            // Rounding of this very combination.
            + 2.0 * f64::EPSILON * ((sum.value / u / v).abs() + a.abs() + b.abs()),
        step: sum.step * u.abs().max(v.abs()),
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
