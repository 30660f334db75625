//! `cargo xtask train`: a network learns real data by numerical gradients.

mod data;
mod figures;
mod report;
mod sheet;

use crate::figure::{self, Width};
use crate::theme::Theme;
use clap::ValueEnum;
use data::Data;
use indicatif::{ProgressBar, ProgressStyle};
use ndarray_rand::rand::SeedableRng;
use numdiff_nn::{
    Activation, Checkpoint, Dense, GradientMethod, Init, Loss, Network, NetworkCheck, Rung,
    Stopped, Training, check_network,
};
use numdiff_optim::{Method, Stepper};
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use std::error::Error;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Train a network on real data by numerical gradients
#[derive(clap::Args)]
pub struct Args {
    /// Data that comes with the workspace
    #[arg(value_enum, required_unless_present = "idx", conflicts_with = "idx")]
    set: Option<Set>,
    /// Folder with the IDX files of MNIST or its kin, plain or .gz
    #[arg(long, value_name = "DIR")]
    idx: Option<PathBuf>,
    /// With --idx, only so many of the images
    #[arg(long, value_name = "N", requires = "idx", value_parser = at_least_one)]
    limit: Option<usize>,
    /// How gradients are computed
    #[arg(long, value_enum, default_value = "numerical")]
    gradient: Kind,
    /// Units of the hidden layers [default: 16 for iris, 32 for digits, 50 for --idx]
    #[arg(long, value_name = "N,N", value_delimiter = ',', value_parser = at_least_one)]
    hidden: Vec<usize>,
    /// How often to go through the data [default: 200 for iris, 60 for digits, 3 for --idx]
    #[arg(long, value_name = "N")]
    epochs: Option<usize>,
    /// Samples per step
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = at_least_one)]
    batch: usize,
    /// How a gradient becomes a step
    #[arg(long, value_enum, default_value = "adam")]
    optimizer: Optimizer,
    /// Learning rate [default: one that suits the optimizer]
    #[arg(long, value_name = "R", value_parser = positive)]
    rate: Option<f64>,
    /// Step of the differences
    #[arg(long, value_name = "H", default_value_t = 1e-4, value_parser = positive)]
    step: f64,
    /// Stop when the held-out loss has not sunk for so many epochs
    #[arg(long, value_name = "N")]
    patience: Option<usize>,
    /// Seed of the split, the weights and the shuffles
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Threads for numerical gradients [default: all when a step is large enough to pay for them]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    threads: Option<usize>,
    /// Put the run away every so many seconds: what a kill can cost
    #[arg(long, value_name = "SECONDS", default_value_t = 2.0, value_parser = positive)]
    checkpoint: f64,
    /// Take up the run whose checkpoint is in --out; it ends with the same bits
    #[arg(long)]
    resume: bool,
    /// Exit with 1 when the accuracy on what was held out is below this
    #[arg(long, value_name = "A")]
    require: Option<f64>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    /// Folder for checkpoint, network, figures and report [default: target/train/DATA]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Set {
    /// 150 flowers, 4 lengths, 3 species
    Iris,
    /// 1,797 handwritten digits of 8 x 8 pixels
    Digits,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Differences without cancellation
    Numerical,
    /// Differences of what moved alone
    Incremental,
    /// Differences by the values between the layers
    Node,
    /// Two forward passes for each parameter
    Naive,
    /// The chain rule
    Backprop,
}

impl Kind {
    fn rung(self) -> Rung {
        match self {
            Kind::Numerical => Rung::IncrementAlgebra,
            Kind::Incremental => Rung::Incremental,
            Kind::Node => Rung::NodePerturbation,
            Kind::Naive => Rung::Naive,
            Kind::Backprop => Rung::Backpropagation,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Kind::Numerical => "numerical gradients (increment algebra)",
            Kind::Incremental => "numerical gradients (incremental)",
            Kind::Node => "numerical gradients (node perturbation)",
            Kind::Naive => "numerical gradients (two forward passes per parameter)",
            Kind::Backprop => "backpropagation",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Optimizer {
    /// Gradient descent
    Descent,
    /// The heavy ball
    Momentum,
    /// Nesterov's acceleration
    Nesterov,
    /// Steps divided by the root of all squared gradients
    Adagrad,
    /// Steps divided by the root of recent squared gradients
    Rmsprop,
    /// Moving averages of the gradient and its square
    Adam,
}

impl Optimizer {
    /// The method with this learning rate, or with one that is usual for it.
    fn method(self, rate: Option<f64>) -> Method {
        let or = |usual: f64| rate.unwrap_or(usual);
        match self {
            Optimizer::Descent => Method::GradientDescent {
                learning_rate: or(0.5),
            },
            Optimizer::Momentum => Method::Momentum {
                learning_rate: or(0.1),
                momentum: 0.9,
            },
            Optimizer::Nesterov => Method::Nesterov {
                learning_rate: or(0.1),
                momentum: 0.9,
            },
            Optimizer::Adagrad => Method::AdaGrad {
                learning_rate: or(0.05),
            },
            Optimizer::Rmsprop => Method::RmsProp {
                learning_rate: or(0.005),
                decay: 0.9,
            },
            Optimizer::Adam => Method::adam(or(0.01)),
        }
    }
}

/// The method and what it was told, as one reads it: "Adam, learning rate 0.01, beta1 0.9".
fn words(method: &Method) -> String {
    let text = format!("{method:?}");
    let (name, settings) = text.split_once(" { ").unwrap_or((&text, ""));
    let settings = settings
        .trim_end_matches(" }")
        .replace(": ", " ")
        .replace('_', " ");
    if settings.is_empty() {
        name.to_string()
    } else {
        format!("{name}, {settings}")
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(0) => Err("must be at least 1".into()),
        Ok(n) => Ok(n),
        Err(error) => Err(error.to_string()),
    }
}

fn positive(text: &str) -> Result<f64, String> {
    let number: f64 = text
        .parse()
        .map_err(|error: std::num::ParseFloatError| error.to_string())?;
    if number > 0.0 && number.is_finite() {
        Ok(number)
    } else {
        Err("must be finite and above 0".into())
    }
}

/// What a run came to.
pub struct Outcome {
    data: Data,
    training: Training<f64, Stepper>,
    /// The network as it is used.
    network: Network,
    gradient: &'static str,
    batch: usize,
    optimizer: String,
    seed: u64,
    loss: f64,
    accuracy: f64,
    stopped: Stopped,
    /// Seconds of this call; a resumed run spent others before.
    seconds: f64,
    resumed_at: Option<u64>,
    check: NetworkCheck,
}

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

type Prepared = (Data, Training<f64, Stepper>, Option<u64>, PathBuf);

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

    let method = GradientMethod::new(args.gradient.rung()).with_step(args.step);
    let threads = args
        .threads
        .unwrap_or_else(|| threads(network.parameters().len() * args.batch));
    let stepper = Stepper::new(args.optimizer.method(args.rate), network.parameters().len())?;
    let mut training = Training::new(network, data.training.clone(), stepper)
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
    mut training: Training<f64, Stepper>,
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

impl Outcome {
    /// Sizes of the layers: 64-32-10.
    fn sizes(&self) -> String {
        let dense = self
            .network
            .blocks()
            .iter()
            .filter(|block| block.shape.len() == 2);
        let outputs = dense.map(|block| format!("-{}", block.shape[1]));
        format!("{}{}", self.network.inputs(), outputs.collect::<String>())
    }

    /// FNV-1a over the bits of the parameters: equal runs have equal ones.
    fn fingerprint(&self) -> String {
        let bytes = self
            .network
            .parameters()
            .iter()
            .flat_map(|p| p.to_bits().to_le_bytes());
        let fold =
            |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        format!("{:016x}", bytes.fold(0xcbf2_9ce4_8422_2325, fold))
    }

    fn steps(&self) -> u64 {
        self.training
            .history()
            .last()
            .map_or(0, |epoch| epoch.steps)
    }

    fn sentence(&self) -> String {
        let resumed = match self.resumed_at {
            Some(step) => format!(", taken up at step {step}"),
            None => String::new(),
        };
        let stopped = if self.stopped == Stopped::Early {
            ", stopped early"
        } else {
            ""
        };
        format!(
            "{}: {} by {}, {} epochs, {} steps{stopped}{resumed}, {:.1} s\n\
             held out: {} of {} right ({:.2} %), loss {:.5}\n\
             parameters: {} of fingerprint {}",
            self.data.name,
            self.sizes(),
            self.gradient,
            self.training.history().len(),
            self.steps(),
            self.seconds,
            (self.accuracy * self.data.held_out.len() as f64).round(),
            self.data.held_out.len(),
            100.0 * self.accuracy,
            self.loss,
            self.network.parameters().len(),
            self.fingerprint(),
        )
    }
}

fn as_json(outcome: &Outcome) -> serde_json::Value {
    json!({
        "data": outcome.data.name,
        "network": outcome.sizes(),
        "gradient": outcome.gradient,
        "optimizer": outcome.optimizer,
        "epochs": outcome.training.history().len(),
        "steps": outcome.steps(),
        "seconds": outcome.seconds,
        "resumed_at": outcome.resumed_at,
        "held_out": outcome.data.held_out.len(),
        "loss": outcome.loss,
        "accuracy": outcome.accuracy,
        "parameters": outcome.network.parameters().len(),
        "fingerprint": outcome.fingerprint(),
        "gradients_agree": outcome.check.passed(),
    })
}

fn write(outcome: &Outcome, out: &Path) -> Result<(), Box<dyn Error>> {
    let file = std::fs::File::create(out.join("network.json"))?;
    outcome.network.save(std::io::BufWriter::new(file))?;
    for drawing in figures::all(outcome)? {
        let svg = figure::svg(&drawing, Theme::Light, Width::Wide)?;
        std::fs::write(out.join(format!("{}.svg", drawing.name)), svg)?;
        figure::png(
            &drawing,
            Theme::Light,
            Width::Wide,
            &out.join(format!("{}.png", drawing.name)),
        )?;
    }
    for sheet in figures::sheets(outcome)? {
        std::fs::write(
            out.join(format!("{}.svg", sheet.name)),
            sheet.svg(Theme::Light, Width::Wide)?,
        )?;
        sheet.png(
            Theme::Light,
            Width::Wide,
            &out.join(format!("{}.png", sheet.name)),
        )?;
    }
    std::fs::write(out.join("report.html"), report::report(outcome)?)?;
    Ok(())
}
