//! The one place that calls the user's residuals and Jacobian.

use super::linear::Linear;
use crate::evaluator::{Cause, DifferenceFailure, Given};
use crate::meter::Meter;
use numdiff_core::{FiniteDifference, SparseJacobian, Step, Storage};

/// How a Jacobian is to be taken.
pub(crate) struct Question<'q> {
    pub x: &'q [f64],
    /// r(x).
    pub residuals: &'q [f64],
    pub steps: Vec<f64>,
    pub central: bool,
    pub bounds: Option<(&'q [f64], &'q [f64])>,
}

/// What the solver may have evaluated.
pub(crate) trait Residuals {
    fn residuals(&mut self, x: &[f64], out: &mut Vec<f64>) -> Result<(), Cause>;
    /// The Jacobian by differences. What the meter refuses ends it.
    fn difference(
        &mut self,
        question: Question<'_>,
        meter: &mut Meter,
    ) -> Result<Linear, DifferenceFailure>;
    /// The given Jacobian: its entries row by row. Only to be called when there is one.
    fn given(&mut self, x: &[f64], out: &mut Vec<f64>) -> Result<(), Cause>;
}

/// r over flat numbers.
pub(crate) type Erased<'r> = &'r mut dyn FnMut(&[f64], &mut Vec<f64>) -> Result<(), Cause>;

/// The caller's functions.
pub(crate) struct Closures<'r, 'a> {
    pub f: Erased<'r>,
    pub given: Option<Given<'a>>,
    pub structure: Option<SparseJacobian>,
}

impl Residuals for Closures<'_, '_> {
    fn residuals(&mut self, x: &[f64], out: &mut Vec<f64>) -> Result<(), Cause> {
        out.clear();
        (self.f)(x, out)
    }

    fn difference(
        &mut self,
        question: Question<'_>,
        meter: &mut Meter,
    ) -> Result<Linear, DifferenceFailure> {
        let mut method = if question.central {
            FiniteDifference::central()
        } else {
            FiniteDifference::forward().with_values(question.residuals)
        };
        method = method.with_step(Step::PerCoordinate(question.steps));
        if let Some((lower, upper)) = question.bounds {
            method = method.with_bounds(lower, upper);
        }
        let (f, x) = (&mut self.f, question.x);
        let metered = |x: &[f64]| -> Result<Vec<f64>, Cause> {
            let mut out = Vec::new();
            meter.values_within(&mut out, |out| f(x, out))?;
            Ok(out)
        };
        let result = match &self.structure {
            Some(structure) => method.sparse_jacobian(metered, x, structure).map(|j| {
                let pattern = structure.pattern().clone();
                let (_, _, values) = j.csr();
                Linear::Sparse { pattern, values }
            }),
            None => method.jacobian(metered, x).map(|j| {
                let (m, n) = j.dim();
                let entries: Vec<f64> = j.iter().copied().collect();
                Linear::from_rows(m, n, &entries)
            }),
        };
        result.map_err(DifferenceFailure)
    }

    fn given(&mut self, x: &[f64], out: &mut Vec<f64>) -> Result<(), Cause> {
        let Some(given) = self.given.as_mut() else {
            unreachable!("asked for a Jacobian that was not given")
        };
        given(x, out)
    }
}

/// The structure of a pattern, stored by rows.
pub(crate) fn by_rows(pattern: numdiff_core::SparsityPattern) -> SparseJacobian {
    SparseJacobian::new(pattern).with_storage(Storage::Csr)
}
