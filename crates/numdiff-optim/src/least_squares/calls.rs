//! What the solver has evaluated, through the meter.

use super::evaluator::{Question, Residuals};
use super::linear::Linear;
use crate::bounds::Bounds;
use crate::evaluator::{Cause, DifferenceFailure};
use crate::matrix::dot;
use crate::meter::Meter;
use crate::oracle::Halt;

/// Calls with a meter.
pub(crate) struct Calls<'e> {
    pub residuals: &'e mut dyn Residuals,
    pub bounds: Bounds,
    pub meter: Meter,
    pub is_given: bool,
    /// Entries that a given Jacobian must have.
    pub entries: usize,
}

impl Calls<'_> {
    /// r(x); `Err` inside is what f said.
    pub fn residuals(&mut self, x: &[f64], out: &mut Vec<f64>) -> Result<Result<(), Cause>, Halt> {
        self.meter.journal.open("residuals", &[x]);
        let residuals = &mut self.residuals;
        self.meter.values(out, |out| residuals.residuals(x, out))
    }

    /// The sum of squares at a trial point, NaN where f failed or has another length.
    pub fn value(&mut self, x: &[f64], m: usize, out: &mut Vec<f64>) -> Result<f64, Halt> {
        let known = self.residuals(x, out)?;
        Ok(if known.is_ok() && out.len() == m {
            dot(out, out)
        } else {
            f64::NAN
        })
    }

    /// The Jacobian at x, where r is `residuals`: given, or by differences of these steps.
    pub fn jacobian(
        &mut self,
        x: &[f64],
        residuals: &[f64],
        central: bool,
        steps: Vec<f64>,
    ) -> Result<Linear, Halt> {
        if self.is_given {
            return self.given(x, residuals.len());
        }
        let mut result = self.difference(x, residuals, central, steps.clone());
        for shrink in [1e-2, 1e-4] {
            // Outside the domain of r: nearer, and from the other side.
            if !matches!(result, Err(Halt::Difference(_))) {
                break;
            }
            let steps = steps.iter().map(|h| shrink * h).collect();
            result = self.difference(x, residuals, central, steps);
        }
        result
    }

    fn given(&mut self, x: &[f64], m: usize) -> Result<Linear, Halt> {
        self.meter.journal.open("Jacobian", &[x]);
        let (mut entries, residuals) = (Vec::new(), &mut self.residuals);
        let done = self
            .meter
            .derivative(&mut entries, |out| residuals.given(x, out))?;
        done.map_err(Halt::Gradient)?;
        if entries.len() != m * x.len() {
            return Err(Halt::Length(entries.len()));
        }
        if let Some(index) = entries.iter().position(|entry| !entry.is_finite()) {
            let value = entries[index];
            let argument = "the Jacobian";
            return Err(Halt::Difference(numdiff_core::Error::NotFinite {
                argument,
                index,
                value,
            }));
        }
        Ok(Linear::from_rows(m, x.len(), &entries))
    }

    fn difference(
        &mut self,
        x: &[f64],
        residuals: &[f64],
        central: bool,
        steps: Vec<f64>,
    ) -> Result<Linear, Halt> {
        let (lower, upper) = self.bounds.slices().unwrap_or_default();
        let side = f64::from(u8::from(central));
        self.meter
            .journal
            .open("differences", &[x, &steps, lower, upper, &[side]]);
        let question = Question {
            x,
            residuals,
            steps,
            central,
            bounds: self.bounds.slices(),
        };
        let result = self.residuals.difference(question, &mut self.meter);
        match self.meter.refused() {
            Some(halt) => Err(halt),
            None => result.map_err(|DifferenceFailure(error)| Halt::Difference(error)),
        }
    }
}
