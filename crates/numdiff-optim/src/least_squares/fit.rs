//! What a fit shows and returns.

use super::fit_run::End;
use super::settings::Settings;
use super::standard_errors::{ParameterError, StandardErrors};
use super::statistics::Statistics;
use crate::checkpoint::RunState;
use crate::flat::movable;
use crate::solver::Solver;
use crate::trajectory::Trajectory;
use crate::{Checkpoint, Loss, Multipliers, Stall, Status};
use ndarray::{Array1, Array2};

/// The end of a fit. It prints as a table.
#[derive(Clone)]
#[non_exhaustive]
pub struct Fit<X> {
    /// The parameters, of the start's kind.
    pub x: X,
    /// r(x), as r returns it, in row-major order.
    pub residuals: Array1<f64>,
    /// What is minimized: chi^2, the sum of the squares of r / sigma, or the loss.
    pub value: f64,
    /// The gradient of the value, of x's kind; NaN for fixed parameters.
    pub gradient: X,
    /// The Jacobian of r: m x n, row i for residual i; columns of fixed parameters are NaN. With a sparsity
    /// pattern, zeros outside it.
    pub jacobian: Array2<f64>,
    /// Why the run ended.
    pub status: Status,
    /// The largest violation of a constraint; 0 without constraints.
    pub violation: f64,
    /// What the constraints and bounds are worth; empty without constraints.
    pub multipliers: Multipliers,
    /// How many parameters of x0 were moved into the box, or to the linear constraints, before the first evaluation.
    pub start_moved: usize,
    /// Accepted steps.
    pub iterations: usize,
    /// Evaluations of r, difference probes included.
    pub evaluations: usize,
    /// Evaluations of a given Jacobian.
    pub jacobian_evaluations: usize,
    /// Standard deviation of the noise of a residual, in units of sigma, where it exceeds rounding.
    pub noise: Option<f64>,
    /// The records asked for; empty otherwise.
    pub trajectory: Trajectory,
    /// The state to go on from.
    pub checkpoint: Checkpoint,
    pub(super) numbers: Vec<f64>,
    pub(super) statistics: Statistics,
    pub(super) settings: Settings,
}

impl<X> Fit<X> {
    pub(super) fn new(end: End, kind: impl Fn(Vec<f64>) -> X) -> Self {
        let settings = &end.settings;
        let statistics = match &end.minimum.checkpoint.run_state {
            RunState::Run(Solver::LeastSquares(state)) => Statistics::of_free(&end, state),
            RunState::Run(Solver::Constrained(sqp)) => Statistics::under_constraints(&end, sqp),
            _ => Statistics::unknown(&end, movable(&end.bounds, end.bounds.len())),
        };
        let (m, n) = (end.residuals.len(), end.minimum.x.len());
        let mut jacobian = Array2::from_elem((m, n), f64::NAN);
        let mut noise = end.minimum.noise;
        match &end.minimum.checkpoint.run_state {
            RunState::Run(Solver::LeastSquares(state)) => {
                for (j, column) in state.jacobian.to_columns().iter().enumerate() {
                    let entries = column.iter().enumerate();
                    entries.for_each(|(i, v)| jacobian[(i, j)] = settings.unweighed(i, *v));
                }
                noise = (state.noise > 0.0).then_some(state.noise);
            }
            RunState::Run(Solver::Constrained(sqp)) => {
                for (i, row) in sqp.jacobian().iter().enumerate() {
                    for (j, v) in row.iter().enumerate() {
                        jacobian[(i, j)] = settings.unweighed(i, *v);
                    }
                }
            }
            _ => {}
        }
        let mut minimum = end.minimum;
        for j in (0..n).filter(|j| end.bounds.is_fixed(*j)) {
            minimum.gradient[j] = f64::NAN;
            jacobian.column_mut(j).fill(f64::NAN);
        }
        let undetermined = |i: &usize| statistics.errors[*i] == ParameterError::Undetermined;
        let coordinates: Vec<usize> = (0..n).filter(undetermined).collect();
        let status = match minimum.status {
            Status::Converged { .. } if end.constrained && !coordinates.is_empty() => {
                let cause = Stall::Flat { coordinates };
                Status::Stalled { cause }
            }
            status => status,
        };
        let residuals = end.residuals.iter().enumerate();
        Fit {
            residuals: residuals.map(|(i, r)| settings.unweighed(i, *r)).collect(),
            value: minimum.value,
            gradient: kind(minimum.gradient),
            jacobian,
            status,
            violation: minimum.violation,
            multipliers: minimum.multipliers,
            start_moved: minimum.start_moved,
            iterations: minimum.iterations,
            evaluations: minimum.evaluations,
            jacobian_evaluations: minimum.gradient_evaluations,
            noise,
            trajectory: minimum.trajectory,
            checkpoint: minimum.checkpoint,
            x: kind(minimum.x.clone()),
            numbers: minimum.x,
            statistics,
            settings: end.settings,
        }
    }

    /// The covariance of the parameters by linear theory, s^2 (J^T J)^{-1}: n x n, with J of r / sigma (of the
    /// loss-scaled residuals as scipy has it, where there is a loss) and s^2 the reduced chi^2, or 1 with
    /// [`absolute_sigma`](crate::LeastSquares::absolute_sigma). Parameters that are fixed or held by a bound have
    /// zeros, those that are undetermined NaN. `None` where the run ended before the Jacobian was known, or where
    /// there are no more residuals than parameters and sigma is not absolute.
    pub fn covariance(&self) -> Option<Array2<f64>> {
        let variance = self.statistics.variance;
        let covariance = self.statistics.covariance.as_ref()?;
        (!variance.is_nan()).then(|| covariance * variance)
    }

    /// The correlations of the parameters: the covariance over the standard errors, n x n; NaN for parameters without
    /// an error. `None` as for [`covariance`](Self::covariance).
    pub fn correlations(&self) -> Option<Array2<f64>> {
        let covariance = self.covariance()?;
        let errors = self.standard_errors();
        let share = |(i, j)| covariance[(i, j)] / (errors[i] * errors[j]);
        Some(Array2::from_shape_fn(covariance.dim(), share))
    }

    /// The standard error of each parameter, or why it has none: fixed, held by a bound, undetermined.
    pub fn standard_errors(&self) -> StandardErrors {
        StandardErrors::new(self.statistics.errors.clone())
    }

    /// Directions in the space of the parameters along which the residuals do not change, the largest relative
    /// component 1; empty where every parameter is determined.
    pub fn undetermined(&self) -> &[Vec<f64>] {
        &self.statistics.unseen
    }

    /// Degrees of freedom: residuals less the parameters, or combinations of them, that the residuals determine.
    pub fn degrees_of_freedom(&self) -> usize {
        self.statistics.freedom
    }

    /// Reduced chi^2: the value over the degrees of freedom; NaN without any.
    pub fn reduced_value(&self) -> f64 {
        match self.statistics.freedom {
            0 => f64::NAN,
            freedom => self.value / freedom as f64,
        }
    }

    /// The name of parameter `i`: as given, or `x[i]`.
    pub fn name(&self, i: usize) -> String {
        match &self.settings.names {
            Some(names) => names[i].clone(),
            None => format!("x[{i}]"),
        }
    }

    /// The loss that was minimized.
    pub fn loss(&self) -> Loss {
        self.settings.loss
    }
}
