//! `cargo xtask optimize`: what the optimizers cost, beside the stored figures of their peers.

mod constrained;
mod far;
mod json;
mod meter;
mod nist;
mod peers;
mod profile;
mod table;

use clap::Args as ClapArgs;
use meter::{Knows, Noise, measure, perturb};
use numdiff_optim::Status;
use numdiff_problems::{mgh, plain};
use std::path::PathBuf;
use std::process::ExitCode;

/// f - f* as shares of f0 - f*.
const TAUS: [f64; 3] = [1e-3, 1e-6, 1e-9];

#[derive(ClapArgs)]
#[command(after_help = "Example: cargo xtask optimize --seed 7 --full")]
pub(crate) struct Args {
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
    /// Print every figure of every solver, and each problem; wider than a terminal
    #[arg(long)]
    full: bool,
    /// Fit NIST's nonlinear regressions instead
    #[arg(long)]
    nist: bool,
    /// The problems with constraints alone
    #[arg(long)]
    constrained: bool,
    /// Ordinary fits and likelihoods from far starts instead
    #[arg(long)]
    far: bool,
    /// Seed of the perturbed starts and of the noise
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for the figure: data profiles of the problems that peers have rows for
    #[arg(long, default_value = "target/optimize")]
    out: PathBuf,
}

/// One run of one solver on one problem.
struct Row {
    problem: String,
    n: usize,
    /// Evaluations until each tau.
    evaluations: [Option<usize>; 3],
    /// `None` for stored rows.
    status: Option<Status>,
    /// (f - f*) / (f0 - f*) at the point returned.
    error: f64,
    total: usize,
    infeasible: usize,
}

struct Solver {
    name: String,
    rows: Vec<Row>,
}

pub(crate) fn run(args: Args) -> ExitCode {
    if args.nist {
        return nist::run();
    }
    let seed = args.seed;
    if args.far {
        return far::run(seed);
    }
    if args.constrained {
        constrained::print(seed, args.full);
        return ExitCode::SUCCESS;
    }
    let every = |noise, knows| {
        let problems = mgh::main().into_iter().chain(mgh::larger());
        problems
            .map(|p| measure(&p, noise, knows, seed))
            .collect::<Vec<Row>>()
    };
    let mut default = every(Noise::None, Knows::Values);
    default.extend(
        mgh::boxed()
            .iter()
            .map(|(p, _)| measure(p, Noise::None, Knows::Values, seed)),
    );
    default.extend(
        plain()
            .iter()
            .map(|p| measure(p, Noise::None, Knows::Values, seed)),
    );
    let solver = |name: &str, rows| Solver {
        name: name.into(),
        rows,
    };
    let perturbed = (1..=5).flat_map(|round| {
        mgh::main().into_iter().map(move |p| {
            let start = perturb(&p.start, seed.wrapping_mul(1000) + round);
            measure(&p.with_start(start), Noise::None, Knows::Values, seed)
        })
    });
    let mut solvers = vec![
        solver("numdiff", default),
        solver("numdiff, starts perturbed by 10 %", perturbed.collect()),
        solver(
            "numdiff, gradient given",
            every(Noise::None, Knows::Gradient),
        ),
        solver(
            "numdiff least squares",
            every(Noise::None, Knows::Residuals),
        ),
        solver(
            "numdiff, f to six digits",
            every(Noise::SixDigits, Knows::Values),
        ),
        solver("numdiff, f in f32", every(Noise::Single, Knows::Values)),
        solver(
            "numdiff, f with multiplicative noise 1e-6",
            every(Noise::Multiplicative, Knows::Values),
        ),
    ];
    let ours = solvers.len();
    solvers.extend(peers::peers());
    if args.json {
        match serde_json::to_string_pretty(&json::to_json(&solvers)) {
            Ok(text) => println!("{text}"),
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::FAILURE;
            }
        }
    } else {
        table::print(&solvers, ours, args.full);
    }
    let stored = peers::stored(&solvers);
    match profile::write(&solvers, |row| stored.contains(&row.problem), &args.out) {
        Ok(_) if args.json => {}
        Ok(path) => println!("\ndata profiles: {}", path.display()),
        Err(error) => {
            eprintln!("error: writing to {}: {error}", args.out.display());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
