//! Commands of this workspace: `cargo xtask repro` and its kin, one file per command. What needs more
//! than the tutorial does is a package of its own, `xtask/commands`, built when it is asked for.

mod book;
mod examples;
mod repro;

use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command as Process, ExitCode};

/// Commands of the numdiff workspace
#[derive(Parser)]
#[command(
    bin_name = "cargo xtask",
    version,
    arg_required_else_help = true,
    after_help = "Begin with: cargo xtask repro"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// One variant, one file, one line in [`main`] per command. A command's `run` returns its exit
/// code: 0, 1 when what it measured disagrees with what is claimed, 2 on wrong usage (clap's own).
#[derive(Subcommand)]
enum Command {
    /// Reproduce every number and picture of the tutorial
    Repro(repro::Args),
    /// Run every example of the repository
    Examples(examples::Args),
    /// Build the guide as a book in target/book and check its links
    Book(book::Args),
    /// Measure accuracy, error bars and evaluations on files of problems
    #[command(disable_help_flag = true)]
    Accuracy(Forwarded),
    /// Compare the public items of the crates with the listing in docs/api
    #[command(disable_help_flag = true)]
    Api(Forwarded),
    /// Measure numdiff beside other programs
    #[command(disable_help_flag = true)]
    Bench(Forwarded),
    /// Count what the optimizers cost on the reference problems, beside their peers
    #[command(disable_help_flag = true)]
    Optimize(Forwarded),
    /// Build and try the crates from their packages
    #[command(disable_help_flag = true)]
    PackageCheck(Forwarded),
    /// Train a network on real data by numerical gradients
    #[command(disable_help_flag = true)]
    Train(Forwarded),
}

/// What a command of `xtask/commands` is given.
#[derive(clap::Args)]
struct Forwarded {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Repro(args) => repro::run(args),
        Command::Examples(args) => examples::run(args),
        Command::Book(args) => book::run(args),
        Command::Accuracy(forwarded) => forwarded.run("release", "accuracy"),
        Command::Api(forwarded) => forwarded.run("dev", "api"),
        Command::Bench(forwarded) => forwarded.run("release", "bench"),
        Command::Optimize(forwarded) => forwarded.run("release", "optimize"),
        Command::PackageCheck(forwarded) => forwarded.run("dev", "package-check"),
        Command::Train(forwarded) => forwarded.run("release", "train"),
    }
}

impl Forwarded {
    /// Builds `xtask/commands`, where that is needed, and runs one of its commands: optimized if it computes.
    fn run(self, profile: &str, command: &str) -> ExitCode {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let status = Process::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
            .args(["run", "--profile", profile, "--locked", "--manifest-path"])
            .arg(root.join("xtask/commands/Cargo.toml"))
            // Shared, so that what both need is compiled once.
            .arg("--target-dir")
            .arg(root.join("target"))
            .args(["--", command])
            .args(self.arguments)
            .status();
        match status.map(|status| status.code()) {
            Ok(Some(code)) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
            Ok(None) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("error: cargo could not be started: {error}");
                ExitCode::FAILURE
            }
        }
    }
}
