//! What the measurements share.

use serde_json::{Map, Value, json};

/// One measurement, as `cargo xtask bench` reads it: {"id", "numdiff", "unit", "peers", "ratio"}. A ratio is
/// a peer's number over numdiff's.
pub fn row(
    id: &str,
    numdiff: impl Into<Option<f64>>,
    unit: &str,
    peers: &[(&str, Option<f64>)],
) -> Value {
    let numdiff = numdiff.into();
    let known = || peers.iter().filter_map(|&(name, v)| v.map(|v| (name, v)));
    let object = |of: &dyn Fn(f64) -> Option<f64>| -> Map<String, Value> {
        known()
            .filter_map(|(name, v)| of(v).map(|v| (name.to_owned(), json!(v))))
            .collect()
    };
    json!({
        "id": id,
        "numdiff": numdiff,
        "unit": unit,
        "peers": object(&Some),
        "ratio": object(&|v| numdiff.map(|own| v / own)),
    })
}
