//! A fit from several starts: the distinct minima, and the share of the starts that lead to each.

use super::fit_run::{End, FitRun};
use super::settings::Settings;
use super::{Fit, LeastSquares, Starts};
use crate::error::compatible;
use crate::evaluator::{Callback, CallerPoint, Function, Given};
use crate::minimize::Run;
use crate::settings::Settings as RunSettings;
use crate::{Checkpoint, Error, Status};
use ndarray::Array1;
use numdiff_core::{Outputs, Point};

/// Minima are one when their values agree to this, relative to the value, and their parameters to this share.
const SAME_VALUE: f64 = 1e-7;
const SAME_POINT: f64 = 1e-3;
/// Parameters that agree to this share are one minimum whatever the values say: where the residuals vanish, values are
/// rounding.
const EQUAL_POINT: f64 = 1e-8;

/// A run from one of the starts, or what is left of it.
pub(crate) struct Attempt {
    start: Vec<f64>,
    resumed: Option<Checkpoint>,
    /// Evaluations that it may make, those before it was cut short counted; `None` where nothing limits them.
    evaluations: Option<usize>,
}

impl Attempt {
    /// Evaluations made so far.
    fn made(&self) -> usize {
        self.resumed.as_ref().map_or(0, |saved| saved.evaluations())
    }

    fn run<'a>(
        &self,
        residuals: &mut dyn Function<Vec<f64>>,
        (settings, run): &AllSettings,
        jacobian: Option<Given<'a>>,
    ) -> Result<End, Error> {
        let mut run = Run {
            x0: self.start.clone(),
            settings: run.clone(),
            resumed: self.resumed.clone(),
            ..Run::default()
        };
        run.settings.evaluations = self.evaluations;
        run.constraints.residual_jacobian = jacobian;
        let settings = settings.clone();
        FitRun { run, settings }.run(residuals)
    }
}

/// What a fit was told, and what any run is told.
type AllSettings = (Settings, RunSettings);

/// Runs from several starts by threads: chosen where r is known to be shareable.
pub(crate) type Across<F, X> = fn(&F, &X, &AllSettings, &[&Attempt]) -> Vec<Result<End, Error>>;

/// One run for each of rayon's threads; the order of the ends is that of the attempts.
#[cfg(feature = "rayon")]
pub(crate) fn across_threads<F, O, X>(
    r: &F,
    x0: &X,
    settings: &AllSettings,
    attempts: &[&Attempt],
) -> Vec<Result<End, Error>>
where
    F: Fn(&X::Seen) -> O + Sync,
    O: Outputs<f64>,
    X: Point<f64> + Sync + ?Sized,
{
    use rayon::prelude::*;
    let one = |attempt: &&Attempt| {
        let mut callback = Callback::new(r, x0, crate::evaluator::Driver::Serial);
        attempt.run(&mut callback, settings, None)
    };
    attempts.par_iter().map(one).collect()
}

/// The distinct minima that fits from several starts reached; returned by [`LeastSquares::run_from`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Minima<X> {
    /// The distinct minima, the lowest value first.
    pub found: Vec<Found<X>>,
    /// The number of starts whose runs ended without success or could not begin.
    pub failed: usize,
    /// The number of starts that were not run because no evaluations were left.
    pub left_out: usize,
    /// The number of evaluations of r in all runs together.
    pub evaluations: usize,
}

/// A minimum, with the number of starts that led to it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Found<X> {
    /// The fit from the first of these starts.
    pub fit: Fit<X>,
    /// The number of starts that led to this minimum.
    pub starts: usize,
    /// The same as a share of all starts that were run, between 0 and 1.
    pub share: f64,
}

impl<'a, F, O, X> LeastSquares<'a, F, X>
where
    F: FnMut(&X::Seen) -> O,
    O: Outputs<f64>,
    X: Point<f64> + ?Sized,
{
    /// Runs a fit from x0 and from each of `starts`, and returns the distinct minima. Two ends count as one minimum if
    /// their values agree to 1e-7 and their parameters to 1e-3, relatively, or the parameters to 1e-8.
    ///
    /// [`max_evaluations`](Self::max_evaluations) limits all runs together: each gets an equal share, and evaluations
    /// that some do not use go to those that need more. Fixed parameters stay at their values in x0.
    ///
    /// With [`threads`](Self::threads) the runs go side by side and end with the same bits, unless a Jacobian is given
    /// or `max_time` is set. A [`batch`](Self::batch) evaluates the points within a run.
    ///
    /// # Errors
    /// - The bounds of the starts have the wrong length, are reversed or infinite, or the number of starts is 0.
    /// - The fit has constraints, an observer or a checkpoint, which belong to one run.
    /// - Those of [`run`](Self::run), except that r may fail at a start other than x0.
    ///
    /// # Example
    /// ```
    /// use numdiff_optim::{Starts, least_squares};
    /// // Two minima.
    /// let r = |p: &[f64; 1]| [p[0] * p[0] - 1.0, 0.1 * (p[0] - 1.0)];
    /// let starts = Starts::latin_hypercube(&[-3.0], &[3.0], 20, 1);
    /// let minima = least_squares(r, &[2.0]).run_from(&starts)?;
    /// for minimum in &minima.found {
    ///     println!("x = {:.3}, reached from {} starts", minimum.fit.x[0], minimum.starts);
    /// }
    /// assert_eq!(minima.found.len(), 2);
    /// # Ok::<(), numdiff_optim::Error>(())
    /// ```
    /// ```text
    /// x = 1.000, reached from 11 starts
    /// x = -0.995, reached from 10 starts
    /// ```
    pub fn run_from(self, starts: &Starts) -> Result<Minima<X::Like>, Error> {
        let x0 = self.x0;
        let numbers = CallerPoint::new(x0).numbers();
        starts.validate(numbers.len())?;
        let advice = "take run() from each start";
        let run = self.run;
        let one_run = |free, other| compatible(free, "run_from", other, advice);
        one_run(run.constraints.is_empty(), "constraints")?;
        one_run(run.observer.is_none(), "on_iteration")?;
        one_run(run.resumed.is_none(), "resume")?;
        self.kind.settings.validate(numbers.len())?;
        run.settings.validate(false)?;
        let (budget, timed) = (run.settings.evaluations, run.settings.time.is_some());
        let all_settings = (self.kind.settings, run.settings);
        let mut jacobian = run.constraints.residual_jacobian;
        let keep = |mut start: Vec<f64>| {
            let fixed = all_settings.0.fixed.iter();
            fixed.for_each(|&i| start[i] = numbers[i]);
            start
        };
        let points = [numbers.clone()].into_iter().chain(starts.points());
        let new = |start| Attempt {
            start,
            resumed: None,
            evaluations: None,
        };
        let attempts: Vec<Attempt> = points.map(keep).map(new).collect();
        let runs = attempts.len();
        let across = self.kind.across.filter(|_| jacobian.is_none() && !timed);
        let mut callback = Callback::new(self.f, x0, self.kind.driver);
        let mut all = |attempts: &[&Attempt]| -> Vec<Result<End, Error>> {
            if let Some(across) = across {
                return across(callback.function(), x0, &all_settings, attempts);
            }
            let one = |attempt: &&Attempt| {
                let given = jacobian.as_mut().map(|given| -> Given<'_> {
                    Box::new(move |x: &[f64], out: &mut Vec<f64>| given(x, out))
                });
                attempt.run(&mut callback, &all_settings, given)
            };
            attempts.iter().map(one).collect()
        };
        let ends = shared(attempts, budget, &mut all);
        let mut minima = Minima {
            found: Vec::new(),
            failed: 0,
            left_out: ends.iter().filter(|end| end.is_none()).count(),
            evaluations: 0,
        };
        for (k, end) in ends.into_iter().enumerate() {
            match end {
                None => {}
                Some(Ok(end)) => {
                    minima.evaluations += end.minimum.evaluations;
                    match end.minimum.status.is_success() {
                        true => minima.add(Fit::new(end, |numbers| x0.like(numbers))),
                        false => minima.failed += 1,
                    }
                }
                Some(Err(Error::StartNotFinite { .. } | Error::Function { .. })) if k > 0 => {
                    minima.failed += 1;
                    minima.evaluations += 1;
                }
                Some(Err(error)) => return Err(error),
            }
        }
        let ran = (runs - minima.left_out) as f64;
        for minimum in &mut minima.found {
            minimum.share = minimum.starts as f64 / ran;
        }
        minima
            .found
            .sort_by(|a, b| a.fit.value.total_cmp(&b.fit.value));
        Ok(minima)
    }
}

/// Runs attempts, each to its limit.
type RunAll<'r> = dyn FnMut(&[&Attempt]) -> Vec<Result<End, Error>> + 'r;

/// Runs all within a budget: an equal share for each, and what some leave for those that need more, round by round;
/// `None` for those that never began.
fn shared(
    mut attempts: Vec<Attempt>,
    budget: Option<usize>,
    all: &mut RunAll<'_>,
) -> Vec<Option<Result<End, Error>>> {
    let mut open: Vec<usize> = (0..attempts.len()).collect();
    let mut ends: Vec<Option<Result<End, Error>>> = open.iter().map(|_| None).collect();
    let Some(mut left) = budget else {
        let attempts: Vec<&Attempt> = attempts.iter().collect();
        return all(&attempts).into_iter().map(Some).collect();
    };
    while left > 0 && !open.is_empty() {
        // Where there is not one for each, the first get it.
        open.truncate(left);
        let share = left / open.len();
        for &k in &open {
            attempts[k].evaluations = Some(attempts[k].made() + share);
        }
        let round = all(&open.iter().map(|&k| &attempts[k]).collect::<Vec<_>>());
        for (&k, end) in open.iter().zip(round) {
            let before = attempts[k].made();
            attempts[k].resumed = end.as_ref().ok().map(|end| end.minimum.checkpoint.clone());
            let made = attempts[k].made().saturating_sub(before).max(1);
            left = left.saturating_sub(made);
            ends[k] = Some(end);
        }
        let is_open = |end: &End| end.minimum.status == Status::OutOfEvaluations;
        open.retain(|&k| matches!(&ends[k], Some(Ok(end)) if is_open(end)));
    }
    ends
}

impl<X> Minima<X> {
    fn add(&mut self, fit: Fit<X>) {
        let same = |found: &&mut Found<X>| {
            let (a, b) = (&found.fit, &fit);
            let scale = a
                .residuals
                .iter()
                .chain(&b.residuals)
                .fold(0.0, |m: f64, r| m.max(r.abs()));
            let values = (a.value - b.value).abs()
                <= SAME_VALUE * a.value.max(b.value) + 1e-20 * scale.max(f64::MIN_POSITIVE);
            let errors = a.standard_errors();
            let near = |share: f64| {
                let mut pairs = a.numbers.iter().zip(&b.numbers).enumerate();
                pairs.all(|(i, (x, y))| {
                    let error = errors.of(i).value().unwrap_or(0.0);
                    (x - y).abs() <= share * x.abs().max(y.abs()).max(error)
                })
            };
            near(EQUAL_POINT) || values && near(SAME_POINT)
        };
        match self.found.iter_mut().find(same) {
            Some(found) => found.starts += 1,
            None => self.found.push(Found {
                fit,
                starts: 1,
                share: 0.0,
            }),
        }
    }
}

impl<X> Fit<X> {
    /// Returns the n parameters as an array in row-major order, whatever the type of `x`.
    pub fn parameters(&self) -> Array1<f64> {
        Array1::from(self.numbers.clone())
    }
}
