//! A training run that can be put away and taken up again.

use super::{State, Training};
use crate::save::{Fnv, SavedBlock, parse, write};
use crate::{Batch, Error, Loss, Network};
use numdiff_core::Real;
use numdiff_optim::Schedule;
use std::io::{Read, Write};

const FORMAT: &str = "numdiff-nn training";

/// Version of the file; a file of another one is refused.
const VERSION: u32 = 1;

/// A training run as it was after some step: parameters, optimizer, history, position.
///
/// It holds no layers and no data: make the same [`Training`] again and [`Training::resume`] it.
///
/// ```
/// use ndarray::array;
/// use numdiff_nn::{Batch, Checkpoint, Dense, Network, Targets, Training};
/// use numdiff_optim::{Method, Optimizer};
/// use std::ops::ControlFlow;
/// let data = Batch::new(array![[0.1], [0.9]], Targets::labels(&[0, 1]))?;
/// let network: Network = Network::builder().layer(Dense::new(1, 2)).weights(&[0.1, 0.2, 0.0, 0.0])?;
/// let descent = Optimizer::new(Method::GradientDescent { learning_rate: 0.5 }, 4)?;
/// let training =
///     || Training::new(network.clone(), data.clone(), descent.clone()).with_epochs(9);
/// let mut whole = training();
/// whole.run(|_| ControlFlow::Continue(()))?;
///
/// let mut first = training();
/// first.run(|progress| if progress.step == 4 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })?;
/// let mut file = Vec::new();
/// first.checkpoint().write(&mut file)?;
///
/// let mut second = training();
/// second.resume(Checkpoint::read(&file[..])?)?;
/// second.run(|_| ControlFlow::Continue(()))?;
/// assert_eq!(second.network().parameters(), whole.network().parameters());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Checkpoint {
    format: String,
    version: u32,
    blocks: Vec<SavedBlock>,
    parameters: Vec<f64>,
    statistics: Vec<Vec<f64>>,
    optimizer: String,
    optimizer_state: Vec<f64>,
    run: Run,
    state: State,
}

/// What must be the same for the bits to be the same.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Run {
    layers: Vec<String>,
    loss: String,
    gradient: String,
    batch_size: Option<usize>,
    seed: u64,
    rows: usize,
    data: u64,
}

impl Run {
    /// The first setting that is not the same, here and there.
    fn difference(&self, other: &Run) -> Option<(&'static str, String, String)> {
        let layers = |run: &Run| run.layers.join(", ");
        let size = |run: &Run| match run.batch_size {
            Some(rows) => format!("{rows} samples"),
            None => "all samples".into(),
        };
        let data = |run: &Run| format!("{} samples with fingerprint {:016x}", run.rows, run.data);
        let pairs = [
            ("layers", layers(self), layers(other)),
            ("loss", self.loss.clone(), other.loss.clone()),
            ("gradient", self.gradient.clone(), other.gradient.clone()),
            ("batch size", size(self), size(other)),
            ("seed", self.seed.to_string(), other.seed.to_string()),
            ("data", data(self), data(other)),
        ];
        pairs
            .into_iter()
            .find(|(_, found, expected)| found != expected)
    }
}

impl Checkpoint {
    /// Writes the checkpoint as JSON; every number comes back with the same bits.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write(&self, writer: impl Write) -> Result<(), Error> {
        write(writer, self)
    }

    /// Reads what [`write`](Self::write) wrote.
    ///
    /// # Errors
    /// What the reader says; a file that ends early, is damaged, is no checkpoint, or is of another
    /// version.
    pub fn read(reader: impl Read) -> Result<Self, Error> {
        parse(reader, FORMAT, VERSION)
    }

    /// Steps that had been made.
    pub fn steps(&self) -> u64 {
        self.state.step
    }
}

impl<T: Real> Training<T> {
    /// The run as it is now.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            format: FORMAT.into(),
            version: VERSION,
            blocks: SavedBlock::all(&self.network),
            parameters: widened(&self.network),
            statistics: self.network.statistics.clone(),
            optimizer: self.optimizer_in_words(),
            optimizer_state: self.optimizer.state(),
            run: self.run_settings(),
            state: self.state.clone(),
        }
    }

    /// Takes up a run where `checkpoint` left it. The end is the same, to the bit, as if it had never
    /// stopped.
    ///
    /// # Errors
    /// [`Error::Saved`] when blocks, layers, loss, optimizer, gradient, batch size, seed or data are
    /// not those of the checkpoint, or when no run can be where it says; nothing is changed then.
    pub fn resume(&mut self, checkpoint: Checkpoint) -> Result<(), Error> {
        let differs = |what: &'static str, found: String, expected: String| {
            Err(Error::Saved {
                what,
                found,
                expected,
            })
        };
        if checkpoint.blocks != SavedBlock::all(&self.network) {
            let (found, expected) = (checkpoint.blocks, SavedBlock::all(&self.network));
            return differs(
                "blocks",
                SavedBlock::list(&found),
                SavedBlock::list(&expected),
            );
        }
        if checkpoint.optimizer != self.optimizer_in_words() {
            return differs("optimizer", checkpoint.optimizer, self.optimizer_in_words());
        }
        let run = self.run_settings();
        if let Some((what, found, expected)) = checkpoint.run.difference(&run) {
            return differs(what, found, expected);
        }
        if let Some((what, found, expected)) = self.impossible(&checkpoint.state) {
            return differs(what, found, expected);
        }
        let mut network = self.network.clone();
        let parameters: Vec<T> = checkpoint
            .parameters
            .iter()
            .map(|&p| T::round_from(p))
            .collect();
        network.set_parameters(&parameters)?;
        network.take_statistics(checkpoint.statistics)?;
        let before = self.optimizer.state();
        if self.optimizer.restore(&checkpoint.optimizer_state).is_err() {
            let numbers = |state: &[f64]| format!("a state of {} numbers", state.len());
            return differs(
                "optimizer state",
                numbers(&checkpoint.optimizer_state),
                numbers(&before),
            );
        }
        self.network = network;
        self.state = checkpoint.state;
        Ok(())
    }

    /// What in a state no run of these settings can come to.
    fn impossible(&self, state: &State) -> Option<(&'static str, String, String)> {
        let (batches, parameters) = (self.batches() as u64, self.network.parameters().len());
        let steps = (state.epoch as u64)
            .checked_mul(batches)
            .and_then(|steps| steps.checked_add(state.batch as u64));
        if state.batch as u64 > batches {
            let found = format!("{} steps", state.batch);
            return Some(("epoch", found, format!("at most {batches} steps")));
        }
        if steps != Some(state.step) {
            let expected = format!("that of step {} of epoch {}", state.batch, state.epoch);
            return Some(("step", state.step.to_string(), expected));
        }
        if state.history.len() != state.epoch {
            let found = format!("{} epochs", state.history.len());
            return Some(("history", found, format!("{} epochs", state.epoch)));
        }
        match &state.best {
            Some(best) if best.epoch > state.epoch || best.parameters.len() != parameters => {
                let (count, epoch) = (best.parameters.len(), best.epoch);
                let found = format!("{count} parameters of epoch {epoch}");
                let expected = format!("{parameters} parameters of at most {}", state.epoch);
                Some(("best network", found, expected))
            }
            _ => None,
        }
    }

    fn optimizer_in_words(&self) -> String {
        let (method, schedule) = (self.optimizer.method(), self.optimizer.schedule());
        let method = words(method);
        match schedule {
            Schedule::Constant => method,
            schedule => format!("{method}, schedule {}", words(&schedule)),
        }
    }

    fn loss_in_words(&self) -> String {
        let loss = match self.network.loss_function() {
            Loss::Own(own) => own.name.to_string(),
            loss => words(&loss),
        };
        match self.network.weight_decay {
            0.0 => loss,
            decay => format!("{loss}, weight decay {decay}"),
        }
    }

    fn run_settings(&self) -> Run {
        let layers = self.network.layers();
        Run {
            layers: layers.iter().map(|layer| format!("{layer:?}")).collect(),
            loss: self.loss_in_words(),
            // The number of threads does not show in the bits.
            gradient: words(&self.method.with_threads(1)),
            batch_size: self.batch_size,
            seed: self.seed,
            rows: self.data.len(),
            data: fingerprint(&self.data),
        }
    }
}

/// A value with its settings, as one reads it: "Adam, learning rate 0.01, beta1 0.9".
fn words(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    let (name, settings) = text.split_once(" { ").unwrap_or((&text, ""));
    let settings = settings
        .trim_end_matches(" }")
        .replace(": ", " ")
        .replace('_', " ");
    match settings.as_str() {
        "" => name.to_string(),
        settings => format!("{name}, {settings}"),
    }
}

fn widened<T: Real>(network: &Network<T>) -> Vec<f64> {
    network.parameters().iter().map(|p| p.widen()).collect()
}

/// Enough to notice that it is another set.
fn fingerprint<T: Real>(data: &Batch<T>) -> u64 {
    let mut hash = Fnv::default();
    for value in data.x() {
        hash.add(&value.widen().to_bits().to_le_bytes());
    }
    hash.add(format!("{:?}", data.targets()).as_bytes());
    hash.0
}
