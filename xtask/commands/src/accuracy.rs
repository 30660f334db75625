//! `cargo xtask accuracy`: what the methods make of files of differentiation problems.

mod families;
mod json;
mod peers;
mod steps;
mod table;

use numdiff_accuracy::{Group, Measured, Problems, Row, groups, measure};
use std::path::PathBuf;
use std::process::ExitCode;

/// Measure accuracy, error bars and evaluations on files of problems
///
/// Without --problems the public files of tests/golden are run: 466 hard cases, 13 gradients,
/// Jacobians and Hessians, 480 random smooth cases. The adaptive method comes first. In the table
/// and in JSON, coverage and the following shares are fractions of the cases that have a
/// derivative; relative errors above 1e-3 are gross; they are flagged when the error bar exceeds
/// 1e-3 relative too or the status says that the value is not to be trusted.
#[derive(clap::Args)]
pub struct Args {
    /// A problem file, in the format of tests/golden/derivative_problems.json; repeatable
    #[arg(long, value_name = "FILE.json")]
    problems: Vec<PathBuf>,
    /// Instead: so many functions of each family drawn at random, with kinks, tables, noise, directions
    #[arg(long, value_name = "CASES", conflicts_with_all = ["problems", "json", "cases", "tolerance", "method"])]
    families: Option<usize>,
    /// Instead: the digits that rules for the step of fixed differences keep, by the size of x
    #[arg(long, conflicts_with_all = ["problems", "families", "json", "cases", "tolerance", "method"])]
    steps: bool,
    /// Print {"methods": [{"method", "groups": [{"group", "cases", ...}]}]}
    #[arg(long)]
    json: bool,
    /// Add every case: name, x, value, error estimate, true error, evaluations, status
    #[arg(long)]
    cases: bool,
    /// Print every figure of every group; wider than a terminal
    #[arg(long)]
    full: bool,
    /// Also the adaptive method that stops at this relative error; repeatable
    #[arg(long, value_name = "R", value_parser = tolerance, allow_negative_numbers = true)]
    tolerance: Vec<f64>,
    /// Also this method: adaptive-declared (the formula's noise level is declared), forward,
    /// backward, central, central4, central6, central8; repeatable or separated by commas
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    method: Vec<String>,
}

fn tolerance(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(value) if value > 0.0 && value < 1.0 => Ok(value),
        _ => Err("a relative error between 0 and 1 is needed, such as 1e-6".into()),
    }
}

/// What one method made of the problems.
struct Measurement {
    method: String,
    rows: Vec<Row>,
    groups: Vec<Group>,
}

/// Runs the command.
pub fn run(args: Args) -> ExitCode {
    if args.steps {
        steps::print();
        return ExitCode::SUCCESS;
    }
    if let Some(cases) = args.families {
        families::print(cases.max(1));
        return ExitCode::SUCCESS;
    }
    match measurements(&args) {
        Ok(measurements) => {
            if args.json {
                println!("{:#}", json::as_json(&measurements, args.cases));
            } else {
                table::print(&measurements, args.cases, args.full);
            }
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

fn measurements(args: &Args) -> Result<Vec<Measurement>, String> {
    let problems = problems(&args.problems)?;
    let mut methods = vec![Measured::adaptive()];
    methods.extend(
        args.tolerance
            .iter()
            .map(|&rtol| Measured::adaptive_to(rtol)),
    );
    if args.tolerance.is_empty() && args.method.is_empty() {
        methods.push(Measured::adaptive_to(1e-6));
        methods.push(Measured::named("central").map_err(|error| error.to_string())?);
    }
    for name in args.method.iter().filter(|name| *name != "adaptive") {
        methods.push(Measured::named(name).map_err(|error| error.to_string())?);
    }
    let mut all = Vec::with_capacity(methods.len());
    for method in &methods {
        let mut rows = Vec::new();
        for (file, problems) in &problems {
            rows.extend(measure(method, problems).map_err(|error| format!("{file}: {error}"))?);
        }
        let groups = groups(&rows);
        all.push(Measurement {
            method: method.name.clone(),
            rows,
            groups,
        });
    }
    Ok(all)
}

fn problems(files: &[PathBuf]) -> Result<Vec<(String, Problems)>, String> {
    if files.is_empty() {
        let public = [
            ("derivative_problems.json", Problems::hard()),
            ("derivative_random.json", Problems::random()),
        ];
        return public
            .into_iter()
            .map(|(name, problems)| {
                Ok((
                    name.to_owned(),
                    problems.map_err(|error| error.to_string())?,
                ))
            })
            .collect();
    }
    files
        .iter()
        .map(|file| {
            let name = file.display().to_string();
            let text = std::fs::read_to_string(file)
                .map_err(|error| format!("--problems {name}: {error}"))?;
            let problems =
                Problems::parse(&text).map_err(|error| format!("--problems {name}: {error}"))?;
            Ok((name, problems))
        })
        .collect()
}
