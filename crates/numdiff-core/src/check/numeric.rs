//! The numeric side of a check: values, error bars, steps and statuses of all entries.

use crate::evaluate::serial;
use crate::method::Method;
use crate::operators::Operator;
use crate::results::Results;
use crate::survey::Survey;
use crate::workspace::Workspace;
use crate::{Adaptive, Error, Function, Status};

/// What an adaptive method found.
#[derive(Clone, Debug)]
pub(super) struct Numeric {
    pub value: Vec<f64>,
    pub error: Vec<f64>,
    pub step: Vec<f64>,
    pub status: Vec<Status>,
    pub evaluations: usize,
}

/// How an operator's entries relate to its lines.
pub(super) trait Question: Operator {
    /// The status of entry `k`.
    fn status(&self, survey: &Survey, results: &Results, k: usize) -> Status;
    /// The line along which f's output determines entry `k`: a coordinate (none: the operator's
    /// vector) and an output; none where an entry is made of several lines.
    fn line(&self, n: usize, k: usize) -> Option<(Option<usize>, usize)>;
}

/// Differentiates with error bars.
pub(super) fn differentiate<O: Question, F: Function>(
    method: &Adaptive,
    operator: &O,
    f: &mut F,
    x: &[f64],
    vector: &[f64],
) -> Result<Numeric, Error> {
    let scheme = Method::<f64>::scheme(method)?;
    let mut workspace = Workspace::<f64>::new();
    let Workspace {
        survey,
        results,
        scratch,
        ..
    } = &mut workspace;
    let (kind, order) = operator.lines();
    survey.begin(x.iter().copied(), f64::EPSILON, kind, order)?;
    scheme.validate(survey)?;
    operator.pose(vector, scheme, survey)?;
    serial::run(scheme, survey, f, scratch, results)?;
    operator.conclude(survey, results);
    let length = operator.length(survey, results);
    let entries: Vec<_> = (0..length)
        .map(|k| operator.entry(survey, results, k))
        .collect();
    Ok(Numeric {
        value: entries.iter().map(|e| e.value).collect(),
        error: entries.iter().map(|e| e.error).collect(),
        step: entries.iter().map(|e| e.step).collect(),
        status: (0..length)
            .map(|k| operator.status(survey, results, k))
            .collect(),
        evaluations: results.evaluations,
    })
}
