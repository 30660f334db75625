//! The results as JSON, numbers in shortest round-trip form.

use super::outcome::Outcome;
use numdiff_tests::{Check, Trials, Values};
use serde_json::{Map, Value, json};

/// `{"scenarios": [{"id", "printed", "computed", "verdict", "property": {"cases", "seed"}, …}]}`.
pub fn as_json(outcomes: &[Outcome], trials: Trials) -> Value {
    let scenarios: Vec<Value> = outcomes
        .iter()
        .map(|outcome| {
            let printed = |check: &&Check| match check.printed {
                Some(text) => value(&check.computed.parsed_like(text)),
                None => Value::Null,
            };
            let shown = outcome.shown();
            let mut property = json!({"cases": trials.cases, "seed": trials.seed});
            property["verdict"] = match &outcome.property {
                Ok(()) => "holds".into(),
                Err(failure) => failure.as_str().into(),
            };
            json!({
                "id": outcome.scenario.id,
                "number": outcome.scenario.number,
                "printed": one_or_named(&shown, printed),
                "computed": one_or_named(&shown, |check| value(&check.computed)),
                "verdict": word(outcome.agrees()),
                "property": property,
                "checks": outcome.checks().iter().map(check_json).collect::<Vec<_>>(),
                "failure": outcome.finding.as_ref().err(),
            })
        })
        .collect();
    json!({ "scenarios": scenarios })
}

/// The value itself when there is one check, else an object from what is compared to its value.
fn one_or_named(checks: &[&Check], value: impl Fn(&&Check) -> Value) -> Value {
    match checks {
        [check] => value(check),
        _ => {
            let named = checks
                .iter()
                .map(|check| (check.what.clone(), value(check)));
            Value::Object(named.collect::<Map<_, _>>())
        }
    }
}

fn check_json(check: &Check) -> Value {
    json!({
        "what": check.what,
        "printed": check.printed,
        "computed": value(&check.computed),
        "rule": check.rule,
        "verdict": word(check.agrees),
    })
}

fn value(values: &Values) -> Value {
    match values {
        Values::Number(x) => json!(x),
        Values::Count(count) => json!(count),
        Values::Row(row) => json!(row),
        Values::Rows(rows) => json!(rows),
    }
}

/// One of two words, whether something was printed or not.
fn word(agrees: bool) -> &'static str {
    if agrees { "agrees" } else { "disagrees" }
}
