//! Uncertainty of what is computed from the parameters.

use super::Fit;
use super::quantile::two_sided;
use super::standard_errors::ParameterError;
use crate::Error;
use crate::error::{failed, finite, require};
use crate::evaluator::{Callback, Driver, Function};
use ndarray::{Array1, Array2};
use numdiff_core::{FiniteDifference, Outputs, Point};

/// A share of an undetermined direction above this makes an output undetermined.
const INVOLVED: f64 = 1e-6;

/// The values of a function of the parameters, with their covariance; returned by [`Fit::propagate`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Propagated {
    /// The k outputs of the function at the fitted parameters.
    pub values: Array1<f64>,
    /// The k x k covariance J C J^T: C is the covariance of the parameters, J holds the derivatives of the outputs.
    /// Entries are NaN for outputs that depend on undetermined parameters.
    pub covariance: Array2<f64>,
}

impl Propagated {
    /// Returns the standard errors of the k outputs.
    pub fn standard_errors(&self) -> Array1<f64> {
        self.covariance.diag().mapv(f64::sqrt)
    }
}

/// Confidence and prediction bands of a model at k points; returned by [`Fit::band`]. All widths are in the unit of the
/// model.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Band {
    /// The values of the model at the fitted parameters.
    pub value: Array1<f64>,
    /// The standard errors of these values.
    pub standard_error: Array1<f64>,
    /// The half widths of the confidence band, which contains the true value of the model at each point with
    /// probability `level`.
    pub confidence: Array1<f64>,
    /// The half widths of the prediction band, which contains a further measurement of sigma 1 with probability
    /// `level`. [`prediction_with`](Self::prediction_with) takes other sigmas.
    pub prediction: Array1<f64>,
    /// The probability, between 0 and 1.
    pub level: f64,
    variance: f64,
    quantile: f64,
}

impl Band {
    /// Returns the half widths of the prediction band for measurements with these standard deviations, one for each
    /// point, in the units of the fit's [`sigma`](crate::LeastSquares::sigma).
    pub fn prediction_with(&self, sigma: &[f64]) -> Array1<f64> {
        let pairs = self.standard_error.iter().zip(sigma);
        pairs
            .map(|(e, s)| self.quantile * (e * e + self.variance * s * s).sqrt())
            .collect()
    }
}

impl<X: Point<f64>> Fit<X> {
    /// Returns the outputs of `g` at the fitted parameters, and their covariance to first order in the errors of the
    /// parameters.
    ///
    /// The cost is 2n + 1 evaluations of `g`, where n counts the parameters that are neither fixed nor held: the
    /// derivatives are central differences.
    ///
    /// # Errors
    /// - The fit has no covariance: [`covariance`](Self::covariance) is `None`.
    /// - `g` fails, or is not finite at the parameters or next to them.
    ///
    /// # Example
    /// ```
    /// use numdiff_optim::least_squares;
    /// let (t, y) = ([0.0, 1.0, 2.0, 3.0], [2.0, 1.21, 0.74, 0.45]);
    /// let decay = |p: &[f64; 2]| std::array::from_fn::<f64, 4, _>(|i| p[0] * f64::exp(-p[1] * t[i]) - y[i]);
    /// let fit = least_squares(decay, &[1.0, 1.0]).run()?;
    /// let half_life = fit.propagate(|p: &[f64; 2]| [2f64.ln() / p[1]])?;
    /// println!("{:.4} ± {:.4}", half_life.values[0], half_life.standard_errors()[0]);
    /// assert!((half_life.values[0] - 1.39).abs() < 0.01 && half_life.standard_errors()[0] < 0.05);
    /// # Ok::<(), numdiff_optim::Error>(())
    /// ```
    /// ```text
    /// 1.3914 ± 0.0054
    /// ```
    pub fn propagate<G, O>(&self, g: G) -> Result<Propagated, Error>
    where
        G: FnMut(&X::Seen) -> O,
        O: Outputs<f64>,
    {
        let known = !self.statistics.variance.is_nan();
        let inverse = self.statistics.seen_covariance.as_ref();
        let inverse = inverse.filter(|_| known).ok_or(Error::Conflict {
            setting: "a propagated error",
            other: "a fit without a covariance",
            advice: "fit with more residuals than parameters, or with absolute sigma",
        })?;
        let mut callback = Callback::new(g, &self.x, Driver::Serial);
        let function = "the function of the parameters";
        let values = callback.at(&self.numbers).map_err(failed(function, 1))?;
        finite(function, &values)?;
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

    /// Returns the confidence and prediction bands of a model. `model` takes the parameters and returns the model's
    /// values at k points of the caller's choice; `level` is the probability, such as 0.95.
    ///
    /// The bands follow from [`propagate`](Self::propagate) at its cost (the delta method). Their half widths are
    /// standard errors times the two-sided quantile of Student's distribution, or of the normal distribution with
    /// [`absolute_sigma`](crate::LeastSquares::absolute_sigma). They hold at each point, not at all points together.
    ///
    /// # Errors
    /// - `level` is not between 0 and 1.
    /// - Those of [`propagate`](Self::propagate).
    ///
    /// # Example
    /// ```
    /// use numdiff_optim::least_squares;
    /// let (t, y) = ([0.0, 1.0, 2.0, 3.0], [1.0, 3.1, 4.9, 7.0]);
    /// let line = |p: &[f64; 2]| std::array::from_fn::<f64, 4, _>(|i| p[0] + p[1] * t[i] - y[i]);
    /// let fit = least_squares(line, &[1.0, 1.0]).run()?;
    /// let band = fit.band(|p: &[f64; 2]| [p[0] + p[1] * 5.0], 0.95)?;
    /// println!("at 5: {:.2} ± {:.2}, a measurement ± {:.2}", band.value[0], band.confidence[0], band.prediction[0]);
    /// assert!(band.prediction[0] > band.confidence[0]);
    /// # Ok::<(), numdiff_optim::Error>(())
    /// ```
    /// ```text
    /// at 5: 10.93 ± 0.67, a measurement ± 0.79
    /// ```
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
