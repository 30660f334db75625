//! What a training run tells.

use std::fmt;

/// An epoch of a training run.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Epoch {
    /// The number of the epoch, from 0.
    pub epoch: usize,
    /// The number of steps made until its end.
    pub steps: u64,
    /// The mean loss of the samples, each before the step of its batch.
    pub loss: f64,
    /// The loss of the training data after the epoch, if
    /// [`Training::with_training_scores`](crate::Training::with_training_scores) was set.
    #[cfg_attr(feature = "serde", serde(default))]
    pub training_loss: Option<f64>,
    /// The accuracy on the training data after the epoch, between 0 and 1, if the scores were asked for and the data
    /// has classes.
    #[cfg_attr(feature = "serde", serde(default))]
    pub training_accuracy: Option<f64>,
    /// The loss of the validation data after the epoch, if there is some.
    pub validation_loss: Option<f64>,
    /// The accuracy on the validation data after the epoch, between 0 and 1, if it has classes.
    pub accuracy: Option<f64>,
}

/// Prints the epoch as `epoch 14: loss 0.2409, accuracy 96.0 %`, with all values that are known.
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

/// The progress of a training run after a step.
///
/// It prints as `step 77 of 150, epoch 15: loss of the batch 0.1935`.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Progress<'h> {
    /// The number of steps made.
    pub step: u64,
    /// The number of steps of all epochs together.
    pub steps: u64,
    /// The loss of the batch before the step.
    pub loss: f64,
    /// Whether the step was the last of its epoch.
    pub epoch_ended: bool,
    /// The completed epochs.
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
    /// All epochs are completed.
    Finished,
    /// The loss did not decrease any more; the network holds the parameters of the lowest loss.
    Early,
    /// The caller's `watch` returned `ControlFlow::Break(())`.
    ByCaller,
}
