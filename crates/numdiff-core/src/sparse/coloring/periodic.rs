//! Colorings of bands and grids by a linear formula, where greedy colorings miss the optimum.
//!
//! On a grid numbered row by row, entries lie on a few diagonals j - i. Writing the index in
//! coordinates, j = a + S b + T c with strides 1, S, T, the color (a + s b + t c) mod p repeats in
//! every direction; whether p colors do is decided by the diagonals alone. The 5-point stencil
//! needs p = 5, s = 2; the 9-point stencil p = 9, s = 3; a band of w diagonals p = w. Curtis, Powell
//! and Reid (1974) color bands so; Fertin, Godard and Raspaud, "Acyclic and k-distance coloring of
//! the grid", Inf. Process. Lett. 87 (2003), grids. The result is checked on the pattern.

/// More diagonals than this are no stencil.
const MOST_DIAGONALS: usize = 128;
/// More colors than this are not searched for.
const MOST_COLORS: usize = 128;
/// Pairs of strides that are tried.
const MOST_STRIDES: usize = 8;

/// What makes a linear formula a coloring.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    /// All diagonals of a row differ in color. For linear formulas, star coloring is the same:
    /// where two displacements lead to the same color, so do they alternated, along a path of
    /// four vertices.
    Distance2,
    /// A vertex has at most two neighbors of each color: paths that run away, never a cycle.
    Acyclic,
}

/// A formula that may color a pattern.
pub(super) struct PeriodicColoring {
    strides: [usize; 2],
    factors: [usize; 2],
    colors: usize,
}

impl PeriodicColoring {
    /// Tries strides one after the other; `accept` says whether a formula colors the pattern, which
    /// strides that are no strides of its grid don't.
    pub fn find<A>(
        rows: (&[usize], &[usize]),
        condition: Condition,
        lower: usize,
        upper: usize,
        mut accept: impl FnMut(&Self) -> Option<A>,
    ) -> Option<A> {
        let diagonals = diagonals(rows)?;
        let mut bound = upper.min(MOST_COLORS + 1);
        let mut best = None;
        for strides in strides(&diagonals, rows.0.len() - 1) {
            let steps: Vec<[i64; 3]> = diagonals.iter().map(|&d| coordinates(d, strides)).collect();
            if let Some((colors, factors)) = search(&steps, strides, condition, lower, bound) {
                let formula = Self {
                    strides,
                    factors,
                    colors,
                };
                if let Some(accepted) = accept(&formula) {
                    best = Some(accepted);
                    bound = colors;
                }
            }
        }
        best
    }

    /// The color of a line.
    pub fn color(&self, j: usize) -> u32 {
        let [s, t] = self.strides;
        let (rest, c) = if t == 0 { (j, 0) } else { (j % t, j / t) };
        let (a, b) = if s == 0 {
            (rest, 0)
        } else {
            (rest % s, rest / s)
        };
        ((a + self.factors[0] * b + self.factors[1] * c) % self.colors) as u32
    }

    pub fn colors(&self) -> usize {
        self.colors
    }
}

/// The distinct diagonals, sorted; none if there are too many.
fn diagonals((starts, columns): (&[usize], &[usize])) -> Option<Vec<i64>> {
    let mut found: Vec<i64> = Vec::new();
    for (i, w) in starts.windows(2).enumerate() {
        for &j in &columns[w[0]..w[1]] {
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

/// The smallest number of colors below `upper` with its factors.
fn search(
    steps: &[[i64; 3]],
    strides: [usize; 2],
    condition: Condition,
    lower: usize,
    upper: usize,
) -> Option<(usize, [usize; 2])> {
    let mut times = vec![0_u32; upper];
    for p in lower.max(2)..upper {
        let range = |stride: usize| if stride == 0 { 0..1 } else { 0..p };
        for s in range(strides[0]) {
            for t in range(strides[1]) {
                let shift = |step: &[i64; 3]| {
                    (step[0] + s as i64 * step[1] + t as i64 * step[2]).rem_euclid(p as i64)
                        as usize
                };
                times[..p].fill(0);
                let fits = match condition {
                    Condition::Distance2 => steps.iter().all(|step| {
                        let k = &mut times[shift(step)];
                        *k += 1;
                        *k == 1
                    }),
                    Condition::Acyclic => {
                        steps.iter().filter(|step| **step != [0, 0, 0]).all(|step| {
                            let shift = shift(step);
                            times[shift] += 1;
                            shift != 0 && times[shift] <= 2
                        })
                    }
                };
                if fits {
                    return Some((p, [s, t]));
                }
            }
        }
    }
    None
}
