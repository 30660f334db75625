//! The residuals as an f: what is minimized is the sum of their squares, or a loss of them.

use crate::evaluator::{Function, Own};
use crate::interrupt::Cause;
use crate::{Error, Loss};
use std::cell::OnceCell;

/// A function of the parameters that are free.
pub(super) struct SumOfSquares<'r> {
    pub residuals: &'r mut dyn Function<Vec<f64>>,
    pub sigma: Option<Vec<f64>>,
    pub loss: Loss,
    /// All parameters; those that are not free keep these values.
    pub whole: Vec<f64>,
    pub free: Vec<usize>,
    /// The residuals that were seen first, in units of sigma.
    pub first: &'r OnceCell<Vec<f64>>,
}

impl<'r> SumOfSquares<'r> {
    /// The squares themselves, of residuals in units of their own, all parameters free.
    pub fn of(
        residuals: &'r mut dyn Function<Vec<f64>>,
        whole: Vec<f64>,
        first: &'r OnceCell<Vec<f64>>,
    ) -> Self {
        SumOfSquares {
            residuals,
            sigma: None,
            loss: Loss::Linear,
            free: (0..whole.len()).collect(),
            whole,
            first,
        }
    }

    fn own_of(&mut self, mut residuals: Vec<f64>) -> Result<Own, Cause> {
        let found = residuals.len();
        let miscounted = match (self.first.get(), &self.sigma) {
            (None, _) if found == 0 => Some(Error::from(numdiff_core::Error::Empty {
                argument: "the residuals",
            })),
            (Some(first), _) if found != first.len() => Some(Error::Count {
                setting: "the residuals",
                found,
                expected: first.len(),
            }),
            (None, Some(sigma)) if found != sigma.len() => Some(Error::Count {
                setting: "sigma",
                found: sigma.len(),
                expected: found,
            }),
            _ => None,
        };
        if let Some(error) = miscounted {
            return Err(Box::new(error));
        }
        weigh(&mut residuals, self.sigma.as_deref());
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
        let residuals = self.residuals.at(&whole(&self.whole, &self.free, x))?;
        self.own_of(residuals)
    }

    fn is_together(&self) -> bool {
        self.residuals.is_together()
    }

    fn many(&mut self, points: &[Vec<f64>]) -> Vec<Option<Own>> {
        let points = points.iter().map(|x| whole(&self.whole, &self.free, x));
        let all = self.residuals.many(&points.collect::<Vec<_>>()).into_iter();
        all.map(|r| self.own_of(r?).ok()).collect()
    }
}

/// All parameters, where the free ones are `x`.
pub(super) fn whole(all: &[f64], free: &[usize], x: &[f64]) -> Vec<f64> {
    let mut whole = all.to_vec();
    free.iter().zip(x).for_each(|(&i, &v)| whole[i] = v);
    whole
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
