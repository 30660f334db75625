//! What a training run tells.

use std::fmt;

/// One epoch of a training run.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Epoch {
    /// Number of the epoch, from 0.
    pub epoch: usize,
    /// Steps made until its end.
    pub steps: u64,
    /// Mean loss of the samples, each before the step of its batch.
    pub loss: f64,
    /// Loss of the training data after the epoch, when it is asked for
    /// ([`Training::with_training_scores`](crate::Training::with_training_scores)).
    #[cfg_attr(feature = "serde", serde(default))]
    pub training_loss: Option<f64>,
    /// Accuracy on the training data after the epoch, when it is asked for and there are classes.
    #[cfg_attr(feature = "serde", serde(default))]
    pub training_accuracy: Option<f64>,
    /// Loss of the validation data after the epoch.
    pub validation_loss: Option<f64>,
    /// Accuracy on the validation data after the epoch, when it has classes.
    pub accuracy: Option<f64>,
}

/// Prints as `epoch 14: loss 0.2409, accuracy 96.0 %`, with what was asked for.
impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "epoch {}: loss {:.4}", self.epoch, self.loss)?;
        let losses = [
            ("training", self.training_loss),
            ("validation", self.validation_loss),
        ];
        for (of, loss) in losses
            .into_iter()
            .filter_map(|(of, loss)| Some((of, loss?)))
        {
            write!(f, ", {of} loss {loss:.4}")?;
        }
        let accuracies = [
            ("training accuracy", self.training_accuracy),
            ("accuracy", self.accuracy),
        ];
        for (what, share) in accuracies
            .into_iter()
            .filter_map(|(what, share)| Some((what, share?)))
        {
            write!(f, ", {what} {:.1} %", 100.0 * share)?;
        }
        Ok(())
    }
}

/// Where a training run is, after a step.
///
/// Prints as `step 77 of 150, epoch 15: loss of the batch 0.1935`.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Progress<'h> {
    /// Steps made.
    pub step: u64,
    /// Steps that all epochs have.
    pub steps: u64,
    /// Loss of the batch before the step.
    pub loss: f64,
    /// Whether the step was the last of its epoch.
    pub epoch_ended: bool,
    /// The epochs that are done.
    pub history: &'h [Epoch],
}

impl fmt::Display for Progress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Progress {
            step, steps, loss, ..
        } = self;
        let epoch = self.history.len() - usize::from(self.epoch_ended);
        write!(
            f,
            "step {step} of {steps}, epoch {epoch}: loss of the batch {loss:.4}"
        )
    }
}

/// Of the history its length and its last epoch.
impl fmt::Debug for Progress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress")
            .field("step", &self.step)
            .field("steps", &self.steps)
            .field("loss", &self.loss)
            .field("epoch_ended", &self.epoch_ended)
            .field("epochs", &self.history.len())
            .field("last", &self.history.last())
            .finish()
    }
}

/// Why a training run stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stopped {
    /// All epochs are done.
    Finished,
    /// The loss did not sink any more; the best parameters are back in the network.
    Early,
    /// The caller said so.
    ByCaller,
}
