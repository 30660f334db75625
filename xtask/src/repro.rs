//! `cargo xtask repro`: the tutorial's scenarios, printed against computed.

mod json;
mod listing;
mod outcome;
mod report;

use numdiff_tests::{Scenario, Trials, all, find, illustrations};
use outcome::Outcome;
use serde_json::{Value, json};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use xtask::figure::{self, Width};

/// Reproduce every number and picture of the tutorial
#[derive(clap::Args)]
#[command(after_help = "Example: cargo xtask repro large-rate --cases 1000")]
pub struct Args {
    /// Scenarios to run, by number or id; all when none is named
    scenarios: Vec<String>,
    /// List the scenarios and stop
    #[arg(long)]
    list: bool,
    /// Print the results as JSON
    #[arg(long)]
    json: bool,
    /// Cases of each property
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..))]
    cases: u32,
    /// Seed of the properties' random cases
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Folder for the figures and the report
    #[arg(long, value_name = "DIR", default_value = "target/repro")]
    out: PathBuf,
}

/// Runs the command.
pub fn run(args: Args) -> ExitCode {
    let scenarios = match chosen(&args.scenarios) {
        Ok(scenarios) => scenarios,
        Err(name) => {
            let known: Vec<String> = all()
                .iter()
                .map(|s| format!("{} {}", s.number, s.id))
                .collect();
            eprintln!(
                "error: no scenario is called '{name}'; there are {}",
                known.join(", ")
            );
            return ExitCode::from(2);
        }
    };
    if args.list {
        list(&scenarios, args.json);
        return ExitCode::SUCCESS;
    }
    let trials = Trials {
        cases: args.cases,
        seed: args.seed,
    };
    // Fails before the work rather than after it.
    if let Err(error) = std::fs::create_dir_all(&args.out) {
        eprintln!("error: --out {}: {error}", args.out.display());
        return ExitCode::from(2);
    }
    let outcomes = outcomes(scenarios, trials);
    let report = args.out.join(report_name(&args.scenarios));
    let written = write(&outcomes, trials, &args.out, &report);
    if args.json {
        println!("{:#}", json::as_json(&outcomes, trials));
    } else {
        print!("{}", listing::listing(&outcomes, trials));
    }
    for complaint in outcomes.iter().flat_map(Outcome::complaints) {
        eprintln!("{complaint}");
    }
    if let Err(error) = written {
        eprintln!("error: writing to {}: {error}", args.out.display());
        return ExitCode::from(2);
    }
    if !args.json {
        println!(
            "\nFigures and report, with a panel to play with: {}",
            report.display()
        );
    }
    match outcomes.iter().all(Outcome::agrees) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// The scenarios of these names, in the tutorial's order and each once; all when there are none.
fn chosen(names: &[String]) -> Result<Vec<Scenario>, &str> {
    if names.is_empty() {
        return Ok(all());
    }
    let mut scenarios = Vec::new();
    for name in names {
        scenarios.push(find(name).ok_or(name.as_str())?);
    }
    scenarios.sort_by_key(|scenario| scenario.number);
    scenarios.dedup_by_key(|scenario| scenario.number);
    Ok(scenarios)
}

fn list(scenarios: &[Scenario], as_json: bool) {
    if as_json {
        let rows: Vec<Value> = scenarios
            .iter()
            .map(|s| json!({"id": s.id, "number": s.number, "title": s.title, "claim": s.claim}))
            .collect();
        println!("{:#}", json!({ "scenarios": rows }));
        return;
    }
    for scenario in scenarios {
        println!(
            "{:>2}  {:<22} {}",
            scenario.number, scenario.id, scenario.title
        );
    }
}

fn outcomes(scenarios: Vec<Scenario>, trials: Trials) -> Vec<Outcome> {
    let total = scenarios.len();
    scenarios
        .into_iter()
        .enumerate()
        .map(|(k, scenario)| {
            // On standard error: the result is on standard output.
            eprintln!("{:>2}/{total} {} …", k + 1, scenario.title);
            Outcome::of(scenario, trials)
        })
        .collect()
}

/// The report of some scenarios leaves that of all as it is.
fn report_name(scenarios: &[String]) -> &'static str {
    if scenarios.is_empty() {
        "report.html"
    } else {
        "report-of-some.html"
    }
}

fn write(
    outcomes: &[Outcome],
    trials: Trials,
    out: &Path,
    report: &Path,
) -> Result<(), Box<dyn Error>> {
    let of_the_guide = illustrations()?;
    let of_scenarios = outcomes.iter().flat_map(Outcome::figures);
    for drawing in of_scenarios.chain(&of_the_guide) {
        let svg = figure::svg(drawing, Width::Wide)?;
        std::fs::write(out.join(format!("{}.svg", drawing.name)), svg)?;
    }
    std::fs::write(report, report::report(outcomes, trials)?)?;
    Ok(())
}
