//! `cargo xtask optimize --nist`: NIST's nonlinear regressions beside the stored figures of other libraries.

use comfy_table::Table;
use numdiff_optim::{Status, least_squares};
use numdiff_problems::regression::{Precision, Regression, nist};
use std::process::ExitCode;

/// Rows of other libraries, measured once and stored; the origin stands in tests/golden/README.md.
const PEERS: &str = include_str!("../../../../tests/golden/nist_peers.csv");

/// A sum of squares above this multiple of the certified one is no minimum.
const FALSE: f64 = 1.001;
/// Below, the residual is rounding.
const ROUNDING: f64 = 1e-20;

/// One run.
struct Run {
    parameters: f64,
    errors: f64,
    evaluations: usize,
    claims: bool,
    is_false: bool,
    has_errors: bool,
}

/// Prints the tables; 1 where a claim is false.
pub(super) fn run() -> ExitCode {
    let problems = nist();
    let mut each = Table::new();
    each.set_header([
        "problem",
        "start",
        "digits",
        "of errors",
        "evaluations",
        "status",
    ]);
    let mut table = Table::new();
    table.set_header([
        "",
        "parameters to 6 digits",
        "errors to 6 digits",
        "errors within 5 %",
        "false claims",
        "evaluations, median",
    ]);
    let mut false_claims = 0;
    let precisions = [
        ("numdiff", Precision::Double),
        ("numdiff, model in f32", Precision::Single),
        ("numdiff, model to six digits", Precision::SixDigits),
        ("numdiff, noise of 1e-6", Precision::Noisy),
    ];
    for (name, precision) in precisions {
        let mut runs = Vec::new();
        for problem in &problems {
            for (k, start) in problem.starts.iter().enumerate() {
                match measure(problem, start, precision) {
                    Ok((run, status)) => {
                        if precision == Precision::Double {
                            each.add_row([
                                problem.name.clone(),
                                (k + 1).to_string(),
                                format!("{:.1}", run.parameters),
                                format!("{:.1}", run.errors),
                                run.evaluations.to_string(),
                                status.to_string(),
                            ]);
                        }
                        runs.push(run);
                    }
                    Err(error) => {
                        eprintln!("error: {}: {error}", problem.name);
                        return ExitCode::FAILURE;
                    }
                }
            }
        }
        false_claims += runs.iter().filter(|run| run.is_false).count();
        table.add_row(summary(name, &runs));
    }
    for (name, runs) in peers() {
        table.add_row(summary(&name, &runs));
    }
    println!("{each}\n\n{table}");
    ExitCode::from(u8::from(false_claims > 0))
}

fn measure(
    problem: &Regression,
    start: &[f64],
    precision: Precision,
) -> Result<(Run, Status), numdiff_optim::Error> {
    let fit = least_squares(|b: &[f64]| problem.residuals(b, precision), start).run()?;
    let (parameters, errors) = problem.digits(&fit.x, fit.standard_errors().as_slice());
    let claims = fit.status.is_success();
    let run = Run {
        parameters,
        errors,
        evaluations: fit.evaluations,
        claims,
        is_false: claims && fit.value > FALSE * problem.sum + ROUNDING,
        has_errors: problem.sum > ROUNDING,
    };
    Ok((run, fit.status))
}

fn summary(name: &str, runs: &[Run]) -> Vec<String> {
    let count = |holds: fn(&Run) -> bool| runs.iter().filter(|run| holds(run)).count().to_string();
    let mut evaluations: Vec<usize> = runs.iter().map(|run| run.evaluations).collect();
    evaluations.sort_unstable();
    let median = evaluations.get(evaluations.len() / 2).copied().unwrap_or(0);
    vec![
        name.into(),
        count(|run| run.parameters >= 6.0),
        count(|run| run.has_errors && run.errors >= 6.0),
        // 5 % are 1.3 digits.
        count(|run| run.has_errors && run.errors >= -0.05f64.log10()),
        count(|run| run.claims && run.is_false),
        median.to_string(),
    ]
}

/// The rows of the peers by method, in the order of the file.
fn peers() -> Vec<(String, Vec<Run>)> {
    let mut all: Vec<(String, Vec<Run>)> = Vec::new();
    let header: Vec<&str> = PEERS
        .lines()
        .next()
        .unwrap_or_default()
        .split(',')
        .collect();
    let place = |name: &str| header.iter().position(|h| *h == name).unwrap_or(0);
    let (method, evaluations) = (place("method"), place("evals"));
    let (parameters, errors, is_false) =
        (place("lre_params"), place("lre_se"), place("false_success"));
    for line in PEERS.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |k: usize| cells[k].parse::<f64>().unwrap_or(0.0);
        let run = Run {
            parameters: number(parameters),
            errors: number(errors),
            evaluations: number(evaluations) as usize,
            claims: true,
            is_false: cells[is_false] == "1",
            has_errors: cells[0] != "Lanczos1",
        };
        match all.iter_mut().find(|(name, _)| name == cells[method]) {
            Some((_, runs)) => runs.push(run),
            None => all.push((cells[method].into(), vec![run])),
        }
    }
    all
}
