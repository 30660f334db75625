//! Why an iteration is left in the middle.

use crate::Error;
use crate::status::Status;
use std::error::Error as StdError;

/// What the caller's function said of its failure.
pub(crate) type Cause = Box<dyn StdError + Send + Sync>;

/// Why an iteration was left in the middle.
#[derive(Debug)]
pub(crate) enum Interrupt {
    Evaluations,
    Time,
    Target,
    /// There is no batch any more.
    Batches,
    /// The run can't go on.
    Error(Box<Error>),
}

impl Interrupt {
    /// The status of a run that ends so; `lowest` is the lowest value seen.
    pub fn status(self, lowest: f64) -> Result<Status, Error> {
        match self {
            Interrupt::Evaluations => Ok(Status::OutOfEvaluations),
            Interrupt::Time => Ok(Status::OutOfTime),
            Interrupt::Target => Ok(Status::TargetReached { value: lowest }),
            Interrupt::Batches => Ok(Status::OutOfIterations),
            Interrupt::Error(error) => Err(*error),
        }
    }
}

impl From<Error> for Interrupt {
    fn from(error: Error) -> Self {
        Interrupt::Error(Box::new(error))
    }
}

impl From<numdiff_core::Error> for Interrupt {
    fn from(error: numdiff_core::Error) -> Self {
        Error::from(error).into()
    }
}
