//! A training run that can be put away and taken up again.

use super::{State, Training};
use crate::save::{SavedBlock, fnv, parse, require_saved, saved_error, write};
use crate::{Batch, Error, Loss};
use numdiff_core::Real;
use numdiff_optim::Schedule;
use std::io::{Read, Write};

const FORMAT: &str = "numdiff-nn training";

/// Version of the file; a file of another one is refused.
const VERSION: u32 = 3;

/// The state of a training run after some step: parameters, optimizer, history and position. Needs the feature `serde`.
///
/// It holds neither layers nor data: create the same [`Training`] again and call [`Training::resume`].
///
/// # Example
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
    optimizer_state: Vec<f64>,
    /// What must be the same for the bits to be the same, in words.
    settings: [String; SETTINGS.len()],
    state: State,
}

/// What the settings are about.
const SETTINGS: [&str; 7] = [
    "optimizer",
    "layers",
    "loss",
    "gradient",
    "batch size",
    "seed",
    "data",
];

impl Checkpoint {
    /// Writes the checkpoint as JSON with a checksum. Reading it back gives the same bits.
    ///
    /// # Errors
    /// The writer fails.
    pub fn write(&self, writer: impl Write) -> Result<(), Error> {
        write(writer, self)
    }

    /// Reads a checkpoint that [`write`](Self::write) wrote.
    ///
    /// # Errors
    /// The reader fails, or the file is truncated, damaged, not a checkpoint, or of another version.
    pub fn read(reader: impl Read) -> Result<Self, Error> {
        parse(reader, FORMAT, VERSION)
    }

    /// Returns the number of steps made.
    pub fn steps(&self) -> u64 {
        self.state.step
    }
}

impl<T: Real> Training<T> {
    /// Returns the state of the run. Needs the feature `serde`.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            format: FORMAT.into(),
            version: VERSION,
            blocks: self.network.saved_blocks(),
            parameters: self.network.wide_parameters(),
            statistics: self.network.statistics.clone(),
            optimizer_state: self.optimizer.state(),
            settings: self.settings(),
            state: self.state.clone(),
        }
    }

    /// Restores the state of a checkpoint. [`run`](Self::run) then continues to the same bits as an uninterrupted run.
    /// Needs the feature `serde`.
    ///
    /// # Errors
    /// [`Error::Saved`]: blocks, layers, loss, optimizer, gradient, batch size, seed or data differ from those of the
    /// checkpoint, or its position is impossible. Nothing changes then.
    pub fn resume(&mut self, checkpoint: Checkpoint) -> Result<(), Error> {
        self.network.require_blocks(&checkpoint.blocks)?;
        let settings = checkpoint.settings.into_iter().zip(self.settings());
        for (what, (found, expected)) in SETTINGS.into_iter().zip(settings) {
            require_saved(what, found, expected)?;
        }
        self.require_possible(&checkpoint.state)?;
        let mut network = self.network.clone();
        network.take(&checkpoint.parameters, checkpoint.statistics)?;
        let (found, before) = (&checkpoint.optimizer_state, self.optimizer.state());
        if self.optimizer.restore(found).is_err() {
            let numbers = |state: &[f64]| format!("a state of {} numbers", state.len());
            return Err(saved_error(
                "optimizer state",
                numbers(found),
                numbers(&before),
            ));
        }
        self.network = network;
        self.state = checkpoint.state;
        Ok(())
    }

    /// Checks that a run of these settings can come to this state.
    fn require_possible(&self, state: &State) -> Result<(), Error> {
        let (batches, parameters) = (self.batches() as u64, self.network.parameters().len());
        let steps = (state.epoch as u64)
            .checked_mul(batches)
            .and_then(|steps| steps.checked_add(state.batch as u64));
        if state.batch as u64 > batches {
            let found = format!("{} steps", state.batch);
            let expected = format!("at most {batches} steps");
            return Err(saved_error("epoch", found, expected));
        }
        if steps != Some(state.step) {
            let expected = format!("that of step {} of epoch {}", state.batch, state.epoch);
            return Err(saved_error("step", state.step.to_string(), expected));
        }
        let epochs = |count: usize| format!("{count} epochs");
        require_saved("history", epochs(state.history.len()), epochs(state.epoch))?;
        match &state.best {
            Some(best) if best.epoch > state.epoch || best.parameters.len() != parameters => {
                let (count, epoch) = (best.parameters.len(), best.epoch);
                let found = format!("{count} parameters of epoch {epoch}");
                let expected = format!("{parameters} parameters of at most {}", state.epoch);
                Err(saved_error("best network", found, expected))
            }
            _ => Ok(()),
        }
    }

    /// What [`SETTINGS`] lists, in words.
    fn settings(&self) -> [String; SETTINGS.len()] {
        let mut optimizer = words(self.optimizer.method());
        match self.optimizer.schedule() {
            Schedule::Constant => {}
            schedule => optimizer += &format!(", schedule {}", words(&schedule)),
        }
        let layers = self.network.layers().iter();
        let layers: Vec<String> = layers.map(|layer| format!("{layer:?}")).collect();
        let mut loss = match self.network.loss {
            Loss::Own(own) => own.name.to_string(),
            loss => words(&loss),
        };
        if self.network.weight_decay != 0.0 {
            loss += &format!(", weight decay {}", self.network.weight_decay);
        }
        let size = self.batch_size.map(|rows| format!("{rows} samples"));
        let (rows, data) = (self.data.len(), fingerprint(&self.data));
        [
            optimizer,
            layers.join(", "),
            loss,
            // The number of threads does not show in the bits.
            words(&self.method.with_threads(1)),
            size.unwrap_or("all samples".into()),
            self.seed.to_string(),
            format!("{rows} samples with fingerprint {data:016x}"),
        ]
    }
}

/// A value with its settings, as one reads it: "Adam, learning rate 0.01, beta1 0.9".
fn words(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    let (name, settings) = text.split_once(" { ").unwrap_or((&text, ""));
    let settings = settings.trim_end_matches(" }").replace(": ", " ");
    match settings.replace('_', " ").as_str() {
        "" => name.to_string(),
        settings => format!("{name}, {settings}"),
    }
}

/// Enough to notice that it is another set.
fn fingerprint<T: Real>(data: &Batch<T>) -> u64 {
    let numbers = data.x().iter().flat_map(|x| x.widen().to_le_bytes());
    let targets = format!("{:?}", data.targets());
    fnv(numbers.chain(targets.bytes()))
}
