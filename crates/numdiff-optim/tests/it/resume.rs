//! A run that is saved and resumed goes on with the same bits.

use crate::methods;
use ndarray::{Array1, array};
use numdiff_core::SparsityPattern;
use numdiff_optim::{
    Checkpoint, Error, Fit, Method, Minimum, Schedule, Search, Status, least_squares, minimize,
    stochastic,
};
use numdiff_problems::{Problem, mgh};
use std::cell::Cell;
use std::ops::ControlFlow;

/// The same run; the one that was resumed made one evaluation more, to see that f is the same.
fn same(a: &Minimum<Array1<f64>>, b: &Minimum<Array1<f64>>, what: &str) {
    let bits = |m: &Minimum<Array1<f64>>| m.x.iter().map(|x| x.to_bits()).collect::<Vec<u64>>();
    assert_eq!(bits(a), bits(b), "{what}");
    assert_eq!(a.value.to_bits(), b.value.to_bits(), "{what}");
    assert_eq!(
        (a.iterations, a.evaluations + 1, &a.status),
        (b.iterations, b.evaluations, &b.status),
        "{what}"
    );
}

fn interrupted(save: impl Fn(Checkpoint) -> Checkpoint) {
    let problems: Vec<Problem> = mgh::main()
        .into_iter()
        .filter(|p| p.id == "wood_n4" || p.id == "trig_n10")
        .collect();
    for problem in &problems {
        let start = Array1::from(problem.start.clone());
        for (method, search) in methods::all(1e-3) {
            let set_up = |budget| {
                let run = minimize(|x: &Array1<f64>| problem.value(&x.to_vec()), &start)
                    .method(method.clone())
                    .max_iterations(25)
                    .max_evaluations(budget);
                match search {
                    Some(search) => run.search(search),
                    None => run,
                }
            };
            let whole = set_up(5000).run().unwrap();
            for stop in [0, 3, 8] {
                let mut saved = None;
                let _ = set_up(5000)
                    .on_iteration(|it| {
                        if it.iteration >= stop {
                            saved = Some(it.checkpoint());
                            return ControlFlow::Break(());
                        }
                        ControlFlow::Continue(())
                    })
                    .run()
                    .unwrap();
                // A run may converge before the stop.
                let Some(saved) = saved else { continue };
                let resumed = set_up(5001).resume(save(saved)).run().unwrap();
                same(
                    &whole,
                    &resumed,
                    &format!("{} {method:?} at {stop}", problem.id),
                );
            }
        }
    }
}

#[test]
fn a_resumed_run_has_the_same_bits() {
    interrupted(|checkpoint| checkpoint);
}

#[test]
fn through_bytes() {
    interrupted(|saved| Checkpoint::from_bytes(&saved.to_bytes()).unwrap());
}

#[test]
fn more_evaluations_after_a_budget_that_ran_out() {
    let problem = mgh::main().into_iter().find(|p| p.id == "wood_n4").unwrap();
    let start = Array1::from(problem.start.clone());
    let set_up = |budget| {
        minimize(|x: &Array1<f64>| problem.value(&x.to_vec()), &start).max_evaluations(budget)
    };
    let whole = set_up(5000).run().unwrap();
    let cut = set_up(40).run().unwrap();
    assert!(cut.evaluations <= 40);
    let resumed = set_up(5000).resume(cut.checkpoint).run().unwrap();
    // The iteration that was cut short goes on where it was.
    same(&whole, &resumed, "after 40 evaluations");
}

/// Resumed after any budget, before the first gradient too, without a word of the method: its rule, its search, its
/// differences and its limits are those of the saved run.
#[test]
fn the_method_need_not_be_named_again() {
    let f = |x: &Array1<f64>| (x[0] - 1.0).powi(2) + 10.0 * (x[1] - x[0] * x[0]).powi(2);
    let start = array![-1.0, 1.2];
    for (method, search) in methods::all(1e-3) {
        let set_up = || minimize(f, &start).max_iterations(30);
        let named = || {
            let run = set_up().method(method.clone()).tolerance(1e-9);
            match search {
                Some(search) => run.search(search),
                None => run,
            }
        };
        let whole = named().run().unwrap();
        for budget in 1..12.min(whole.evaluations) {
            let begun = named().max_evaluations(budget).run().unwrap();
            let resumed = set_up().resume(begun.checkpoint).run().unwrap();
            same(&whole, &resumed, &format!("{method:?} after {budget}"));
            assert_eq!(resumed.method, whole.method);
        }
    }
}

/// With a gradient given, an iteration that no limit can end is not written down; resumed under a limit it is.
#[test]
fn a_smaller_budget_after_a_larger_one() {
    let f = |x: &Array1<f64>| (x[0] - 1.0).powi(2) + 10.0 * (x[1] - x[0] * x[0]).powi(2);
    let g = |x: &Array1<f64>| {
        let bend = 20.0 * (x[1] - x[0] * x[0]);
        array![2.0 * (x[0] - 1.0) - 2.0 * x[0] * bend, bend]
    };
    let start = array![-1.0, 1.2];
    for (method, search) in methods::all(1e-3) {
        let set_up = || {
            let run = minimize(f, &start).gradient(g).method(method.clone());
            match search {
                Some(search) => run.search(search),
                None => run,
            }
        };
        let whole = set_up().max_iterations(8).run().unwrap();
        let first = set_up().max_iterations(3).run().unwrap();
        for more in 2..6 {
            let limit = first.evaluations + more;
            let second = set_up().max_iterations(8).max_evaluations(limit);
            let second = second.resume(first.checkpoint.clone()).run().unwrap();
            assert!(second.evaluations <= limit, "{method:?}");
            assert_eq!(second.value, f(&second.x), "{method:?} {more}");
            let third = set_up().max_iterations(8).resume(second.checkpoint);
            let third = third.run().unwrap();
            assert_eq!(third.x, whole.x, "{method:?} {more}");
            assert_eq!(third.status, whole.status, "{method:?} {more}");
        }
    }
}

/// The search is that of the saved run, named again or not.
#[test]
fn a_search_named_without_its_method() {
    let f = |x: &Array1<f64>| x.iter().map(|x| x.powi(4) + x * x).sum::<f64>();
    let start = array![3.0, -2.0];
    let named = || {
        minimize(f, &start)
            .method(Method::Bfgs)
            .search(Search::HagerZhang)
    };
    let saved = named().max_iterations(2).run().unwrap().checkpoint;
    let run = minimize(f, &start)
        .search(Search::HagerZhang)
        .resume(saved)
        .run();
    assert_eq!(run.unwrap().x, named().run().unwrap().x);
}

/// Wherever a budget ends it, before the first gradient too, with constraints of every kind.
#[test]
fn a_constrained_run_goes_on_after_any_budget() {
    let f = |x: &Array1<f64>| {
        let parts = x.iter().enumerate();
        parts.map(|(i, x)| (x - i as f64).powi(4)).sum::<f64>() + x[0] * x[1]
    };
    let start = array![1.0, 0.25, -0.5];
    for kind in 0..4 {
        let set_up = |budget| {
            let run = minimize(f, &start).max_evaluations(budget);
            let run = match kind {
                0 | 1 => run.linear_equality(&array![[1.0, 1.0, 1.0]], &array![0.75]),
                _ => run.bounds(-0.5, 1.5),
            };
            match kind {
                1 | 2 => run.inequality(|x| x[2] - x[0] * x[1]),
                _ => run.linear_inequality(&array![[0.0, 1.0, 2.0]], &array![-1.0]),
            }
        };
        let whole = set_up(5000).run().unwrap();
        for budget in 1..whole.evaluations.min(40) {
            let cut = set_up(budget).run().unwrap();
            assert!(cut.evaluations <= budget, "{kind} {budget}");
            let resumed = set_up(5000).resume(cut.checkpoint).run().unwrap();
            same(
                &whole,
                &resumed,
                &format!("constraints {kind} after {budget}"),
            );
        }
    }
}

fn same_fit(a: &Fit<Array1<f64>>, b: &Fit<Array1<f64>>, what: &str) {
    let bits = |v: &Array1<f64>| v.iter().map(|x| x.to_bits()).collect::<Vec<u64>>();
    assert_eq!(bits(&a.x), bits(&b.x), "{what}");
    assert_eq!(bits(&a.residuals), bits(&b.residuals), "{what}");
    assert_eq!(
        (
            a.iterations,
            a.evaluations + 1,
            a.jacobian_evaluations,
            &a.status
        ),
        (
            b.iterations,
            b.evaluations,
            b.jacobian_evaluations,
            &b.status
        ),
        "{what}"
    );
}

/// Fits with differences, with differences on a pattern, and with a given Jacobian, stopped at every iteration.
fn interrupted_fits(save: impl Fn(Checkpoint) -> Checkpoint) {
    for problem in mgh::main()
        .iter()
        .filter(|p| ["osb1_n5", "trid_n10", "kowosb_n4"].contains(&p.id.as_str()))
    {
        let start = Array1::from(problem.start.clone());
        let n = problem.n();
        for kind in 0..3 {
            let set_up = || {
                let r = |x: &Array1<f64>| problem.residuals(&x.to_vec()).unwrap();
                let run = least_squares(r, &start);
                let m = problem.residuals(&problem.start).unwrap().len();
                match kind {
                    0 => run,
                    1 => run.sparsity(SparsityPattern::dense(m, n).unwrap()),
                    _ => run.jacobian(|x: &Array1<f64>| {
                        problem.jacobian(&x.to_vec()).unwrap().concat()
                    }),
                }
            };
            let whole = set_up().run().unwrap();
            assert!(whole.iterations > 3);
            for stop in 0..whole.iterations {
                let mut saved = None;
                let stopped = set_up()
                    .on_iteration(|it| {
                        if it.iteration == stop {
                            saved = Some(it.checkpoint());
                            return ControlFlow::Break(());
                        }
                        ControlFlow::Continue(())
                    })
                    .run()
                    .unwrap();
                let what = format!("{} {kind} at {stop}", problem.id);
                let resumed = set_up().resume(save(saved.unwrap())).run().unwrap();
                same_fit(&whole, &resumed, &what);
                let resumed = set_up().resume(save(stopped.checkpoint)).run().unwrap();
                same_fit(&whole, &resumed, &what);
            }
        }
    }
}

#[test]
fn a_resumed_fit_has_the_same_bits() {
    interrupted_fits(|checkpoint| checkpoint);
}

#[test]
fn a_fit_through_bytes() {
    interrupted_fits(|saved| Checkpoint::from_bytes(&saved.to_bytes()).unwrap());
}

#[test]
fn a_fit_goes_on_after_any_budget() {
    let problem = mgh::main().into_iter().find(|p| p.id == "osb1_n5").unwrap();
    let start = Array1::from(problem.start.clone());
    let set_up = |budget| {
        let r = |x: &Array1<f64>| problem.residuals(&x.to_vec()).unwrap();
        least_squares(r, &start).max_evaluations(budget)
    };
    let whole = set_up(5000).run().unwrap();
    for budget in 1..whole.evaluations {
        let cut = set_up(budget).run().unwrap();
        assert_eq!(cut.status, Status::OutOfEvaluations);
        assert!(cut.evaluations <= budget);
        let resumed = set_up(5000).resume(cut.checkpoint).run().unwrap();
        assert_eq!(whole.x, resumed.x, "budget {budget}");
        assert!(resumed.evaluations >= whole.evaluations);
    }
}

/// Every rule with a schedule, stopped at every batch, and by a budget in the middle of one.
fn interrupted_batches(save: impl Fn(Checkpoint) -> Checkpoint) {
    let loss = |x: &Array1<f64>, shift: &f64| {
        x.iter()
            .enumerate()
            .map(|(i, x)| (i + 1) as f64 * (x - shift).powi(2) + x.sin())
            .sum::<f64>()
    };
    let batches: Vec<f64> = (0..12).map(|k| (1.3 * k as f64).sin()).collect();
    let start = Array1::from(vec![1.0, -2.0, 0.5]);
    for method in methods::first_order(1e-3) {
        let set_up = |from: usize| {
            stochastic(loss, &start, batches[from..].iter().copied())
                .method(method.clone())
                .schedule(Schedule::Exponential { factor: 0.9 })
        };
        let whole = set_up(0).run().unwrap();
        assert_eq!(whole.iterations, batches.len());
        for stop in 1..batches.len() {
            let mut saved = None;
            let _ = set_up(0)
                .on_iteration(|it| {
                    if it.iteration == stop {
                        saved = Some(it.checkpoint());
                        return ControlFlow::Break(());
                    }
                    ControlFlow::Continue(())
                })
                .run()
                .unwrap();
            let resumed = set_up(stop).resume(save(saved.unwrap())).run().unwrap();
            let bits = |x: &Array1<f64>| x.iter().map(|x| x.to_bits()).collect::<Vec<u64>>();
            assert_eq!(bits(&whole.x), bits(&resumed.x), "{method:?} at {stop}");
            assert_eq!(
                (whole.iterations, whole.evaluations),
                (resumed.iterations, resumed.evaluations)
            );
            // Seven evaluations a batch; three into the next one.
            let cut = set_up(0).max_evaluations(7 * stop + 3).run().unwrap();
            assert_eq!(
                (cut.iterations, cut.status),
                (stop, Status::OutOfEvaluations)
            );
            let resumed = set_up(stop).resume(save(cut.checkpoint)).run().unwrap();
            assert_eq!(bits(&whole.x), bits(&resumed.x), "{method:?} cut at {stop}");
        }
    }
}

#[test]
fn resumed_batches_have_the_same_bits() {
    interrupted_batches(|checkpoint| checkpoint);
}

#[test]
fn batches_through_bytes() {
    interrupted_batches(|saved| Checkpoint::from_bytes(&saved.to_bytes()).unwrap());
}

/// Another f is refused wherever a run was cut, in the middle of its first gradient, too; the same f never is, noisy or
/// not, and what it costs to see that is counted.
#[test]
fn another_function_is_refused() {
    let problem = mgh::main().into_iter().find(|p| p.id == "wood_n4").unwrap();
    let start = Array1::from(problem.start.clone());
    let calls = Cell::new(0u64);
    let f = |change: f64, noise: f64| {
        let (problem, calls) = (&problem, &calls);
        move |x: &Array1<f64>| {
            calls.set(calls.get() + 1);
            let noise = noise * (calls.get() as f64 * 12.9898).sin();
            problem.value(&x.to_vec()) * (1.0 + change) * (1.0 + noise)
        }
    };
    for noise in [0.0, 1e-3] {
        for budget in 1..40 {
            let cut = || {
                let run = minimize(f(0.0, noise), &start).max_evaluations(budget);
                run.run().unwrap().checkpoint
            };
            let saved = cut();
            calls.set(1000);
            let same = minimize(f(0.0, noise), &start)
                .max_evaluations(60)
                .resume(saved)
                .run();
            let made = calls.get() as usize - 1000;
            assert_eq!(same.unwrap().evaluations, budget + made, "{noise} {budget}");
            if noise == 0.0 {
                for change in [1e-9, 1e-3, 1.0, -1.0, f64::NAN] {
                    let other = minimize(f(change, 0.0), &start).resume(cut()).run();
                    let refused = matches!(other, Err(Error::AnotherFunction { .. }));
                    assert!(refused, "{change} {budget}");
                }
            }
        }
    }
}

#[test]
fn other_residuals_are_refused() {
    let problem = mgh::main()
        .into_iter()
        .find(|p| p.id == "kowosb_n4")
        .unwrap();
    let start = Array1::from(problem.start.clone());
    let fit = |change: f64| {
        let r = |x: &Array1<f64>| problem.residuals(&x.to_vec()).unwrap();
        let r = move |x: &Array1<f64>| Array1::from(r(x)) * (1.0 + change);
        (r, &start)
    };
    for budget in 1..30 {
        let cut = || {
            let (r, start) = fit(0.0);
            let run = least_squares(r, start).max_evaluations(budget);
            run.run().unwrap().checkpoint
        };
        let (r, start) = fit(1e-6);
        let other = least_squares(r, start).resume(cut()).run();
        assert!(
            matches!(other, Err(Error::AnotherFunction { .. })),
            "{budget}"
        );
        let (r, start) = fit(0.0);
        let bounded = least_squares(r, start)
            .bounds(-9.0, 9.0)
            .resume(cut())
            .run();
        assert!(matches!(bounded, Err(Error::Conflict { .. })), "{budget}");
    }
}

/// Checkpoints of one kind of run are refused by another, and results are JSON without them.
#[test]
fn checkpoints_know_their_kind_and_results_are_json() {
    let x0 = ndarray::array![0.5, 1.0];
    let f = |x: &Array1<f64>| x.dot(x);
    let minimum = minimize(f, &x0).max_evaluations(20).run().unwrap();
    let bytes = minimum.checkpoint.to_bytes();
    let saved = || Checkpoint::from_bytes(&bytes).unwrap();
    let fit = least_squares(|x: &Array1<f64>| x.to_vec(), &x0).resume(saved());
    let text = fit.run().unwrap_err().to_string();
    assert!(text.contains("resume by the call"), "{text}");
    let batches = stochastic(|x: &Array1<f64>, _: &u8| x.dot(x), &x0, [1]).resume(saved());
    assert!(matches!(batches.run(), Err(Error::Conflict { .. })));
    let text = Checkpoint::from_bytes(&bytes[1..]).unwrap_err().to_string();
    assert!(text.contains("no saved checkpoint of a run"), "{text}");
    let text = Checkpoint::from_bytes(&bytes[..50])
        .unwrap_err()
        .to_string();
    assert!(text.contains("damaged"), "{text}");
    let json: serde_json::Value = serde_json::to_value(&minimum).unwrap();
    assert_eq!(json["evaluations"], 20);
    assert!(json.get("checkpoint").is_none() && json["status"] == "OutOfEvaluations");
    let batches = stochastic(|x: &Array1<f64>, _: &u8| x.dot(x), &x0, [1, 2])
        .run()
        .unwrap();
    assert_eq!(serde_json::to_value(&batches).unwrap()["iterations"], 2);
}
