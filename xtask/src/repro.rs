//! `cargo xtask repro`: the tutorial's scenarios, printed against computed.

mod json;
mod outcome;
mod report;
mod table;

use crate::figure::{self, Width};
use crate::theme::Theme;
use indicatif::{ProgressBar, ProgressStyle};
use numdiff_tests::{Scenario, Trials, all, find};
use outcome::Outcome;
use serde_json::{Value, json};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Reproduce every number and picture of the tutorial
#[derive(clap::Args)]
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
            eprintln!("error: no scenario is called '{name}'; see cargo xtask repro --list");
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
    let written = write(&outcomes, trials, &args.out);
    if args.json {
        println!("{:#}", json::as_json(&outcomes, trials));
    } else {
        println!("{}", table::table(&outcomes, trials));
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
            "Figures and report: {}",
            args.out.join("report.html").display()
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
    // Drawn on standard error, and only when that is a terminal.
    let progress = ProgressBar::new(scenarios.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {msg}") {
        progress.set_style(style);
    }
    let outcomes = scenarios
        .into_iter()
        .map(|scenario| {
            progress.set_message(scenario.title);
            let outcome = Outcome::of(scenario, trials);
            progress.inc(1);
            outcome
        })
        .collect();
    progress.finish_and_clear();
    outcomes
}

fn write(outcomes: &[Outcome], trials: Trials, out: &Path) -> Result<(), Box<dyn Error>> {
    for drawing in outcomes.iter().flat_map(Outcome::figures) {
        let svg = figure::svg(drawing, Theme::Light, Width::Wide)?;
        std::fs::write(out.join(format!("{}.svg", drawing.name)), svg)?;
        let path = out.join(format!("{}.png", drawing.name));
        figure::png(drawing, Theme::Light, Width::Wide, &path)?;
    }
    std::fs::write(out.join("report.html"), report::report(outcomes, trials)?)?;
    Ok(())
}
