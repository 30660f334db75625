//! The operators that can be checked: their numeric values, and where each entry comes from.

use crate::evaluate::serial;
use crate::line::LineResults;
use crate::line::LineSet;
use crate::method::Method;
use crate::operators::{
    Gradient, Hessian, HessianVector, Jacobian, JacobianVector, Operator, VectorJacobian, status,
};
use crate::workspace::Workspace;
use crate::{Adaptive, Error, Function, Status};

/// How an operator's entries relate to its lines.
pub(super) trait CheckableOperator: Operator {
    /// The status of entry `k`.
    fn status(&self, line_set: &LineSet, results: &LineResults, k: usize) -> Status;

    /// Where entry `k` comes from, of `n` coordinates; none where it is made of several lines.
    fn place(&self, n: usize, k: usize) -> Option<Place> {
        let _ = (n, k);
        None
    }
}

/// The line along which one output determines an entry.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// A coordinate; none: the operator's vector.
    pub coordinate: Option<usize>,
    /// An output; none: the outputs weighted by the operator's vector.
    pub output: Option<usize>,
}

impl Place {
    /// The output, or the weighted sum.
    pub fn value(&self, outputs: &[f64], vector: &[f64]) -> f64 {
        match self.output {
            Some(output) => outputs[output],
            None => outputs.iter().zip(vector).map(|(f, u)| f * u).sum(),
        }
    }

    /// The size of the output, or of the terms of the weighted sum.
    pub fn size(&self, outputs: &[f64], vector: &[f64]) -> f64 {
        match self.output {
            Some(output) => outputs[output].abs(),
            None => outputs.iter().zip(vector).map(|(f, u)| (f * u).abs()).sum(),
        }
    }
}

/// What the adaptive method says of one entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numeric {
    pub value: f64,
    pub error: f64,
    pub status: Status,
}

/// Differentiates with error bars; also returns the evaluations.
pub(super) fn differentiate<O: CheckableOperator, F: Function>(
    method: &Adaptive,
    operator: &O,
    f: &mut F,
    x: &[f64],
    vector: &[f64],
) -> Result<(Vec<Numeric>, usize), Error> {
    let scheme = Method::<f64>::scheme(method)?;
    let mut workspace = Workspace::<f64, f64>::new();
    let Workspace {
        line_set,
        results,
        scratch,
        ..
    } = &mut workspace;
    let (kind, order) = operator.lines();
    line_set.begin(x.iter().copied(), f64::EPSILON, kind, order)?;
    scheme.validate(line_set)?;
    operator.prepare(vector, scheme, line_set)?;
    serial::run(scheme, line_set, f, scratch, results)?;
    operator.conclude(line_set, results);
    let entries = (0..operator.length(line_set, results)).map(|k| {
        let entry = operator.entry(line_set, results, k);
        Numeric {
            value: entry.value,
            error: entry.error,
            status: operator.status(line_set, results, k),
        }
    });
    Ok((entries.collect(), results.evaluations))
}

impl CheckableOperator for Gradient {
    fn status(&self, _: &LineSet, results: &LineResults, k: usize) -> Status {
        status(results, k, 0)
    }

    fn place(&self, _: usize, k: usize) -> Option<Place> {
        Some(Place {
            coordinate: Some(k),
            output: Some(0),
        })
    }
}

impl CheckableOperator for Jacobian {
    fn status(&self, line_set: &LineSet, results: &LineResults, k: usize) -> Status {
        let n = line_set.x.len();
        status(results, k % n, k / n)
    }

    fn place(&self, n: usize, k: usize) -> Option<Place> {
        Some(Place {
            coordinate: Some(k % n),
            output: Some(k / n),
        })
    }
}

impl CheckableOperator for JacobianVector {
    fn status(&self, _: &LineSet, results: &LineResults, k: usize) -> Status {
        status(results, 0, k)
    }

    fn place(&self, _: usize, k: usize) -> Option<Place> {
        Some(Place {
            coordinate: None,
            output: Some(k),
        })
    }
}

impl CheckableOperator for VectorJacobian {
    fn status(&self, _: &LineSet, results: &LineResults, k: usize) -> Status {
        status(results, k, 0)
    }

    fn place(&self, _: usize, k: usize) -> Option<Place> {
        Some(Place {
            coordinate: Some(k),
            output: None,
        })
    }
}

impl CheckableOperator for Hessian {
    fn status(&self, line_set: &LineSet, results: &LineResults, k: usize) -> Status {
        let n = line_set.x.len();
        let (i, j) = ((k / n).min(k % n), (k / n).max(k % n));
        let worst = status(results, i, 0).worse(status(results, j, 0));
        if i == j {
            return worst;
        }
        worst.worse(status(results, n + i * (2 * n - i - 1) / 2 + j - i - 1, 0))
    }
}

impl CheckableOperator for HessianVector {
    fn status(&self, _: &LineSet, results: &LineResults, k: usize) -> Status {
        status(results, 2 * k, 0).worse(status(results, 2 * k + 1, 0))
    }
}
