//! A run that is saved and resumed goes on with the same bits.

use ndarray::Array1;
use numdiff_core::SparsityPattern;
use numdiff_optim::{
    Checkpoint, Fit, FitCheckpoint, Method, Minimum, Schedule, Search, Status,
    StochasticCheckpoint, least_squares, minimize, stochastic,
};
use numdiff_problems::{Problem, mgh};
use std::ops::ControlFlow;

fn methods() -> Vec<(Method, Option<Search>)> {
    let rate = 1e-3;
    vec![
        (Method::Automatic, None),
        (Method::Bfgs, Some(Search::StrongWolfe)),
        (Method::Lbfgs { memory: 3 }, Some(Search::HagerZhang)),
        (Method::ConjugateGradient, None),
        (Method::Newton, Some(Search::TrustRegion)),
        (Method::NewtonCg, None),
        (
            Method::GradientDescent {
                learning_rate: rate,
            },
            None,
        ),
        (
            Method::Nesterov {
                learning_rate: rate,
                momentum: 0.9,
            },
            None,
        ),
        (Method::adam_w(rate, 0.01), None),
        (Method::rms_prop(rate), None),
        (Method::ada_grad(rate), None),
    ]
}

fn same(a: &Minimum<Array1<f64>>, b: &Minimum<Array1<f64>>, what: &str) {
    let bits = |m: &Minimum<Array1<f64>>| m.x.iter().map(|x| x.to_bits()).collect::<Vec<u64>>();
    assert_eq!(bits(a), bits(b), "{what}");
    assert_eq!(a.value.to_bits(), b.value.to_bits(), "{what}");
    assert_eq!(
        (a.iterations, a.evaluations, &a.status),
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
        for (method, search) in methods() {
            let set_up = || {
                let run = minimize(|x: &Array1<f64>| problem.value(&x.to_vec()), &start)
                    .method(method.clone())
                    .max_iterations(25)
                    .max_evaluations(5000);
                match search {
                    Some(search) => run.search(search),
                    None => run,
                }
            };
            let whole = set_up().run().unwrap();
            for stop in [0, 3, 8] {
                let mut saved = None;
                let _ = set_up()
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
                let resumed = set_up().resume(save(saved)).run().unwrap();
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

#[cfg(feature = "serde")]
#[test]
fn through_json() {
    interrupted(|checkpoint| {
        let text = serde_json::to_string(&checkpoint).unwrap();
        serde_json::from_str(&text).unwrap()
    });
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
    // The iteration that was cut short goes on where it was: no evaluation is made twice.
    same(&whole, &resumed, "after 40 evaluations");
}

fn same_fit(a: &Fit<Array1<f64>>, b: &Fit<Array1<f64>>, what: &str) {
    let bits = |v: &Array1<f64>| v.iter().map(|x| x.to_bits()).collect::<Vec<u64>>();
    assert_eq!(bits(&a.x), bits(&b.x), "{what}");
    assert_eq!(bits(&a.residuals), bits(&b.residuals), "{what}");
    assert_eq!(
        (
            a.iterations,
            a.evaluations,
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
fn interrupted_fits(save: impl Fn(FitCheckpoint) -> FitCheckpoint) {
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
                let resumed = set_up()
                    .resume(save(stopped.checkpoint.unwrap()))
                    .run()
                    .unwrap();
                same_fit(&whole, &resumed, &what);
            }
        }
    }
}

#[test]
fn a_resumed_fit_has_the_same_bits() {
    interrupted_fits(|checkpoint| checkpoint);
}

#[cfg(feature = "serde")]
#[test]
fn a_fit_through_json() {
    interrupted_fits(|checkpoint| {
        serde_json::from_str(&serde_json::to_string(&checkpoint).unwrap()).unwrap()
    });
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
        // Without a first Jacobian there is nothing to resume.
        let Some(checkpoint) = cut.checkpoint else {
            assert!(budget <= problem.n());
            continue;
        };
        let resumed = set_up(5000).resume(checkpoint).run().unwrap();
        assert_eq!(whole.x, resumed.x, "budget {budget}");
        assert!(resumed.evaluations >= whole.evaluations);
    }
}

/// Every rule with a schedule, stopped at every batch, and by a budget in the middle of one.
fn interrupted_batches(save: impl Fn(StochasticCheckpoint) -> StochasticCheckpoint) {
    let loss = |x: &Array1<f64>, shift: &f64| {
        x.iter()
            .enumerate()
            .map(|(i, x)| (i + 1) as f64 * (x - shift).powi(2) + x.sin())
            .sum::<f64>()
    };
    let batches: Vec<f64> = (0..12).map(|k| (1.3 * k as f64).sin()).collect();
    let start = Array1::from(vec![1.0, -2.0, 0.5]);
    for (method, _) in methods()
        .into_iter()
        .filter(|(m, _)| m.learning_rate().is_some())
    {
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
                .on_step(|step| {
                    if step.step == stop {
                        saved = Some(step.checkpoint());
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

#[cfg(feature = "serde")]
#[test]
fn batches_through_json() {
    interrupted_batches(|checkpoint| {
        serde_json::from_str(&serde_json::to_string(&checkpoint).unwrap()).unwrap()
    });
}
