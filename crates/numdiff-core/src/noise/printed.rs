//! Noise and steps as they are printed.

use super::{NoiseLevel, NoiseStatus, NoiseSteps, StepStatus};
use std::fmt;

impl fmt::Display for NoiseStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NoiseStatus::Found => "found",
            NoiseStatus::Rounding => "rounding",
            NoiseStatus::Constant => "rounding of a constant",
            NoiseStatus::StepTooSmall => "at least",
            NoiseStatus::StepTooLarge => "at most",
        })
    }
}

/// The level, how it was come by, and what it cost.
impl fmt::Display for NoiseLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NoiseLevel {
            level,
            status,
            step,
            evaluations,
        } = self;
        write!(
            f,
            "{level:.1e} ({status}, {evaluations} evaluations, {step:.1e} apart)"
        )
    }
}

impl fmt::Display for StepStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StepStatus::Balanced => "balanced",
            StepStatus::Longest => "longest",
            StepStatus::Shortest => "shortest",
            StepStatus::Fixed => "fixed",
        })
    }
}

/// A step a line with what it rests on, then what they cost.
impl fmt::Display for NoiseSteps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (step, status) in self.steps.iter().zip(&self.status) {
            writeln!(f, "{step:.1e} ({status})")?;
        }
        write!(f, "({} evaluations)", self.evaluations)
    }
}
