//! Problems with constraints: those of Hock and Schittkowski in `tests/golden/hs.json`.

mod formula;
mod infeasible;
mod power_flow;

use formula::{Formula, Names, Values};
pub use infeasible::{Infeasible, infeasible};
pub use power_flow::{PowerFlow, power_flow};
use serde_json::Value;

const FILE: &str = include_str!("../../../golden/hs.json");

/// Minimize f(x) subject to h(x) = 0, g(x) >= 0 and lower <= x <= upper.
#[derive(Clone, Debug)]
pub struct Constrained {
    /// Name in the collection, such as `HS71`.
    pub name: String,
    /// Problems that share data or formulas have one family.
    pub family: String,
    /// Whether there is a constraint besides the bounds.
    pub general: bool,
    /// The published start; it may be outside the bounds.
    pub start: Vec<f64>,
    /// Lower bounds; minus infinity for none.
    pub lower: Vec<f64>,
    /// Upper bounds; infinity for none.
    pub upper: Vec<f64>,
    /// f at the best known minimum.
    pub minimum: f64,
    /// The best known minimum.
    pub solution: Vec<f64>,
    /// Values of f at other stationary points.
    pub others: Vec<f64>,
    /// Whether each constraint is an equality.
    pub is_equality: Vec<bool>,
    names: Names,
    constants: Vec<Vec<f64>>,
    definitions: Vec<Definition>,
    objective: Formula,
    constraints: Vec<Formula>,
}

#[derive(Clone, Debug)]
struct Definition {
    slot: usize,
    /// The loop variable's slot, the first and the last index.
    array: Option<(usize, i64, i64)>,
    formula: Formula,
}

/// f and the constraints at a point, in the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// f.
    pub value: f64,
    /// h for the equalities, g for the inequalities.
    pub constraints: Vec<f64>,
}

impl Constrained {
    /// f and all constraints.
    pub fn evaluate(&self, x: &[f64]) -> Evaluation {
        let mut values = Values::new(&self.names);
        values.arrays[0] = x.to_vec();
        for (slot, constants) in values.arrays[1..].iter_mut().zip(&self.constants) {
            slot.clone_from(constants);
        }
        for definition in &self.definitions {
            match definition.array {
                None => {
                    values.scalars[definition.slot] = definition.formula.value(&mut values);
                }
                Some((index, first, last)) => {
                    for i in first..=last {
                        values.scalars[index] = i as f64;
                        let value = definition.formula.value(&mut values);
                        values.arrays[definition.slot].push(value);
                    }
                }
            }
        }
        Evaluation {
            value: self.objective.value(&mut values),
            constraints: self
                .constraints
                .iter()
                .map(|c| c.value(&mut values))
                .collect(),
        }
    }

    /// The largest violation of a constraint or bound at x.
    pub fn violation(&self, x: &[f64]) -> f64 {
        let constraints = self.evaluate(x).constraints;
        let general = constraints
            .iter()
            .zip(&self.is_equality)
            .map(|(c, equality)| if *equality { c.abs() } else { -c });
        let bounds = x
            .iter()
            .enumerate()
            .map(|(i, x)| (self.lower[i] - x).max(x - self.upper[i]));
        general.chain(bounds).fold(0.0, |most, v| {
            if v.is_nan() {
                f64::INFINITY
            } else {
                most.max(v)
            }
        })
    }

    fn read(entry: &Value) -> Self {
        let numbers = |value: &Value, none: f64| -> Vec<f64> {
            let items = value.as_array().map_or(&[][..], |items| items);
            items.iter().map(|v| v.as_f64().unwrap_or(none)).collect()
        };
        let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        let mut names = Names::default();
        names.array("x");
        let mut constants = Vec::new();
        for (name, values) in entry["constants"].as_object().into_iter().flatten() {
            names.array(name);
            constants.push(numbers(values, f64::NAN));
        }
        let mut definitions = Vec::new();
        for definition in entry["defs"].as_array().into_iter().flatten() {
            let head = definition[0].as_str().unwrap_or_default();
            let body = definition[1].as_str().unwrap_or_default();
            definitions.push(define(head, body, &mut names));
        }
        let objective = Formula::parse(&text("objective"), &mut names);
        let list = entry["constraints"].as_array().map_or(&[][..], |c| c);
        let constraints = list
            .iter()
            .map(|c| Formula::parse(c["formula"].as_str().unwrap_or_default(), &mut names))
            .collect();
        Constrained {
            name: text("name"),
            family: text("family"),
            general: entry["group"] == "general",
            start: numbers(&entry["x0"], f64::NAN),
            lower: numbers(&entry["lower"], f64::NEG_INFINITY),
            upper: numbers(&entry["upper"], f64::INFINITY),
            minimum: entry["fstar"].as_f64().unwrap_or(f64::NAN),
            solution: numbers(&entry["xstar"], f64::NAN),
            others: numbers(&entry["other_kkt_values"], f64::NAN),
            is_equality: list.iter().map(|c| c["kind"] == "eq").collect(),
            names,
            constants,
            definitions,
            objective,
            constraints,
        }
    }
}

/// `name` or `name[i=a..b]`.
fn define(head: &str, body: &str, names: &mut Names) -> Definition {
    let Some((name, range)) = head.split_once('[') else {
        let formula = Formula::parse(body, names);
        return Definition {
            slot: names.scalar(head),
            array: None,
            formula,
        };
    };
    let bad = || panic!("`{head}` is not of the form name[i=a..b]");
    let Some((variable, range)) = range.trim_end_matches(']').split_once('=') else {
        bad()
    };
    let Some((first, last)) = range.split_once("..") else {
        bad()
    };
    let (Ok(first), Ok(last)) = (first.trim().parse(), last.trim().parse()) else {
        bad()
    };
    let index = names.scalar(variable.trim());
    let formula = Formula::parse(body, names);
    Definition {
        slot: names.array(name),
        array: Some((index, first, last)),
        formula,
    }
}

/// The problems of the file, in its order.
///
/// # Panics
/// When the file is not as documented inside it.
pub fn hock_schittkowski() -> Vec<Constrained> {
    let file: Value = match serde_json::from_str(FILE) {
        Ok(file) => file,
        Err(error) => panic!("hs.json: {error}"),
    };
    let problems = file["problems"].as_array().map_or(&[][..], |p| p);
    problems.iter().map(Constrained::read).collect()
}

#[cfg(test)]
mod tests {
    use super::hock_schittkowski;

    #[test]
    fn the_stored_minima_are_feasible_and_have_the_stored_values() {
        let problems = hock_schittkowski();
        assert_eq!(problems.len(), 70);
        for p in problems {
            let value = p.evaluate(&p.solution).value;
            let error = (value - p.minimum).abs() / p.minimum.abs().max(1.0);
            assert!(error < 1e-9, "{}: {value} for {}", p.name, p.minimum);
            assert!(p.violation(&p.solution) < 1e-7, "{}", p.name);
        }
    }
}
