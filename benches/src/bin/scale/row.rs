//! One measurement, as `cargo xtask bench` reads it.

use serde_json::{Map, Value, json};

/// {"id", "numdiff", "unit", "peers", "ratio"}: a ratio is a peer's number over numdiff's.
pub fn row(id: &str, numdiff: f64, unit: &str, peers: &[(&str, Option<f64>)]) -> Value {
    let known = || peers.iter().filter_map(|&(name, v)| v.map(|v| (name, v)));
    let object = |of: &dyn Fn(f64) -> f64| -> Map<String, Value> {
        known()
            .map(|(name, v)| (name.to_owned(), json!(of(v))))
            .collect()
    };
    json!({
        "id": id,
        "numdiff": numdiff,
        "unit": unit,
        "peers": object(&|v| v),
        "ratio": object(&|v| v / numdiff),
    })
}
