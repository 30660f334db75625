//! What `cargo xtask train` can be told.

use clap::ValueEnum;
use numdiff_nn::GradientAlgorithm;
use numdiff_optim::Method;
use std::path::PathBuf;

/// Train a network on real data by numerical gradients
#[derive(clap::Args)]
#[command(
    override_usage = "cargo xtask train <iris|digits> [OPTIONS]\n       cargo xtask train --idx DIR [OPTIONS]",
    after_help = "Example: cargo xtask train digits --epochs 20 --require 0.95"
)]
pub struct Args {
    /// Data that comes with the workspace
    #[arg(
        value_enum,
        value_name = "iris|digits",
        required_unless_present = "idx",
        conflicts_with = "idx"
    )]
    pub(super) set: Option<Set>,
    /// Folder with the IDX files of MNIST or its kin, plain or .gz
    #[arg(long, value_name = "DIR")]
    pub(super) idx: Option<PathBuf>,
    /// With --idx, only so many of the images
    #[arg(long, value_name = "N", requires = "idx", value_parser = at_least_one)]
    pub(super) limit: Option<usize>,
    /// How gradients are computed
    #[arg(long, value_enum, default_value = "numerical")]
    pub(super) gradient: Kind,
    /// Units of the hidden layers [default: 16 for iris, 32 for digits, 50 for --idx]
    #[arg(long, value_name = "N,N", value_delimiter = ',', value_parser = at_least_one)]
    pub(super) hidden: Vec<usize>,
    /// How often to go through the data [default: 200 for iris, 60 for digits, 3 for --idx]
    #[arg(long, value_name = "N")]
    pub(super) epochs: Option<usize>,
    /// Samples per step
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = at_least_one)]
    pub(super) batch: usize,
    /// How a gradient becomes a step
    #[arg(long, value_enum, default_value = "adam")]
    pub(super) optimizer: Optimizer,
    /// Learning rate [default: one that suits the optimizer]
    #[arg(long, value_name = "R", value_parser = positive)]
    pub(super) rate: Option<f64>,
    /// Step of the differences
    #[arg(long, value_name = "H", default_value_t = 1e-4, value_parser = positive)]
    pub(super) step: f64,
    /// Stop when the held-out loss has not sunk for so many epochs
    #[arg(long, value_name = "N")]
    pub(super) patience: Option<usize>,
    /// Seed of the split, the weights and the shuffles
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) seed: u64,
    /// Threads for numerical gradients [default: all when a step is large enough to pay for them]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub(super) threads: Option<usize>,
    /// Put the run away every so many seconds: what a kill can cost
    #[arg(long, value_name = "SECONDS", default_value_t = 2.0, value_parser = positive)]
    pub(super) checkpoint: f64,
    /// Take up the run whose checkpoint is in --out; it ends with the same bits
    #[arg(long)]
    pub(super) resume: bool,
    /// Exit with 1 when the accuracy on what was held out is below this
    #[arg(long, value_name = "A", value_parser = share)]
    pub(super) require: Option<f64>,
    /// Print the result as JSON
    #[arg(long)]
    pub(super) json: bool,
    /// Folder for checkpoint, network, figures and report [default: target/train/DATA]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Set {
    /// 150 flowers, 4 lengths, 3 species
    Iris,
    /// 1,797 handwritten digits of 8 x 8 pixels
    Digits,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
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
    pub(super) fn algorithm(self) -> GradientAlgorithm {
        match self {
            Kind::Numerical => GradientAlgorithm::IncrementAlgebra,
            Kind::Incremental => GradientAlgorithm::Incremental,
            Kind::Node => GradientAlgorithm::NodePerturbation,
            Kind::Naive => GradientAlgorithm::Naive,
            Kind::Backprop => GradientAlgorithm::Backpropagation,
        }
    }

    pub(super) fn words(self) -> &'static str {
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
pub(super) enum Optimizer {
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
    pub(super) fn method(self, rate: Option<f64>) -> Method {
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
            Optimizer::Adagrad => Method::ada_grad(or(0.05)),
            Optimizer::Rmsprop => Method::rms_prop(or(0.005)),
            Optimizer::Adam => Method::adam(or(0.01)),
        }
    }
}

/// The method and what it was told, as one reads it: "Adam, learning rate 0.01, beta1 0.9".
pub(super) fn words(method: &Method) -> String {
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

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err("a share of the samples from 0 to 1 is needed, such as 0.95".into()),
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
