//! How a check runs: compare, judge each entry, explain what is wrong.

use super::compare::Comparison;
use super::diagnose;
use super::diagnosis::Diagnosis;
use super::judge::judge;
use super::operator::{CheckableOperator, differentiate};
use super::report::{Reason, Report, Verdict};
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

impl<O: CheckableOperator, F: Function, G: Function> Check<'_, O, F, G> {
    pub fn run(mut self, x: &[f64]) -> Result<Report, Error> {
        let base = values(&mut self.f, x, None)?;
        let shape = match &self.shape {
            Shape::LikeX(shape) => shape.clone(),
            Shape::OutputsByX => vec![base.len(), x.len()],
            Shape::Square => vec![x.len(), x.len()],
            Shape::Outputs => vec![base.len()],
        };
        let (mut comparison, mut evaluations) = self.compare(x, shape.clone())?;
        // The same x again, after f was elsewhere.
        let spread = spread(&mut self.f, x, &base)?;
        evaluations += 1 + REPEATS;
        evaluations += judge(
            &self.operator,
            &mut self.f,
            x,
            &base,
            &spread,
            self.vector,
            &mut comparison,
        );
        let diagnosis = if comparison.has_wrong() {
            let mut other = None;
            let mut second = || {
                other
                    .get_or_insert_with(|| {
                        let (c, cost) = self.compare(&elsewhere(x), shape.clone()).ok()?;
                        evaluations += cost;
                        Some(c)
                    })
                    .clone()
            };
            let entries = (shape.iter().product::<usize>() == x.len()).then_some(x);
            Some(diagnose::diagnose(&comparison, entries, &mut second))
        } else {
            without_mistakes(&comparison, &spread)
        };
        Ok(Report::new(self.what, shape, comparison.entries)
            .with_diagnosis(diagnosis)
            .with_evaluations(evaluations))
    }

    /// Analytic entries beside numeric ones, and the evaluations of f.
    fn compare(&mut self, x: &[f64], shape: Vec<usize>) -> Result<(Comparison, usize), Error> {
        let expected = shape.iter().product();
        let analytic = entries(&mut self.derivative, x, self.name, expected)?;
        let floor = rounding(&mut self.derivative, x, &analytic);
        let method = Adaptive::new();
        let (numeric, evaluations) =
            differentiate(&method, &self.operator, &mut self.f, x, self.vector)?;
        let comparison = Comparison::new(&analytic, &numeric, floor, shape);
        Ok((comparison, evaluations))
    }
}

/// The entries of a derivative, `expected` of them.
pub(super) fn entries<G: Function>(
    derivative: &mut G,
    x: &[f64],
    name: &'static str,
    expected: usize,
) -> Result<Vec<f64>, Error> {
    let entries = values(derivative, x, None)?;
    if entries.len() != expected {
        return Err(Error::Length {
            argument: name,
            found: entries.len(),
            expected,
        });
    }
    Ok(entries)
}

/// Rounding of the analytic entries, as far as moving x by a few units in the last place shows it.
fn rounding<G: Function>(derivative: &mut G, x: &[f64], analytic: &[f64]) -> Vec<f64> {
    let mut floor = vec![0.0_f64; analytic.len()];
    for ulps in [4.0, -4.0] {
        let moved: Vec<f64> = x.iter().map(|x| x + ulps * f64::EPSILON * x).collect();
        let Ok(nearby) = values(derivative, x, Some(&moved)) else {
            continue;
        };
        for ((floor, a), b) in floor.iter_mut().zip(analytic).zip(&nearby) {
            let change = (a - b).abs();
            if change.is_finite() {
                *floor = floor.max(4.0 * change);
            }
        }
    }
    // A kink of the derivative at x is no rounding.
    for (floor, a) in floor.iter_mut().zip(analytic) {
        *floor = floor.min(1e-6 * a.abs().max(f64::EPSILON));
    }
    floor
}

/// How often f is evaluated at x again.
pub(super) const REPEATS: usize = 3;

/// How far the outputs differ between evaluations at the same x.
pub(super) fn spread<F: Function>(f: &mut F, x: &[f64], base: &[f64]) -> Result<Vec<f64>, Error> {
    let mut spread = vec![0.0_f64; base.len()];
    for _ in 0..REPEATS {
        let again = values(f, x, None)?;
        for ((spread, a), b) in spread.iter_mut().zip(base).zip(&again) {
            *spread = spread.max((a - b).abs());
        }
    }
    Ok(spread)
}

/// The diagnosis where no entry is wrong.
pub(super) fn without_mistakes(c: &Comparison, spread: &[f64]) -> Option<Diagnosis> {
    let spread = spread.iter().copied().fold(0.0, f64::max);
    let verdicts = || c.entries.iter().map(|e| e.verdict);
    if spread > 0.0 {
        Some(Diagnosis::NotDeterministic { spread })
    } else if verdicts().any(|v| matches!(v, Verdict::NotSmooth { .. })) {
        Some(Diagnosis::Kink)
    } else if verdicts().any(|v| v == Verdict::Right) {
        None
    } else {
        verdicts().find_map(|v| match v {
            Verdict::NotCheckable(Reason::Jump { .. }) => Some(Diagnosis::Jump),
            Verdict::NotCheckable(Reason::Noise { level }) => Some(Diagnosis::TooNoisy { level }),
            Verdict::NotCheckable(_) => Some(Diagnosis::NotConverged),
            _ => None,
        })
    }
}

/// A point nearby that shares no symmetry with x.
fn elsewhere(x: &[f64]) -> Vec<f64> {
    let mut random = SplitMix64::new(1);
    x.iter()
        .map(|x| x + (0.02 + 0.05 * random.uniform()) * if *x == 0.0 { 1.0 } else { *x })
        .collect()
}
