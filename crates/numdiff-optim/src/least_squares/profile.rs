//! Intervals by profile likelihood.

use super::Fit;
use super::fit_run::{End, FitRun};
use super::quantile::two_sided;
use super::settings::Settings;
use super::standard_errors::ParameterError;
use super::sum_of_squares::weigh;
use crate::error::{compatible, require};
use crate::evaluator::{Callback, Driver, Function};
use crate::minimize::Run;
use crate::settings::Settings as RunSettings;
use crate::{Error, Status};
use numdiff_core::{Outputs, Point};

/// How often the search goes farther out, and how often it narrows an interval.
const OUTWARD: usize = 30;
const INWARD: usize = 60;

/// The profile likelihood of a parameter: the lowest value of the fit for each value of this parameter, the others
/// fitted again. Returned by [`Fit::profile`].
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Profile {
    /// The parameter, counted from 0.
    pub parameter: usize,
    /// The confidence level of the interval, such as 0.95.
    pub level: f64,
    /// The lower end of the interval; `None` if the profile stays below the threshold down to the parameter's bound, or
    /// as far as the search goes.
    pub lower: Option<f64>,
    /// The upper end of the interval; `None` as for `lower`.
    pub upper: Option<f64>,
    /// The [`value`](Fit::value) that the profile reaches at both ends.
    pub threshold: f64,
    /// The fitted points in rising order of the parameter, the best fit included.
    pub points: Vec<ProfilePoint>,
    /// The number of evaluations of r that the profile cost.
    pub evaluations: usize,
}

/// A point of a [`Profile`].
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ProfilePoint {
    /// The value at which the parameter is fixed.
    pub at: f64,
    /// The lowest value of the fit for it.
    pub value: f64,
    /// All n parameters there, in row-major order.
    pub x: Vec<f64>,
}

impl<X: Point<f64>> Fit<X> {
    /// Returns the confidence interval of a parameter by profile likelihood. For each value of the parameter that is
    /// tried, the others are fitted again.
    ///
    /// `r` must be that of the fit. Sigma, loss, bounds and fixed parameters are those of the fit. Its limits, target
    /// and given Jacobian are not used: the Jacobians are differences. The cost is five to ten fits for each end, of a
    /// few steps each; [`Profile::evaluations`] counts it.
    ///
    /// The ends are where the value exceeds the minimum by s^2 t^2. Here s^2 is the reduced chi^2 and t the two-sided
    /// quantile of Student's distribution, as in the F test of lmfit's `conf_interval`. With absolute sigma s^2 is 1
    /// and t the normal quantile, as in iminuit's `minos`.
    ///
    /// # Errors
    /// - `level` is not between 0 and 1, or there is no such parameter.
    /// - The parameter has no standard error.
    /// - The fit has constraints.
    /// - A lower value than that of the fit turns up ([`Error::NotLowest`]).
    /// - Those of [`run`](crate::LeastSquares::run).
    ///
    /// # Example
    /// ```
    /// use numdiff_optim::least_squares;
    /// let t = [0.5, 1.0, 2.0, 3.0, 5.0, 8.0];
    /// let y = [1.6, 2.9, 4.8, 6.1, 7.8, 8.6];
    /// let r = |p: &[f64; 2]| -> Vec<f64> {
    ///     (0..6).map(|i| p[0] * (1.0 - f64::exp(-p[1] * t[i])) - y[i]).collect()
    /// };
    /// let fit = least_squares(&r, &[10.0, 0.3]).run()?;
    /// let profile = fit.profile(&r, 0, 0.95)?;
    /// println!("{:.4?} to {:.4?}", profile.lower, profile.upper);
    /// assert!(profile.lower < Some(fit.x[0]) && Some(fit.x[0]) < profile.upper);
    /// # Ok::<(), numdiff_optim::Error>(())
    /// ```
    /// ```text
    /// Some(8.8461) to Some(9.3005)
    /// ```
    pub fn profile<F, O>(&self, r: F, parameter: usize, level: f64) -> Result<Profile, Error>
    where
        F: FnMut(&X::Seen) -> O,
        O: Outputs<f64>,
    {
        let holds = level > 0.0 && level < 1.0;
        require(holds, "level", level, "between 0 and 1, such as 0.95")?;
        let expected = "below the number of parameters; count from 0";
        let exists = parameter < self.numbers.len();
        require(exists, "parameter", parameter as f64, expected)?;
        let free = !self.checkpoint.counters.asked.constrained;
        let advice =
            "take standard_errors(), or fit with the parameter fixed at values of your own";
        compatible(free, "profile", "constraints", advice)?;
        let error = self.statistics.errors[parameter].value();
        let other = "a parameter that is fixed, held or undetermined";
        let advice = "profile one that has a standard error";
        compatible(error.is_some(), "profile", other, advice)?;
        let error = error.unwrap_or(f64::NAN);
        let freedom = match self.settings.absolute_sigma {
            true => None,
            false => Some(self.statistics.freedom),
        };
        let mut callback = Callback::new(r, &self.x, Driver::Serial);
        let covariance = self.statistics.covariance.as_ref();
        let slope = |i: usize| {
            let entry = |i: usize| covariance.map_or(0.0, |c| c[(i, parameter)]);
            let slope = entry(i) / entry(parameter);
            if slope.is_finite() { slope } else { 0.0 }
        };
        let mut settings = self.settings.clone();
        settings.fixed.push(parameter);
        let run = RunSettings {
            evaluations: None,
            time: None,
            target: None,
            record_every: None,
            ..self.run_settings.clone()
        };
        settings.noise = Some(self.noise.unwrap_or(0.0));
        let best = ProfilePoint {
            at: self.numbers[parameter],
            value: self.value,
            x: self.numbers.clone(),
        };
        let mut profiler = Profiler {
            residuals: &mut callback,
            settings,
            run,
            parameter,
            best: &best,
            slopes: (0..self.numbers.len()).map(slope).collect(),
            variance: self.statistics.variance,
            goal: two_sided(level, freedom),
            bounds: &self.statistics.bounds,
            points: vec![best.clone()],
            evaluations: 0,
        };
        let lower = profiler.end(-error)?;
        let upper = profiler.end(error)?;
        let threshold = best.value + profiler.variance * profiler.goal.powi(2);
        let (mut points, evaluations) = (profiler.points, profiler.evaluations);
        points.sort_by(|a, b| a.at.total_cmp(&b.at));
        Ok(Profile {
            parameter,
            level,
            lower,
            upper,
            threshold,
            points,
            evaluations,
        })
    }

    /// Returns the [`profile`](Self::profile) of every parameter that has a standard error, at the cost of one each.
    ///
    /// # Errors
    /// Those of [`profile`](Self::profile).
    pub fn profiles<F, O>(&self, mut r: F, level: f64) -> Result<Vec<Profile>, Error>
    where
        F: FnMut(&X::Seen) -> O,
        O: Outputs<f64>,
    {
        let known = |i: &usize| matches!(self.statistics.errors[*i], ParameterError::Known(_));
        let parameters = (0..self.numbers.len()).filter(known);
        parameters.map(|i| self.profile(&mut r, i, level)).collect()
    }
}

/// The search for the ends of an interval.
struct Profiler<'s> {
    residuals: &'s mut dyn Function<Vec<f64>>,
    settings: Settings,
    run: RunSettings,
    parameter: usize,
    best: &'s ProfilePoint,
    /// How the others follow the parameter, by linear theory.
    slopes: Vec<f64>,
    variance: f64,
    /// The root of the rise of the value, in units of the variance, at an end.
    goal: f64,
    bounds: &'s crate::bounds::Bounds,
    points: Vec<ProfilePoint>,
    evaluations: usize,
}

impl Profiler<'_> {
    /// The end on the side of `error`, the standard error with a sign.
    fn end(&mut self, error: f64) -> Result<Option<f64>, Error> {
        let center = self.best.at;
        let (mut inner, mut outer) = ((center, 0.0), None);
        let mut step = error * self.goal;
        for _ in 0..OUTWARD {
            let at = self.bounds.clamp(self.parameter, center + step);
            let rise = self.rise(at)?;
            if rise >= self.goal || rise.is_nan() {
                outer = Some((at, rise));
                break;
            }
            if at != center + step {
                return Ok(None);
            }
            inner = (at, rise);
            step *= (1.05 * self.goal / rise).clamp(1.2, 3.0);
        }
        let Some(mut outer) = outer else {
            return Ok(None);
        };
        for k in 0..INWARD {
            let width = outer.0 - inner.0;
            if width.abs() <= 1e-12 * outer.0.abs().max(error.abs()) {
                break;
            }
            // The root of the rise is nearly a straight line; every third step halves, in case it is not.
            let share = (self.goal - inner.1) / (outer.1 - inner.1);
            let share = match share.is_finite() && k % 3 < 2 {
                true => share.clamp(0.01, 0.99),
                false => 0.5,
            };
            let at = inner.0 + share * width;
            let rise = self.rise(at)?;
            if (rise - self.goal).abs() <= 1e-9 * self.goal {
                return Ok(Some(at));
            }
            match rise < self.goal {
                true => inner = (at, rise),
                false => outer = (at, rise),
            }
        }
        Ok(Some(inner.0))
    }

    /// The root of the rise of the value, in units of the variance; NaN where r can't be evaluated.
    fn rise(&mut self, at: f64) -> Result<f64, Error> {
        let near = |point: &&ProfilePoint| (point.at - at).abs();
        let nearest = self
            .points
            .iter()
            .min_by(|a, b| near(a).total_cmp(&near(b)));
        let from = nearest.unwrap_or(self.best);
        let follow = |i: usize| {
            let to = from.x[i] + self.slopes[i] * (at - from.at);
            self.bounds.clamp(i, to)
        };
        let mut x: Vec<f64> = (0..from.x.len()).map(follow).collect();
        for i in self.settings.fixed.iter().filter(|i| **i != self.parameter) {
            x[*i] = self.best.x[*i];
        }
        x[self.parameter] = at;
        let mut beside = from.x.clone();
        beside[self.parameter] = at;
        let mut fitted = self.fitted(x)?;
        if fitted.as_ref().is_none_or(|(_, converged)| !converged) {
            // Linear theory led astray: from the parameters beside.
            let other = self.fitted(beside)?;
            let value = |fit: &Option<(ProfilePoint, bool)>| {
                fit.as_ref().map_or(f64::INFINITY, |(point, _)| point.value)
            };
            if value(&other) < value(&fitted) {
                fitted = other;
            }
        }
        let Some((point, converged)) = fitted else {
            return Ok(f64::NAN);
        };
        let value = point.value;
        let slack = 1e-9 * self.best.value + 1e-9 * self.variance;
        if value < self.best.value - slack {
            return Err(Error::NotLowest {
                parameter: self.parameter,
                at,
                lower: value,
                value: self.best.value,
            });
        }
        if converged {
            self.points.push(point);
        }
        Ok(((value - self.best.value).max(0.0) / self.variance).sqrt())
    }

    /// The point at the best of the other parameters, from x, and whether the fit of these converged.
    fn fitted(&mut self, x: Vec<f64>) -> Result<Option<(ProfilePoint, bool)>, Error> {
        let at = x[self.parameter];
        let fixed = |i: usize| self.settings.fixed.contains(&i) || self.bounds.is_fixed(i);
        if (0..x.len()).all(fixed) {
            self.evaluations += 1;
            let Ok(mut residuals) = self.residuals.at(&x) else {
                return Ok(None);
            };
            weigh(&mut residuals, self.settings.sigma.as_deref());
            let value = self.settings.loss.value(&residuals);
            return Ok(Some((ProfilePoint { at, value, x }, true)));
        }
        let fit = FitRun {
            run: Run {
                x0: x,
                settings: self.run.clone(),
                ..Run::default()
            },
            settings: self.settings.clone(),
        };
        match fit.run(self.residuals) {
            Ok(End { minimum, .. }) => {
                self.evaluations += minimum.evaluations;
                let limited = matches!(minimum.status, Status::NoiseLimited { .. });
                let (value, x) = (minimum.value, minimum.x);
                let converged = limited || minimum.status.is_success();
                Ok(Some((ProfilePoint { at, value, x }, converged)))
            }
            Err(Error::Function { .. } | Error::StartNotFinite { .. }) => Ok(None),
            Err(Error::Difference(numdiff_core::Error::NonFiniteValue { .. })) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
