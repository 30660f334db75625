//! Every optimizer on every problem that it claims to serve.

use ndarray::Array1;
use numdiff_optim::{Method, Minimum, Search, Status, Test, minimize};
use numdiff_problems::{Problem, mgh};

/// A method with what it is told; what a run must reach, as a share of the way to the minimum; and the
/// problems that it does not serve, with the cause.
struct Entry {
    name: &'static str,
    method: Method,
    search: Option<Search>,
    reach: f64,
    not_served: &'static [&'static str],
}

/// First-order directions need thousands of steps where scales differ by more than a thousand.
const CURVED: &[&str] = &[
    "pbs_n2",
    "bbs_n2",
    "meyer_n3",
    "gulf_n3",
    "osb1_n5",
    "biggs_n6",
    "watson_n6",
    "pen2_n4",
    "jensam_n2",
    "kowosb_n4",
    "box_n3",
    "bard_n3",
    "pen1_n4",
    "rosen_n2",
    "rosex_n10",
    "helix_n3",
    "froth_n2",
    "wood_n4",
    "psing_n4",
    "singx_n12",
    "beale_n2",
    "trig_n10",
    "almost_n10",
    "bd_n4",
    "osb2_n11",
    "vardim_n10",
    "dbv_n10",
    "cheb_n8",
    "trid_n10",
    "band_n10",
];
/// Two valleys end at infinity: where a run goes depends on its first step.
const AT_INFINITY: &[&str] = &["biggs_n6"];
/// Differences of step eps^(1/3) |x| lose the valley floor, scales 1e-6 and 1e6, and hold the gradient test.
const SCALES: &[&str] = &[
    "biggs_n6",
    "meyer_n3",
    "pbs_n2",
    "bbs_n2",
    "watson_n6",
    "osb1_n5",
    "gulf_n3",
    "pen2_n4",
    "jensam_n2",
];

fn battery() -> Vec<Entry> {
    let entry = |name, method, search, reach, not_served| Entry {
        name,
        method,
        search,
        reach,
        not_served,
    };
    vec![
        entry("automatic", Method::Automatic, None, 1e-9, AT_INFINITY),
        entry(
            "BFGS, strong Wolfe",
            Method::Bfgs,
            Some(Search::StrongWolfe),
            1e-6,
            SCALES,
        ),
        entry(
            "BFGS, Hager-Zhang",
            Method::Bfgs,
            Some(Search::HagerZhang),
            1e-6,
            SCALES,
        ),
        entry(
            "BFGS, backtracking",
            Method::Bfgs,
            Some(Search::Backtracking),
            1e-6,
            SCALES,
        ),
        entry(
            "BFGS, trust region",
            Method::Bfgs,
            Some(Search::TrustRegion),
            1e-6,
            SCALES,
        ),
        entry("L-BFGS", Method::Lbfgs { memory: 10 }, None, 1e-6, SCALES),
        entry("Newton", Method::Newton, None, 1e-6, SCALES),
        entry(
            "Newton, trust region",
            Method::Newton,
            Some(Search::TrustRegion),
            1e-6,
            SCALES,
        ),
        entry("Newton-CG", Method::NewtonCg, None, 1e-6, SCALES),
        entry(
            "conjugate gradients",
            Method::ConjugateGradient,
            None,
            1e-3,
            SCALES,
        ),
        entry(
            "steepest descent",
            Method::SteepestDescent,
            None,
            1e-3,
            CURVED,
        ),
    ]
}

fn run(problem: &Problem, entry: &Entry, given: bool) -> Minimum<Array1<f64>> {
    let start = Array1::from(problem.start.clone());
    let mut run = minimize(|x: &Array1<f64>| problem.value(&x.to_vec()), &start)
        .method(entry.method.clone())
        .max_evaluations(2000 * (problem.n() + 1));
    if let Some(search) = entry.search {
        run = run.search(search);
    }
    if given {
        run = run.gradient(|x: &Array1<f64>| problem.gradient(&x.to_vec()));
    }
    run.run().unwrap()
}

/// How far from the nearest accepted minimum, as a share of the way.
fn left(problem: &Problem, value: f64) -> f64 {
    let minimum = problem.nearest_minimum(value);
    (value - minimum) / (problem.value(&problem.start) - minimum)
}

#[test]
fn every_optimizer_solves_what_it_serves() {
    let mut failed = Vec::new();
    for entry in battery() {
        for problem in mgh::main()
            .iter()
            .filter(|p| !entry.not_served.contains(&p.id.as_str()))
        {
            for given in [false, true] {
                let end = run(problem, &entry, given);
                let left = left(problem, end.value);
                if left > entry.reach {
                    failed.push(format!(
                        "{} {} given {given}: {left:.1e} {}",
                        entry.name, problem.id, end.status
                    ));
                }
                assert!(end.value <= problem.value(&problem.start));
                assert!(end.evaluations <= 2000 * (problem.n() + 1));
            }
        }
    }
    assert!(
        failed.is_empty(),
        "{}:\n{}",
        failed.len(),
        failed.join("\n")
    );
}

/// A claim holds: from a start moved by 1e-4 no run ends lower by more than the tolerance.
#[test]
fn no_claim_is_false() {
    let entry = &battery()[0];
    for problem in mgh::main()
        .into_iter()
        .chain(mgh::boxed().into_iter().map(|(p, _)| p))
    {
        let start = Array1::from(problem.start.clone());
        let from = |x: &Array1<f64>| {
            let run = minimize(|x: &Array1<f64>| problem.value(&x.to_vec()), x);
            let run = match &problem.bounds {
                Some(bounds) => run.bounds(&bounds.lower, &bounds.upper),
                None => run,
            };
            run.run().unwrap()
        };
        let first = from(&start);
        if !first.status.is_success() || entry.not_served.contains(&problem.id.as_str()) {
            continue;
        }
        let moved = first.x.mapv(|x| x + 1e-4 * x.abs().max(1e-2));
        let moved = match &problem.bounds {
            Some(bounds) => Array1::from_shape_fn(moved.len(), |i| {
                moved[i].clamp(bounds.lower[i], bounds.upper[i])
            }),
            None => moved,
        };
        let again = from(&moved);
        let way = problem.value(&problem.start) - first.value;
        // Watson's minimum for n = 6 is flat to 1e-9 of the way; so are the valleys of Meyer and Osborne.
        assert!(
            first.value - again.value <= 1e-9 * way,
            "{}: {:e} {:e}",
            problem.id,
            first.value,
            again.value
        );
    }
}

#[test]
fn a_minimum_is_recognized_without_a_step() {
    for problem in mgh::main() {
        // Regular minima with f* above rounding: elsewhere f can still be lowered, by digits below 1e-20.
        if ["bard_n3", "kowosb_n4", "lin_n10", "bd_n4", "jensam_n2"].contains(&problem.id.as_str())
        {
            let start = Array1::from(problem.start.clone());
            let f = |x: &Array1<f64>| problem.value(&x.to_vec());
            let end = minimize(f, &start).run().unwrap();
            let again = minimize(f, &end.x).run().unwrap();
            assert!(
                matches!(again.status, Status::Converged { .. }),
                "{}: {}",
                problem.id,
                again.status
            );
            assert_eq!(
                again.iterations, 0,
                "{}: {:e} {:e}",
                problem.id, end.value, again.value
            );
        }
    }
}

/// Every optimizer, begun at the minimum it claims, on every problem it serves.
#[test]
fn a_claimed_minimum_is_recognized_without_a_step_by_every_optimizer() {
    for (k, entry) in battery().iter().enumerate() {
        for problem in mgh::main()
            .into_iter()
            .filter(|p| !entry.not_served.contains(&p.id.as_str()))
        {
            let end = run(&problem, entry, false);
            if !end.status.is_success() {
                continue;
            }
            let (id, way) = (
                problem.id.clone(),
                problem.value(&problem.start) - end.value,
            );
            let again = run(&problem.with_start(end.x.to_vec()), entry, false);
            let what = format!("{} {id}: {} {}", entry.name, again.iterations, again.status);
            assert!(end.value - again.value <= 1e-12 * way, "{what}");
            // The default judges what is left by a hundredth of the last place of the way and by the noise it has
            // measured, of which a restart knows nothing; it begins with a hundred last places of f. Where the first
            // is more, it may find further digits.
            let judged = match end.status {
                Status::Converged {
                    test: Test::Decrease { tolerance, .. },
                    ..
                } => tolerance,
                _ => 0.01 * f64::EPSILON * way,
            };
            let nearer = judged > 100.0 * f64::EPSILON * end.value.abs();
            if !(k == 0 && nearer) {
                assert_eq!(again.iterations, 0, "{what}");
            }
        }
    }
}
