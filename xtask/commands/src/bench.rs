//! `cargo xtask bench AREA`: times beside those of other programs, measured in one run. What is built
//! against other libraries runs as a binary of the unpublished package `benches`, so that nothing
//! else of the workspace builds the peers.

mod nn;
mod optim;
mod ratios;
mod scale;

use clap::Subcommand;
use comfy_table::{Table, presets};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// What to measure
#[derive(Subcommand)]
pub enum Area {
    /// One area after the other
    All(Args),
    /// Gradients, Jacobians and Hessians against hand-written loops, two crates and Python's libraries
    Core(Args),
    /// Gradients of networks, beside the numerical gradient in NumPy and the machine's own rates
    Nn(Args),
    /// Optimizers beside argmin, basin and scipy: an iteration of L-BFGS at large n, and the function
    /// values used on 35 problems
    Optim(Args),
    /// Sparse structures at scale: colors against ColPack, sparse Jacobians against a loop by hand,
    /// finitediff and scipy
    Scale(Args),
}

#[derive(clap::Args)]
pub struct Args {
    /// Print a JSON array of rows: id, numdiff, unit, peers, ratio (a peer's time over numdiff's) and, of times
    /// taken in turns, the ratio's spread
    #[arg(long)]
    json: bool,
    /// Print Markdown tables, as in docs/benchmarks.md
    #[arg(long)]
    markdown: bool,
    /// Folder for the rows (AREA.json), the tables (AREA.md) and figures of the ratios
    #[arg(long, default_value = "target/bench")]
    out: PathBuf,
}

/// How the rows of an area are shown: as tables in a preset.
type Tables = fn(&[Value], &str) -> String;

/// Measures, prints and writes the rows.
pub fn run(area: Area) -> ExitCode {
    let passed = |_: &[Value]| ExitCode::SUCCESS;
    match area {
        Area::All(args) => all(&args),
        Area::Core(args) => report("core", &args, measure("core"), tables, passed),
        Area::Nn(args) => report("nn", &args, nn::measure(), nn::tables, passed),
        Area::Optim(args) => report("optim", &args, measure("optim"), optim::tables, passed),
        Area::Scale(args) => report(
            "scale",
            &args,
            measure("scale"),
            scale::tables,
            scale::verdict,
        ),
    }
}

fn report(
    area: &str,
    args: &Args,
    rows: Result<Vec<Value>, String>,
    tables: Tables,
    verdict: fn(&[Value]) -> ExitCode,
) -> ExitCode {
    let written = rows.and_then(|rows| {
        write(area, &rows, tables, &args.out)
            .map_err(|error| format!("writing to {}: {error}", args.out.display()))?;
        Ok(rows)
    });
    let rows = match written {
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
        println!("{}", tables(&rows, presets::ASCII_MARKDOWN));
    } else {
        println!("{}", tables(&rows, presets::UTF8_FULL_CONDENSED));
    }
    code
}

/// The rows as JSON and Markdown, and figures where they are of several sizes.
fn write(
    area: &str,
    rows: &[Value],
    tables: Tables,
    out: &Path,
) -> Result<(), Box<dyn std::error::Error>> {
    std::fs::create_dir_all(out)?;
    let text = format!("{:#}\n", Value::from(rows.to_vec()));
    std::fs::write(out.join(format!("{area}.json")), text)?;
    let text = format!("{}\n", tables(rows, presets::ASCII_MARKDOWN));
    std::fs::write(out.join(format!("{area}.md")), text)?;
    ratios::write(rows, out)
}

/// Every area with its usual options; an area that fails does not keep the others from being measured.
fn all(args: &Args) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for area in ["core", "optim", "nn", "scale"] {
        if !args.json {
            println!("== {area}");
        }
        let mut command = match std::env::current_exe() {
            Ok(program) => Command::new(program),
            Err(error) => {
                eprintln!("error: {error}");
                return ExitCode::FAILURE;
            }
        };
        command.args(["bench", area, "--out"]).arg(&args.out);
        if args.json {
            command.arg("--json");
        }
        if args.markdown {
            command.arg("--markdown");
        }
        match command.status() {
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
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/Cargo.toml");
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
fn tables(rows: &[Value], preset: &str) -> String {
    let mut table = Table::new();
    table.load_preset(preset);
    table.set_header([
        "",
        "numdiff",
        "unit",
        "peer",
        "its time",
        "ratio",
        "quartiles",
    ]);
    for row in rows {
        let text = |value: &Value| value.as_str().map_or(value.to_string(), str::to_string);
        let own = [&row["id"], &row["numdiff"], &row["unit"]].map(text);
        for (k, (name, time)) in row["peers"].as_object().into_iter().flatten().enumerate() {
            // What belongs to the row stands in its first line alone.
            let [id, numdiff, unit] = own.clone().map(|s| if k == 0 { s } else { String::new() });
            let ratio = row["ratio"][name].as_f64().map(|r| format!("{r:.3}"));
            let ratio = ratio.unwrap_or_default();
            let quartile = |k: usize| row["spread"][name][k].as_f64();
            let spread = match (quartile(0), quartile(1)) {
                (Some(low), Some(high)) => format!("{low:.3} to {high:.3}"),
                _ => String::new(),
            };
            table.add_row([id, numdiff, unit, name.clone(), text(time), ratio, spread]);
        }
    }
    table.to_string()
}
