//! Between the loop that all methods share and this one: evaluations, the start, the result.

use super::dependence::DEPENDS;
use super::problem::Shape;
use super::sqp::Sqp;
use crate::bounds::Bounds;
use crate::constraint::{Linear, violation};
use crate::interrupt::Interrupt;
use crate::levenberg_marquardt::FitSettings;
use crate::loss::Loss;
use crate::matrix::{Matrix, products};
use crate::problem::Problem;
use crate::quadratic::{Outcome, Rows, solve};
use crate::snapshot::Snapshot;
use crate::{Constraint, Error, Multipliers};

/// Convergence tolerance by default: predicted decrease over |f|; for fits the least.
const TOLERANCE: f64 = 1e-13;

/// Moves x to the nearest point that satisfies the linear constraints and the box; returns how many coordinates moved.
pub(crate) fn move_to_linear(
    x: &mut [f64],
    linear: &[Linear],
    bounds: &Bounds,
) -> Result<usize, Error> {
    for (row, constraint) in linear.iter().enumerate() {
        let (found, expected) = (constraint.normal.len(), x.len());
        if found != expected {
            return Err(Error::from(numdiff_core::Error::Length {
                argument: "a row of the linear constraints",
                found,
                expected,
            }));
        }
        let numbers = constraint.normal.iter().chain([&constraint.right]);
        if let Some(&value) = numbers.clone().find(|v| !v.is_finite()) {
            return Err(Error::from(numdiff_core::Error::NotFinite {
                argument: "the linear constraints",
                index: row,
                value,
            }));
        }
    }
    let violated = |x: &[f64]| {
        let mut rows = linear.iter();
        rows.any(|row| violation(row.equality, row.residual(x)) > row.rounding(x))
    };
    // A second pass makes good what rounding left of the first.
    let start = x.to_vec();
    for _ in 0..2 {
        if !violated(x) {
            break;
        }
        let mut rows = Rows::default();
        for row in linear {
            let residual = row.residual(x);
            rows.push(row.normal.clone(), residual, row.equality, row.rounding(x));
        }
        let (lower, upper) = bounds.around(x);
        rows.push_box(&lower, &upper, x.len());
        let sizes: Vec<f64> = x.iter().map(|x| x.abs().max(1.0).powi(-2)).collect();
        let zero = vec![0.0; x.len()];
        match solve(&Matrix::from_diagonal(&sizes), &zero, &rows) {
            Outcome::Solved { p, .. } => {
                for (i, (x, p)) in x.iter_mut().zip(&p).enumerate() {
                    *x = bounds.clamp(i, *x + p);
                }
            }
            Outcome::Infeasible { rows } => {
                let mut own: Vec<usize> =
                    rows.iter().copied().filter(|r| *r < linear.len()).collect();
                own.sort_unstable();
                return Err(Error::Contradiction {
                    bounds: own.len() < rows.len(),
                    rows: own,
                });
            }
            Outcome::Failed => break,
        }
    }
    Ok(x.iter().zip(&start).filter(|(a, b)| a != b).count())
}

/// f and the constraints at the start, the first gradients, the first model.
pub(crate) fn begin(
    fit: Option<FitSettings>,
    tolerance: Option<f64>,
    x: &[f64],
    problem: &mut Problem<'_>,
) -> Result<Sqp, Interrupt> {
    let sample = problem.first_sample(x)?;
    let equality = problem.constraints.equality();
    if !sample.f.is_finite() {
        return Err(Error::StartNotFinite { value: sample.f }.into());
    }
    if let Some(j) = sample.c.iter().position(|c| !c.is_finite()) {
        return Err(Interrupt::from(Error::ConstraintNotFinite {
            constraint: Constraint::of(&equality, j),
            value: sample.c[j],
        }));
    }
    let floor = |x: &f64| if *x == 0.0 { 1.0 } else { x.abs() };
    let (loss, floors, least) = match fit {
        None => (Loss::Linear, Vec::new(), 0.0),
        Some(fit) => {
            let from_x = || x.iter().map(floor).collect();
            (fit.loss, fit.typical.unwrap_or_else(from_x), TOLERANCE)
        }
    };
    let shape = Shape {
        equality,
        linear: problem.constraints.linear.clone(),
        bounds: problem.bounds.clone(),
        feasible: problem.constraints.feasible,
        loss,
        floors,
        tolerance: tolerance.unwrap_or(TOLERANCE).max(least),
    };
    problem.check_target()?;
    let run = Sqp::start(shape, x.to_vec(), sample, problem)?;
    match run.contradicting_equalities() {
        Some(equalities) => Err(Interrupt::from(Error::TooManyEqualities {
            equalities,
            unknowns: x.len(),
        })),
        None => Ok(run),
    }
}

impl Sqp {
    /// More equalities than unknowns that the linearization at the start cannot satisfy together.
    fn contradicting_equalities(&self) -> Option<usize> {
        let count = self.equality.iter().filter(|e| **e).count();
        let n = self.size.len();
        if count <= n {
            return None;
        }
        let mut rows = Rows::default();
        for (j, normal) in self.normals.iter().enumerate() {
            if self.equality[j] {
                let c = self.point.c[j];
                rows.push(normal.clone(), c, true, 1e-7 * c.abs());
            }
        }
        rows.blurred = (rows.len(), self.accuracy.blur());
        let outcome = solve(&self.diagonal(1.0), &vec![0.0; n], &rows);
        matches!(outcome, Outcome::Infeasible { .. }).then_some(count)
    }

    /// What every method can show.
    pub(crate) fn snapshot(&self) -> Snapshot<'_> {
        Snapshot {
            iteration: self.iteration,
            step: if self.iteration > 0 {
                self.last_step
            } else {
                0.0
            },
            noise: self.noise.as_ref().map(|noise| noise[0]),
            violation: self.violation(),
            residuals: &self.point.residuals,
            ..Snapshot::at(&self.point.x, self.point.f)
        }
    }

    /// The largest violation in the caller's units.
    pub(super) fn violation(&self) -> f64 {
        (0..self.equality.len())
            .map(|j| self.violation_of(j))
            .fold(0.0, f64::max)
    }

    pub(super) fn violation_of(&self, j: usize) -> f64 {
        violation(self.equality[j], self.point.c[j]) / self.row_scale[j]
    }

    /// The multipliers in the caller's units.
    pub(crate) fn worth(&self) -> Multipliers {
        let own = products(&self.multipliers, &self.row_scale);
        let kinds = &self.shape.equality;
        let of = |kind: bool| -> Vec<f64> {
            let all = own.iter().zip(kinds);
            all.filter(|(_, k)| **k == kind).map(|(l, _)| *l).collect()
        };
        Multipliers {
            equality: of(true),
            inequality: of(false),
            linear: own[kinds.len()..].to_vec(),
            dependent: self.dependent(DEPENDS),
            bounds: self.bound_multipliers.clone(),
        }
    }
}
