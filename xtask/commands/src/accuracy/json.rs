//! The measurements as JSON; numbers that are not finite are null.

use super::Measurement;
use numdiff_accuracy::{Group, Row};
use serde_json::{Value, json};

pub fn as_json(measurements: &[Measurement], cases: bool) -> Value {
    let methods: Vec<Value> = measurements
        .iter()
        .map(|measurement| {
            let groups: Vec<Value> = measurement.groups.iter().map(group).collect();
            let mut method = json!({ "method": measurement.method, "groups": groups });
            if cases {
                method["cases"] = measurement.rows.iter().map(case).collect();
            }
            method
        })
        .collect();
    json!({ "methods": methods })
}

fn group(group: &Group) -> Value {
    json!({
        "group": group.name,
        "cases": group.cases,
        "median_rel": group.median_relative,
        "p90_rel": group.p90_relative,
        "worst_rel": group.worst_relative,
        "median_over_limit": group.median_over_limit,
        "evaluations_median": group.evaluations_median,
        "evaluations_p90": group.evaluations_p90,
        "coverage": group.coverage,
        "coverage_adjusted": group.coverage_adjusted,
        "tightness_median": group.tightness_median,
        "gross": group.gross,
        "gross_unflagged": group.gross_unflagged,
        "no_value": group.no_value,
        "undefined_told": group.undefined_told,
    })
}

fn case(row: &Row) -> Value {
    json!({
        "name": row.name,
        "group": row.group,
        "x": row.x,
        "value": row.value,
        "error_estimate": row.estimate,
        "true_error": row.error,
        "relative_error": row.relative,
        "evaluations": row.evaluations,
        "status": row.status,
    })
}
