//! `cargo xtask examples`: every example of the workspace runs, ends well and says something.

use serde_json::Value;
use std::error::Error;
use std::process::{Command, ExitCode};
use std::time::Instant;

/// Run every example of the workspace
#[derive(clap::Args)]
pub struct Args {
    /// Some of them, by name
    names: Vec<String>,
    /// Print what they print
    #[arg(long)]
    show: bool,
}

pub fn run(args: Args) -> ExitCode {
    match run_all(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(1)
        }
    }
}

/// An example target.
struct Example {
    package: String,
    name: String,
    features: Vec<String>,
}

fn run_all(args: &Args) -> Result<bool, Box<dyn Error>> {
    let examples = examples()?;
    if let Some(unknown) = args
        .names
        .iter()
        .find(|name| !examples.iter().any(|example| example.name == **name))
    {
        return Err(format!("no example {unknown}").into());
    }
    let mut good = true;
    for example in examples {
        if !args.names.is_empty() && !args.names.contains(&example.name) {
            continue;
        }
        let mut command = cargo();
        command.args(["run", "--quiet", "--example", &example.name]);
        // Without a package cargo takes the features of the whole workspace, for which everything is
        // built already.
        if !example.features.is_empty() {
            command.args(["--package", &example.package]);
            command.args(["--features", &example.features.join(",")]);
        }
        let start = Instant::now();
        let output = command.output()?;
        let (name, package) = (&example.name, &example.package);
        let verdict = match (output.status.success(), output.stdout.is_empty()) {
            (true, false) => "ok",
            (true, true) => "SILENT",
            (false, _) => "FAILED",
        };
        println!(
            "{verdict:<6} {package}: {name} ({:.1?}, build included)",
            start.elapsed()
        );
        if args.show || verdict != "ok" {
            print!("{}", String::from_utf8_lossy(&output.stdout));
            print!("{}", String::from_utf8_lossy(&output.stderr));
        }
        good &= verdict == "ok";
    }
    Ok(good)
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
}

/// The workspace's examples, from cargo's own list.
fn examples() -> Result<Vec<Example>, Box<dyn Error>> {
    let output = cargo()
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut examples = Vec::new();
    for package in list(&metadata["packages"]) {
        for target in list(&package["targets"]) {
            if list(&target["kind"]).iter().any(|kind| kind == "example") {
                examples.push(Example {
                    package: text(&package["name"]),
                    name: text(&target["name"]),
                    features: list(&target["required-features"])
                        .iter()
                        .map(text)
                        .collect(),
                });
            }
        }
    }
    Ok(examples)
}
