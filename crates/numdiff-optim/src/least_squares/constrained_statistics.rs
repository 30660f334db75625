//! The errors of the parameters of a fit under constraints.

use super::ParameterError;
use super::covariance::Covariance;
use super::fit_run::End;
use super::statistics::Statistics;
use crate::constrained::Sqp;
use crate::levenberg_marquardt::{Linear, Model};
use ndarray::Array2;

/// The relative error of a central Jacobian.
const CENTRAL: f64 = 1e-9;
/// A parameter whose squared share in what the constraints leave open is smaller is held by them.
const HELD: f64 = 1e-12;
/// A parameter with a larger share in a direction that the residuals do not see is undetermined.
const INVOLVED: f64 = 1e-3;

/// Linear theory on what the constraints that hold x leave open: with Z a basis of it, the covariance is
/// s^2 Z (Z^T J^T J Z)^-1 Z^T.
pub(super) fn under_constraints(end: &End, sqp: &Sqp) -> Statistics {
    let (bounds, residuals) = (&end.bounds, &end.residuals);
    let n = bounds.len();
    let (basis, sizes) = sqp.open_directions();
    let rows = sqp.jacobian();
    let along = |z: &Vec<f64>| -> Vec<f64> {
        let entry = |row: &Vec<f64>| (0..n).map(|i| row[i] * z[i] * sizes[i]).sum();
        rows.iter().map(entry).collect()
    };
    let reduced = Linear::Dense {
        m: residuals.len(),
        columns: basis.iter().map(along).collect(),
    };
    let reduced = Model::new(residuals, &reduced, end.settings.loss).jacobian;
    let found = Covariance::of(&reduced, CENTRAL, &vec![1.0; basis.len()]);
    let mut statistics = Statistics::unknown(end, found.rank);
    let variance = statistics.variance;
    let mut seen = Array2::<f64>::zeros((n, n));
    for ((k, l), entry) in found.inverse.indexed_iter() {
        for i in 0..n {
            for j in 0..n {
                seen[(i, j)] += basis[k][i] * sizes[i] * entry * basis[l][j] * sizes[j];
            }
        }
    }
    let spread = |direction: &Vec<f64>| -> Vec<f64> {
        let parts = |i: usize| {
            direction
                .iter()
                .zip(&basis)
                .map(|(d, z)| d * z[i])
                .sum::<f64>()
        };
        let relative: Vec<f64> = (0..n).map(parts).collect();
        let most = relative.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
        relative.iter().map(|v| v / most).collect()
    };
    let unseen: Vec<Vec<f64>> = found.unseen.iter().map(spread).collect();
    let x = sqp.x();
    for i in (0..n).filter(|i| !bounds.is_fixed(*i)) {
        let share: f64 = basis.iter().map(|z| z[i] * z[i]).sum();
        statistics.errors[i] = match sqp.bound_multiplier(i) {
            l if l > 0.0 && x[i] <= bounds.lower(i) => ParameterError::AtLowerBound,
            l if l < 0.0 && x[i] >= bounds.upper(i) => ParameterError::AtUpperBound,
            _ if share < HELD => ParameterError::Held,
            _ if unseen.iter().any(|d| d[i].abs() > INVOLVED) => ParameterError::Undetermined,
            _ if variance.is_nan() => ParameterError::NoFreedom,
            _ => ParameterError::Known((variance * seen[(i, i)]).sqrt()),
        };
    }
    let mut covariance = seen.clone();
    for i in (0..n).filter(|i| statistics.errors[*i] == ParameterError::Undetermined) {
        covariance.row_mut(i).fill(f64::NAN);
        covariance.column_mut(i).fill(f64::NAN);
    }
    let in_units = |d: Vec<f64>| d.iter().zip(sizes).map(|(d, s)| d * s).collect();
    statistics.covariance = Some(covariance);
    statistics.seen_covariance = Some(seen);
    statistics.unseen = unseen.into_iter().map(in_units).collect();
    statistics
}
