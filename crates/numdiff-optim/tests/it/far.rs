//! Ordinary fits and likelihoods from far starts: what is claimed is a minimum, and most are found.

use numdiff_optim::{Fit, Minimum, Stall, Status, Test, least_squares, minimize};
use numdiff_problems::far::{Far, far};

/// Seeds that are drawn.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=12;
/// Above this multiple of the least sum known a fit is at no minimum.
const FALSE: f64 = 1.001;

/// The decrease that a claim says is left.
fn said(status: &Status) -> f64 {
    match status {
        Status::Converged {
            test: Test::Decrease { predicted, .. } | Test::Rounding { predicted },
            ..
        } => *predicted,
        _ => 0.0,
    }
}

fn minimized(problem: &Far, start: &[f64]) -> Minimum<Vec<f64>> {
    minimize(|x: &[f64]| problem.value(x), start).run().unwrap()
}

fn fitted(problem: &Far, start: &[f64]) -> Option<Fit<Vec<f64>>> {
    Some(least_squares(problem.residuals()?, start).run().unwrap())
}

#[derive(Default)]
struct Counts {
    runs: usize,
    solved: usize,
    unclaimed: usize,
    wrong: Vec<String>,
}

impl Counts {
    fn add(
        &mut self,
        problem: &Far,
        x: &[f64],
        (value, least): (f64, f64),
        status: &Status,
        slack: f64,
    ) {
        let close = value - least <= 1e-6 * least.abs() + 2.0 * said(status) + slack;
        let claims = status.is_success();
        self.runs += 1;
        self.solved += usize::from(close && claims);
        self.unclaimed += usize::from(close && !claims);
        let is_false = match problem.residuals().is_some() {
            true => value > FALSE * least + slack,
            false => !close,
        };
        if claims && is_false && !(problem.has_others)(x) {
            self.wrong.push(format!(
                "{} from {:?}: {value:e} at {x:?}, least {least:e}; {status}",
                problem.name, problem.start
            ));
        }
    }

    fn check(&self, percent: usize) {
        println!(
            "{} of {} solved, {} of them unclaimed",
            self.solved, self.runs, self.unclaimed
        );
        assert!(
            self.wrong.is_empty(),
            "{} false claims:\n{}",
            self.wrong.len(),
            self.wrong.join("\n")
        );
        assert!(
            100 * self.solved >= percent * self.runs,
            "{} of {}",
            self.solved,
            self.runs
        );
        assert!(
            50 * self.unclaimed <= self.runs,
            "{} of {} unclaimed",
            self.unclaimed,
            self.runs
        );
    }
}

/// `minimize` solves 85 % from values alone, `least_squares` 90 % from residuals, and none claims what is no minimum.
#[test]
fn far_starts_are_solved_or_told() {
    let (mut by_values, mut by_residuals) = (Counts::default(), Counts::default());
    for problem in SEEDS.flat_map(far) {
        let (run, fit) = (
            minimized(&problem, &problem.start),
            fitted(&problem, &problem.start),
        );
        let near = minimized(&problem, &problem.near).value;
        let mut least = near.min(run.value);
        for fit in [&fit, &fitted(&problem, &problem.near)]
            .into_iter()
            .flatten()
        {
            least = least.min(fit.value);
        }
        // Of the terms that cancel: sums of squares of data, energies of order 1.
        let slack = 1e-14 * problem.value(&problem.near).abs().max(1e-6);
        by_values.add(&problem, &run.x, (run.value, least), &run.status, slack);
        if let Some(fit) = fit {
            by_residuals.add(&problem, &fit.x, (fit.value, least), &fit.status, slack);
        }
    }
    by_values.check(85);
    by_residuals.check(90);
}

/// Started again where it claimed, a run claims, and lowers f by no more than it said was left, and rounding.
#[test]
fn a_claim_from_a_far_start_holds_where_it_was_made() {
    for problem in (1..=4).flat_map(far) {
        let rounding = |value: f64| 1e-12 * value.abs().max(problem.value(&problem.near).abs());
        let run = minimized(&problem, &problem.start);
        // A step between two points is a minimum for steps that do not reach them.
        if run.status.is_success() && !(problem.has_others)(&run.x) {
            let again = minimized(&problem, &run.x);
            let gain = run.value - again.value;
            let holds =
                again.status.is_success() && gain <= said(&run.status) + rounding(run.value);
            assert!(
                holds,
                "{}: {gain:e} after {}; {}",
                problem.name, run.status, again.status
            );
        }
        if let Some(fit) = fitted(&problem, &problem.start).filter(|fit| fit.status.is_success()) {
            let again = fitted(&problem, &fit.x).unwrap();
            let gain = fit.value - again.value;
            let holds =
                again.status.is_success() && gain <= said(&fit.status) + rounding(fit.value);
            assert!(
                holds,
                "{}: {gain:e} after {}; {}",
                problem.name, fit.status, again.status
            );
        }
    }
}

/// Parameters that have run away along a line on which f hardly falls any more are named: a peak so broad that it is a
/// constant, growth so slow that it is a power.
#[test]
fn parameters_that_run_away_are_named() {
    let runs = [
        ("Weibull growth", 18, vec![1]),
        ("Gaussian peak", 1003, vec![1, 2]),
        ("Gaussian peak", 1004, vec![1, 2]),
        ("Gaussian peak", 1023, vec![1, 2]),
        ("Gaussian peak", 2204, vec![1, 2]),
        ("Gaussian peak", 2222, vec![1, 2]),
        ("Gaussian peak", 2287, vec![1, 2]),
    ];
    for (name, seed, grown) in runs {
        let problem = far(seed).into_iter().find(|p| p.name == name).unwrap();
        let run = minimized(&problem, &problem.start);
        let named = match &run.status {
            Status::Stalled {
                cause: Stall::Runaway { coordinates },
            } => grown.iter().all(|i| coordinates.contains(i)),
            _ => false,
        };
        assert!(named, "{name} {seed}: {}", run.status);
    }
}

/// Biggs' EXP6, whose start is symmetric in four unknowns: a valley leads away from the minimum, and the second attempt takes
/// another way.
#[test]
fn a_symmetric_start_is_left() {
    let problem = numdiff_problems::mgh::main()
        .into_iter()
        .find(|p| p.id == "biggs_n6")
        .unwrap();
    let mut solved = 0;
    for k in 0..=20 {
        let moved = |(i, x): (usize, &f64)| {
            let share = (f64::from(k) * (i + 1) as f64 * 0.618_033_988_749_894_8).fract();
            if k == 0 { *x } else { x * (0.9 + 0.2 * share) }
        };
        let start: Vec<f64> = problem.start.iter().enumerate().map(moved).collect();
        let run = minimize(|x: &[f64]| problem.value(x), &start)
            .run()
            .unwrap();
        let found = run.status.is_success() && run.value < 1e-10;
        assert!(found || k > 0, "{}", run.status);
        solved += usize::from(found);
    }
    assert!(solved >= 17, "{solved} of 21");
}
