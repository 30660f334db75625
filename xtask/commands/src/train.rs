//! `cargo xtask train`: a network learns real data by numerical gradients.

mod data;
mod figures;
mod image_grid;
mod options;
mod outcome;
mod report;

use data::Data;
use indicatif::{ProgressBar, ProgressStyle};
use ndarray_rand::rand::SeedableRng;
use numdiff_nn::{
    Activation, Checkpoint, Dense, GradientMethod, Init, Loss, Network, Stopped, Training,
    check_network,
};
use numdiff_optim::Optimizer;
pub use options::Args;
use options::{Set, words};
use outcome::{Outcome, as_json};
use rand_chacha::ChaCha8Rng;
use std::error::Error;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use xtask::figure::{self, Width};

/// Runs the command.
pub fn run(args: Args) -> ExitCode {
    let outcome = match prepare(&args) {
        Ok((data, training, resumed_at, out)) => {
            learn(&args, data, training, resumed_at, &out).map(|o| (o, out))
        }
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    let (outcome, out) = match outcome {
        Ok(outcome) => outcome,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    if let Err(error) = write(&outcome, &out) {
        eprintln!("error: writing to {}: {error}", out.display());
        return ExitCode::from(2);
    }
    if args.json {
        println!("{:#}", as_json(&outcome));
    } else {
        println!("{}", outcome.sentence());
        println!("Figures and report: {}", out.join("report.html").display());
    }
    if let Some((first, last)) = outcome.rose() {
        eprintln!(
            "training did not lower the loss: {first:.4} in its first epoch, {last:.4} in its last; \
             lower --rate"
        );
        return ExitCode::FAILURE;
    }
    if !outcome.check.passed() {
        eprintln!("the gradients disagree:\n{}", outcome.check);
        return ExitCode::FAILURE;
    }
    match args.require {
        Some(required) if outcome.accuracy < required => {
            eprintln!(
                "accuracy {:.4} is below the required {required}",
                outcome.accuracy
            );
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

type Prepared = (Data, Training<f64>, Option<u64>, PathBuf);

fn prepare(args: &Args) -> Result<Prepared, Box<dyn Error>> {
    let (data, hidden, epochs) = match (args.set, &args.idx) {
        (Some(Set::Iris), _) => (data::iris(args.seed)?, 16, 200),
        (_, Some(folder)) => (data::idx(folder, args.limit, args.seed)?, 50, 3),
        _ => (data::digits(args.seed)?, 32, 60),
    };
    let out = args
        .out
        .clone()
        .unwrap_or_else(|| Path::new("target/train").join(&data.name));
    std::fs::create_dir_all(&out).map_err(|error| format!("--out {}: {error}", out.display()))?;

    let hidden = if args.hidden.is_empty() {
        vec![hidden]
    } else {
        args.hidden.clone()
    };
    let mut builder = Network::builder();
    let mut width = data.training.x().ncols();
    for &units in &hidden {
        builder = builder
            .layer(Dense::new(width, units))
            .layer(Activation::Sigmoid);
        width = units;
    }
    let network = builder
        .layer(Dense::new(width, data.classes.len()))
        .loss(Loss::TUTORIAL)
        .initialize(Init::Xavier, &mut ChaCha8Rng::seed_from_u64(args.seed))?;

    let method = GradientMethod::new(args.gradient.algorithm()).with_step(args.step);
    let threads = args
        .threads
        .unwrap_or_else(|| threads(network.parameters().len() * args.batch));
    let optimizer = Optimizer::new(args.optimizer.method(args.rate), network.parameters().len())?;
    let mut training = Training::new(network, data.training.clone(), optimizer)
        .with_batch_size(args.batch)
        .with_epochs(args.epochs.unwrap_or(epochs))
        .with_seed(args.seed)
        .with_gradient(method.with_threads(threads))
        .with_validation(data.held_out.clone());
    if let Some(patience) = args.patience {
        training = training.with_patience(patience);
    }
    let mut resumed_at = None;
    if args.resume {
        let path = checkpoint_path(&out);
        let file = std::fs::File::open(&path)
            .map_err(|error| format!("--resume: {}: {error}", path.display()))?;
        let checkpoint =
            Checkpoint::read(file).map_err(|error| format!("{}: {error}", path.display()))?;
        resumed_at = Some(checkpoint.steps());
        training
            .resume(checkpoint)
            .map_err(|error| format!("--resume: {error}"))?;
    }
    Ok((data, training, resumed_at, out))
}

/// Starting a thread takes 0.1 ms; a step pays for it from about 200,000 parameter-samples on.
fn threads(work: usize) -> usize {
    if work < 200_000 {
        1
    } else {
        std::thread::available_parallelism().map_or(1, usize::from)
    }
}

fn checkpoint_path(out: &Path) -> PathBuf {
    out.join("checkpoint.json")
}

fn learn(
    args: &Args,
    data: Data,
    mut training: Training<f64>,
    resumed_at: Option<u64>,
    out: &Path,
) -> Result<Outcome, Box<dyn Error>> {
    // Drawn on standard error, and only when that is a terminal.
    let bar = ProgressBar::no_length();
    if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} steps, {eta} left, {msg}")
    {
        bar.set_style(style);
    }
    // A century, where more seconds are asked for than a duration holds.
    let every =
        Duration::try_from_secs_f64(args.checkpoint).unwrap_or(Duration::from_secs(3_000_000_000));
    let begin = Instant::now();
    let stopped = loop {
        // The watcher can't look into the run it watches: it lets go when a checkpoint is due.
        let mut due = false;
        let (last, mut shown) = (Instant::now(), 0.0f64);
        let stopped = training.run(|progress| {
            bar.set_length(progress.steps);
            bar.set_position(progress.step);
            shown = if shown == 0.0 {
                progress.loss
            } else {
                0.9 * shown + 0.1 * progress.loss
            };
            let held_out = progress.history.last().and_then(|epoch| epoch.accuracy);
            bar.set_message(match held_out {
                Some(accuracy) => format!(
                    "loss {shown:.4}, {:.1} % of the held-out right",
                    100.0 * accuracy
                ),
                None => format!("loss {shown:.4}"),
            });
            due = last.elapsed() >= every;
            if due {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        save_checkpoint(&training.checkpoint(), out)?;
        match stopped? {
            Stopped::ByCaller if due => continue,
            stopped => break stopped,
        }
    };
    bar.finish_and_clear();
    let seconds = begin.elapsed().as_secs_f64();
    let network = training.inference()?;
    let rows: Vec<usize> = (0..data.training.len().min(args.batch)).collect();
    Ok(Outcome {
        loss: network.loss(&data.held_out)?,
        accuracy: network.accuracy(&data.held_out)?,
        check: check_network(training.network(), &data.training.select(&rows)?)?,
        network,
        gradient: args.gradient.words(),
        batch: args.batch,
        optimizer: words(&args.optimizer.method(args.rate)),
        seed: args.seed,
        stopped,
        seconds,
        resumed_at,
        data,
        training,
    })
}

/// Written beside and renamed, so that a kill never leaves half a file.
fn save_checkpoint(checkpoint: &Checkpoint, out: &Path) -> Result<(), Box<dyn Error>> {
    let (path, beside) = (checkpoint_path(out), out.join("checkpoint.json.new"));
    checkpoint.write(std::io::BufWriter::new(std::fs::File::create(&beside)?))?;
    std::fs::rename(beside, path)?;
    Ok(())
}

fn write(outcome: &Outcome, out: &Path) -> Result<(), Box<dyn Error>> {
    let file = std::fs::File::create(out.join("network.json"))?;
    outcome.network.save(std::io::BufWriter::new(file))?;
    for drawing in figures::all(outcome)? {
        let svg = figure::svg(&drawing, Width::Wide)?;
        std::fs::write(out.join(format!("{}.svg", drawing.name)), svg)?;
    }
    for grid in figures::image_grids(outcome)? {
        let path = out.join(format!("{}.svg", grid.name));
        std::fs::write(path, grid.svg(Width::Wide)?)?;
    }
    std::fs::write(out.join("report.html"), report::report(outcome)?)?;
    Ok(())
}
