//! How much it takes: 35 problems, standard starts; values of f, every one counted, and with a given gradient
//! values and gradients.

use crate::counted::{Counted, TAUS};
use crate::{argmin_peer, basin_peer, scipy_peer::Scipy};
use ndarray::Array1;
use numdiff_benches::row;
use numdiff_problems::{Problem, mgh};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde_json::Value;

pub fn run() -> Vec<Value> {
    let mut scipy = Scipy::start();
    let mut rows = Vec::new();
    for group in [&VALUES, &LARGER, &PERTURBED, &WORK] {
        let problems = (group.problems)();
        // Problem by problem: what each contestant needed.
        let table: Vec<Vec<[Option<f64>; 3]>> = problems
            .iter()
            .map(|problem| {
                let known = group.contestants.iter().filter_map(|contestant| {
                    let counted = Counted::new(problem);
                    contestant.run(&counted, scipy.as_mut())?;
                    Some(counted.reached())
                });
                known.collect()
            })
            .collect();
        rows.extend(summary(group, &problems, &table));
        if !group.each {
            continue;
        }
        for (problem, reached) in problems.iter().zip(&table) {
            let id = format!("{}/{}/1e-6", group.name, problem.id);
            let peers = group.peers(&|s| reached.get(s)?[1]);
            rows.push(row(&id, reached[0][1], group.unit, &peers));
        }
    }
    rows
}

/// Contestants on one question; numdiff is the first, scipy's are the last.
struct Group {
    name: &'static str,
    unit: &'static str,
    problems: fn() -> Vec<Problem>,
    /// A row for each problem, besides the summary.
    each: bool,
    contestants: &'static [Contestant],
}

impl Group {
    fn peers(&self, of: &dyn Fn(usize) -> Option<f64>) -> Vec<(&'static str, Option<f64>)> {
        (1..self.contestants.len())
            .map(|s| (self.contestants[s].name(), of(s)))
            .collect()
    }
}

const VALUES: Group = Group {
    name: "values",
    unit: "values",
    problems: mgh::main,
    each: true,
    contestants: &[
        Contestant::Numdiff { gradient: false },
        Contestant::Argmin { central: false },
        Contestant::Argmin { central: true },
        Contestant::Basin { central: false },
        Contestant::Basin { central: true },
        Contestant::Bfgs { gradient: false },
        Contestant::Lbfgsb { gradient: false },
    ],
};

const DIFFERENCES: &[Contestant] = &[
    Contestant::Numdiff { gradient: false },
    Contestant::Bfgs { gradient: false },
    Contestant::Lbfgsb { gradient: false },
];

/// n from 9 to 60.
const LARGER: Group = Group {
    name: "values, larger",
    unit: "values",
    problems: mgh::larger,
    each: true,
    contestants: DIFFERENCES,
};

/// Five starts for each problem, every coordinate moved by up to 10 %: the same for all contestants.
const PERTURBED: Group = Group {
    name: "values, perturbed",
    unit: "values",
    problems: perturbed,
    each: false,
    contestants: DIFFERENCES,
};

fn perturbed() -> Vec<Problem> {
    let round = |round: u64| {
        mgh::main().into_iter().map(move |problem| {
            let mut random = ChaCha8Rng::seed_from_u64(round);
            let mut moved = |x: &f64| {
                let share = f64::from(random.next_u32()) / f64::from(u32::MAX);
                // A coordinate at zero has no scale: 1.
                let scale = if *x == 0.0 { 1.0 } else { x.abs() };
                x + 0.1 * scale * (2.0 * share - 1.0)
            };
            let start = problem.start.iter().map(&mut moved).collect();
            problem.with_start(start)
        })
    };
    (1..=5).flat_map(round).collect()
}

const WORK: Group = Group {
    name: "gradient given",
    unit: "values and gradients",
    problems: mgh::main,
    each: true,
    contestants: &[
        Contestant::Numdiff { gradient: true },
        Contestant::Bfgs { gradient: true },
        Contestant::Lbfgsb { gradient: true },
    ],
};

enum Contestant {
    Numdiff { gradient: bool },
    Argmin { central: bool },
    Basin { central: bool },
    Bfgs { gradient: bool },
    Lbfgsb { gradient: bool },
}

impl Contestant {
    fn name(&self) -> &'static str {
        match self {
            Contestant::Numdiff { .. } => "numdiff",
            Contestant::Argmin { central: false } => "argmin L-BFGS, forward",
            Contestant::Argmin { central: true } => "argmin L-BFGS, central",
            Contestant::Basin { central: false } => "basin L-BFGS, forward",
            Contestant::Basin { central: true } => "basin L-BFGS, central",
            Contestant::Bfgs { .. } => "scipy BFGS",
            Contestant::Lbfgsb { .. } => "scipy L-BFGS-B",
        }
    }

    /// `None` when it cannot take part.
    fn run(&self, counted: &Counted<'_>, scipy: Option<&mut Scipy>) -> Option<()> {
        match *self {
            Contestant::Numdiff { gradient } => numdiff(counted, gradient),
            Contestant::Argmin { central } => argmin_peer::minimize(counted, central),
            Contestant::Basin { central } => basin_peer::minimize(counted, central),
            Contestant::Bfgs { gradient } => scipy?.minimize(counted, "BFGS", gradient),
            Contestant::Lbfgsb { gradient } => scipy?.minimize(counted, "L-BFGS-B", gradient),
        }
        Some(())
    }
}

fn numdiff(counted: &Counted<'_>, gradient: bool) {
    let f = |x: &Array1<f64>| counted.value(&x.to_vec()).unwrap_or(f64::NAN);
    let start = Array1::from(counted.start());
    let mut run = numdiff_optim::minimize(f, &start);
    if gradient {
        run = run.gradient(|x: &Array1<f64>| counted.gradient(&x.to_vec()).ok_or("budget"));
    }
    if let Err(error) = run.run() {
        eprintln!("{}: {error}", counted.problem.id);
    }
}

/// Problems solved, the median cost, and the median over the problems of a peer's cost over numdiff's.
fn summary(group: &Group, problems: &[Problem], table: &[Vec<[Option<f64>; 3]>]) -> Vec<Value> {
    let mut rows = Vec::new();
    for (k, (tau, _)) in TAUS.iter().enumerate() {
        let of = |s: usize| -> Option<Vec<Option<f64>>> {
            table.iter().map(|row| Some(row.get(s)?[k])).collect()
        };
        let solved = |s: usize| Some(of(s)?.iter().flatten().count() as f64);
        let cost = |s: usize| {
            let costs = of(s)?
                .into_iter()
                .zip(problems)
                .map(|(calls, p)| calls.unwrap_or(f64::INFINITY) / (p.n() + 1) as f64);
            median(costs.collect())
        };
        let ratio = |s: usize| {
            let pairs = of(s)?.into_iter().zip(of(0)?);
            // Who alone does not get there is infinitely dearer.
            let ratios = pairs.filter(|(peer, own)| peer.or(*own).is_some());
            let price = |calls: Option<f64>| calls.unwrap_or(f64::INFINITY);
            median(ratios.map(|(peer, own)| price(peer) / price(own)).collect())
        };
        let mut push = |what: &str, unit: &str, of: &dyn Fn(usize) -> Option<f64>| {
            let id = format!("{}/{what}/{tau}", group.name);
            rows.push(row(&id, of(0), unit, &group.peers(of)));
        };
        push(
            "solved",
            &format!("of {} problems", problems.len()),
            &solved,
        );
        push("median", &format!("{} / (n + 1)", group.unit), &cost);
        push("ratio", "median of ratios", &ratio);
    }
    rows
}

/// `None` when it is infinite.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    let median = 0.5 * (values.get(n.checked_sub(1)? / 2)? + values.get(n / 2)?);
    Some(median).filter(|m| m.is_finite())
}
