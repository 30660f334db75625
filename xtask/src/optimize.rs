//! `cargo xtask optimize`: what the optimizers cost, beside the stored figures of their peers.

mod profile;

use clap::Args as ClapArgs;
use comfy_table::Table;
use ndarray::{Array1, ArrayRef1};
use numdiff_optim::{Minimum, Status, least_squares, minimize};
use numdiff_problems::{Problem, mgh, plain};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

/// Rows of other optimizers, measured once and stored: evaluations of f, difference probes counted, until
/// f - f* <= tau (f0 - f*), at tight tolerances with a budget of 1000 (n + 1); empty where never.
const PEERS: &str = include_str!("../../tests/golden/optimizer_peers.csv");
const TAUS: [f64; 3] = [1e-3, 1e-6, 1e-9];
const TAU_NAMES: [&str; 3] = ["1e-3", "1e-6", "1e-9"];
/// A claim of success farther from the minimum than this share of the way is false.
const FALSE: f64 = 1e-3;

#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
    /// Seed of the perturbed starts and of the noise
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for the figure: data profiles of the problems that peers have rows for
    #[arg(long, default_value = "target/optimize")]
    out: PathBuf,
}

/// One run of one solver on one problem.
struct Row {
    problem: String,
    n: usize,
    /// Evaluations until each tau.
    evaluations: [Option<usize>; 3],
    /// `None` for stored rows.
    status: Option<Status>,
    /// (f - f*) / (f0 - f*) at the point returned.
    error: f64,
    total: usize,
    infeasible: usize,
}

struct Solver {
    name: String,
    rows: Vec<Row>,
}

/// What is done to f's values before the solver sees them.
#[derive(Clone, Copy, PartialEq)]
enum Noise {
    None,
    SixDigits,
    Single,
    Multiplicative,
}

#[derive(Clone, Copy, PartialEq)]
enum Knows {
    Values,
    Gradient,
    Residuals,
}

pub(crate) fn run(args: Args) -> ExitCode {
    let seed = args.seed;
    let every = |noise, knows| {
        let problems = mgh::main().into_iter().chain(mgh::larger());
        problems
            .map(|p| measure(&p, noise, knows, seed))
            .collect::<Vec<Row>>()
    };
    let mut default = every(Noise::None, Knows::Values);
    default.extend(
        mgh::boxed()
            .iter()
            .map(|(p, _)| measure(p, Noise::None, Knows::Values, seed)),
    );
    default.extend(
        plain()
            .iter()
            .map(|p| measure(p, Noise::None, Knows::Values, seed)),
    );
    let solver = |name: &str, rows| Solver {
        name: name.into(),
        rows,
    };
    let perturbed = (1..=5).flat_map(|round| {
        mgh::main().into_iter().map(move |p| {
            let start = perturb(&p.start, seed.wrapping_mul(1000) + round);
            measure(&p.with_start(start), Noise::None, Knows::Values, seed)
        })
    });
    let mut solvers = vec![
        solver("numdiff", default),
        solver("numdiff, starts perturbed by 10 %", perturbed.collect()),
        solver(
            "numdiff, gradient given",
            every(Noise::None, Knows::Gradient),
        ),
        solver(
            "numdiff least squares",
            every(Noise::None, Knows::Residuals),
        ),
        solver(
            "numdiff, f to six digits",
            every(Noise::SixDigits, Knows::Values),
        ),
        solver("numdiff, f in f32", every(Noise::Single, Knows::Values)),
        solver(
            "numdiff, f with multiplicative noise 1e-6",
            every(Noise::Multiplicative, Knows::Values),
        ),
    ];
    let ours = solvers.len();
    solvers.extend(peers());
    if args.json {
        match serde_json::to_string_pretty(&to_json(&solvers)) {
            Ok(text) => println!("{text}"),
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::FAILURE;
            }
        }
    } else {
        print(&solvers, ours);
    }
    let stored = stored(&solvers);
    match profile::write(&solvers, |row| stored.contains(&row.problem), &args.out) {
        Ok(_) if args.json => {}
        Ok(path) => println!("\ndata profiles: {}", path.display()),
        Err(error) => {
            eprintln!("error: writing to {}: {error}", args.out.display());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// The problems that the peers have rows for.
fn stored(solvers: &[Solver]) -> Vec<String> {
    let newuoa = solvers.iter().find(|solver| solver.name == "pdfo-NEWUOA");
    let rows = newuoa.map_or(&[][..], |solver| &solver.rows);
    rows.iter().map(|row| row.problem.clone()).collect()
}

/// f with a meter: calls, the best true value so far, and calls outside the bounds.
struct Meter<'p> {
    problem: &'p Problem,
    noise: Noise,
    stream: u64,
    calls: usize,
    best: f64,
    /// Calls at which the best value fell, and the value.
    history: Vec<(usize, f64)>,
    infeasible: usize,
}

impl Meter<'_> {
    fn see(&mut self, x: &[f64], value: f64) {
        self.calls += 1;
        if value < self.best {
            self.best = value;
            self.history.push((self.calls, value));
        }
        if let Some(bounds) = &self.problem.bounds {
            let outside = |(i, &v): (usize, &f64)| v < bounds.lower[i] || v > bounds.upper[i];
            self.infeasible += usize::from(x.iter().enumerate().any(outside));
        }
    }

    fn value(&mut self, x: &ArrayRef1<f64>) -> f64 {
        let x = x.to_vec();
        let value = self.problem.value(&x);
        self.see(&x, value);
        match self.noise {
            Noise::None => value,
            Noise::SixDigits => format!("{value:.5e}").parse().unwrap_or(value),
            Noise::Single => f64::from(value as f32),
            Noise::Multiplicative => value * (1.0 + 1e-6 * uniform(&mut self.stream)),
        }
    }
}

fn measure(problem: &Problem, noise: Noise, knows: Knows, seed: u64) -> Row {
    let start = Array1::from(problem.start.clone());
    let first = problem.value(&problem.start);
    let meter = RefCell::new(Meter {
        problem,
        noise,
        stream: seed,
        calls: 0,
        best: f64::INFINITY,
        history: Vec::new(),
        infeasible: 0,
    });
    let f = |x: &ArrayRef1<f64>| meter.borrow_mut().value(x);
    let (x, status, total) = if knows == Knows::Residuals {
        let r = |x: &ArrayRef1<f64>| {
            let x = x.to_vec();
            meter.borrow_mut().see(&x, problem.value(&x));
            problem.residuals(&x).unwrap_or_default()
        };
        match least_squares(r, &start).run() {
            Ok(fit) => (fit.x, fit.status, fit.evaluations),
            Err(error) => panic!("{}: {error}", problem.id),
        }
    } else {
        let mut run = minimize(f, &start);
        if knows == Knows::Gradient {
            run = run.gradient(|x: &ArrayRef1<f64>| {
                // A gradient is work as much as a value.
                meter.borrow_mut().calls += 1;
                problem.gradient(&x.to_vec())
            });
        }
        if let Some(bounds) = &problem.bounds {
            run = run.bounds(&bounds.lower, &bounds.upper);
        }
        match run.run() {
            Ok(Minimum {
                x,
                status,
                evaluations,
                gradient_evaluations,
                ..
            }) => (x, status, evaluations + gradient_evaluations),
            Err(error) => panic!("{}: {error}", problem.id),
        }
    };
    let meter = meter.borrow();
    assert_eq!(
        meter.calls, total,
        "{}: the count of evaluations",
        problem.id
    );
    let last = problem.value(&x.to_vec());
    let minimum = problem.nearest_minimum(last);
    let reached = |tau: &f64| {
        let enough = |(_, f): &&(usize, f64)| f - minimum <= tau * (first - minimum);
        meter.history.iter().find(enough).map(|(calls, _)| *calls)
    };
    let mut evaluations = [None; 3];
    evaluations
        .iter_mut()
        .zip(&TAUS)
        .for_each(|(slot, tau)| *slot = reached(tau));
    Row {
        problem: problem.id.clone(),
        n: problem.n(),
        evaluations,
        status: Some(status),
        error: (last - minimum) / (first - minimum),
        total,
        infeasible: meter.infeasible,
    }
}

/// SplitMix64 to [-1, 1): the stream of a seed never changes.
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

fn perturb(start: &[f64], seed: u64) -> Vec<f64> {
    let mut stream = seed;
    start
        .iter()
        .map(|x| x + 0.1 * uniform(&mut stream) * if *x == 0.0 { 1.0 } else { x.abs() })
        .collect()
}

fn peers() -> Vec<Solver> {
    let mut solvers: Vec<Solver> = Vec::new();
    for line in PEERS.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |k: usize| cells.get(k).and_then(|cell| cell.parse::<usize>().ok());
        let row = Row {
            problem: cells[2].into(),
            n: number(3).unwrap_or(0),
            evaluations: [number(4), number(5), number(6)],
            status: None,
            error: f64::NAN,
            total: number(7).unwrap_or(0),
            infeasible: 0,
        };
        match solvers.iter_mut().find(|solver| solver.name == cells[1]) {
            Some(solver) => solver.rows.push(row),
            None => solvers.push(Solver {
                name: cells[1].into(),
                rows: vec![row],
            }),
        }
    }
    solvers
}

fn to_json(solvers: &[Solver]) -> Value {
    let problem = |row: &Row| {
        let evaluations: BTreeMap<&str, Option<usize>> =
            TAU_NAMES.into_iter().zip(row.evaluations).collect();
        json!({
            "problem": row.problem,
            "n": row.n,
            "evaluations": evaluations,
            "status": row.status.as_ref().map(name_of),
            "final_error": if row.error.is_finite() { json!(row.error) } else { Value::Null },
            "total_evaluations": row.total,
        })
    };
    let solver = |solver: &Solver| {
        let problems: Vec<Value> = solver.rows.iter().map(problem).collect();
        json!({ "solver": solver.name, "problems": problems })
    };
    json!({ "solvers": solvers.iter().map(solver).collect::<Vec<Value>>() })
}

/// The variant's name in lower case.
fn name_of(status: &Status) -> &'static str {
    match status {
        Status::Converged { .. } => "converged",
        Status::NoiseLimited { .. } => "noise-limited",
        Status::TargetReached { .. } => "target-reached",
        Status::OutOfIterations => "out-of-iterations",
        Status::OutOfEvaluations => "out-of-evaluations",
        Status::OutOfTime => "out-of-time",
        Status::Diverged { .. } => "diverged",
        Status::Stalled { .. } => "stalled",
        Status::Stopped => "stopped",
        _ => "other",
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    if n == 0 {
        f64::NAN
    } else {
        0.5 * (values[(n - 1) / 2] + values[n / 2])
    }
}

/// Evaluations / (n + 1) until tau number `k`; infinite where never.
fn cost(row: &Row, k: usize) -> f64 {
    row.evaluations[k].map_or(f64::INFINITY, |e| e as f64 / (row.n + 1) as f64)
}

/// The median over the problems that both have rows for, of the ratio of evaluations at 1e-6.
fn ratio(rows: &[&Row], other: &Solver) -> f64 {
    let pairs = rows.iter().filter_map(|row| {
        let peer = other.rows.iter().find(|peer| peer.problem == row.problem)?;
        match (row.evaluations[1], peer.evaluations[1]) {
            (Some(a), Some(b)) => Some(a as f64 / b as f64),
            (Some(_), None) => Some(0.0),
            (None, Some(_)) => Some(f64::INFINITY),
            (None, None) => None,
        }
    });
    median(pairs.collect())
}

fn print(solvers: &[Solver], ours: usize) {
    let find = |name: &str| solvers.iter().find(|solver| solver.name == name);
    let stored = stored(solvers);
    let main: Vec<String> = mgh::main().into_iter().map(|p| p.id).collect();
    let larger: Vec<String> = mgh::larger().into_iter().map(|p| p.id).collect();
    type Group<'g> = (&'g str, Box<dyn Fn(&Row) -> bool + 'g>);
    let groups: [Group<'_>; 5] = [
        (
            "main problems that the peers have rows for",
            Box::new(|r| main.contains(&r.problem) && stored.contains(&r.problem)),
        ),
        ("all main problems", Box::new(|r| main.contains(&r.problem))),
        (
            "larger instances",
            Box::new(|r| larger.contains(&r.problem)),
        ),
        ("box-bounded", Box::new(|r| r.problem.ends_with("_box"))),
        (
            "no sums of squares",
            Box::new(|r| plain().iter().any(|p| p.id == r.problem)),
        ),
    ];
    for (title, belongs) in &groups {
        let mut table = Table::new();
        table.set_header([
            "solver",
            "problems",
            "solved 1e-3/6/9",
            "median evaluations/(n+1)",
            "within 10/25/50/100 at 1e-6",
            "ratio BFGS, L-BFGS-B",
            "false success, failure",
            "infeasible",
        ]);
        for (k, solver) in solvers.iter().enumerate() {
            let rows: Vec<&Row> = solver.rows.iter().filter(|row| belongs(row)).collect();
            if !rows.is_empty() && (k < ours || !title.starts_with("all")) {
                table.add_row(summary(
                    &solver.name,
                    &rows,
                    find("scipy-BFGS-2pt"),
                    find("scipy-LBFGSB-2pt"),
                ));
            }
        }
        println!("\n{title}\n{table}");
    }
    if let Some(default) = solvers.first() {
        let mut table = Table::new();
        table.set_header([
            "problem", "1e-3", "1e-6", "1e-9", "total", "error", "status",
        ]);
        for row in &default.rows {
            let mut cells = vec![row.problem.clone()];
            cells.extend((0..3).map(|k| format!("{:.1}", cost(row, k))));
            cells.push(format!("{:.1}", row.total as f64 / (row.n + 1) as f64));
            cells.push(format!("{:.1e}", row.error));
            cells.push(row.status.as_ref().map_or(String::new(), Status::to_string));
            table.add_row(cells);
        }
        println!("\nnumdiff, evaluations / (n + 1)\n{table}");
    }
}

fn summary(
    name: &str,
    rows: &[&Row],
    bfgs: Option<&Solver>,
    lbfgsb: Option<&Solver>,
) -> Vec<String> {
    let solved = (0..3).map(|k| {
        rows.iter()
            .filter(|row| row.evaluations[k].is_some())
            .count()
            .to_string()
    });
    let medians = (0..3).map(|k| {
        format!(
            "{:.1}",
            median(rows.iter().map(|row| cost(row, k)).collect())
        )
    });
    let within = [10.0, 25.0, 50.0, 100.0].map(|limit| {
        let share =
            rows.iter().filter(|row| cost(row, 1) <= limit).count() as f64 / rows.len() as f64;
        format!("{:.0}", 100.0 * share)
    });
    let ratios = [bfgs, lbfgsb].map(|peer| peer.map_or(f64::NAN, |peer| ratio(rows, peer)));
    let verdicts = if rows.iter().all(|row| row.status.is_some()) {
        let claims = |row: &&&Row| row.status.as_ref().is_some_and(Status::is_success);
        let limited = |row: &Row| matches!(row.status, Some(Status::NoiseLimited { .. }));
        let wrong = rows
            .iter()
            .filter(claims)
            .filter(|row| row.error > FALSE)
            .count();
        let modest = rows
            .iter()
            .filter(|row| !claims(row) && !limited(row) && row.error <= 1e-9)
            .count();
        format!("{wrong}, {modest}")
    } else {
        String::new()
    };
    vec![
        name.into(),
        rows.len().to_string(),
        solved.collect::<Vec<String>>().join(" / "),
        medians.collect::<Vec<String>>().join(" / "),
        within.join(" / "),
        ratios
            .map(|r| {
                if r.is_nan() {
                    String::new()
                } else {
                    format!("{r:.2}")
                }
            })
            .join(" "),
        verdicts,
        rows.iter()
            .map(|row| row.infeasible)
            .sum::<usize>()
            .to_string(),
    ]
}
