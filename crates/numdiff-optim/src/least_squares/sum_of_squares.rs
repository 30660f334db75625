//! The residuals as an f: what is minimized is the sum of their squares, or a loss of them.

use crate::error::counted;
use crate::evaluator::{Function, Own};
use crate::interrupt::Cause;
use crate::{Error, Loss};
use std::cell::OnceCell;

/// A function of the parameters.
pub(super) struct SumOfSquares<'r> {
    pub residuals: &'r mut dyn Function<Vec<f64>>,
    pub sigma: Option<&'r [f64]>,
    pub loss: Loss,
    /// The residuals that were seen first, in units of sigma.
    pub first: &'r OnceCell<Vec<f64>>,
}

impl SumOfSquares<'_> {
    fn own_of(&mut self, mut residuals: Vec<f64>) -> Result<Own, Cause> {
        let found = residuals.len();
        match (self.first.get(), self.sigma) {
            (Some(first), _) => counted("the residuals", found, first.len())?,
            (None, _) if found == 0 => {
                let argument = "the residuals";
                Err(Error::from(numdiff_core::Error::Empty { argument }))?;
            }
            (None, Some(sigma)) => counted("sigma", sigma.len(), found)?,
            (None, None) => {}
        }
        weigh(&mut residuals, self.sigma);
        self.first.get_or_init(|| residuals.clone());
        Ok(Own {
            f: self.loss.value(&residuals),
            residuals,
            ..Own::default()
        })
    }
}

impl Function<Own> for SumOfSquares<'_> {
    fn at(&mut self, x: &[f64]) -> Result<Own, Cause> {
        let residuals = self.residuals.at(x)?;
        self.own_of(residuals)
    }

    fn is_together(&self) -> bool {
        self.residuals.is_together()
    }

    fn many(&mut self, points: &[Vec<f64>]) -> Vec<Result<Own, Cause>> {
        let all = self.residuals.many(points).into_iter();
        all.map(|r| self.own_of(r?)).collect()
    }
}

pub(super) fn weigh(residuals: &mut [f64], sigma: Option<&[f64]>) {
    if let Some(sigma) = sigma {
        residuals.iter_mut().zip(sigma).for_each(|(r, s)| *r /= s);
    }
}

/// The error in words of a fit.
pub(super) fn named(error: Error) -> Error {
    match error {
        Error::Function {
            function,
            evaluation,
            source,
        } => match source.downcast::<Error>() {
            Ok(error) => *error,
            Err(source) => Error::Function {
                function: match function {
                    "f" => "the residuals",
                    other => other,
                },
                evaluation,
                source,
            },
        },
        other => other,
    }
}
