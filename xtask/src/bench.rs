//! `cargo xtask bench AREA`: times beside those of other programs, measured in one run. What is built
//! against other libraries runs as a binary of the unpublished package `benches`, so that nothing
//! else of the workspace builds the peers.

mod nn;
mod optim;
mod scale;

use clap::Subcommand;
use comfy_table::{Table, presets};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

/// What to measure
#[derive(Subcommand)]
pub enum Area {
    /// One area after the other
    All,
    /// Gradients, Jacobians and Hessians against hand-written loops and two crates
    Core(Args),
    /// Gradients of networks, beside the numerical gradient in NumPy and the machine's own rates
    Nn(nn::Args),
    /// Optimizers beside argmin, basin and scipy: an iteration of L-BFGS at large n, and the function
    /// values used on 35 problems
    Optim(Args),
    /// Sparse structures at scale: colors against ColPack, sparse Jacobians against a loop by hand,
    /// finitediff and scipy
    Scale(Args),
}

/// Options of an area that a binary of `benches` measures.
#[derive(clap::Args)]
pub struct Args {
    /// Print a JSON array of rows: id, numdiff, unit, peers, ratio (a peer's time over numdiff's)
    #[arg(long)]
    json: bool,
    /// Print Markdown tables, as in docs/benchmarks.md
    #[arg(long)]
    markdown: bool,
}

/// Measures and prints the rows.
pub fn run(area: Area) -> ExitCode {
    match area {
        Area::All => all(),
        Area::Core(args) => report("core", &args, print, |_| ExitCode::SUCCESS),
        Area::Nn(args) => nn::run(args),
        Area::Optim(args) => report("optim", &args, optim::print, |_| ExitCode::SUCCESS),
        Area::Scale(args) => report("scale", &args, scale::print, scale::verdict),
    }
}

/// Runs a binary of `benches` and prints its rows, as JSON or by `print` in a preset of the tables.
fn report(
    area: &str,
    args: &Args,
    print: fn(&[Value], &str),
    verdict: fn(&[Value]) -> ExitCode,
) -> ExitCode {
    let rows = match measure(area) {
        Ok(rows) => rows,
        Err(message) => {
            eprintln!("error: {message}");
            return ExitCode::FAILURE;
        }
    };
    let code = verdict(&rows);
    if args.json {
        println!("{:#}", Value::from(rows));
    } else if args.markdown {
        print(&rows, presets::ASCII_MARKDOWN);
    } else {
        print(&rows, presets::UTF8_FULL_CONDENSED);
    }
    code
}

/// Every area with its usual options; an area that fails does not keep the others from being measured.
fn all() -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for area in ["core", "optim", "nn", "scale"] {
        println!("== {area}");
        let status = std::env::current_exe()
            .and_then(|program| Command::new(program).args(["bench", area]).status());
        match status {
            Ok(status) if status.success() => {}
            Ok(status) => {
                eprintln!("error: {area} ended with {status}");
                code = ExitCode::FAILURE;
            }
            Err(error) => {
                eprintln!("error: {area} does not start: {error}");
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}

/// Runs a binary of `benches`.
fn measure(name: &str) -> Result<Vec<Value>, String> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../benches/Cargo.toml");
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["run", "--release", "--quiet", "--manifest-path"])
        .arg(manifest)
        .args(["--bin", name])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo does not start: {error}"))?;
    if !output.status.success() {
        return Err(format!("the measurement ended with {}", output.status));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("no rows came: {error}"))
}

/// A line for each peer.
fn print(rows: &[Value], preset: &str) {
    let mut table = Table::new();
    table.load_preset(preset);
    table.set_header(["", "numdiff", "unit", "peer", "its time", "ratio"]);
    for row in rows {
        let text = |value: &Value| value.as_str().map_or(value.to_string(), str::to_string);
        let own = [&row["id"], &row["numdiff"], &row["unit"]].map(text);
        for (k, (name, time)) in row["peers"].as_object().into_iter().flatten().enumerate() {
            // What belongs to the row stands in its first line alone.
            let [id, numdiff, unit] = own.clone().map(|s| if k == 0 { s } else { String::new() });
            let ratio = row["ratio"][name].as_f64().map(|r| format!("{r:.3}"));
            let ratio = ratio.unwrap_or_default();
            table.add_row([id, numdiff, unit, name.clone(), text(time), ratio]);
        }
    }
    println!("{table}");
}
