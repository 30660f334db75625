//! Training: mini-batches, epochs, history, early stop, resume.

#[cfg(feature = "serde")]
mod checkpoint;
mod history;
mod order;

#[cfg(feature = "serde")]
pub use checkpoint::Checkpoint;
pub use history::{Epoch, Progress, Stopped};

use crate::error::{require, require_length};
use crate::{Batch, Error, GradientAlgorithm, GradientMethod, Network};
use numdiff_core::Real;
use numdiff_optim::Optimizer;
use std::ops::ControlFlow;

/// A training run: a network, its data, an optimizer, and the progress so far.
///
/// Each epoch goes through the data once. Its order depends only on the seed and the number of the epoch, so that a run
/// that is saved at any step and resumed ends with the same bits. Dropout draws its masks by the number of the step.
///
/// # Example
/// ```
/// use ndarray::array;
/// use numdiff_nn::{Activation, Batch, Dense, Network, GradientAlgorithm, Targets, Training};
/// use numdiff_optim::{Method, Optimizer};
/// use std::ops::ControlFlow;
/// let network: Network = Network::builder()
///     .layer(Dense::new(2, 4)).layer(Activation::Tanh).layer(Dense::new(4, 2))
///     .weights(&(0..22).map(|i| (i as f64).sin()).collect::<Vec<_>>())?;
/// let xor = Batch::new(
///     array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]],
///     Targets::labels(&[0, 1, 1, 0]),
/// )?;
/// let descent = Optimizer::new(Method::GradientDescent { learning_rate: 0.5 }, network.parameters().len())?;
/// let mut training = Training::new(network, xor.clone(), descent)
///     .with_gradient(GradientAlgorithm::IncrementAlgebra)
///     .with_epochs(500);
/// training.run(|_| ControlFlow::Continue(()))?;
/// println!("{}", training.history()[499]);
/// assert_eq!(training.network().accuracy(&xor)?, 1.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
/// ```text
/// epoch 499: loss 0.0063
/// ```
#[derive(Debug)]
pub struct Training<T: Real> {
    network: Network<T>,
    data: Batch<T>,
    optimizer: Optimizer,
    validation: Option<Batch<T>>,
    method: GradientMethod,
    batch_size: Option<usize>,
    epochs: usize,
    seed: u64,
    patience: Option<usize>,
    scores: bool,
    state: State,
}

/// How far a run has come.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct State {
    epoch: usize,
    /// Batches of this epoch that are done.
    batch: usize,
    /// Steps of all epochs.
    step: u64,
    /// Sum over this epoch's samples of their losses, each before its batch's step.
    sum: f64,
    history: Vec<Epoch>,
    best: Option<Best>,
}

/// The network with the lowest judged loss.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Best {
    loss: f64,
    /// Epochs that were done.
    epoch: usize,
    parameters: Vec<f64>,
    statistics: Vec<Vec<f64>>,
}

impl<T: Real> Training<T> {
    /// Creates a training run with full batches, [`GradientAlgorithm::IncrementAlgebra`], one epoch and seed 0. The
    /// optimizer takes the steps: any method of `numdiff-optim` with a learning rate, for as many unknowns as the
    /// network has parameters.
    pub fn new(network: Network<T>, data: Batch<T>, optimizer: Optimizer) -> Self {
        Self {
            network,
            data,
            optimizer,
            validation: None,
            method: GradientAlgorithm::IncrementAlgebra.into(),
            batch_size: None,
            epochs: 1,
            seed: 0,
            patience: None,
            scores: false,
            state: State::default(),
        }
    }

    /// Sets the number of samples per step. They are drawn without replacement in a shuffled order; the last batch of
    /// an epoch may be smaller. By default every step uses all the data, in its own order.
    pub fn with_batch_size(mut self, rows: usize) -> Self {
        self.batch_size = Some(rows);
        self
    }

    /// Sets the algorithm of the gradient, or its method with settings.
    pub fn with_gradient(mut self, method: impl Into<GradientMethod>) -> Self {
        self.method = method.into();
        self
    }

    /// Sets the number of passes through the data; 1 by default.
    pub fn with_epochs(self, epochs: usize) -> Self {
        Self { epochs, ..self }
    }

    /// Sets the seed of the shuffles; 0 by default.
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Adds validation data, whose loss and accuracy are recorded after every epoch. The cost per epoch is one forward
    /// pass of the training data and up to two of the validation data.
    pub fn with_validation(mut self, validation: Batch<T>) -> Self {
        self.validation = Some(validation);
        self
    }

    /// Also records loss and accuracy on all training data after every epoch, with the network as it is used after
    /// training. ([`Epoch::loss`] is that of each batch before its step.) The cost per epoch is up to three forward
    /// passes of the training data.
    pub fn with_training_scores(mut self) -> Self {
        self.scores = true;
        self
    }

    /// Stops early when the loss has not decreased for this number of epochs, and restores the parameters of the lowest
    /// loss. The loss is that of the validation data or, without any, [`Epoch::loss`].
    pub fn with_patience(mut self, epochs: usize) -> Self {
        self.patience = Some(epochs);
        self
    }

    /// Returns the network as it is now.
    pub fn network(&self) -> &Network<T> {
        &self.network
    }

    /// Returns the network by value.
    pub fn into_network(self) -> Network<T> {
        self.network
    }

    /// Returns the completed epochs.
    pub fn history(&self) -> &[Epoch] {
        &self.state.history
    }

    /// Returns the network as it is used after training: dropout is off, and batch normalization uses its running
    /// statistics, or those of the training data if it collects none. The cost is one forward pass.
    ///
    /// # Errors
    /// Those of [`Network::inference`].
    pub fn inference(&self) -> Result<Network<T>, Error> {
        self.network.inference(self.data.x())
    }

    /// Trains until the epochs are completed, the patience is exhausted, or `watch`, called after every step, returns
    /// `ControlFlow::Break(())`. Another call continues where the last one stopped.
    ///
    /// # Errors
    /// - A loss (also that of the validation data) or a parameter is not finite: [`Error::Training`] names the epoch,
    ///   the step and the block. The network then holds the last finite parameters.
    /// - The data or the optimizer do not fit the network, or the batch size is 0.
    pub fn run(
        &mut self,
        mut watch: impl FnMut(&Progress<'_>) -> ControlFlow<()>,
    ) -> Result<Stopped, Error> {
        self.check()?;
        loop {
            if self.out_of_patience() {
                self.restore_best()?;
                return Ok(Stopped::Early);
            }
            if self.state.epoch >= self.epochs {
                return Ok(Stopped::Finished);
            }
            if self.state.batch == self.batches() {
                // Every step of the epoch was made, but what ends it failed.
                self.end_epoch()?;
            } else if self.finish_epoch(&mut watch)?.is_break() {
                return Ok(Stopped::ByCaller);
            }
        }
    }

    /// The steps that are left of this epoch, and its end.
    fn finish_epoch(
        &mut self,
        watch: &mut impl FnMut(&Progress<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Error> {
        let (rows, batches) = (self.data.len(), self.batches());
        let size = self.batch_size.unwrap_or(rows).min(rows);
        let seed = self.batch_size.map(|_| self.seed);
        let order = order::of_epoch(rows, seed, self.state.epoch as u64);
        for batch in self.state.batch..batches {
            let part = &order[batch * size..((batch + 1) * size).min(rows)];
            let loss = self.step(part).map_err(|source| self.stopped_by(source))?;
            self.state.sum += loss * part.len() as f64;
            self.state.batch += 1;
            self.state.step += 1;
            let ended = batch + 1 == batches;
            if ended {
                self.end_epoch()?;
            }
            let progress = Progress {
                step: self.state.step,
                steps: (self.epochs * batches) as u64,
                loss,
                epoch_ended: ended,
                history: &self.state.history,
            };
            if watch(&progress).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Steps of an epoch.
    fn batches(&self) -> usize {
        let rows = self.data.len();
        rows.div_ceil(self.batch_size.unwrap_or(rows).clamp(1, rows))
    }

    fn stopped_by(&self, source: Error) -> Error {
        Error::Training {
            epoch: self.state.epoch,
            step: self.state.step,
            source: Box::new(source),
        }
    }

    fn check(&self) -> Result<(), Error> {
        let some = self.batch_size != Some(0);
        require(some, "Training", ("batch size", 0.0), "at least 1")?;
        let (found, expected) = (self.optimizer.unknowns(), self.network.parameters.len());
        require_length("the optimizer's unknowns", found, expected)?;
        self.method.check()?;
        self.network.check(&self.data)?;
        self.validation
            .as_ref()
            .map_or(Ok(()), |batch| self.network.check(batch))
    }

    /// One step on these samples; returns their loss before it.
    fn step(&mut self, rows: &[usize]) -> Result<f64, Error> {
        let mut x = self.network.wide_parameters();
        let mut network = self.network.renewed(self.state.step);
        if let Some(ahead) = self.optimizer.ahead(&x) {
            network.set_wide_parameters(&ahead)?;
        }
        let part;
        let batch = if self.batch_size.is_none() {
            &self.data
        } else {
            part = self.data.select(rows)?;
            &part
        };
        let gradient = network.gradient(batch, self.method)?;
        let statistics = network.observed(batch.x())?;
        let step = self.optimizer.step(&mut x, gradient.flat());
        step.map_err(|source| Error::Optimizer {
            source: Box::new(source),
        })?;
        self.network.set_wide_parameters(&x)?;
        self.network.statistics = statistics;
        Ok(gradient.loss())
    }

    fn end_epoch(&mut self) -> Result<(), Error> {
        let (validation_loss, accuracy) = self.judged(self.validation.as_ref())?;
        let scored = self.scores.then_some(&self.data);
        let (training_loss, training_accuracy) = self.judged(scored)?;
        let state = &mut self.state;
        let loss = state.sum / self.data.len() as f64;
        state.history.push(Epoch {
            epoch: state.epoch,
            steps: state.step,
            loss,
            training_loss,
            training_accuracy,
            validation_loss,
            accuracy,
        });
        (state.epoch, state.batch, state.sum) = (state.epoch + 1, 0, 0.0);
        let judged = validation_loss.unwrap_or(loss);
        if self.patience.is_some() && state.best.as_ref().is_none_or(|best| judged < best.loss) {
            state.best = Some(Best {
                loss: judged,
                epoch: state.epoch,
                parameters: self.network.wide_parameters(),
                statistics: self.network.statistics.clone(),
            });
        }
        Ok(())
    }

    /// Loss and, where there are classes, accuracy of the network as it is used, on data if there is some.
    fn judged(&self, batch: Option<&Batch<T>>) -> Result<(Option<f64>, Option<f64>), Error> {
        let Some(batch) = batch else {
            return Ok((None, None));
        };
        let judged = self.inference().and_then(|network| {
            let loss = network.trace(batch)?.finite_loss(&network, batch)?;
            let loss = loss + network.penalty(&network.parameters);
            let classes = batch.targets().classes().is_some();
            let accuracy = classes.then(|| network.accuracy(batch)).transpose()?;
            Ok((Some(loss), accuracy))
        });
        judged.map_err(|source| self.stopped_by(source))
    }

    fn out_of_patience(&self) -> bool {
        match (self.patience, &self.state.best) {
            (Some(patience), Some(best)) => self.state.epoch >= best.epoch + patience.max(1),
            _ => false,
        }
    }

    fn restore_best(&mut self) -> Result<(), Error> {
        if let Some(best) = self.state.best.clone() {
            self.network.set_wide_parameters(&best.parameters)?;
            self.network.statistics = best.statistics;
        }
        Ok(())
    }
}
