//! One measurement, as `cargo xtask bench` reads it.

use serde_json::{Map, Value, json};

/// Prints {"id", "numdiff", "unit", "peers", "ratio"}: ratio is numdiff over the best peer.
pub fn print(id: &str, numdiff: f64, unit: &str, peers: &[(&str, Option<f64>)]) {
    let known: Vec<(&str, f64)> = peers
        .iter()
        .filter_map(|&(name, v)| v.map(|v| (name, v)))
        .collect();
    let best = known.iter().map(|&(_, v)| v).fold(f64::INFINITY, f64::min);
    let ratio = if best.is_finite() && best > 0.0 {
        json!(numdiff / best)
    } else {
        Value::Null
    };
    let peers: Map<String, Value> = known
        .iter()
        .map(|&(name, v)| (name.to_owned(), json!(v)))
        .collect();
    println!(
        "{}",
        json!({"id": id, "numdiff": numdiff, "unit": unit, "peers": peers, "ratio": ratio})
    );
}
