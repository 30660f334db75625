//! The rows as JSON.

use super::{Row, Solver};
use numdiff_optim::Status;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const TAU_NAMES: [&str; 3] = ["1e-3", "1e-6", "1e-9"];

pub(super) fn to_json(solvers: &[Solver]) -> Value {
    let problem = |row: &Row| {
        let evaluations: BTreeMap<&str, Option<usize>> =
            TAU_NAMES.into_iter().zip(row.evaluations).collect();
        json!({
            "problem": row.problem,
            "n": row.n,
            "evaluations": evaluations,
            "status": row.status.as_ref().map(name_of),
            "final_error": if row.error.is_finite() { json!(row.error) } else { Value::Null },
            "total_evaluations": row.total,
        })
    };
    let solver = |solver: &Solver| {
        let problems: Vec<Value> = solver.rows.iter().map(problem).collect();
        json!({ "solver": solver.name, "problems": problems })
    };
    json!({ "solvers": solvers.iter().map(solver).collect::<Vec<Value>>() })
}

/// The variant's name in lower case.
fn name_of(status: &Status) -> &'static str {
    match status {
        Status::Converged { .. } => "converged",
        Status::NoiseLimited { .. } => "noise-limited",
        Status::TargetReached { .. } => "target-reached",
        Status::OutOfIterations => "out-of-iterations",
        Status::OutOfEvaluations => "out-of-evaluations",
        Status::OutOfTime => "out-of-time",
        Status::Diverged { .. } => "diverged",
        Status::Stalled { .. } => "stalled",
        Status::Stopped => "stopped",
        _ => "other",
    }
}
