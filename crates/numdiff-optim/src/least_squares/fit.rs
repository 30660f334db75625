//! What a fit shows and returns.

use super::fit_run::End;
use super::settings::Settings;
use super::standard_errors::{ParameterError, StandardErrors};
use super::statistics::Statistics;
use crate::checkpoint::RunState;
use crate::flat::movable;
use crate::settings::Settings as RunSettings;
use crate::solver::Solver;
use crate::trajectory::Trajectory;
use crate::{Checkpoint, Loss, Multipliers, Stall, Status};
use ndarray::{Array1, Array2};

/// The result of a fit. `println!("{fit}")` prints it as a table.
#[derive(Clone)]
#[non_exhaustive]
pub struct Fit<X> {
    /// The parameters, as the same type of point as x0.
    pub x: X,
    /// The m residuals r(x), not divided by sigma, in row-major order.
    pub residuals: Array1<f64>,
    /// The minimized value: chi^2, the sum of the squares of r / sigma, or the loss of r / sigma.
    pub value: f64,
    /// The gradient of `value` at x; NaN for fixed parameters.
    pub gradient: X,
    /// The Jacobian of r at x, m x n: row i holds the derivatives of residual i. Columns of fixed parameters are NaN;
    /// entries outside a sparsity pattern are 0.
    pub jacobian: Array2<f64>,
    /// Why the run ended.
    pub status: Status,
    /// The largest violation of a constraint, in the constraint's unit; 0 without constraints.
    pub violation: f64,
    /// The Lagrange multipliers of the constraints and bounds; empty without constraints.
    pub multipliers: Multipliers,
    /// The number of parameters of x0 that were moved into the bounds or to the linear constraints before the first
    /// evaluation.
    pub start_moved: usize,
    /// The number of accepted steps.
    pub iterations: usize,
    /// The number of evaluations of r, those of the differences included.
    pub evaluations: usize,
    /// The number of evaluations of a given Jacobian.
    pub jacobian_evaluations: usize,
    /// The standard deviation of the noise of a residual, in units of r / sigma, where it was found to exceed rounding
    /// or was given. Under constraints it is the standard deviation of the noise of `value`.
    pub noise: Option<f64>,
    /// The recorded iterations; empty unless [`record`](crate::LeastSquares::record) was set.
    pub trajectory: Trajectory,
    /// The state from which [`resume`](crate::LeastSquares::resume) continues the fit.
    pub checkpoint: Checkpoint,
    pub(super) numbers: Vec<f64>,
    pub(super) statistics: Statistics,
    pub(super) settings: Settings,
    pub(super) run_settings: RunSettings,
}

impl<X> Fit<X> {
    pub(super) fn new(end: End, kind: impl Fn(Vec<f64>) -> X) -> Self {
        let settings = &end.settings;
        let (m, n) = (end.residuals.len(), end.minimum.x.len());
        let (statistics, columns, noise) = match &end.minimum.checkpoint.run_state {
            RunState::Run(Solver::LeastSquares(state)) => {
                let noise = (state.noise > 0.0).then_some(state.noise);
                let statistics = Statistics::of_free(&end, state);
                (statistics, state.jacobian.to_columns(), noise)
            }
            RunState::Run(Solver::Constrained(sqp)) => {
                let statistics = Statistics::under_constraints(&end, sqp);
                (statistics, sqp.jacobian_columns(), end.minimum.noise)
            }
            _ => {
                let statistics = Statistics::unknown(&end, movable(&end.bounds, end.bounds.len()));
                (statistics, vec![vec![f64::NAN; m]; n], end.minimum.noise)
            }
        };
        let entry = |(i, j): (usize, usize)| settings.unweighed(i, columns[j][i]);
        let mut jacobian = Array2::from_shape_fn((m, n), entry);
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
            run_settings: end.run_settings,
        }
    }

    /// Returns the n x n covariance of the parameters by linear theory, s^2 (J^T J)^{-1}. J is the Jacobian of r /
    /// sigma; with a loss it is that of the residuals rescaled by the loss, as in scipy's `least_squares`. s^2 is the
    /// reduced chi^2, or 1 with [`absolute_sigma`](crate::LeastSquares::absolute_sigma).
    ///
    /// Entries are 0 for parameters that are fixed or held by a bound, and NaN for undetermined ones. The result is
    /// `None` if the run ended before the Jacobian was known, or if there are no degrees of freedom and sigma is not
    /// absolute.
    pub fn covariance(&self) -> Option<Array2<f64>> {
        let variance = self.statistics.variance;
        let covariance = self.statistics.covariance.as_ref()?;
        (!variance.is_nan()).then(|| covariance * variance)
    }

    /// Returns the n x n correlations of the parameters: the covariance divided by the two standard errors. Entries of
    /// parameters without a standard error are NaN. The result is `None` where [`covariance`](Self::covariance) is.
    pub fn correlations(&self) -> Option<Array2<f64>> {
        let covariance = self.covariance()?;
        let errors = self.standard_errors();
        let share = |(i, j)| covariance[(i, j)] / (errors[i] * errors[j]);
        Some(Array2::from_shape_fn(covariance.dim(), share))
    }

    /// Returns the standard error of each parameter, or the reason why it has none.
    pub fn standard_errors(&self) -> StandardErrors {
        StandardErrors::new(self.statistics.errors.clone())
    }

    /// Returns the directions in parameter space along which the residuals do not change, n components each. They are
    /// scaled so that the largest component, relative to the size of its parameter, is 1 in magnitude. Empty if every
    /// parameter is determined. With more than 200 free parameters, all axes are returned if J^T J is singular.
    pub fn undetermined(&self) -> &[Vec<f64>] {
        &self.statistics.unseen
    }

    /// Returns the degrees of freedom: the number of residuals minus the number of parameters, or combinations of
    /// parameters, that the residuals determine; at least 0.
    pub fn degrees_of_freedom(&self) -> usize {
        self.statistics.freedom
    }

    /// Returns the reduced chi^2, `value` divided by the degrees of freedom; NaN without degrees of freedom.
    pub fn reduced_value(&self) -> f64 {
        match self.statistics.freedom {
            0 => f64::NAN,
            freedom => self.value / freedom as f64,
        }
    }

    /// Returns the name of parameter `i`: the given one, or `x[i]`.
    ///
    /// # Panics
    /// If names were given and `i` is not below n.
    pub fn name(&self, i: usize) -> String {
        match &self.settings.names {
            Some(names) => names[i].clone(),
            None => format!("x[{i}]"),
        }
    }

    /// Returns the loss that was minimized.
    pub fn loss(&self) -> Loss {
        self.settings.loss
    }
}
