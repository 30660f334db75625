//! Colorings of bands and grids by a linear formula, where greedy colorings miss the optimum.
//!
//! On a grid numbered row by row, entries lie on a few diagonals j - i. Writing the index in
//! coordinates, j = a + S b + T c with strides 1, S, T, the color (a + s b + t c) mod p repeats in
//! every direction; whether p colors do is decided by the diagonals alone. The 5-point stencil
//! needs p = 5, s = 2; the 9-point stencil p = 9, s = 3; a band of w diagonals p = w. Curtis, Powell
//! and Reid (1974) color bands so; Fertin, Godard and Raspaud, "Acyclic and k-distance coloring of
//! the grid", Inf. Process. Lett. 87 (2003), grids. The result is checked on the pattern.

use super::ColoringKind;
use super::problem::Problem;
use crate::sparse::lists::Lists;

/// More diagonals than this are no stencil.
const MOST_DIAGONALS: usize = 128;
/// More colors than this are not searched for.
const MOST_COLORS: usize = 128;
/// Pairs of strides that are tried.
const MOST_STRIDES: usize = 8;

/// A formula that may color a pattern.
pub(super) struct PeriodicColoring {
    strides: [usize; 2],
    factors: [usize; 2],
    colors: usize,
}

impl PeriodicColoring {
    /// The formula with the fewest colors from `lower` and below `upper`, if one colors the pattern. Strides
    /// that are none of its grid don't.
    pub fn find(problem: &Problem<'_>, lower: usize, upper: usize) -> Option<Self> {
        let rows = problem.lines;
        let diagonals = diagonals(rows)?;
        let mut bound = upper.min(MOST_COLORS + 1);
        let mut best = None;
        for strides in strides(&diagonals, rows.len()) {
            let steps: Vec<[i64; 3]> = diagonals.iter().map(|&d| coordinates(d, strides)).collect();
            let Some(formula) = fewest(&steps, strides, problem.kind, lower, bound) else {
                continue;
            };
            let colors: Vec<u32> = (0..problem.len()).map(|j| formula.color(j)).collect();
            if problem.is_valid(&colors, formula.colors) {
                bound = formula.colors;
                best = Some(formula);
            }
        }
        best
    }

    /// The color of a line.
    pub fn color(&self, j: usize) -> u32 {
        let [s, t] = self.strides;
        let split = |j: usize, stride: usize| match stride {
            0 => (j, 0),
            stride => (j % stride, j / stride),
        };
        let (rest, c) = split(j, t);
        let (a, b) = split(rest, s);
        ((a + self.factors[0] * b + self.factors[1] * c) % self.colors) as u32
    }
}

/// The distinct diagonals, sorted; none if there are too many.
fn diagonals(rows: &Lists) -> Option<Vec<i64>> {
    let mut found: Vec<i64> = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        for &j in row {
            let diagonal = j as i64 - i as i64;
            if let Err(at) = found.binary_search(&diagonal) {
                if found.len() == MOST_DIAGONALS {
                    return None;
                }
                found.insert(at, diagonal);
            }
        }
    }
    (!found.is_empty()).then_some(found)
}

/// Candidates for the strides of a grid: none, then the centers of runs of diagonals, alone and
/// with a multiple of them.
fn strides(diagonals: &[i64], n: usize) -> Vec<[usize; 2]> {
    let mut centers: Vec<usize> = Vec::new();
    let mut from = 0;
    for k in 1..=diagonals.len() {
        if k == diagonals.len() || diagonals[k] != diagonals[k - 1] + 1 {
            let doubled = diagonals[from] + diagonals[k - 1];
            let center = (doubled.unsigned_abs() / 2) as usize;
            if center > 1 && center < n && !centers.contains(&center) {
                centers.push(center);
            }
            from = k;
        }
    }
    centers.sort_unstable();
    centers.truncate(MOST_STRIDES);
    let mut strides = vec![[0, 0]];
    strides.extend(centers.iter().map(|&s| [s, 0]));
    for &s in &centers {
        strides.extend(
            centers
                .iter()
                .filter(|&&t| t > s && t % s == 0)
                .map(|&t| [s, t]),
        );
    }
    strides
}

/// A displacement as multiples of 1 and of the strides, each as near to zero as possible.
fn coordinates(diagonal: i64, [s, t]: [usize; 2]) -> [i64; 3] {
    let nearest = |d: i64, stride: usize| match stride as i64 {
        0 => 0,
        stride => (d + stride / 2).div_euclid(stride),
    };
    let c = nearest(diagonal, t);
    let rest = diagonal - c * t as i64;
    let b = nearest(rest, s);
    [rest - b * s as i64, b, c]
}

/// The formula with the fewest colors below `upper` that keeps to its condition along the diagonals.
///
/// Acyclic: a vertex has at most two neighbors of each color, which makes paths that run away, never a cycle.
/// Otherwise all diagonals of a row differ in color. For linear formulas, star coloring is the same: where two
/// displacements lead to the same color, so do they alternated, along a path of four vertices.
fn fewest(
    steps: &[[i64; 3]],
    strides: [usize; 2],
    kind: ColoringKind,
    lower: usize,
    upper: usize,
) -> Option<PeriodicColoring> {
    let acyclic = kind == ColoringKind::Acyclic;
    let mut times = vec![0_u32; upper];
    for colors in lower.max(2)..upper {
        let range = |stride: usize| if stride == 0 { 0..1 } else { 0..colors };
        for s in range(strides[0]) {
            for t in range(strides[1]) {
                times[..colors].fill(0);
                let fits = steps.iter().all(|&[a, b, c]| {
                    let at = a + s as i64 * b + t as i64 * c;
                    let shift = at.rem_euclid(colors as i64) as usize;
                    times[shift] += 1;
                    match acyclic {
                        true => [a, b, c] == [0, 0, 0] || shift != 0 && times[shift] <= 2,
                        false => times[shift] == 1,
                    }
                });
                if fits {
                    return Some(PeriodicColoring {
                        strides,
                        factors: [s, t],
                        colors,
                    });
                }
            }
        }
    }
    None
}
