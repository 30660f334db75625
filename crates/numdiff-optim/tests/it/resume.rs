//! A run that is saved and resumed goes on with the same bits.

use ndarray::{Array1, ArrayRef1};
use numdiff_optim::{Checkpoint, Method, Minimum, Search, minimize};
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
        (
            Method::RmsProp {
                learning_rate: rate,
                decay: 0.9,
            },
            None,
        ),
        (
            Method::AdaGrad {
                learning_rate: rate,
            },
            None,
        ),
    ]
}

fn same(a: &Minimum<ndarray::Ix1>, b: &Minimum<ndarray::Ix1>, what: &str) {
    let bits = |m: &Minimum<ndarray::Ix1>| m.x.iter().map(|x| x.to_bits()).collect::<Vec<u64>>();
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
                let run = minimize(|x: &ArrayRef1<f64>| problem.value(&x.to_vec()), &start)
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
        minimize(|x: &ArrayRef1<f64>| problem.value(&x.to_vec()), &start).max_evaluations(budget)
    };
    let whole = set_up(5000).run().unwrap();
    let cut = set_up(40).run().unwrap();
    assert!(cut.evaluations <= 40);
    let resumed = set_up(5000).resume(cut.checkpoint.unwrap()).run().unwrap();
    // The iteration that was cut short is made again: the same path, some evaluations more.
    assert_eq!(whole.x, resumed.x);
    assert!(resumed.evaluations >= whole.evaluations);
}
