//! Runs in slices of two evaluations or more end as one run does: the same bits, and one evaluation more for each
//! resume, which sees that f is still the same.

use crate::methods::any_method;
use ndarray::Array1;
use numdiff_optim::{
    Checkpoint, Fit, Method, Minimum, Search, Status, least_squares, minimize, stochastic,
};
use numdiff_problems::{Problem, mgh};
use proptest::prelude::*;
use std::cell::Cell;

/// What is done to f: nothing, digits taken away, noise that repeats, a wall.
fn spoiled(kind: u8, x: &[f64], value: f64) -> f64 {
    match kind {
        0 => value,
        1 => f64::from(value as f32),
        2 => value * (1.0 + 1e-6 * (1e8 * x.iter().sum::<f64>()).sin()),
        _ if x[0] + x[x.len() - 1] > 1.9 => f64::NAN,
        _ => value,
    }
}

fn problem(k: usize) -> Problem {
    let mut all: Vec<Problem> = mgh::main().into_iter().filter(|p| p.n() <= 6).collect();
    all.swap_remove(k % all.len())
}

fn bits(x: &Array1<f64>) -> Vec<u64> {
    x.iter().map(|x| x.to_bits()).collect()
}

type Counts = (usize, usize, usize, Status, u64, Vec<u64>);

fn of_run(end: &Minimum<Array1<f64>>, resumes: usize) -> Counts {
    let value = end.value.to_bits();
    (
        end.iterations,
        end.evaluations + resumes,
        end.gradient_evaluations,
        end.status.clone(),
        value,
        bits(&end.x),
    )
}

fn of_fit(end: &Fit<Array1<f64>>, resumes: usize) -> Counts {
    let value = end.value.to_bits();
    (
        end.iterations,
        end.evaluations + resumes,
        end.jacobian_evaluations,
        end.status.clone(),
        value,
        bits(&end.x),
    )
}

/// What is saved and read again.
fn again(saved: Checkpoint) -> Checkpoint {
    Checkpoint::from_bytes(&saved.to_bytes()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 50 } else { 150 }))]

    #[test]
    fn of_minimize(
        (method, search) in any_method(1e-3),
        k in 0usize..40,
        kind in 0u8..4,
        slice in 2usize..30,
        given in any::<bool>(),
        bounded in any::<bool>(),
        limit in 50usize..700,
    ) {
        let problem = problem(k);
        let start = Array1::from(problem.start.clone());
        prop_assume!(problem.value(&problem.start).is_finite() && spoiled(kind, &problem.start, 1.0).is_finite());
        let (calls, gradients) = (Cell::new(0), Cell::new(0));
        let set_up = |budget: usize| {
            let f = |x: &Array1<f64>| {
                calls.set(calls.get() + 1);
                spoiled(kind, &x.to_vec(), problem.value(&x.to_vec()))
            };
            let mut run = minimize(f, &start).method(method.clone()).max_iterations(60).max_evaluations(budget);
            if let Some(search) = search {
                run = run.search(search);
            }
            if given {
                run = run.gradient(|x: &Array1<f64>| {
                    gradients.set(gradients.get() + 1);
                    problem.gradient(&x.to_vec())
                });
            }
            if bounded && search != Some(Search::TrustRegion) {
                let lower: Vec<f64> = problem.start.iter().map(|x| x - 1.0).collect();
                let upper: Vec<f64> = problem.start.iter().map(|x| x + 2.0).collect();
                run = run.bounds(&lower, &upper);
            }
            run
        };
        // A fixed difference that meets the wall is an error, of the whole run as of the slices.
        let Ok(whole) = set_up(limit).run() else { return Ok(()) };
        prop_assert_eq!((calls.get(), gradients.get()), (whole.evaluations, whole.gradient_evaluations));
        calls.set(0);
        gradients.set(0);
        let mut saved: Option<Checkpoint> = None;
        let (mut budget, mut resumes) = (0, 0);
        let sliced = loop {
            resumes += usize::from(saved.is_some());
            budget = (budget + slice).min(limit + resumes);
            let mut run = set_up(budget);
            if let Some(saved) = saved.take() {
                run = run.resume(again(saved));
            }
            let end = run.run().unwrap();
            prop_assert!(end.evaluations <= budget);
            if end.status != Status::OutOfEvaluations || budget == limit + resumes {
                break end;
            }
            prop_assert_eq!(end.evaluations, budget, "a slice is used up");
            saved = Some(end.checkpoint);
        };
        prop_assert_eq!((calls.get(), gradients.get()), (sliced.evaluations, sliced.gradient_evaluations));
        prop_assert_eq!(of_run(&whole, resumes), of_run(&sliced, 0));
    }

    #[test]
    fn of_least_squares(k in 0usize..40, slice in 2usize..30, given in any::<bool>(), bounded in any::<bool>(), wall in any::<bool>()) {
        let problem = problem(k);
        let start = Array1::from(problem.start.clone());
        prop_assume!(problem.residuals(&problem.start).is_some());
        let calls = Cell::new(0);
        let set_up = |budget: usize| {
            let r = |x: &Array1<f64>| -> Result<Vec<f64>, &str> {
                calls.set(calls.get() + 1);
                if wall && x[0] > problem.start[0] + 1e-9 * problem.start[0].abs().max(1e-2) {
                    return Err("beyond the wall");
                }
                Ok(problem.residuals(&x.to_vec()).unwrap())
            };
            let mut run = least_squares(r, &start).max_evaluations(budget).max_iterations(100);
            if given {
                run = run.jacobian(|x: &Array1<f64>| problem.jacobian(&x.to_vec()).unwrap().concat());
            }
            if bounded {
                let lower: Vec<f64> = problem.start.iter().map(|x| x - 1.0).collect();
                let upper: Vec<f64> = problem.start.iter().map(|x| x + 2.0).collect();
                run = run.bounds(&lower, &upper);
            }
            run
        };
        let Ok(whole) = set_up(3000).run() else { return Ok(()) };
        calls.set(0);
        let (mut saved, mut budget, mut resumes) = (None::<Checkpoint>, 0, 0);
        let sliced = loop {
            resumes += usize::from(saved.is_some());
            budget = (budget + slice).min(3000 + resumes);
            let mut run = set_up(budget);
            if let Some(saved) = saved.take() {
                run = run.resume(again(saved));
            }
            let end = run.run().unwrap();
            if end.status != Status::OutOfEvaluations || budget == 3000 + resumes {
                break end;
            }
            saved = Some(end.checkpoint);
        };
        prop_assert_eq!(of_fit(&whole, resumes), of_fit(&sliced, 0));
        prop_assert_eq!(calls.get(), sliced.evaluations);
    }

    #[test]
    fn of_batches(rate in 1e-3f64..0.1, slice in 1usize..20, momentum in any::<bool>(), given in any::<bool>()) {
        let loss = |x: &Array1<f64>, b: &f64| x.iter().map(|x| (x - b).powi(2)).sum::<f64>();
        let batches: Vec<f64> = (0..9).map(|k| (1.3 * k as f64).sin()).collect();
        let start = Array1::from(vec![1.0, -2.0, 0.5]);
        let calls = Cell::new(0);
        let set_up = |from: usize, budget: usize| {
            let counted = |x: &Array1<f64>, b: &f64| {
                calls.set(calls.get() + 1);
                loss(x, b)
            };
            let run = stochastic(counted, &start, batches[from..].iter().copied()).max_evaluations(budget);
            let run = match given {
                true => run.gradient(|x: &Array1<f64>, b: &f64| x.mapv(|x| 2.0 * (x - b))),
                false => run,
            };
            match momentum {
                true => run.method(Method::Nesterov { learning_rate: rate, momentum: 0.9 }),
                false => run.method(Method::adam(rate)),
            }
        };
        let whole = set_up(0, usize::MAX).run().unwrap();
        calls.set(0);
        let (mut saved, mut budget): (Option<Checkpoint>, usize) = (None, 0);
        let sliced = loop {
            budget += slice;
            let mut run = set_up(saved.as_ref().map_or(0, Checkpoint::iterations), budget);
            if let Some(saved) = saved.take() {
                run = run.resume(again(saved));
            }
            let end = run.run().unwrap();
            if end.status != Status::OutOfEvaluations {
                break end;
            }
            saved = Some(end.checkpoint);
        };
        prop_assert_eq!(bits(&whole.x), bits(&sliced.x));
        prop_assert_eq!(
            (whole.iterations, whole.evaluations, whole.gradient_evaluations),
            (sliced.iterations, sliced.evaluations, sliced.gradient_evaluations)
        );
        prop_assert_eq!(calls.get(), whole.evaluations);
    }
}

/// The answers of a cut iteration belong to its questions: with another box, or a gradient of one's own, a resumed
/// run asks anew instead of taking them for something else.
#[test]
fn another_question_is_asked_anew() {
    let problem = mgh::main().into_iter().find(|p| p.id == "wood_n4").unwrap();
    let start = Array1::from(problem.start.clone());
    let f = |x: &Array1<f64>| problem.value(&x.to_vec());
    for budget in 1..60 {
        let cut = || {
            let cut = minimize(f, &start).max_evaluations(budget).run().unwrap();
            cut.checkpoint
        };
        let run = minimize(f, &start)
            .gradient(|x: &Array1<f64>| problem.gradient(&x.to_vec()))
            .resume(cut())
            .run()
            .unwrap();
        assert!(run.value < 1e-12, "{budget}: {}", run.status);
        let boxed = minimize(f, &start).bounds(-4.0, 4.0).resume(cut());
        assert!(boxed.run().is_err(), "{budget}");
    }
}
