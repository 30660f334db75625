//! A handful of evaluations for any number of coordinates: products with random directions.

use super::checked;
use super::compare::Comparison;
use super::course::report;
use super::numeric::{Numeric, differentiate};
use super::report::{Diagnosis, Report};
use super::taylor::direction;
use crate::evaluate::adapter::{Point, Scalar, Vector};
use crate::evaluate::points::values;
use crate::operators::JacobianVector;
use crate::random::SplitMix64;
use crate::{Adaptive, Error, Function, Outcome, Status};
use ndarray::{ArrayRef, Dimension};

/// Checks a gradient along three random directions: about 40 evaluations of f and one of g,
/// whatever the number of coordinates.
///
/// Every wrong entry shows in each direction with the weight of a random number; where it stands
/// can't be told. The entries of the report are the directions. Sign, constant factor, kink, noise
/// and an f that is not deterministic are named; all else is a missing or wrong term.
///
/// # Errors
/// As [`gradient`](super::gradient).
///
/// # Example
/// ```
/// use ndarray::{Array1, ArrayRef1};
/// use numdiff_core::check;
/// let f = |x: &ArrayRef1<f64>| x.iter().map(|v| v.sin()).sum::<f64>();
/// let x = Array1::linspace(0.0, 3.0, 100_000);
/// let report = check::directions(f, |x: &ArrayRef1<f64>| x.mapv(f64::cos), &x, 1)?;
/// report.assert_ok();
/// assert!(report.evaluations < 100);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
pub fn directions<F, R, G, S, D>(
    f: F,
    g: G,
    x: &ArrayRef<f64, D>,
    seed: u64,
) -> Result<Report, Error>
where
    F: FnMut(&ArrayRef<f64, D>) -> R,
    R: Outcome<f64>,
    G: FnMut(&ArrayRef<f64, D>) -> S,
    S: crate::Outputs<f64>,
    D: Dimension,
{
    let (mut p, mut q) = (Point::default(), Point::default());
    let mut g = Vector::new(g, x.raw_dim(), &mut q);
    run(
        "gradient along random directions",
        &mut Scalar::new(f, x.raw_dim(), &mut p),
        &mut g,
        &checked(x)?,
        seed,
    )
}

/// [`directions`] for a Jacobian: each direction gives an entry for each output.
///
/// # Errors
/// As [`jacobian`](super::jacobian).
pub fn directions_of<F, R, G, S, D>(
    f: F,
    j: G,
    x: &ArrayRef<f64, D>,
    seed: u64,
) -> Result<Report, Error>
where
    F: FnMut(&ArrayRef<f64, D>) -> R,
    R: crate::Outputs<f64>,
    G: FnMut(&ArrayRef<f64, D>) -> S,
    S: crate::Outputs<f64>,
    D: Dimension,
{
    let (mut p, mut q) = (Point::default(), Point::default());
    let mut j = Vector::new(j, x.raw_dim(), &mut q);
    run(
        "Jacobian along random directions",
        &mut Vector::new(f, x.raw_dim(), &mut p),
        &mut j,
        &checked(x)?,
        seed,
    )
}

/// How many directions: a wrong derivative that one misses by chance does not escape three.
const DIRECTIONS: usize = 3;

fn run<F: Function, G: Function>(
    what: &'static str,
    f: &mut F,
    derivative: &mut G,
    x: &[f64],
    seed: u64,
) -> Result<Report, Error> {
    let base = values(f, x, None)?;
    let rows = base.len();
    let mut evaluations = 1;
    let mut random = SplitMix64::new(seed);
    let (mut analytic, mut floor) = (Vec::new(), Vec::new());
    let mut numeric = Numeric {
        value: Vec::new(),
        error: Vec::new(),
        step: Vec::new(),
        status: Vec::new(),
        evaluations: 0,
    };
    let entries = values(derivative, x, None)?;
    if entries.len() != rows * x.len() {
        return Err(Error::Length {
            argument: "the derivative",
            found: entries.len(),
            expected: rows * x.len(),
        });
    }
    for _ in 0..DIRECTIONS {
        let d = direction(x, &mut random);
        for row in entries.chunks(x.len()) {
            analytic.push(row.iter().zip(&d).map(|(a, d)| a * d).sum());
            let size: f64 = row.iter().zip(&d).map(|(a, d)| (a * d).abs()).sum();
            // Rounding of a sum of n terms, as a random walk.
            floor.push(16.0 * f64::EPSILON * size * (x.len() as f64).sqrt());
        }
        let found = differentiate(&Adaptive::new(), &JacobianVector, f, x, &d)?;
        evaluations += found.evaluations;
        numeric.value.extend(found.value);
        numeric.error.extend(found.error);
        numeric.step.extend(found.step);
        numeric.status.extend(found.status);
    }
    let again = values(f, x, None)?;
    evaluations += 1;
    let spread = base
        .iter()
        .zip(&again)
        .fold(0.0_f64, |m, (a, b)| m.max((a - b).abs()));
    let kink = numeric.status.contains(&Status::NotSmooth);
    let level = numeric.status.iter().find_map(|status| match status {
        Status::NoiseLimited { level } => Some(*level),
        _ => None,
    });
    let shape = if rows == 1 {
        vec![DIRECTIONS]
    } else {
        vec![DIRECTIONS, rows]
    };
    let c = Comparison::new(analytic, numeric, floor, shape);
    let unchecked = (0..c.len()).filter(|&k| !c.is_checked(k)).count();
    let wrong = c.count_wrong();
    let hidden = unchecked == c.len();
    let nondeterministic = (spread > 0.0).then_some(Diagnosis::NotDeterministic { spread });
    let diagnosis = if kink {
        Some(Diagnosis::Kink)
    } else if hidden {
        Some(nondeterministic.unwrap_or(Diagnosis::TooNoisy {
            level: level.unwrap_or(f64::NAN),
        }))
    } else if wrong == 0 {
        nondeterministic
    } else {
        Some(super::diagnose::diagnose_products(&c))
    };
    Ok(report(
        what,
        &c,
        wrong == 0 && !kink && !hidden,
        diagnosis,
        unchecked,
        evaluations,
    ))
}
