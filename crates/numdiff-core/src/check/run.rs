//! How a check runs: compare, judge each entry, explain what is wrong.

use super::compare::Comparison;
use super::diagnose::Diagnose;
use super::diagnosis::Diagnosis;
use super::judge::Judge;
use super::kind::Kind;
use super::report::{Reason, Report, Verdict};
use crate::error::{expect_length, expect_outputs};
use crate::evaluate::points::{numbers, values, values_at_x};
use crate::moves::{AnyFunction, Moves};
use crate::random::SplitMix64;
use crate::{Error, Point};

/// Checks a derivative at x; `vector` is that of a product.
pub(super) fn run<X: Point<f64> + ?Sized>(
    kind: Kind,
    f: &mut dyn AnyFunction,
    derivative: &mut dyn AnyFunction,
    x: &X,
    vector: &[f64],
) -> Result<Report, Error> {
    let (point, base) = start(f, x)?;
    check(kind, f, derivative, (&point, x.shape()), &base, vector)
}

/// The numbers of x, and f's outputs there.
pub(super) fn start<X: Point<f64> + ?Sized>(
    f: &mut dyn AnyFunction,
    x: &X,
) -> Result<(Vec<f64>, Vec<f64>), Error> {
    let mut point = Vec::new();
    numbers(x, &mut point)?;
    let base = values_at_x(f, &point)?;
    Ok((point, base))
}

fn check(
    kind: Kind,
    f: &mut dyn AnyFunction,
    derivative: &mut dyn AnyFunction,
    (x, shape): (&[f64], Vec<usize>),
    base: &[f64],
    vector: &[f64],
) -> Result<Report, Error> {
    let shape = kind.shape(shape, base.len());
    let [what, name] = kind.names();
    // Analytic entries beside numeric ones, and the evaluations of f.
    let mut compare = |f: &mut dyn AnyFunction, x: &[f64]| -> Result<_, Error> {
        let analytic = entries(derivative, x, name, shape.iter().product())?;
        let floor = rounding(derivative, x, &analytic);
        let (numeric, evaluations) = kind.differentiate(f, x, vector)?;
        let outputs = numeric.len() * base.len() / analytic.len();
        expect_outputs(outputs, base.len())?;
        let c = Comparison::new(&analytic, &numeric, floor, shape.clone());
        Ok((c, evaluations))
    };
    let (mut comparison, mut evaluations) = compare(f, x)?;
    // The same x again, after f was elsewhere.
    let spread = spread(f, x, base)?;
    let mut judge = Judge::new(kind, f, x, vector, base, &spread);
    judge.judge(&mut comparison);
    evaluations += 1 + REPEATS + judge.evaluations;
    let diagnosis = if comparison.has_wrong() {
        let mut other = None;
        let mut second = || {
            let elsewhere = || {
                let (c, cost) = compare(f, &elsewhere(x)).ok()?;
                evaluations += cost;
                Some(c)
            };
            other.get_or_insert_with(elsewhere).clone()
        };
        let diagnose = Diagnose {
            c: &comparison,
            x: (comparison.len() == x.len()).then_some(x),
            second: &mut second,
        };
        Some(diagnose.diagnose())
    } else {
        without_mistakes(&comparison, &spread)
    };
    let mut report = Report::new(what, shape, comparison.entries);
    (report.diagnosis, report.evaluations) = (diagnosis, evaluations);
    Ok(report)
}

/// The entries of a derivative, `expected` of them.
pub(super) fn entries(
    derivative: &mut dyn AnyFunction,
    x: &[f64],
    name: &'static str,
    expected: usize,
) -> Result<Vec<f64>, Error> {
    let mut entries = Vec::new();
    let done = derivative.begin(x);
    done.and_then(|()| derivative.moved(Moves::None, &mut entries))
        .map_err(|source| Error::derivative(name, source))?;
    expect_length(name, entries.len(), expected)?;
    Ok(entries)
}

/// Rounding of the analytic entries, as far as moving x by a few units in the last place shows it.
fn rounding(derivative: &mut dyn AnyFunction, x: &[f64], analytic: &[f64]) -> Vec<f64> {
    let mut floor = vec![0.0_f64; analytic.len()];
    for ulps in [4.0, -4.0] {
        let moved: Vec<f64> = x.iter().map(|x| x + ulps * f64::EPSILON * x).collect();
        let Ok(nearby) = values(derivative, x, Some(&moved), analytic.len()) else {
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
pub(super) fn spread(f: &mut dyn AnyFunction, x: &[f64], base: &[f64]) -> Result<Vec<f64>, Error> {
    let mut spread = vec![0.0_f64; base.len()];
    for _ in 0..REPEATS {
        let again = values(f, x, None, base.len())?;
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
