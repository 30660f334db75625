//! The course of a check: compare, look for noise and kinks, ask again, report.

use super::compare::Comparison;
use super::diagnose;
use super::levels::{Levels, levels};
use super::line::Sweep;
use super::numeric::{Question, differentiate};
use super::opinions::{ask_again, find_kinks};
use super::report::{Diagnosis, Mismatch, Report};
use crate::evaluate::points::values;
use crate::random::SplitMix64;
use crate::{Adaptive, Error, Function};

/// Shape of the entries.
pub(super) enum Shape {
    LikeX(Vec<usize>),
    OutputsByX,
    Square,
    Outputs,
}

/// Mismatches that a report lists.
const LISTED: usize = 10;
/// A check in the making.
pub(super) struct Check<'a, O, F, G> {
    pub what: &'static str,
    pub name: &'static str,
    pub operator: O,
    pub f: F,
    pub derivative: G,
    pub vector: &'a [f64],
    pub shape: Shape,
}

impl<O: Question, F: Function, G: Function> Check<'_, O, F, G> {
    pub fn run(mut self, x: &[f64]) -> Result<Report, Error> {
        let base = values(&mut self.f, x, None)?;
        let mut evaluations = 1;
        let shape = match &self.shape {
            Shape::LikeX(shape) => shape.clone(),
            Shape::OutputsByX => vec![base.len(), x.len()],
            Shape::Square => vec![x.len(), x.len()],
            Shape::Outputs => vec![base.len()],
        };
        let mut comparison = self.compare(x, shape.clone(), &mut evaluations)?;
        // The same x again, after f was elsewhere.
        let mut spread = vec![0.0_f64; base.len()];
        for _ in 0..3 {
            let again = values(&mut self.f, x, None)?;
            evaluations += 1;
            for ((spread, a), b) in spread.iter_mut().zip(&base).zip(&again) {
                *spread = spread.max((a - b).abs());
            }
        }
        let total_spread = spread.iter().copied().fold(0.0, f64::max);

        let mut sweep = Sweep {
            f: &mut self.f,
            x,
            base: &base,
            evaluations: 0,
        };
        let Levels { noise, hidden } = levels(&self.operator, &comparison, &mut sweep, &spread);
        let kinks = hidden.is_none()
            && find_kinks(&self.operator, &comparison, &mut sweep, self.vector, &noise)?;
        if hidden.is_none() && !kinks {
            ask_again(
                &self.operator,
                &mut comparison,
                &mut sweep,
                self.vector,
                &noise,
            )?;
        }
        let unchecked = (0..comparison.len())
            .filter(|&k| !comparison.is_checked(k))
            .count();
        evaluations += sweep.evaluations;

        let wrong = comparison.count_wrong();
        let diagnosis = if kinks {
            Some(Diagnosis::Kink)
        } else if let Some(level) = hidden {
            Some(if total_spread > 0.0 {
                Diagnosis::NotDeterministic {
                    spread: total_spread,
                }
            } else {
                Diagnosis::TooNoisy { level }
            })
        } else if wrong > 0 {
            let mut other = None;
            let mut second = || {
                other
                    .get_or_insert_with(|| {
                        let x = elsewhere(x);
                        self.compare(&x, shape.clone(), &mut evaluations).ok()
                    })
                    .clone()
            };
            let entries = (shape.iter().product::<usize>() == x.len()).then_some(x);
            Some(diagnose::diagnose(&comparison, entries, &mut second))
        } else {
            (total_spread > 0.0).then_some(Diagnosis::NotDeterministic {
                spread: total_spread,
            })
        };
        let ok = !kinks && hidden.is_none() && wrong == 0;
        Ok(report(
            self.what,
            &comparison,
            ok,
            diagnosis,
            unchecked,
            evaluations,
        ))
    }

    /// Analytic entries, numeric ones, and the rounding of the analytic ones as far as moving x by
    /// a few units in the last place shows it.
    fn compare(
        &mut self,
        x: &[f64],
        shape: Vec<usize>,
        evaluations: &mut usize,
    ) -> Result<Comparison, Error> {
        let analytic = values(&mut self.derivative, x, None)?;
        let expected = shape.iter().product();
        if analytic.len() != expected {
            return Err(Error::Length {
                argument: self.name,
                found: analytic.len(),
                expected,
            });
        }
        let mut floor = vec![0.0_f64; expected];
        for ulps in [4.0, -4.0] {
            let moved: Vec<f64> = x.iter().map(|x| x + ulps * f64::EPSILON * x).collect();
            let Ok(nearby) = values(&mut self.derivative, x, Some(&moved)) else {
                continue;
            };
            if nearby.len() == expected {
                for ((floor, a), b) in floor.iter_mut().zip(&analytic).zip(&nearby) {
                    let change = (a - b).abs();
                    if change.is_finite() {
                        *floor = floor.max(4.0 * change);
                    }
                }
            }
        }
        // A kink of the derivative at x is no rounding.
        for (floor, a) in floor.iter_mut().zip(&analytic) {
            *floor = floor.min(1e-6 * a.abs().max(f64::EPSILON));
        }
        let numeric = differentiate(
            &Adaptive::new(),
            &self.operator,
            &mut self.f,
            x,
            self.vector,
        )?;
        *evaluations += numeric.evaluations;
        Ok(Comparison::new(analytic, numeric, floor, shape))
    }
}

/// A point nearby that shares no symmetry with x.
fn elsewhere(x: &[f64]) -> Vec<f64> {
    let mut random = SplitMix64::new(1);
    x.iter()
        .map(|x| x + (0.02 + 0.05 * random.uniform()) * if *x == 0.0 { 1.0 } else { *x })
        .collect()
}

pub(super) fn report(
    what: &'static str,
    c: &Comparison,
    ok: bool,
    diagnosis: Option<Diagnosis>,
    unchecked: usize,
    evaluations: usize,
) -> Report {
    let mut wrong: Vec<usize> = (0..c.len()).filter(|&k| c.wrong[k]).collect();
    let mismatches = wrong.len();
    wrong.sort_by(|&a, &b| c.excess(b).total_cmp(&c.excess(a)));
    let worst = wrong.iter().take(LISTED).map(|&k| Mismatch {
        index: c.index(k),
        analytic: c.analytic[k],
        numeric: c.numeric.value[k],
        error: c.numeric.error[k],
        status: c.numeric.status[k],
    });
    let checked = (0..c.len()).filter(|&k| c.is_checked(k));
    let size = checked.fold(0.0_f64, |m, k| {
        m.max(c.analytic[k].abs()).max(c.numeric.value[k].abs())
    });
    let right = (0..c.len()).filter(|&k| !c.wrong[k] && c.is_checked(k));
    let difference = right.fold(0.0_f64, |m, k| {
        m.max((c.analytic[k] - c.numeric.value[k]).abs())
    });
    Report {
        what,
        shape: c.shape.clone(),
        mismatches,
        worst: worst.collect(),
        unchecked,
        diagnosis,
        agreement: if size > 0.0 { difference / size } else { 0.0 },
        evaluations,
        ok,
    }
}
