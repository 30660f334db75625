//! The Jacobian by differences, and what the same values say of curvature.

use super::linear::Linear;
use crate::columns::{Column, columns};
use crate::interrupt::Interrupt;
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
    /// How far each coordinate was moved.
    pub steps: Vec<f64>,
}

impl Grouping {
    /// Each of these coordinates alone, or as few groups as the pattern needs colors.
    pub fn new(free: &[usize], pattern: Option<SparsityPattern>) -> Self {
        let groups = match &pattern {
            None => free.iter().map(|&j| vec![j]).collect(),
            Some(pattern) => {
                let coloring = Coloring::columns(pattern, Order::Best);
                let is_free = |j: &usize| free.binary_search(j).is_ok();
                let group = |c| coloring.group(c).iter().copied().filter(is_free).collect();
                let groups = (0..coloring.colors()).map(group);
                groups
                    .filter(|group: &Vec<usize>| !group.is_empty())
                    .collect()
            }
        };
        Grouping { groups, pattern }
    }

    /// The Jacobian with these entries, row by row.
    pub fn jacobian(&self, m: usize, n: usize, entries: Vec<f64>) -> Linear {
        let mut entries = entries.into_iter();
        match &self.pattern {
            None => {
                let rows: Vec<f64> = entries.collect();
                let column = |j: usize| (0..m).map(|i| rows[i * n + j]).collect();
                Linear::dense(m, (0..n).map(column).collect())
            }
            Some(pattern) => Linear::on_pattern(pattern, |_| entries.next().unwrap_or(0.0)),
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
        let m = residuals.len();
        let at = |problem: &mut Problem<'_>, points: &[Vec<f64>]| problem.residuals_at(points, m);
        let at_x = (x, residuals);
        let (columns, unknown) = columns(problem, &self.groups, at_x, steps, central, at)?;
        Ok(match unknown {
            Some(coordinate) => Err(coordinate),
            None => Ok(self.combine(residuals, &columns, central)),
        })
    }

    fn combine(&self, residuals: &[f64], columns: &[Column], central: bool) -> Differences {
        let m = residuals.len();
        let steps: Vec<f64> = columns.iter().map(|column| column.moved[0].abs()).collect();
        if let Some(pattern) = &self.pattern {
            return Differences {
                jacobian: Linear::on_pattern(pattern, |(i, j)| columns[j].slope(residuals, i)),
                bends: Vec::new(),
                steps,
            };
        }
        let each = |entry: fn(&Column, &[f64], usize) -> f64| -> Vec<Vec<f64>> {
            let of = |column: &Column| (0..m).map(|i| entry(column, residuals, i)).collect();
            columns.iter().map(of).collect()
        };
        let bends = match central {
            true => each(Column::bend),
            false => Vec::new(),
        };
        Differences {
            jacobian: Linear::dense(m, each(Column::slope)),
            bends,
            steps,
        }
    }
}
