//! Uncertainty of what is computed from the parameters.

use super::Fit;
use super::quantile::two_sided;
use super::standard_errors::ParameterError;
use crate::Error;
use crate::error::require;
use crate::evaluator::{Callback, Driver, Function};
use ndarray::{Array1, Array2};
use numdiff_core::{FiniteDifference, Outputs, Point};

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
        let mut callback = Callback::new(g, &self.x, Driver::Serial);
        let function = "the function of the parameters";
        let values = callback.at(&self.numbers);
        let values = values.map_err(|source| Error::Function {
            function,
            evaluation: 1,
            source,
        })?;
        if let Some(index) = values.iter().position(|v| !v.is_finite()) {
            return Err(Error::from(numdiff_core::Error::NotFinite {
                argument: function,
                index,
                value: values[index],
            }));
        }
        let parameters = self.numbers.iter().zip(&self.statistics.errors);
        let size = |(x, error): (&f64, &ParameterError)| x.abs().max(error.value().unwrap_or(1e-2));
        let steps = parameters.clone().map(|p| f64::EPSILON.cbrt() * size(p));
        let side = |infinity: f64| {
            // Equal bounds: a parameter that does not move.
            let bound = |(x, error): (&f64, &ParameterError)| match error {
                ParameterError::Known(_) | ParameterError::Undetermined => infinity,
                _ => *x,
            };
            parameters.clone().map(bound).collect::<Vec<f64>>()
        };
        let jacobian = FiniteDifference::central()
            .with_step(steps.collect::<Vec<f64>>())
            .with_bounds(side(f64::NEG_INFINITY), side(f64::INFINITY))
            .jacobian(|x: &[f64]| callback.at(x), &self.numbers[..])?;
        let mut covariance = jacobian.dot(inverse).dot(&jacobian.t()) * self.statistics.variance;
        for (i, gradient) in jacobian.rows().into_iter().enumerate() {
            let involved = |direction: &Vec<f64>| {
                let parts: Vec<f64> = gradient.iter().zip(direction).map(|(g, d)| g * d).collect();
                let all: f64 = parts.iter().map(|part| part.abs()).sum();
                parts.iter().sum::<f64>().abs() > INVOLVED * all
            };
            if self.statistics.unseen.iter().any(involved) {
                covariance.row_mut(i).fill(f64::NAN);
                covariance.column_mut(i).fill(f64::NAN);
            }
        }
        Ok(Propagated {
            covariance,
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
