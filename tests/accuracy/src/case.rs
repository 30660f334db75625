//! One case measured.

use super::formula::Formula;
use super::method::{Answer, Measured};
use super::problem::{Case, ProblemError, decimal, hexadecimal};

/// What a method made of one problem.
#[derive(Clone, Debug)]
pub struct Row {
    /// Name of the problem.
    pub name: String,
    /// Its group.
    pub group: String,
    /// The point; NaN for vector problems.
    pub x: f64,
    /// The derivative; NaN when there is no value; for vectors that of the worst entry.
    pub value: f64,
    /// The error bar; NaN for methods without one.
    pub estimate: f64,
    /// |value - exact|; infinite when there is no value; NaN where the derivative does not exist.
    pub error: f64,
    /// Relative to the scale of the problem.
    pub relative: f64,
    /// Over the limit of stencils of order 8; NaN when the file gives none.
    pub over_limit: f64,
    /// Evaluations; per coordinate, column or entry for vectors.
    pub evaluations: f64,
    /// error <= estimate, in every entry.
    pub covered: bool,
    /// The same with 2 ulp(scale) and the inherent error allowed.
    pub covered_adjusted: bool,
    /// estimate / error; NaN where the error is 0. The median over the entries of a vector.
    pub tightness: f64,
    /// The estimate exceeds 1e-3 relative, or the status says that the value is not to be trusted.
    pub flagged: bool,
    /// The derivative does not exist.
    pub undefined: bool,
    /// The status, or the error that was returned.
    pub status: String,
}

impl Row {
    /// Relative error above 1e-3, or no value.
    pub fn is_gross(&self) -> bool {
        !self.undefined && !(self.relative <= 1e-3)
    }

    /// Whether it has an error bar.
    pub fn has_estimate(&self) -> bool {
        !self.estimate.is_nan()
    }
}

pub(super) fn scalar(method: &Measured, case: &Case) -> Result<Row, ProblemError> {
    let formula = Formula::parse(&case.formula).map_err(|source| ProblemError::Formula {
        name: case.name.clone(),
        source,
    })?;
    let x = hexadecimal(&case.x).ok_or_else(|| ProblemError::Number {
        name: case.name.clone(),
        text: case.x.clone(),
    })?;
    let answer = method.derivative(&formula, x, case.order);
    let Answer {
        value,
        estimate,
        evaluations,
        trusted,
        ref status,
    } = answer;
    let mut row = Row {
        name: case.name.clone(),
        group: case.group.clone(),
        x,
        value,
        estimate,
        error: f64::NAN,
        relative: f64::NAN,
        over_limit: f64::NAN,
        evaluations: evaluations as f64,
        covered: false,
        covered_adjusted: false,
        tightness: f64::NAN,
        flagged: !trusted,
        undefined: case.truth.is_none(),
        status: status.clone(),
    };
    if let Some(truth) = &case.truth {
        let exact = decimal(&case.name, &truth.exact)?;
        let judged = judge(&exact, value, estimate, truth.scale, truth.inherent);
        row.error = judged.error;
        row.relative = judged.error / truth.scale;
        row.over_limit = judged.error / truth.limit;
        row.covered = judged.covered;
        row.covered_adjusted = judged.covered_adjusted;
        row.tightness = judged.tightness;
        row.flagged |= estimate > 1e-3 * truth.scale;
    }
    Ok(row)
}

/// One number against the truth.
pub(super) struct Judged {
    pub error: f64,
    pub covered: bool,
    pub covered_adjusted: bool,
    pub tightness: f64,
}

pub(super) fn judge(
    exact: &super::Decimal,
    value: f64,
    estimate: f64,
    scale: f64,
    inherent: f64,
) -> Judged {
    let difference = exact.subtract_from(value).abs();
    let error = if difference.is_nan() {
        f64::INFINITY
    } else {
        difference
    };
    // The spacing of doubles at the scale: a power of two times 2^-52.
    let ulp = (scale.abs().log2().floor() - 52.0).exp2();
    Judged {
        error,
        covered: error <= estimate && error.is_finite(),
        covered_adjusted: error <= estimate + 2.0 * ulp + inherent && error.is_finite(),
        tightness: if error > 0.0 {
            estimate / error
        } else {
            f64::NAN
        },
    }
}
