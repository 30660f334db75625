//! The Jacobian by differences, and what the same values say of curvature and noise.

use super::linear::{Linear, by_rows};
use crate::bounds::Bounds;
use crate::interrupt::Interrupt;
use crate::matrix::norm;
use crate::problem::Problem;
use numdiff_core::{Coloring, Order, SparsityPattern};

/// Coordinates that are moved together: one by one, or as a pattern allows it.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Grouping {
    groups: Vec<Vec<usize>>,
    pub pattern: Option<SparsityPattern>,
}

/// A Jacobian by differences.
pub(crate) struct Differences {
    pub jacobian: Linear,
    /// The second derivatives of the residuals along each coordinate; empty for one-sided differences and for sparse
    /// Jacobians.
    pub bends: Vec<Vec<f64>>,
    /// The largest norm of a second difference of the residuals; 0 where there are no bends.
    pub roughness: f64,
    /// How far each coordinate was moved.
    pub steps: Vec<f64>,
}

/// Displacements in units of the step, tried one after the other where r is not known. The second of a pair is 0 for
/// one-sided differences.
const ONE_SIDED: [[f64; 2]; 6] = [
    [1.0, 0.0],
    [-1.0, 0.0],
    [1e-2, 0.0],
    [-1e-2, 0.0],
    [1e-4, 0.0],
    [-1e-4, 0.0],
];
const TWO_SIDED: [[f64; 2]; 7] = [
    [1.0, -1.0],
    [1.0, 2.0],
    [-1.0, -2.0],
    [1e-2, -1e-2],
    [1e-2, 2e-2],
    [-1e-2, -2e-2],
    [1e-4, -1e-4],
];

/// Residuals beside x along one coordinate.
struct Column {
    moved: Vec<f64>,
    values: Vec<Vec<f64>>,
}

impl Column {
    /// The difference of residual `i` at displacement `k`.
    fn change(&self, residuals: &[f64], k: usize, i: usize) -> f64 {
        self.values[k][i] - residuals[i]
    }

    /// The first derivative of residual `i`: of the parabola where two displacements are known.
    fn slope(&self, residuals: &[f64], i: usize) -> f64 {
        match self.moved[..] {
            [a, b] if a != b => {
                let (first, second) = (self.change(residuals, 0, i), self.change(residuals, 1, i));
                (first * (b / a) - second * (a / b)) / (b - a)
            }
            [a, ..] if a != 0.0 => self.change(residuals, 0, i) / a,
            _ => 0.0,
        }
    }

    /// The second derivative of residual `i`.
    fn bend(&self, residuals: &[f64], i: usize) -> f64 {
        match self.moved[..] {
            [a, b] if a != b => {
                let (first, second) = (self.change(residuals, 0, i), self.change(residuals, 1, i));
                2.0 * (first / a - second / b) / (a - b)
            }
            _ => 0.0,
        }
    }
}

impl Grouping {
    /// Each of n coordinates alone.
    pub fn dense(n: usize) -> Self {
        Grouping {
            groups: (0..n).map(|k| vec![k]).collect(),
            pattern: None,
        }
    }

    /// As few groups as the pattern needs colors.
    pub fn of(pattern: SparsityPattern) -> Self {
        let coloring = Coloring::columns(&pattern, Order::Best);
        let group = |c: usize| coloring.group(c).to_vec();
        Grouping {
            groups: (0..coloring.colors()).map(group).collect(),
            pattern: Some(pattern),
        }
    }

    /// The Jacobian with these entries, row by row.
    pub fn jacobian(&self, m: usize, n: usize, entries: Vec<f64>) -> Linear {
        match &self.pattern {
            None => Linear::from_rows(m, n, &entries),
            Some(pattern) => Linear::Sparse {
                pattern: pattern.clone(),
                values: entries,
            },
        }
    }

    /// The Jacobian at x, where r is `residuals`, by steps of these lengths: an evaluation for each group of
    /// coordinates, or two where `central`. `Err` inside is a coordinate along which r is not known.
    pub fn differences(
        &self,
        problem: &mut Problem<'_>,
        x: &[f64],
        residuals: &[f64],
        steps: &[f64],
        central: bool,
    ) -> Result<Result<Differences, usize>, Interrupt> {
        let (m, n) = (residuals.len(), x.len());
        let (ladder, sides): (&[[f64; 2]], _) = match central {
            true => (&TWO_SIDED, 2),
            false => (&ONE_SIDED, 1),
        };
        let mut columns: Vec<Option<Column>> = (0..n).map(|_| None).collect();
        let mut open: Vec<usize> = (0..self.groups.len()).collect();
        for pair in ladder {
            let mut points = Vec::with_capacity(sides * open.len());
            for &g in &open {
                let moves: Vec<[f64; 2]> = self.groups[g]
                    .iter()
                    .map(|&j| inside(&problem.bounds, j, x[j], pair.map(|t| t * steps[j])))
                    .collect();
                for side in 0..sides {
                    let mut z = x.to_vec();
                    for (&j, pair) in self.groups[g].iter().zip(&moves) {
                        z[j] = problem.bounds.clamp(j, x[j] + pair[side]);
                    }
                    points.push(z);
                }
            }
            let values = problem.residuals_at(&points, m)?;
            let mut failed = Vec::new();
            let answers = values.chunks(sides).zip(points.chunks(sides));
            for (&g, (values, points)) in open.iter().zip(answers) {
                let Some(known) = values.iter().cloned().collect::<Option<Vec<_>>>() else {
                    failed.push(g);
                    continue;
                };
                for &j in &self.groups[g] {
                    // What was added, not what was to be added.
                    let moved = points.iter().map(|z| z[j] - x[j]).collect();
                    columns[j] = Some(Column {
                        moved,
                        values: known.clone(),
                    });
                }
            }
            open = failed;
            if open.is_empty() {
                let columns: Vec<Column> = columns.into_iter().flatten().collect();
                return Ok(Ok(self.combine(residuals, &columns)));
            }
        }
        Ok(Err(self.groups[open[0]][0]))
    }

    fn combine(&self, residuals: &[f64], columns: &[Column]) -> Differences {
        let m = residuals.len();
        let steps: Vec<f64> = columns.iter().map(|column| column.moved[0].abs()).collect();
        if let Some(pattern) = &self.pattern {
            let slopes = by_rows(pattern).map(|(i, j)| columns[j].slope(residuals, i));
            return Differences {
                jacobian: Linear::Sparse {
                    pattern: pattern.clone(),
                    values: slopes.collect(),
                },
                bends: Vec::new(),
                roughness: 0.0,
                steps,
            };
        }
        let each = |entry: fn(&Column, &[f64], usize) -> f64| -> Vec<Vec<f64>> {
            let of = |column: &Column| (0..m).map(|i| entry(column, residuals, i)).collect();
            columns.iter().map(of).collect()
        };
        let central = columns
            .first()
            .is_some_and(|column| column.moved.len() == 2);
        let bends = if central {
            each(Column::bend)
        } else {
            Vec::new()
        };
        let second = bends.iter().zip(&steps).map(|(bend, h)| norm(bend) * h * h);
        Differences {
            jacobian: Linear::Dense {
                m,
                columns: each(Column::slope),
            },
            roughness: second.fold(0.0, f64::max),
            bends,
            steps,
        }
    }
}

/// Displacements that stay within the bounds: both on the side with more room, and not beyond it, where one leaves.
fn inside(bounds: &Bounds, j: usize, x: f64, pair: [f64; 2]) -> [f64; 2] {
    let fits = |d: &f64| bounds.clamp(j, x + d) == x + d;
    if pair.iter().all(fits) {
        return pair;
    }
    let (up, down) = (bounds.upper(j) - x, x - bounds.lower(j));
    let (side, room) = if up >= down { (1.0, up) } else { (-1.0, down) };
    match pair[1] {
        0.0 => [side * pair[0].abs().min(room), 0.0],
        _ => {
            let first = side * pair[0].abs().min(0.5 * room);
            [first, 2.0 * first]
        }
    }
}
