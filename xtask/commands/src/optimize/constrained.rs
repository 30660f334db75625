//! The table of problems with constraints: those of Hock and Schittkowski, with noise, and those that contradict.

use comfy_table::Table;
use numdiff_optim::{Minimum, Status, minimize};
use numdiff_problems::constrained::{
    Constrained, Infeasible, PowerFlow, hock_schittkowski, infeasible, power_flow,
};
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

/// Rows of other optimizers under noise, by tests/golden/hs_noise_peers.py.
const NOISE_PEERS: &str = include_str!("../../../../tests/golden/hs_noise_peers.csv");
/// The noise of each value v, relative to 1 + |v|.
const NOISE: f64 = 1e-6;
/// Drawn problems of the kind of HS75.
const DRAWS: u64 = 100;
/// Seeds of the noise.
const SEEDS: u64 = 3;

/// One solver on one problem.
struct Row {
    n: usize,
    /// Evaluations until each tau, at any point, and in all.
    evaluations: [Option<usize>; 3],
    total: usize,
    claimed: bool,
    /// A claim with a violation above 1e-4, or at no stationary value that is known.
    false_claim: bool,
    /// At the minimum, and not claimed.
    unclaimed: bool,
    /// The point returned is within 1e-3.
    near: bool,
    outside: usize,
}

/// Prints the tables; `full` adds every problem.
pub(super) fn print(seed: u64, full: bool) {
    let problems: Vec<Constrained> = hock_schittkowski()
        .into_iter()
        .filter(|p| p.general)
        .collect();
    let peers = peers();
    let reference = &peers[REFERENCE];
    let own: Vec<(String, Row)> = problems
        .iter()
        .map(|p| (p.name.clone(), measure(p, 0.0, seed)))
        .collect();
    println!(
        "{} problems of Hock and Schittkowski with general constraints. Solved: f within\n\
         tau max(1, |f*|) and the largest violation at most tau, at any evaluation. Ratio:\n\
         median of the evaluations at 1e-6 over tight SLSQP's, problem by problem.\n\
         False: a claim that is not so. Missed: at the minimum and not claimed.",
        problems.len()
    );
    let mut table = Table::new();
    table.set_header([
        "solver", "1e-3", "1e-6", "1e-8", "ratio", "claims", "false", "missed",
    ]);
    table.add_row(cells("numdiff", &own, reference));
    let mut names: Vec<&String> = peers.keys().collect();
    names.sort();
    for name in names {
        let known = &peers[name];
        let rows: Vec<(String, Row)> = problems
            .iter()
            .filter_map(|p| known.get(&p.name).map(|row| (p.name.clone(), row.copied())))
            .collect();
        table.add_row(cells(name, &rows, reference));
    }
    println!("{table}");
    let outside: usize = own.iter().map(|(_, row)| row.outside).sum();
    println!("numdiff: {outside} evaluations outside of the bounds");
    noise(&problems, seed);
    let contradicting = infeasible();
    let told = contradicting.iter().filter(|p| is_told(p)).count();
    println!(
        "infeasible problems told as infeasible: {told} of {}",
        contradicting.len()
    );
    drawn(seed);
    if full {
        println!("{}", every_problem(&own, reference));
    } else {
        println!("--full prints every problem.");
    }
}

/// What is left of the table when f and the constraints are noisy.
fn noise(problems: &[Constrained], seed: u64) {
    println!(
        "\nThe same with noise of {NOISE:e} (1 + |v|) in every value v, {SEEDS} seeds. Solved: the\n\
         point returned is within 1e-3. Work: median of the evaluations over n + 1."
    );
    let mut table = Table::new();
    table.set_header(["solver", "runs", "solved", "claims", "false", "work"]);
    let mut rows: Vec<Row> = Vec::new();
    for seed in seed..seed + SEEDS {
        rows.extend(problems.iter().map(|p| measure(p, NOISE, seed)));
    }
    table.add_row(noise_cells("numdiff", &rows));
    let sizes: HashMap<&str, usize> = problems
        .iter()
        .map(|p| (p.name.as_str(), p.start.len()))
        .collect();
    let mut stored: Vec<(String, Vec<Row>)> = Vec::new();
    for line in NOISE_PEERS.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let is = |k: usize| cells[k] == "1";
        let row = Row {
            n: sizes[cells[0]],
            evaluations: [None; 3],
            total: cells[3].parse().unwrap_or(0),
            claimed: is(5),
            false_claim: is(6),
            unclaimed: false,
            near: is(4),
            outside: 0,
        };
        match stored.iter_mut().find(|(name, _)| name == cells[1]) {
            Some((_, rows)) => rows.push(row),
            None => stored.push((cells[1].to_owned(), vec![row])),
        }
    }
    for (name, rows) in &stored {
        table.add_row(noise_cells(name, rows));
    }
    println!("{table}");
}

/// The family of HS75, whose minima are all known.
fn drawn(seed: u64) {
    let (mut least, mut another, mut infeasible, mut wrong) = (0, 0, 0, 0);
    let mut work = Vec::new();
    for problem in (seed..seed + DRAWS).map(power_flow) {
        let run = minimize(
            |x: &[f64]| {
                let at = problem.evaluate(x);
                let (h, g) = split(&at.constraints, &PowerFlow::IS_EQUALITY);
                (at.value, h, g)
            },
            &problem.start[..],
        )
        .bounds(&problem.lower, &problem.upper)
        .run();
        let best = match run {
            Ok(best) => best,
            Err(error) => panic!("a drawn problem: {error}"),
        };
        work.push(best.evaluations as f64 / (problem.start.len() + 1) as f64);
        let near = |minimum: &f64| (best.value - minimum).abs() <= 1e-6 * minimum.abs();
        let (claimed, known) = (
            best.status.is_success(),
            problem.minima.iter().position(near),
        );
        match (claimed && best.violation <= 1e-6, known) {
            (true, Some(0)) => least += 1,
            (true, Some(_)) => another += 1,
            _ => wrong += usize::from(claimed),
        }
        infeasible += usize::from(matches!(best.status, Status::Infeasible { .. }));
    }
    println!(
        "of HS75's kind, {DRAWS} drawn: {least} end at the least minimum, {another} at another one,\n\
         {infeasible} at a least violation, false claims {wrong}; a median of {:.0} (n + 1) evaluations",
        median(work)
    );
}

fn noise_cells(name: &str, rows: &[Row]) -> Vec<String> {
    let count = |of: fn(&Row) -> bool| rows.iter().filter(|row| of(row)).count();
    let solved = count(|row| row.near);
    let work = rows.iter().map(|row| row.total as f64 / (row.n + 1) as f64);
    vec![
        name.into(),
        rows.len().to_string(),
        format!(
            "{solved} ({:.0} %)",
            100.0 * solved as f64 / rows.len() as f64
        ),
        count(|row| row.claimed).to_string(),
        count(|row| row.false_claim).to_string(),
        format!("{:.0}", median(work.collect())),
    ]
}

fn every_problem(rows: &[(String, Row)], reference: &HashMap<String, Row>) -> Table {
    let mut table = Table::new();
    table.set_header([
        "problem",
        "n",
        "1e-3",
        "1e-6",
        "1e-8",
        "in all",
        "SLSQP 1e-6",
    ]);
    for (name, row) in rows {
        let told = |count: Option<usize>| count.map_or("-".into(), |count| count.to_string());
        let other = reference.get(name).and_then(|row| row.evaluations[1]);
        table.add_row([
            name.clone(),
            row.n.to_string(),
            told(row.evaluations[0]),
            told(row.evaluations[1]),
            told(row.evaluations[2]),
            row.total.to_string(),
            told(other),
        ]);
    }
    table
}

fn is_told(p: &Infeasible) -> bool {
    let run = minimize(
        |x: &[f64]| {
            let at = p.evaluate(x);
            let (h, g) = split(&at.constraints, &p.is_equality);
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
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => values[n / 2],
        n => 0.5 * (values[n / 2 - 1] + values[n / 2]),
    }
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
    let ratios = rows.iter().filter_map(|(problem, row)| {
        let other = reference.get(problem)?.evaluations[1]?;
        Some(row.evaluations[1]? as f64 / other as f64)
    });
    let count = |of: fn(&Row) -> bool| rows.iter().filter(|(_, row)| of(row)).count();
    vec![
        name.into(),
        solved(0).to_string(),
        solved(1).to_string(),
        solved(2).to_string(),
        format!("{:.2}", median(ratios.collect())),
        count(|r| r.claimed).to_string(),
        count(|r| r.false_claim).to_string(),
        count(|r| r.unclaimed).to_string(),
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
        n: p.start.len(),
        evaluations: meter.reached,
        total: meter.calls,
        near: near(value, p.minimum, 1e-3) && violation <= 1e-3,
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
    let [size, total] = ["n", "total_evaluations"].map(column);
    let [claimed, wrong, kind] = ["claimed_success", "false_success", "final_kind"].map(column);
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let cell = |k: usize| cells.get(k).copied().unwrap_or_default();
        let is_claimed = cell(claimed) == "1";
        let row = Row {
            n: cell(size).parse().unwrap_or(0),
            total: cell(total).parse().unwrap_or(0),
            near: false,
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
