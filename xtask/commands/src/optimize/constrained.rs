//! The table of problems with constraints: those of Hock and Schittkowski, with noise, and those that contradict.

use comfy_table::Table;
use numdiff_optim::{Minimum, Status, minimize};
use numdiff_problems::constrained::{Constrained, hock_schittkowski, infeasible};
use std::cell::RefCell;
use std::collections::HashMap;

/// f within tau max(1, |f*|) and the largest violation at most tau.
const TAUS: [f64; 3] = [1e-3, 1e-6, 1e-8];
/// Rows of other optimizers, measured once and stored.
const PEERS: &str = include_str!("../../../../tests/golden/hs_peers.csv");
/// The row that evaluations are compared with.
const REFERENCE: &str = "scipy-SLSQP-tight";
/// Evaluations allowed, in units of n + 1, as for the peers.
const BUDGET: usize = 500;

/// One solver on one problem.
struct Row {
    evaluations: [Option<usize>; 3],
    claimed: bool,
    /// A claim with a violation above 1e-4, or at no stationary value that is known.
    false_claim: bool,
    /// At the minimum, and not claimed.
    unclaimed: bool,
    outside: usize,
}

/// Prints the table.
pub(super) fn print(seed: u64) {
    let problems: Vec<Constrained> = hock_schittkowski()
        .into_iter()
        .filter(|p| p.general)
        .collect();
    let reference = peers();
    let mut table = Table::new();
    table.set_header([
        "solver",
        "problems",
        "solved 1e-3 / 1e-6 / 1e-8",
        "evaluations at 1e-6 / SLSQP's",
        "claimed; false; right but unclaimed",
        "outside",
    ]);
    for (name, noise) in [("numdiff", 0.0), ("numdiff, noise 1e-6", 1e-6)] {
        let rows: Vec<(String, Row)> = problems
            .iter()
            .map(|p| (p.name.clone(), measure(p, noise, seed)))
            .collect();
        table.add_row(cells(name, &rows, &reference[REFERENCE]));
    }
    let mut names: Vec<&String> = reference.keys().collect();
    names.sort();
    for name in names {
        let known = &reference[name];
        let rows: Vec<(String, Row)> = problems
            .iter()
            .filter_map(|p| known.get(&p.name).map(|row| (p.name.clone(), row.copied())))
            .collect();
        table.add_row(cells(name, &rows, &reference[REFERENCE]));
    }
    println!("{table}");
    let contradicting = infeasible();
    let told = contradicting.iter().filter(|p| {
        let kinds = &p.is_equality;
        let run = minimize(
            |x: &[f64]| {
                let at = p.evaluate(x);
                let (h, g) = split(&at.constraints, kinds);
                (at.value, h, g)
            },
            &p.start[..],
        )
        .bounds(&p.lower, &p.upper)
        .run();
        matches!(
            run,
            Ok(Minimum {
                status: Status::Infeasible { .. },
                ..
            })
        )
    });
    println!(
        "infeasible problems told as infeasible: {} of {}",
        told.count(),
        contradicting.len()
    );
}

impl Row {
    fn copied(&self) -> Row {
        Row { ..*self }
    }
}

fn split(c: &[f64], equality: &[bool]) -> (Vec<f64>, Vec<f64>) {
    let of = |kind: bool| -> Vec<f64> {
        let all = c.iter().zip(equality);
        all.filter(|(_, e)| **e == kind).map(|(c, _)| *c).collect()
    };
    (of(true), of(false))
}

fn cells(name: &str, rows: &[(String, Row)], reference: &HashMap<String, Row>) -> Vec<String> {
    let solved = |k: usize| {
        rows.iter()
            .filter(|(_, r)| r.evaluations[k].is_some())
            .count()
    };
    let mut ratios: Vec<f64> = rows
        .iter()
        .filter_map(|(problem, row)| {
            let other = reference.get(problem)?.evaluations[1]?;
            Some(row.evaluations[1]? as f64 / other as f64)
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    let median = match ratios.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => ratios[n / 2],
        n => 0.5 * (ratios[n / 2 - 1] + ratios[n / 2]),
    };
    let count = |of: fn(&Row) -> bool| rows.iter().filter(|(_, row)| of(row)).count();
    vec![
        name.into(),
        rows.len().to_string(),
        format!("{} / {} / {}", solved(0), solved(1), solved(2)),
        format!("{median:.2}"),
        format!(
            "{}; {}; {}",
            count(|r| r.claimed),
            count(|r| r.false_claim),
            count(|r| r.unclaimed)
        ),
        rows.iter()
            .map(|(_, row)| row.outside)
            .sum::<usize>()
            .to_string(),
    ]
}

/// One run with every evaluation counted.
fn measure(p: &Constrained, noise: f64, seed: u64) -> Row {
    struct Meter {
        calls: usize,
        outside: usize,
        reached: [Option<usize>; 3],
        stream: u64,
    }
    let meter = RefCell::new(Meter {
        calls: 0,
        outside: 0,
        reached: [None; 3],
        stream: seed,
    });
    let near =
        |value: f64, target: f64, tau: f64| (value - target).abs() <= tau * target.abs().max(1.0);
    let simulate = |x: &[f64]| {
        let at = p.evaluate(x);
        let mut meter = meter.borrow_mut();
        meter.calls += 1;
        let violation = p.violation(x);
        let sides = x.iter().zip(p.lower.iter().zip(&p.upper));
        meter.outside += usize::from(sides.clone().any(|(x, (l, u))| x < l || x > u));
        let calls = meter.calls;
        for (slot, tau) in meter.reached.iter_mut().zip(TAUS) {
            if violation <= tau && near(at.value, p.minimum, tau) {
                slot.get_or_insert(calls);
            }
        }
        let mut shaken = |v: f64| match noise > 0.0 {
            true => v + noise * (1.0 + v.abs()) * super::meter::uniform(&mut meter.stream),
            false => v,
        };
        let c: Vec<f64> = at.constraints.iter().map(|c| shaken(*c)).collect();
        let (h, g) = split(&c, &p.is_equality);
        (shaken(at.value), h, g)
    };
    let run = minimize(simulate, &p.start[..])
        .bounds(&p.lower, &p.upper)
        .max_evaluations(BUDGET * (p.start.len() + 1))
        .run();
    let best = match run {
        Ok(best) => best,
        Err(error) => panic!("{}: {error}", p.name),
    };
    let (value, violation) = (p.evaluate(&best.x).value, p.violation(&best.x));
    let at = |target: f64| near(value, target, 1e-5) && violation <= 1e-4;
    let known = at(p.minimum) || p.others.iter().any(|other| at(*other));
    let claimed = best.status.is_success();
    let meter = meter.borrow();
    assert_eq!(meter.calls, best.evaluations, "{}: the count", p.name);
    Row {
        evaluations: meter.reached,
        claimed,
        false_claim: claimed && !known,
        unclaimed: !claimed && near(value, p.minimum, 1e-6) && violation <= 1e-6,
        outside: meter.outside,
    }
}

/// The stored rows by solver and problem.
fn peers() -> HashMap<String, HashMap<String, Row>> {
    let mut peers: HashMap<String, HashMap<String, Row>> = HashMap::new();
    let mut lines = PEERS.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let column = |name: &str| header.iter().position(|h| *h == name).unwrap_or(usize::MAX);
    let evaluations = TAUS.map(|tau| column(&format!("evaluations_{}", exponent(tau))));
    let [problem, solver, outside] = ["problem", "solver", "outside_bounds"].map(column);
    let [claimed, wrong, kind] = ["claimed_success", "false_success", "final_kind"].map(column);
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let cell = |k: usize| cells.get(k).copied().unwrap_or_default();
        let is_claimed = cell(claimed) == "1";
        let row = Row {
            evaluations: evaluations.map(|k| cell(k).parse().ok()),
            claimed: is_claimed,
            false_claim: cell(wrong) == "1",
            unclaimed: !is_claimed && cell(kind) == "optimum",
            outside: cell(outside).parse().unwrap_or(0),
        };
        peers
            .entry(cell(solver).into())
            .or_default()
            .insert(cell(problem).into(), row);
    }
    peers
}

fn exponent(tau: f64) -> String {
    format!("{tau:e}")
}
