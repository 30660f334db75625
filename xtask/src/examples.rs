//! `cargo xtask examples`: every example of the repository runs, ends well and says something.

use serde_json::Value;
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

/// Run every example of the repository
#[derive(clap::Args)]
#[command(after_help = "Example: cargo xtask examples --show watch")]
pub struct Args {
    /// Some of them, by name; see --list
    names: Vec<String>,
    /// Print what they print
    #[arg(long)]
    show: bool,
    /// List the examples and stop
    #[arg(long)]
    list: bool,
}

pub fn run(args: Args) -> ExitCode {
    match run_all(&args) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// An example target.
struct Example {
    manifest: PathBuf,
    package: String,
    name: String,
    features: Vec<String>,
}

impl Example {
    /// cargo, told to build or run this example.
    fn cargo(&self, verb: &str) -> Command {
        let mut command = cargo();
        command.arg(verb).arg("--manifest-path").arg(&self.manifest);
        command.args(["--package", &self.package, "--example", &self.name]);
        if !self.features.is_empty() {
            command.args(["--features", &self.features.join(",")]);
        }
        command.arg("--target-dir").arg(root().join("target"));
        command
    }
}

fn run_all(args: &Args) -> Result<ExitCode, Box<dyn Error>> {
    let mut examples = examples()?;
    if args.list {
        for example in &examples {
            println!("{:<20} {}", example.name, example.package);
        }
        return Ok(ExitCode::SUCCESS);
    }
    for name in &args.names {
        if !examples.iter().any(|example| example.name == *name) {
            let names: Vec<&str> = examples.iter().map(|e| e.name.as_str()).collect();
            eprintln!(
                "error: no example is called '{name}'; there are {}",
                names.join(", ")
            );
            return Ok(ExitCode::from(2));
        }
    }
    examples.retain(|example| args.names.is_empty() || args.names.contains(&example.name));
    let mut good = true;
    let total = examples.len();
    for (k, example) in examples.into_iter().enumerate() {
        // cargo shows what it compiles.
        if !example.cargo("build").status()?.success() {
            good = false;
            println!(
                "FAILED {}: {} does not build",
                example.package, example.name
            );
            continue;
        }
        print!(
            "{:>2}/{total} {}: {} … ",
            k + 1,
            example.package,
            example.name
        );
        std::io::stdout().flush()?;
        let start = Instant::now();
        let mut command = example.cargo("run");
        command.arg("--quiet").stdin(Stdio::null());
        let output = command.output()?;
        let verdict = match (output.status.success(), output.stdout.is_empty()) {
            (true, false) => "ok",
            (true, true) => "SILENT",
            (false, _) => "FAILED",
        };
        println!("{verdict} ({:.1?})", start.elapsed());
        if args.show || verdict != "ok" {
            print!("{}", String::from_utf8_lossy(&output.stdout));
            print!("{}", String::from_utf8_lossy(&output.stderr));
        }
        good &= verdict == "ok";
    }
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
}

/// The examples of the workspace, and those beside other libraries, from cargo's own lists.
fn examples() -> Result<Vec<Example>, Box<dyn Error>> {
    let mut examples = examples_of(&root().join("Cargo.toml"))?;
    examples.extend(examples_of(&root().join("tests/examples/Cargo.toml"))?);
    Ok(examples)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn examples_of(manifest: &Path) -> Result<Vec<Example>, Box<dyn Error>> {
    let output = cargo()
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .arg("--manifest-path")
        .arg(manifest)
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
                    manifest: manifest.to_path_buf(),
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
