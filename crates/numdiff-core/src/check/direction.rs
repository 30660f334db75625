//! A handful of evaluations for any number of coordinates: products with random directions.

use super::compare::Comparison;
use super::diagnose::Diagnose;
use super::judge::Judge;
use super::kind::Kind;
use super::report::Report;
use super::run::{REPEATS, entries, spread, start, without_mistakes};
use super::taylor::{direction, products};
use crate::error::expect_outputs;
use crate::evaluate::adapter::{Copied, scalar_closure, vector_closure};
use crate::moves::AnyFunction;
use crate::random::SplitMix64;
use crate::{Error, Outcome, Point};

/// Checks a gradient along three random directions: about 40 evaluations of f and one of g,
/// whatever the number of coordinates.
///
/// Every wrong entry shows in each direction with the weight of a random number; where it stands
/// can't be told. The entries of the report are the directions. Sign, constant factor, kink, noise
/// and an f that is not deterministic are named; all else is a missing or wrong term.
///
/// # Errors
/// Those of [`gradient`](super::gradient).
///
/// # Example
/// ```
/// use ndarray::Array1;
/// use numdiff_core::check;
/// let f = |x: &Array1<f64>| x.iter().map(|v| v.sin()).sum::<f64>();
/// let x = Array1::linspace(0.0, 3.0, 100_000);
/// let report = check::directions(f, |x: &Array1<f64>| x.mapv(f64::cos), &x, 1)?;
/// report.assert_ok();
/// assert!(report.evaluations < 100);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
pub fn directions<F, R, G, S, X>(f: F, g: G, x: &X, seed: u64) -> Result<Report, Error>
where
    F: FnMut(&X::Seen) -> R,
    R: Outcome<f64>,
    G: FnMut(&X::Seen) -> S,
    S: crate::Outputs<f64>,
    X: Point<f64> + ?Sized,
{
    let what = "gradient along random directions";
    let f = &mut scalar_closure(f, x, Copied::default());
    run(
        what,
        f,
        &mut vector_closure(g, x, Copied::default()),
        x,
        seed,
    )
}

/// [`directions`] for a Jacobian: each direction gives an entry for each output.
///
/// # Errors
/// Those of [`jacobian`](super::jacobian).
pub fn directions_of<F, R, G, S, X>(f: F, j: G, x: &X, seed: u64) -> Result<Report, Error>
where
    F: FnMut(&X::Seen) -> R,
    R: crate::Outputs<f64>,
    G: FnMut(&X::Seen) -> S,
    S: crate::Outputs<f64>,
    X: Point<f64> + ?Sized,
{
    let what = "Jacobian along random directions";
    let f = &mut vector_closure(f, x, Copied::default());
    run(
        what,
        f,
        &mut vector_closure(j, x, Copied::default()),
        x,
        seed,
    )
}

/// How many directions: a wrong derivative that one misses by chance does not escape three.
const DIRECTIONS: usize = 3;

fn run<X: Point<f64> + ?Sized>(
    what: &'static str,
    f: &mut dyn AnyFunction,
    derivative: &mut dyn AnyFunction,
    x: &X,
    seed: u64,
) -> Result<Report, Error> {
    let (x, base) = start(f, x)?;
    let (x, rows) = (&x[..], base.len());
    let matrix = entries(derivative, x, "the derivative", rows * x.len())?;
    let spread = spread(f, x, &base)?;
    let mut evaluations = 1 + REPEATS;
    let mut random = SplitMix64::new(seed);
    let mut all = Comparison::new(&[], &[], Vec::new(), vec![DIRECTIONS]);
    if rows > 1 {
        all.shape.push(rows);
    }
    for _ in 0..DIRECTIONS {
        let d = direction(x, &mut random);
        // Rounding of a sum of n terms, as a random walk.
        let rounding = 16.0 * f64::EPSILON * (x.len() as f64).sqrt();
        let sizes = products(&matrix, &d, f64::abs);
        let floor = sizes.iter().map(|size| rounding * size).collect();
        let (numeric, cost) = Kind::JacobianVector.differentiate(f, x, &d)?;
        expect_outputs(numeric.len(), rows)?;
        let analytic = products(&matrix, &d, |term| term);
        let mut c = Comparison::new(&analytic, &numeric, floor, vec![rows]);
        let mut judge = Judge::new(Kind::JacobianVector, f, x, &d, &base, &spread);
        judge.judge(&mut c);
        evaluations += cost + judge.evaluations;
        all.entries.extend(c.entries);
        all.floor.extend(c.floor);
    }
    let mut report = Report::new(what, all.shape.clone(), all.entries.clone());
    report.evaluations = evaluations;
    report.diagnosis = if all.has_wrong() {
        let diagnose = Diagnose {
            c: &all,
            x: None,
            second: &mut || None,
        };
        Some(diagnose.diagnose_products())
    } else {
        without_mistakes(&all, &spread)
    };
    Ok(report)
}
