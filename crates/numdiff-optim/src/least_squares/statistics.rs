//! What linear theory says of the parameters.

use super::covariance::Covariance;
use super::fit_run::End;
use super::standard_errors::ParameterError;
use crate::bounds::Bounds;
use crate::levenberg_marquardt::LevenbergMarquardt;
use ndarray::Array2;

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
        for &i in end.free.iter().filter(|i| !bounds.is_fixed(**i)) {
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

    /// Of a fit without constraints: the errors of the parameters that no bound holds.
    pub fn of_free(end: &End, state: &LevenbergMarquardt) -> Self {
        let (n, free) = (end.minimum.x.len(), &end.free);
        let model = state.model();
        let pull = model.pull();
        let moves = |k: &usize| end.bounds.is_free(free[*k], state.x[*k], pull[*k]);
        let moves: Vec<usize> = (0..free.len()).filter(moves).collect();
        let sizes = state.sizes();
        let sizes: Vec<f64> = moves.iter().map(|&k| sizes[k]).collect();
        let jacobian = model.jacobian.of_columns(&moves);
        let found = Covariance::of(&jacobian, state.singular_error(), &sizes);
        let mut statistics = Self::unknown(end, found.rank);
        for (k, &i) in free.iter().enumerate() {
            statistics.errors[i] = match state.x[k] <= end.bounds.lower(i) {
                true => ParameterError::AtLowerBound,
                false => ParameterError::AtUpperBound,
            };
        }
        let whole = |k: usize| free[moves[k]];
        let mut covariance = Array2::zeros((n, n));
        let mut seen = Array2::zeros((n, n));
        for ((a, b), &entry) in found.inverse.indexed_iter() {
            seen[(whole(a), whole(b))] = entry;
            let known = !found.undetermined[a] && !found.undetermined[b];
            covariance[(whole(a), whole(b))] = if known { entry } else { f64::NAN };
        }
        for (k, undetermined) in found.undetermined.iter().enumerate() {
            let variance = statistics.variance * found.inverse[(k, k)];
            statistics.errors[whole(k)] = match undetermined {
                true => ParameterError::Undetermined,
                false if variance.is_nan() => ParameterError::NoFreedom,
                false => ParameterError::Known(variance.sqrt()),
            };
        }
        let spread = |direction: &Vec<f64>| {
            let mut spread = vec![0.0; n];
            let entries = direction.iter().enumerate();
            entries.for_each(|(k, d)| spread[whole(k)] = *d);
            spread
        };
        statistics.unseen = found.unseen.iter().map(spread).collect();
        statistics.covariance = Some(covariance);
        statistics.seen_covariance = Some(seen);
        statistics
    }
}
