//! Uncertainty of what is computed from the parameters.

use super::Fit;
use super::fit_run::error_of;
use super::quantile::two_sided;
use super::standard_errors::ParameterError;
use super::sum_of_squares::{SumOfSquares, named};
use crate::Error;
use crate::bounds::Bounds;
use crate::error::require;
use crate::evaluator::{Callback, Driver, Evaluator, GradientSource};
use crate::levenberg_marquardt::Grouping;
use crate::problem::Problem;
use crate::settings::Limits;
use ndarray::{Array1, Array2};
use numdiff_core::{Outputs, Point};
use std::cell::OnceCell;

/// A share of an undetermined direction above this makes an output undetermined.
const INVOLVED: f64 = 1e-6;

/// Outputs of a function of the parameters, with their covariance.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Propagated {
    /// The function at the fit's parameters.
    pub values: Array1<f64>,
    /// J C J^T: C the covariance of the parameters, J the derivatives of the outputs; NaN for outputs that depend on
    /// what is undetermined.
    pub covariance: Array2<f64>,
}

impl Propagated {
    /// The standard errors of the outputs.
    pub fn standard_errors(&self) -> Array1<f64> {
        self.covariance.diag().mapv(f64::sqrt)
    }
}

/// Confidence and prediction bands of a model at the caller's points.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Band {
    /// The model.
    pub value: Array1<f64>,
    /// Its standard error.
    pub standard_error: Array1<f64>,
    /// Half width of the confidence band: where the model is, with this level at each point.
    pub confidence: Array1<f64>,
    /// Half width of the prediction band: where a further measurement with a sigma of 1 lies;
    /// [`prediction_with`](Self::prediction_with) takes others.
    pub prediction: Array1<f64>,
    /// The level.
    pub level: f64,
    variance: f64,
    quantile: f64,
}

impl Band {
    /// Half width of the prediction band for measurements with these standard deviations, in the units of the fit's
    /// sigma; one for each point.
    pub fn prediction_with(&self, sigma: &[f64]) -> Array1<f64> {
        let pairs = self.standard_error.iter().zip(sigma);
        pairs
            .map(|(e, s)| self.quantile * (e * e + self.variance * s * s).sqrt())
            .collect()
    }
}

impl<X: Point<f64>> Fit<X> {
    /// What follows for the outputs of `g` from the covariance of the parameters, to first order: 2 n + 1 evaluations
    /// of g, n the parameters that are free.
    ///
    /// # Errors
    /// No covariance ([`covariance`](Self::covariance) is `None`); g that fails or is not finite at the parameters or
    /// around them.
    ///
    /// # Example
    /// ```
    /// use numdiff_optim::least_squares;
    /// let (t, y) = ([0.0, 1.0, 2.0, 3.0], [2.0, 1.21, 0.74, 0.45]);
    /// let decay = |p: &[f64; 2]| std::array::from_fn::<f64, 4, _>(|i| p[0] * f64::exp(-p[1] * t[i]) - y[i]);
    /// let fit = least_squares(decay, &[1.0, 1.0]).run()?;
    /// let half_life = fit.propagate(|p: &[f64; 2]| [2f64.ln() / p[1]])?;
    /// println!("{} ± {}", half_life.values[0], half_life.standard_errors()[0]);
    /// assert!((half_life.values[0] - 1.39).abs() < 0.01 && half_life.standard_errors()[0] < 0.05);
    /// # Ok::<(), numdiff_optim::Error>(())
    /// ```
    pub fn propagate<G, O>(&self, g: G) -> Result<Propagated, Error>
    where
        G: FnMut(&X::Seen) -> O,
        O: Outputs<f64>,
    {
        let (Some(inverse), false) = (
            self.statistics.seen_covariance.as_ref(),
            self.statistics.variance.is_nan(),
        ) else {
            return Err(Error::Conflict {
                setting: "a propagated error",
                other: "a fit without a covariance",
                advice: "fit with more residuals than parameters, or with absolute sigma",
            });
        };
        let moves = |i: &usize| {
            let error = self.statistics.errors[*i];
            matches!(
                error,
                ParameterError::Known(_) | ParameterError::Undetermined
            )
        };
        let free: Vec<usize> = (0..self.numbers.len()).filter(moves).collect();
        let x: Vec<f64> = free.iter().map(|&i| self.numbers[i]).collect();
        let mut callback = Callback::new(g, &self.x, Driver::Serial);
        let first = OnceCell::new();
        let mut outputs = SumOfSquares {
            free: free.clone(),
            ..SumOfSquares::of(&mut callback, self.numbers.clone(), &first)
        };
        let evaluator = Evaluator::new(&mut outputs, GradientSource::Adaptive);
        let mut problem = Problem::new(evaluator, Bounds::default(), Limits::none());
        let function = "the function of the parameters";
        let values = match problem.sample(&x, true).map_err(error_of).map_err(named) {
            Ok(sample) => sample.residuals,
            Err(Error::Function {
                evaluation, source, ..
            }) => {
                return Err(Error::Function {
                    function,
                    evaluation,
                    source,
                });
            }
            Err(error) => return Err(error),
        };
        if let Some(index) = values.iter().position(|v| !v.is_finite()) {
            let value = values[index];
            let argument = function;
            return Err(numdiff_core::Error::NotFinite {
                argument,
                index,
                value,
            }
            .into());
        }
        let size = |&i: &usize| match self.statistics.errors[i].value() {
            Some(error) => self.numbers[i].abs().max(error),
            None => self.numbers[i].abs().max(1e-2),
        };
        let steps: Vec<f64> = free.iter().map(|i| f64::EPSILON.cbrt() * size(i)).collect();
        let grouping = Grouping::dense(x.len());
        let columns = match grouping.differences(&mut problem, &x, &values, &steps, true) {
            Err(interrupt) => return Err(error_of(interrupt)),
            Ok(Err(coordinate)) => {
                return Err(numdiff_core::Error::NonFiniteValue {
                    value: f64::NAN,
                    coordinate: free[coordinate],
                    displacement: steps[coordinate],
                    output: 0,
                }
                .into());
            }
            Ok(Ok(found)) => found.jacobian.to_columns(),
        };
        let outputs = values.len();
        let gradient = |i: usize, k: usize| columns[k][i];
        let unseen = |i: usize| {
            self.statistics.unseen.iter().any(|direction| {
                let parts = || {
                    free.iter()
                        .enumerate()
                        .map(|(k, &j)| gradient(i, k) * direction[j])
                };
                let (sum, all) = (parts().sum::<f64>(), parts().map(f64::abs).sum::<f64>());
                sum.abs() > INVOLVED * all
            })
        };
        let lost: Vec<bool> = (0..outputs).map(unseen).collect();
        let entry = |(a, b): (usize, usize)| {
            if lost[a] || lost[b] {
                return f64::NAN;
            }
            let mut sum = 0.0;
            for (k, &i) in free.iter().enumerate() {
                for (l, &j) in free.iter().enumerate() {
                    sum += gradient(a, k) * inverse[(i, j)] * gradient(b, l);
                }
            }
            self.statistics.variance * sum
        };
        Ok(Propagated {
            covariance: Array2::from_shape_fn((outputs, outputs), entry),
            values: Array1::from(values),
        })
    }

    /// Confidence and prediction bands of a model at points of the caller's, by the delta method: `model` returns its
    /// values there. The quantile is that of Student's distribution, or the normal one with absolute sigma.
    ///
    /// # Errors
    /// A level outside (0, 1); those of [`propagate`](Self::propagate).
    pub fn band<G, O>(&self, model: G, level: f64) -> Result<Band, Error>
    where
        G: FnMut(&X::Seen) -> O,
        O: Outputs<f64>,
    {
        let holds = level > 0.0 && level < 1.0;
        require(holds, "level", level, "between 0 and 1, such as 0.95")?;
        let propagated = self.propagate(model)?;
        let standard_error = propagated.standard_errors();
        let freedom = match self.settings.absolute_sigma {
            true => None,
            false => Some(self.statistics.freedom),
        };
        let quantile = two_sided(level, freedom);
        let variance = self.statistics.variance;
        Ok(Band {
            value: propagated.values,
            confidence: standard_error.mapv(|e| quantile * e),
            prediction: standard_error.mapv(|e| quantile * (e * e + variance).sqrt()),
            standard_error,
            level,
            variance,
            quantile,
        })
    }
}
