//! The vector problems, coded by name; each in the order of operations of its formula.

use super::case::{Row, judge};
use super::method::{Answers, Measured};
use super::problem::{ProblemError, Vector, decimal};
use ndarray::Array1;

/// Measures one; relative errors are taken entry by entry, over the entry's own size or, where it
/// is 0, the largest of the array; the row tells the worst.
pub(super) fn row(method: &Measured, problem: &Vector) -> Result<Row, ProblemError> {
    let mut x = Vec::with_capacity(problem.x.len());
    for text in &problem.x {
        let value = text.parse().map_err(|_| ProblemError::Number {
            name: problem.name.clone(),
            text: text.clone(),
        })?;
        x.push(value);
    }
    let x = Array1::from(x);
    let (answers, units) = answers(method, problem, &x)?;
    let mut exact = Vec::new();
    let mut unread = None;
    flatten(
        &problem.exact,
        &mut |text| match decimal(&problem.name, text) {
            Ok(number) => exact.push(number),
            Err(error) => unread = Some(error),
        },
    );
    if let Some(error) = unread {
        return Err(error);
    }
    let largest = exact
        .iter()
        .fold(0.0_f64, |size, e| size.max(e.nearest().abs()));
    let mut worst = Row {
        name: problem.name.clone(),
        group: problem.group.clone(),
        x: f64::NAN,
        value: f64::NAN,
        estimate: f64::NAN,
        error: 0.0,
        relative: 0.0,
        over_limit: f64::NAN,
        evaluations: answers.evaluations as f64 / units as f64,
        covered: true,
        covered_adjusted: true,
        tightness: f64::NAN,
        flagged: !answers.trusted,
        undefined: false,
        status: answers.status,
    };
    if answers.values.len() != exact.len() {
        worst.error = f64::INFINITY;
        worst.relative = f64::INFINITY;
        worst.covered = false;
        worst.covered_adjusted = false;
        return Ok(worst);
    }
    let mut ratios = Vec::new();
    for ((number, &value), &estimate) in exact.iter().zip(&answers.values).zip(&answers.estimates) {
        let size = number.nearest().abs();
        let scale = if size > 0.0 { size } else { largest };
        let judged = judge(number, value, estimate, scale, 0.0);
        let relative = judged.error / scale;
        if relative >= worst.relative {
            (worst.value, worst.estimate) = (value, estimate);
            (worst.error, worst.relative) = (judged.error, relative);
        }
        worst.covered &= judged.covered;
        worst.covered_adjusted &= judged.covered_adjusted;
        worst.flagged |= estimate > 1e-3 * scale;
        if judged.tightness.is_finite() {
            ratios.push(judged.tightness);
        }
    }
    worst.tightness = super::group::quantile(&mut ratios, 0.5);
    Ok(worst)
}

fn flatten(value: &serde_json::Value, take: &mut impl FnMut(&str)) {
    match value {
        serde_json::Value::Array(rows) => rows.iter().for_each(|row| flatten(row, take)),
        serde_json::Value::String(text) => take(text),
        other => take(&other.to_string()),
    }
}

/// The answers, and the coordinates, columns or distinct entries that share the evaluations.
fn answers(
    method: &Measured,
    problem: &Vector,
    x: &Array1<f64>,
) -> Result<(Answers, usize), ProblemError> {
    let name = problem.name.split('~').next().unwrap_or_default();
    let name = name.rsplit_once('_').map_or(name, |(function, _)| function);
    let n = x.len();
    if problem.kind == "jac" {
        let f: fn(&[f64]) -> Vec<f64> = match name.trim_end_matches(|c: char| c.is_ascii_digit()) {
            "helical" => helical,
            "broyden" => broyden,
            "robertson" => robertson,
            _ => {
                return Err(ProblemError::UnknownVector {
                    name: problem.name.clone(),
                });
            }
        };
        return Ok((method.jacobian(f, x), n));
    }
    let f: fn(&[f64]) -> f64 = match name.trim_end_matches(|c: char| c.is_ascii_digit()) {
        "rosen" => rosenbrock,
        "normal" => normal,
        "mixed" => mixed,
        "beale" => beale,
        "weibull" => weibull,
        "wood" => wood,
        _ => {
            return Err(ProblemError::UnknownVector {
                name: problem.name.clone(),
            });
        }
    };
    Ok(match problem.kind.as_str() {
        "hess" => (method.hessian(f, x), n * (n + 1) / 2),
        _ => (method.gradient(f, x), n),
    })
}

fn rosenbrock(x: &[f64]) -> f64 {
    x.windows(2)
        .map(|w| 100.0 * (w[1] - w[0].powi(2)).powi(2) + (1.0 - w[0]).powi(2))
        .sum()
}

/// Negative log-likelihood of a normal sample in (mean, log sigma).
fn normal(x: &[f64]) -> f64 {
    const SAMPLE: [f64; 6] = [1012.5, 987.25, 1003.75, 995.0, 1021.5, 978.75];
    let (mean, s) = (x[0], x[1]);
    SAMPLE
        .iter()
        .map(|v| (v - mean).powi(2) / (2.0 * (2.0 * s).exp()) + s)
        .sum()
}

fn mixed(x: &[f64]) -> f64 {
    (1e6 * x[0]).exp() + x[1].sin() + (1.0 + x[2] / 1e6).ln()
}

fn beale(x: &[f64]) -> f64 {
    let (a, b) = (x[0], x[1]);
    (1.5 - a + a * b).powi(2)
        + (2.25 - a + a * b.powi(2)).powi(2)
        + (2.625 - a + a * b.powi(3)).powi(2)
}

/// Negative log-likelihood of a Weibull sample in (shape, scale).
fn weibull(x: &[f64]) -> f64 {
    const SAMPLE: [f64; 5] = [0.5, 1.25, 2.75, 0.875, 1.5];
    let (k, l) = (x[0], x[1]);
    SAMPLE
        .iter()
        .map(|v| -(k / l).ln() - (k - 1.0) * (v / l).ln() + (k * (v / l).ln()).exp())
        .sum()
}

fn wood(x: &[f64]) -> f64 {
    100.0 * (x[1] - x[0].powi(2)).powi(2)
        + (1.0 - x[0]).powi(2)
        + 90.0 * (x[3] - x[2].powi(2)).powi(2)
        + (1.0 - x[2]).powi(2)
        + 10.0 * (x[1] + x[3] - 2.0).powi(2)
        + (x[1] - x[3]).powi(2) / 10.0
}

fn helical(x: &[f64]) -> Vec<f64> {
    let turn = (x[1] / x[0]).atan() / (2.0 * std::f64::consts::PI) + 0.5;
    vec![
        10.0 * (x[2] - 10.0 * turn),
        10.0 * ((x[0].powi(2) + x[1].powi(2)).sqrt() - 1.0),
        x[2],
    ]
}

fn broyden(x: &[f64]) -> Vec<f64> {
    let at = |i: usize| x.get(i).copied().unwrap_or(0.0);
    (0..x.len())
        .map(|i| (3.0 - 2.0 * x[i]) * x[i] - at(i.wrapping_sub(1)) - 2.0 * at(i + 1) + 1.0)
        .collect()
}

/// The right-hand side of Robertson's chemical kinetics.
fn robertson(y: &[f64]) -> Vec<f64> {
    vec![
        -0.04 * y[0] + 1e4 * y[1] * y[2],
        0.04 * y[0] - 1e4 * y[1] * y[2] - 3e7 * y[1].powi(2),
        3e7 * y[1].powi(2),
    ]
}
