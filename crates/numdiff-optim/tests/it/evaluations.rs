//! What a run costs, and how it ends, stays what it was: a change that is meant to keep the answers keeps these
//! figures, and one that changes them shows by how much.
//!
//! The problems are those of Moré, Garbow and Hillstrom that need no elementary functions, so that the figures are
//! nearly the same on every machine. `NUMDIFF_UPDATE_EVALUATIONS=1 cargo test -p numdiff-optim` writes them anew;
//! `cargo xtask optimize` and docs/benchmarks.md have to be looked at then, too.

use ndarray::Array1;
use numdiff_optim::{Method, Minimize, Search, Status, minimize};
use numdiff_problems::{Problem, mgh};
use std::fmt::Write;

const GOLDEN: &str = include_str!("../golden/evaluations.txt");
const PROBLEMS: &[&str] = &[
    "rosen_n2",
    "froth_n2",
    "bbs_n2",
    "beale_n2",
    "bard_n3",
    "psing_n4",
    "wood_n4",
    "kowosb_n4",
    "watson_n6",
    "rosex_n10",
    "singx_n12",
    "pen1_n4",
    "vardim_n10",
    "almost_n10",
    "dbv_n10",
    "ie_n10",
    "trid_n10",
    "band_n10",
    "lin_n10",
    "lin1_n10",
    "lin0_n10",
    "cheb_n8",
];

/// From -1 to 1, without a pattern, and the same whenever it is asked at one point.
fn jitter(x: &Array1<f64>) -> f64 {
    let z = x.iter().fold(0x9E37_79B9_7F4A_7C15_u64, |z, x| {
        let z = (z ^ x.to_bits()).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (z ^ (z >> 29)).wrapping_mul(0x94D0_49BB_1331_11EB)
    });
    (z ^ (z >> 31)) as f64 / 2f64.powi(63) - 1.0
}

/// f as a way of running it sees it: in units of its own, and with its noise.
#[derive(Clone, Copy)]
struct Seen {
    unit: fn(usize) -> f64,
    noise: f64,
    digits: Option<i32>,
}

const PLAIN: Seen = Seen {
    unit: |_| 1.0,
    noise: 0.0,
    digits: None,
};

impl Seen {
    fn value(&self, problem: &Problem, u: &Array1<f64>) -> f64 {
        let x: Vec<f64> = u
            .iter()
            .enumerate()
            .map(|(i, u)| u * (self.unit)(i))
            .collect();
        let f = problem.value(&x) * (1.0 + self.noise * jitter(u));
        match self.digits {
            // As read from a file.
            Some(digits) => format!("{f:.*e}", digits as usize - 1).parse().unwrap(),
            None => f,
        }
    }
}

/// A way of running the problems: how f is seen, and the settings.
struct Way {
    name: &'static str,
    seen: Seen,
    analytic: bool,
    method: Method,
    search: Option<Search>,
}

fn ways() -> Vec<Way> {
    let default = |name, seen| Way {
        name,
        seen,
        analytic: false,
        method: Method::Automatic,
        search: None,
    };
    let searching = |name, method, search| Way {
        name,
        seen: PLAIN,
        analytic: true,
        method,
        search: Some(search),
    };
    vec![
        default("default", PLAIN),
        default(
            "noise of 1e-6",
            Seen {
                noise: 1e-6,
                ..PLAIN
            },
        ),
        default(
            "six digits",
            Seen {
                digits: Some(6),
                ..PLAIN
            },
        ),
        default(
            "small unit",
            Seen {
                unit: |_| 1e-7,
                ..PLAIN
            },
        ),
        default(
            "other units",
            Seen {
                unit: |i| [1.0, 1e-5, 1e4][i % 3],
                ..PLAIN
            },
        ),
        Way {
            analytic: true,
            ..default("default, gradient", PLAIN)
        },
        searching("BFGS, backtracking", Method::Bfgs, Search::Backtracking),
        searching("BFGS, strong Wolfe", Method::Bfgs, Search::StrongWolfe),
        searching("BFGS, Hager-Zhang", Method::Bfgs, Search::HagerZhang),
        searching("BFGS, trust region", Method::Bfgs, Search::TrustRegion),
        searching(
            "CG, Hager-Zhang",
            Method::ConjugateGradient,
            Search::HagerZhang,
        ),
        searching(
            "CG, strong Wolfe",
            Method::ConjugateGradient,
            Search::StrongWolfe,
        ),
    ]
}

/// The cost of a run and the name of its end.
fn run(way: &Way, problem: &Problem) -> (usize, String) {
    let unit = way.seen.unit;
    let start = Array1::from_iter(problem.start.iter().enumerate().map(|(i, x)| x / unit(i)));
    let f = |u: &Array1<f64>| way.seen.value(problem, u);
    let settings = |run: Minimize<'_, _, _>| {
        let run = run.method(way.method.clone()).max_evaluations(20_000);
        match way.search {
            Some(search) => run.search(search),
            None => run,
        }
        .run()
        .unwrap()
    };
    let gradient = |x: &Array1<f64>| Array1::from(problem.gradient(&x.to_vec()));
    let end = match way.analytic {
        true => settings(minimize(f, &start).gradient(gradient)),
        false => settings(minimize(f, &start)),
    };
    let name = match end.status {
        Status::Stalled { cause } => format!("{cause:?}"),
        status => format!("{status:?}"),
    };
    let name = name
        .split([' ', '('])
        .next()
        .unwrap_or_default()
        .to_string();
    (end.evaluations + end.gradient_evaluations, name)
}

#[test]
fn runs_cost_what_they_did_and_end_as_they_did() {
    let problems = mgh::main();
    let mut found = String::new();
    for way in ways() {
        writeln!(found, "# {}", way.name).unwrap();
        for id in PROBLEMS {
            let problem = problems.iter().find(|problem| problem.id == *id).unwrap();
            let (evaluations, end) = run(&way, problem);
            writeln!(found, "{id} {evaluations} {end}").unwrap();
        }
    }
    if std::env::var_os("NUMDIFF_UPDATE_EVALUATIONS").is_some() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/evaluations.txt");
        std::fs::write(file, &found).unwrap();
        return;
    }
    // Another cube root may move a step in its last bit: a run may take another turn, and a way keeps its mean.
    let (mut way, mut logarithms, mut turned, mut wrong) = ("", 0.0, 0, String::new());
    for (now, before) in found.lines().zip(GOLDEN.lines()).chain([("#", "#")]) {
        if now.starts_with('#') {
            let mean = f64::exp(logarithms / PROBLEMS.len() as f64);
            if (mean - 1.0).abs() > 0.01 || turned > 2 {
                writeln!(wrong, "{way}: {mean:.3} times the evaluations, {turned} runs end otherwise or elsewhere").unwrap();
            }
            (way, logarithms, turned) = (now, 0.0, 0);
            continue;
        }
        let [now, before] = [now, before].map(|row| row.split(' ').collect::<Vec<_>>());
        let ratio = now[1].parse::<f64>().unwrap() / before[1].parse::<f64>().unwrap();
        logarithms += ratio.ln();
        turned += usize::from(!(0.9..1.1).contains(&ratio) || now[2] != before[2]);
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert_eq!(found.lines().count(), GOLDEN.lines().count());
}
