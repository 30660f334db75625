//! What the measurements share.

use serde_json::{Map, Value, json};

/// One measurement, as `cargo xtask bench` reads it: {"id", "numdiff", "unit", "peers", "ratio"}, times also with
/// {"spread"}. A ratio is a peer's number over numdiff's.
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

/// Times taken in rounds in which all contestants had a turn, numdiff first, in units of `seconds`: the least of
/// each, since what else the machine does only adds; their ratio; and as its spread the quartiles of the ratios
/// round by round.
pub fn race(
    id: &str,
    (unit, seconds): (&str, f64),
    peers: &[&str],
    rounds: &[Vec<Option<f64>>],
) -> Value {
    let least = |k: usize| {
        let times = rounds.iter().filter_map(|round| round[k]);
        times
            .min_by(f64::total_cmp)
            .map(|time| digits(time / seconds))
    };
    let times: Vec<(&str, Option<f64>)> = (1..)
        .zip(peers)
        .map(|(k, &name)| (name, least(k)))
        .collect();
    let mut row = row(id, least(0), unit, &times);
    let spread: Map<String, Value> = (1..)
        .zip(peers)
        .filter_map(|(k, &name)| {
            let ratios = rounds.iter().filter_map(|r| Some(r[k]? / r[0]?));
            let mut ratios: Vec<f64> = ratios.collect();
            ratios.sort_by(f64::total_cmp);
            let at = |share: f64| ratios.get((share * ratios.len() as f64) as usize);
            Some((
                name.to_owned(),
                json!([digits(*at(0.25)?), digits(*at(0.75)?)]),
            ))
        })
        .collect();
    row["spread"] = Value::Object(spread);
    row
}

/// Four digits are more than a timing holds.
pub fn digits(v: f64) -> f64 {
    format!("{v:.3e}").parse().unwrap_or(v)
}
