//! Residuals and Jacobian as functions of what is fitted.

use crate::evaluator::{Function, Given};
use crate::interrupt::Cause;

/// The residuals as functions of the parameters that are free, in units of their standard deviations.
pub(crate) struct Evaluator<'r, 'a> {
    pub residuals: &'r mut dyn Function<Vec<f64>>,
    pub given: Option<Given<'a>>,
    /// All parameters; those that are not free keep these values.
    pub whole: Vec<f64>,
    /// The parameters that move.
    pub free: Vec<usize>,
    pub sigma: Option<Vec<f64>>,
}

impl Evaluator<'_, '_> {
    /// All parameters, where the free ones are `x`.
    pub fn whole(&self, x: &[f64]) -> Vec<f64> {
        let mut whole = self.whole.clone();
        self.free.iter().zip(x).for_each(|(&i, &v)| whole[i] = v);
        whole
    }

    /// r(x) / sigma.
    pub fn value(&mut self, x: &[f64], out: &mut Vec<f64>) -> Result<(), Cause> {
        let whole = self.whole(x);
        *out = self.residuals.at(&whole)?;
        weigh(out, self.sigma.as_deref());
        Ok(())
    }

    /// r(x) / sigma at many points at once, where they are evaluated together.
    pub fn many(&mut self, points: &[Vec<f64>]) -> Vec<Option<Vec<f64>>> {
        let whole: Vec<Vec<f64>> = points.iter().map(|x| self.whole(x)).collect();
        let mut all = self.residuals.many(&whole);
        for residuals in all.iter_mut().flatten() {
            weigh(residuals, self.sigma.as_deref());
        }
        all
    }

    /// The given Jacobian row by row, of all parameters. Only to be called when there is one.
    pub fn jacobian(&mut self, x: &[f64], out: &mut Vec<f64>) -> Result<(), Cause> {
        let whole = self.whole(x);
        match self.given.as_mut() {
            Some(given) => given(&whole, out),
            None => unreachable!("asked for a Jacobian that was not given"),
        }
    }
}

pub(super) fn weigh(residuals: &mut [f64], sigma: Option<&[f64]>) {
    if let Some(sigma) = sigma {
        residuals.iter_mut().zip(sigma).for_each(|(r, s)| *r /= s);
    }
}
