//! The one place that calls the user's residuals and Jacobian.

use super::linear::Linear;
use crate::evaluator::{Cause, DifferenceFailure, Given};
use crate::meter::Meter;
use ndarray::{Array, ArrayRef, Dimension};
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

/// r without its type: what follows is compiled once for each dimension, not for each closure.
pub(crate) type Erased<'r, D> =
    &'r mut dyn FnMut(&ArrayRef<f64, D>, &mut Vec<f64>) -> Result<(), Cause>;

/// The caller's functions over arrays of any dimension.
pub(crate) struct Closures<'r, 'a, D: Dimension> {
    pub f: Erased<'r, D>,
    pub point: Array<f64, D>,
    pub given: Option<Given<'a, D>>,
    pub structure: Option<SparseJacobian>,
}

impl<D: Dimension> Closures<'_, '_, D> {
    fn at(&mut self, x: &[f64]) {
        self.point
            .iter_mut()
            .zip(x)
            .for_each(|(slot, &v)| *slot = v);
    }
}

impl<D: Dimension> Residuals for Closures<'_, '_, D> {
    fn residuals(&mut self, x: &[f64], out: &mut Vec<f64>) -> Result<(), Cause> {
        self.at(x);
        out.clear();
        (self.f)(&self.point, out)
    }

    fn difference(
        &mut self,
        question: Question<'_>,
        meter: &mut Meter,
    ) -> Result<Linear, DifferenceFailure> {
        self.at(question.x);
        let mut method = if question.central {
            FiniteDifference::central()
        } else {
            FiniteDifference::forward().with_values(question.residuals)
        };
        method = method.with_step(Step::PerCoordinate(question.steps));
        if let Some((lower, upper)) = question.bounds {
            method = method.with_bounds(lower, upper);
        }
        let f = &mut self.f;
        let metered = |x: &ArrayRef<f64, D>| -> Result<Vec<f64>, Cause> {
            let mut out = Vec::new();
            meter.values_within(&mut out, |out| f(x, out))?;
            Ok(out)
        };
        let result = match &self.structure {
            Some(structure) => method
                .sparse_jacobian(metered, &self.point, structure)
                .map(|j| {
                    let pattern = structure.pattern().clone();
                    let (_, _, values) = j.csr();
                    Linear::Sparse { pattern, values }
                }),
            None => method.jacobian(metered, &self.point).map(|j| {
                let (m, n) = j.dim();
                let entries: Vec<f64> = j.iter().copied().collect();
                Linear::from_rows(m, n, &entries)
            }),
        };
        result.map_err(DifferenceFailure)
    }

    fn given(&mut self, x: &[f64], out: &mut Vec<f64>) -> Result<(), Cause> {
        self.at(x);
        let Some(given) = self.given.as_mut() else {
            unreachable!("asked for a Jacobian that was not given")
        };
        given(&self.point, out)
    }
}

/// The structure of a pattern, stored by rows.
pub(crate) fn by_rows(pattern: numdiff_core::SparsityPattern) -> SparseJacobian {
    SparseJacobian::new(pattern).with_storage(Storage::Csr)
}
