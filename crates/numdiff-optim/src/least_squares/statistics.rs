//! What linear theory says of the parameters.

use super::covariance::Covariance;
use super::fit_run::End;
use super::standard_errors::ParameterError;
use crate::bounds::Bounds;
use crate::constrained::Sqp;
use crate::levenberg_marquardt::{LevenbergMarquardt, Linear, Model};
use crate::matrix::{axis, largest, products};
use ndarray::Array2;

/// The relative error of a central Jacobian.
const CENTRAL: f64 = 1e-9;
/// A parameter whose squared share in what the constraints leave open is smaller is held by them.
const HELD: f64 = 1e-12;
/// Under constraints directions mix: see [`Open::involved`].
const INVOLVED: f64 = 1e-3;

/// What linear theory says of the parameters.
#[derive(Clone, Debug)]
pub(super) struct Statistics {
    pub errors: Vec<ParameterError>,
    /// The covariance in units of the variance of r / sigma; `None` where the Jacobian is not known.
    pub covariance: Option<Array2<f64>>,
    /// The same of the directions that the residuals see, where not all are.
    pub seen_covariance: Option<Array2<f64>>,
    pub unseen: Vec<Vec<f64>>,
    /// Residuals less the directions that they determine.
    pub freedom: usize,
    /// Of r / sigma: 1 for absolute sigma; NaN where nothing tells it.
    pub variance: f64,
    pub bounds: Bounds,
}

impl Statistics {
    /// Where the residuals determine so many directions, and nothing else is known.
    pub fn unknown(end: &End, rank: usize) -> Self {
        let settings = &end.settings;
        let bounds = end.bounds.clone();
        let mut errors = vec![ParameterError::Fixed; end.minimum.x.len()];
        for i in (0..errors.len()).filter(|i| !bounds.is_fixed(*i)) {
            errors[i] = ParameterError::Unknown;
        }
        let freedom = end.residuals.len().saturating_sub(rank);
        Statistics {
            errors,
            covariance: None,
            seen_covariance: None,
            unseen: Vec::new(),
            freedom,
            variance: match (settings.absolute_sigma, freedom) {
                (true, _) => 1.0,
                (false, 0) => f64::NAN,
                (false, freedom) => settings.loss.value(&end.residuals) / freedom as f64,
            },
            bounds,
        }
    }

    /// Of a fit without constraints: where no bound holds a parameter, all directions are open.
    pub fn of_free(end: &End, state: &LevenbergMarquardt) -> Self {
        let n = end.minimum.x.len();
        let model = state.model();
        let pull = model.pull();
        let moves = |i: &usize| end.bounds.is_free(*i, state.x[*i], pull[*i]);
        let errors = state.singular_errors();
        let open = Open {
            basis: (0..n).filter(moves).map(|i| axis(n, i)).collect(),
            sizes: &state.sizes(),
            errors: (0..n).filter(moves).map(|i| errors[i]).collect(),
            involved: 0.0,
        };
        Self::of(end, &model.jacobian, open, |i| {
            match state.x[i] <= end.bounds.lower(i) {
                _ if moves(&i) => None,
                true => Some(ParameterError::AtLowerBound),
                false => Some(ParameterError::AtUpperBound),
            }
        })
    }

    /// Of a fit under constraints: what those that hold x leave open.
    pub fn under_constraints(end: &End, sqp: &Sqp) -> Self {
        let (basis, sizes) = (sqp.open_directions(), &sqp.size);
        let x = &sqp.point.x;
        let jacobian = Linear::dense(end.residuals.len(), sqp.jacobian_columns());
        let jacobian = Model::new(&end.residuals, &jacobian, end.settings.loss).jacobian;
        let share = |i: usize| basis.iter().map(|z| z[i] * z[i]).sum::<f64>();
        let shares: Vec<f64> = (0..x.len()).map(share).collect();
        let open = Open {
            errors: vec![CENTRAL; basis.len()],
            basis,
            sizes,
            involved: INVOLVED,
        };
        Self::of(end, &jacobian, open, |i| match sqp.bound_multipliers[i] {
            l if l > 0.0 && x[i] <= end.bounds.lower(i) => Some(ParameterError::AtLowerBound),
            l if l < 0.0 && x[i] >= end.bounds.upper(i) => Some(ParameterError::AtUpperBound),
            _ if shares[i] < HELD => Some(ParameterError::Held),
            _ => None,
        })
    }

    /// Linear theory on the directions Z that are open: the covariance is s^2 Z (Z^T J^T J Z)^-1 Z^T. `held` says what
    /// holds a parameter.
    fn of(
        end: &End,
        jacobian: &Linear,
        open: Open<'_>,
        held: impl Fn(usize) -> Option<ParameterError>,
    ) -> Self {
        let (n, basis, sizes) = (end.minimum.x.len(), open.basis, open.sizes);
        let z = Array2::from_shape_fn((n, basis.len()), |(i, k)| basis[k][i] * sizes[i]);
        let columns = z.columns().into_iter().map(|z| jacobian.times(&z.to_vec()));
        let reduced = Linear::dense(end.residuals.len(), columns.collect());
        let found = Covariance::of(&reduced, &open.errors);
        let mut statistics = Self::unknown(end, found.rank);
        let seen = z.dot(&found.inverse).dot(&z.t());
        let relative = |direction: &Vec<f64>| -> Vec<f64> {
            let along = |i: usize| direction.iter().zip(&basis).map(|(d, z)| d * z[i]).sum();
            let along: Vec<f64> = (0..n).map(along).collect();
            let most = largest(&along);
            along.iter().map(|v| v / most).collect()
        };
        let unseen: Vec<Vec<f64>> = found.unseen.iter().map(relative).collect();
        let mut covariance = seen.clone();
        for i in (0..n).filter(|i| !end.bounds.is_fixed(*i)) {
            let undetermined = unseen.iter().any(|d| d[i].abs() > open.involved);
            statistics.errors[i] = match held(i) {
                Some(held) => held,
                None if undetermined => {
                    covariance.row_mut(i).fill(f64::NAN);
                    covariance.column_mut(i).fill(f64::NAN);
                    ParameterError::Undetermined
                }
                None if statistics.variance.is_nan() => ParameterError::NoFreedom,
                None => ParameterError::Known((statistics.variance * seen[(i, i)]).sqrt()),
            };
        }
        statistics.unseen = unseen.iter().map(|d| products(d, sizes)).collect();
        statistics.covariance = Some(covariance);
        statistics.seen_covariance = Some(seen);
        statistics
    }
}

/// What holds x leaves these directions open.
struct Open<'s> {
    /// Orthonormal in sizes of the parameters.
    basis: Vec<Vec<f64>>,
    sizes: &'s [f64],
    /// Singular values below this share of the largest, direction by direction, may be zero.
    errors: Vec<f64>,
    /// A parameter with a larger share in a direction that the residuals do not see is undetermined.
    involved: f64,
}
