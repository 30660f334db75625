//! The commands of `cargo xtask` that need more than the tutorial does, one file per command.

mod accuracy;
mod api;
mod bench;
mod optimize;
mod package_check;
mod train;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Measurements and checks of the numdiff workspace
#[derive(Parser)]
#[command(bin_name = "cargo xtask", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// One variant, one file, one line in [`main`] per command. A command's `run` returns its exit
/// code: 0, 1 when what it measured disagrees with what is claimed, 2 on wrong usage (clap's own).
#[derive(Subcommand)]
enum Command {
    /// Measure accuracy, error bars and evaluations on files of problems
    Accuracy(accuracy::Args),
    /// Compare the public items of the crates with the listing in docs/api
    Api(api::Args),
    /// Measure numdiff beside other programs
    #[command(subcommand)]
    Bench(bench::Area),
    /// Count what the optimizers cost on the reference problems, beside their peers
    Optimize(optimize::Args),
    /// Build and try the crates from their packages
    PackageCheck(package_check::Args),
    /// Train a network on real data by numerical gradients
    Train(train::Args),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Accuracy(args) => accuracy::run(args),
        Command::Api(args) => api::run(args),
        Command::Bench(args) => bench::run(args),
        Command::Optimize(args) => optimize::run(args),
        Command::PackageCheck(args) => package_check::run(args),
        Command::Train(args) => train::run(args),
    }
}
