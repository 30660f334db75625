//! What a training run tells.

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

/// Where a training run is, after a step.
#[derive(Clone, Debug, PartialEq)]
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
