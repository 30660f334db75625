//! What a run came to, as a sentence and as JSON.

use super::data::Data;
use numdiff_nn::{CheckReport, Network, Stopped, Training};
use serde_json::json;

/// What a run came to.
pub struct Outcome {
    pub(super) data: Data,
    pub(super) training: Training<f64>,
    /// The network as it is used.
    pub(super) network: Network,
    pub(super) gradient: &'static str,
    pub(super) batch: usize,
    pub(super) optimizer: String,
    pub(super) seed: u64,
    pub(super) loss: f64,
    pub(super) accuracy: f64,
    pub(super) stopped: Stopped,
    /// Seconds of this call; a resumed run spent others before.
    pub(super) seconds: f64,
    pub(super) resumed_at: Option<u64>,
    pub(super) check: CheckReport,
}

impl Outcome {
    /// The losses of the first and the last epoch, where the first is lower.
    pub(super) fn rose(&self) -> Option<(f64, f64)> {
        let history = self.training.history();
        let (first, last) = (history.first()?.loss, history.last()?.loss);
        (last > first).then_some((first, last))
    }

    /// Sizes of the layers: 64-32-10.
    pub(super) fn sizes(&self) -> String {
        let dense = self
            .network
            .blocks()
            .iter()
            .filter(|block| block.shape.len() == 2);
        let outputs = dense.map(|block| format!("-{}", block.shape[1]));
        format!("{}{}", self.network.inputs(), outputs.collect::<String>())
    }

    /// FNV-1a over the bits of the parameters: equal runs have equal ones.
    pub(super) fn fingerprint(&self) -> String {
        let bytes = self
            .network
            .parameters()
            .iter()
            .flat_map(|p| p.to_bits().to_le_bytes());
        let fold =
            |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        format!("{:016x}", bytes.fold(0xcbf2_9ce4_8422_2325, fold))
    }

    pub(super) fn steps(&self) -> u64 {
        self.training
            .history()
            .last()
            .map_or(0, |epoch| epoch.steps)
    }

    pub(super) fn sentence(&self) -> String {
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

pub(super) fn as_json(outcome: &Outcome) -> serde_json::Value {
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
