//! A fit from several starts: the distinct minima, and the share of the starts that lead to each.

use super::evaluator::Callback;
use super::fit_run::FitRun;
use super::levenberg_marquardt::LevenbergMarquardt;
use super::{Fit, LeastSquares};
use crate::Error;
use crate::evaluator::{CallerPoint, Given};
use ndarray::Array1;
use numdiff_core::{Outputs, Point};

/// Minima are one when their values agree to this, relative to the value, and their parameters to this share.
const SAME_VALUE: f64 = 1e-7;
const SAME_POINT: f64 = 1e-3;
/// Parameters that agree to this share are one minimum whatever the values say: where the residuals vanish, values are
/// rounding.
const EQUAL_POINT: f64 = 1e-8;

/// Starts in a box: a Latin hypercube, in which every parameter meets each of `count` strata once.
#[derive(Clone, Debug)]
pub struct Starts {
    lower: Vec<f64>,
    upper: Vec<f64>,
    count: usize,
    seed: u64,
}

impl Starts {
    /// `count` starts between these bounds, one for each parameter, drawn from this seed: the same on every machine.
    pub fn latin_hypercube<'b>(
        lower: impl IntoIterator<Item = &'b f64>,
        upper: impl IntoIterator<Item = &'b f64>,
        count: usize,
        seed: u64,
    ) -> Self {
        Starts {
            lower: lower.into_iter().copied().collect(),
            upper: upper.into_iter().copied().collect(),
            count,
            seed,
        }
    }

    fn validate(&self, n: usize) -> Result<(), Error> {
        for bounds in [&self.lower, &self.upper] {
            if bounds.len() != n {
                return Err(Error::Count {
                    setting: "the box of starts",
                    found: bounds.len(),
                    expected: n,
                });
            }
        }
        for (index, (lower, upper)) in self.lower.iter().zip(&self.upper).enumerate() {
            if !((upper - lower) >= 0.0 && (upper - lower).is_finite()) {
                return Err(Error::Element {
                    setting: "the box of starts",
                    index,
                    value: upper - lower,
                    expected: "a width of at least 0 and finite; pass the lower bound first",
                });
            }
        }
        match self.count {
            0 => Err(Error::Setting {
                setting: "starts",
                value: 0.0,
                expected: "at least 1",
            }),
            _ => Ok(()),
        }
    }

    fn points(&self) -> Vec<Vec<f64>> {
        let mut stream = Stream(self.seed);
        let mut points = vec![vec![0.0; self.lower.len()]; self.count];
        for (i, (lower, upper)) in self.lower.iter().zip(&self.upper).enumerate() {
            let mut strata: Vec<usize> = (0..self.count).collect();
            for k in (1..self.count).rev() {
                strata.swap(k, (stream.uniform() * (k + 1) as f64) as usize);
            }
            for (point, stratum) in points.iter_mut().zip(strata) {
                let share = (stratum as f64 + stream.uniform()) / self.count as f64;
                point[i] = lower + share * (upper - lower);
            }
        }
        points
    }
}

/// SplitMix64: the stream of a seed never changes.
struct Stream(u64);

impl Stream {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// What several starts lead to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Minima<X> {
    /// The distinct minima, the lowest first.
    pub found: Vec<Found<X>>,
    /// Starts whose runs claimed no minimum, or where r can't be evaluated.
    pub failed: usize,
    /// Starts that were not run, since the evaluations were used up.
    pub left_out: usize,
    /// Evaluations of r, all runs together.
    pub evaluations: usize,
}

/// A minimum, and how many starts lead to it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Found<X> {
    /// The fit from the first of its starts.
    pub fit: Fit<X>,
    /// Starts that lead here.
    pub starts: usize,
    /// Their share of all starts that were run.
    pub share: f64,
}

impl<'a, F, O, X> LeastSquares<'a, F, X>
where
    F: FnMut(&X::Seen) -> O,
    O: Outputs<f64>,
    X: Point<f64> + ?Sized,
{
    /// Runs from x0 and from each of these starts. [`max_evaluations`](Self::max_evaluations) is for all runs together;
    /// threads and batches evaluate within a run. Fixed parameters stay at x0; an observer sees nothing.
    ///
    /// # Errors
    /// A box of another length, empty, reversed or infinite; no starts; what [`run`](Self::run) rejects, except for
    /// starts where r can't be evaluated.
    ///
    /// # Example
    /// ```
    /// use numdiff_optim::{Starts, least_squares};
    /// // Two minima.
    /// let r = |p: &[f64; 1]| [p[0] * p[0] - 1.0, 0.1 * (p[0] - 1.0)];
    /// let starts = Starts::latin_hypercube(&[-3.0], &[3.0], 20, 1);
    /// let minima = least_squares(r, &[2.0]).run_from(&starts)?;
    /// for minimum in &minima.found {
    ///     println!("{:.3} {:.3e} {:.0} %", minimum.fit.x[0], minimum.fit.value, 100.0 * minimum.share);
    /// }
    /// assert_eq!(minima.found.len(), 2);
    /// # Ok::<(), numdiff_optim::Error>(())
    /// ```
    pub fn run_from(mut self, starts: &Starts) -> Result<Minima<X::Like>, Error> {
        let x0 = self.x0;
        let seen = CallerPoint::new(x0);
        let numbers = seen.numbers();
        starts.validate(numbers.len())?;
        if !self.constraints.is_empty() {
            return Err(Error::Conflict {
                setting: "run_from",
                other: "constraints",
                advice: "take run() from each start",
            });
        }
        let mut callback = Callback {
            r: self.r,
            x0,
            seen,
            threads: self.threads,
            batch: self.batch,
        };
        let mut settings = self.settings;
        let budget = settings.evaluations;
        let mut minima = Minima {
            found: Vec::new(),
            failed: 0,
            left_out: 0,
            evaluations: 0,
        };
        let points = [numbers.clone()].into_iter().chain(starts.points());
        let mut runs = 0;
        for mut start in points {
            for &i in &settings.fixed {
                start[i] = numbers.get(i).copied().unwrap_or(start[i]);
            }
            if let Some(budget) = budget {
                let left = budget.saturating_sub(minima.evaluations);
                if left == 0 && runs > 0 {
                    minima.left_out += 1;
                    continue;
                }
                settings.evaluations = Some(left);
            }
            runs += 1;
            let given = self.given.as_mut().map(|given| -> Given<'_> {
                Box::new(move |x: &[f64], out: &mut Vec<f64>| given(x, out))
            });
            let fit_run = FitRun {
                x0: start,
                settings: &settings,
                given,
                observer: None,
                resumed: None,
                factor: LevenbergMarquardt::first_factor(),
            };
            let end = match fit_run.run(&mut callback) {
                Ok(end) => end,
                Err(Error::StartNotFinite { .. } | Error::Function { .. }) if runs > 1 => {
                    (minima.failed, minima.evaluations) =
                        (minima.failed + 1, minima.evaluations + 1);
                    continue;
                }
                Err(error) => return Err(error),
            };
            minima.evaluations += end.checkpoint.evaluations;
            if !end.status.is_success() {
                minima.failed += 1;
                continue;
            }
            let fit = Fit::new(end, settings.clone(), |numbers| x0.like(numbers));
            minima.add(fit);
        }
        for minimum in &mut minima.found {
            minimum.share = minimum.starts as f64 / runs as f64;
        }
        minima
            .found
            .sort_by(|a, b| a.fit.value.total_cmp(&b.fit.value));
        Ok(minima)
    }
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
    /// The parameters in order, whatever kind x is.
    pub fn parameters(&self) -> Array1<f64> {
        Array1::from(self.numbers.clone())
    }
}
