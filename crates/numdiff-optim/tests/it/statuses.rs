//! Every run says why it ended.

use ndarray::{Array1, array};
use numdiff_optim::{Divergence, Method, Stall, Status, minimize};
use proptest::prelude::*;
use std::ops::ControlFlow;

fn bowl(x: &Array1<f64>) -> f64 {
    x[0].powi(2) + x[1].powi(2)
}

/// The tutorial's runs, through the loop.
fn tutorial(learning_rate: f64, steps: usize) -> numdiff_optim::Minimum<Array1<f64>> {
    minimize(bowl, &array![-3.0, 4.0])
        .method(Method::GradientDescent { learning_rate })
        .max_iterations(steps)
        .record()
        .run()
        .unwrap()
}

/// |x1| passes 2^40 with update 9, where 1e-4 is less than half its spacing.
#[test]
fn too_large_a_rate_ends_where_the_difference_vanishes() {
    let run = tutorial(10.0, 100);
    let Status::Diverged {
        iteration,
        cause: Divergence::DifferenceVanished { coordinate, x },
    } = run.status
    else {
        panic!("{}", run.status)
    };
    assert_eq!((iteration, coordinate), (9, 1));
    assert!(x.abs() > 2f64.powi(40) && x == run.x[1]);
    let (_, path) = numdiff_optim::gradient_descent(bowl, &array![-3.0, 4.0], 10.0, 9).unwrap();
    assert_eq!(
        run.trajectory.path(),
        path,
        "the loop takes the tutorial's steps"
    );
}

#[test]
fn too_small_a_rate_is_called_so_with_a_better_one() {
    let run = tutorial(1e-10, 100);
    let Status::Stalled {
        cause: Stall::LearningRate {
            progress,
            suggestion,
        },
    } = run.status
    else {
        panic!("{}", run.status)
    };
    // A step makes 2 r L of the way, L = 2; the suggestion is 1 / L. Differences over ten steps of
    // 2e-9 leave two digits.
    assert!((progress / 4e-10 - 1.0).abs() < 0.05, "{progress:e}");
    assert!((suggestion / 0.5 - 1.0).abs() < 0.05, "{suggestion}");
}

/// Curvature 2: a step multiplies the error by 1 - 2 r, and rates from 1 on do not contract.
#[test]
fn a_rate_that_grows_slowly_is_called_so_with_its_limit() {
    for (rate, steps) in [(1.1, 20), (1.1, 4), (1.001, 500), (3.0, 5), (10.0, 3)] {
        let run = tutorial(rate, steps);
        let Status::Diverged {
            iteration,
            cause: Divergence::LearningRate { growth, limit },
        } = run.status
        else {
            panic!("{rate}: {}", run.status)
        };
        assert_eq!(iteration, steps);
        // Differences of step 1e-4 of a quadratic err by rounding alone: 1e-16 f / 1e-4 in g.
        assert!(
            (growth - (2.0 * rate - 1.0)).abs() < 1e-8 * growth,
            "{growth}"
        );
        assert!((limit - 1.0).abs() < 1e-8, "{limit}");
        assert!(run.value > 25.0 && run.value == bowl(&run.x));
    }
    assert_eq!(tutorial(1.1, 2).status, Status::OutOfIterations);
    assert_eq!(tutorial(0.999, 20).status, Status::OutOfIterations);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// On a quadratic with curvatures up to L: within the limit of its recurrence no run is ever called diverged,
    /// wherever it is cut off, although momentum rises high above the start; beyond it, every run is in the end.
    #[test]
    fn the_limit_of_a_rate_is_that_of_its_recurrence(
        momentum in 0.0f64..0.95,
        share in prop_oneof![0.2f64..0.999, 1.01f64..1.5],
        largest in 0.1f64..100.0,
        others in prop::collection::vec(0.01f64..1.0, 0..3),
        start in prop::collection::vec(0.1f64..10.0, 4),
        steps in 1usize..60,
        kind in 0..3,
    ) {
        let curvatures: Vec<f64> = others.iter().map(|c| c * largest).chain([largest]).collect();
        let limit = match kind {
            0 => 2.0,
            1 => 2.0 * (1.0 + momentum),
            _ => 2.0 * (1.0 + momentum) / (1.0 + 2.0 * momentum),
        } / largest;
        let learning_rate = share * limit;
        let method = match kind {
            0 => Method::GradientDescent { learning_rate },
            1 => Method::Momentum { learning_rate, momentum },
            _ => Method::Nesterov { learning_rate, momentum },
        };
        let x0 = Array1::from(start[..curvatures.len()].to_vec());
        let run = |steps: usize| {
            let f = |x: &Array1<f64>| x.iter().zip(&curvatures).map(|(x, c)| 0.5 * c * x * x).sum::<f64>();
            let g = |x: &Array1<f64>| x.iter().zip(&curvatures).map(|(x, c)| c * x).collect::<Vec<f64>>();
            minimize(f, &x0).gradient(g).method(method.clone()).max_iterations(steps).run().unwrap().status
        };
        if share < 1.0 {
            let status = run(steps);
            prop_assert!(!matches!(status, Status::Diverged { .. }), "{status}");
        } else {
            // 1 % beyond the limit the growth of a step may be 1 + 1e-3 for a large momentum.
            let status = run(20_000);
            prop_assert!(matches!(status, Status::Diverged { .. }), "{status}");
        }
    }

    /// Steps divided by the size of the gradient are bounded: whatever the rate, such a run may rise and never runs
    /// away. The decay of AdamW does, from r w = 2 on.
    #[test]
    fn bounded_steps_never_diverge(
        learning_rate in 1e-3f64..100.0,
        start in prop::collection::vec(-1e-2f64..1e-2, 1..4),
        decay in 0.0f64..0.99,
        steps in 1usize..200,
        kind in 0..3,
    ) {
        let method = match kind {
            0 => Method::adam(learning_rate),
            1 => Method::RmsProp { learning_rate, decay, epsilon: 1e-8 },
            _ => Method::ada_grad(learning_rate),
        };
        let x0 = Array1::from(start);
        let run = |method: Method, steps: usize| {
            minimize(|x: &Array1<f64>| x.iter().map(|x| x * x).sum::<f64>(), &x0)
                .gradient(|x: &Array1<f64>| x.mapv(|x| 2.0 * x))
                .method(method)
                .max_iterations(steps)
                .run()
                .unwrap()
                .status
        };
        let status = run(method, steps);
        prop_assert!(!matches!(status, Status::Diverged { .. }), "{status}");
        let status = run(Method::adam_w(learning_rate, 2.5 / learning_rate), 300);
        prop_assert!(matches!(status, Status::Diverged { .. }), "{status}");
    }
}

#[test]
fn a_good_rate_converges_or_runs_out_of_steps() {
    assert_eq!(tutorial(0.1, 20).status, Status::OutOfIterations);
    let run = tutorial(0.1, 1000);
    assert!(
        matches!(run.status, Status::Converged { .. }),
        "{}",
        run.status
    );
    assert!(run.x.iter().all(|x| x.abs() < 1e-8));
}

#[test]
fn limits_and_wishes() {
    let start = array![-3.0, 4.0];
    let f = |x: &Array1<f64>| (x[0] - 1.0).powi(4) + x[1].powi(2);
    assert_eq!(
        minimize(f, &start).max_evaluations(7).run().unwrap().status,
        Status::OutOfEvaluations
    );
    assert_eq!(
        minimize(f, &start).max_iterations(1).run().unwrap().status,
        Status::OutOfIterations
    );
    let stopped = minimize(f, &start).on_iteration(|it| match it.iteration {
        2 => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    let stopped = stopped.run().unwrap();
    assert_eq!((stopped.status, stopped.iterations), (Status::Stopped, 2));
    let reached = minimize(f, &start).target(1.0).run().unwrap();
    assert!(
        matches!(reached.status, Status::TargetReached { value } if value <= 1.0 && value == reached.value)
    );
    assert!(reached.value <= 1.0 && f(&reached.x) == reached.value);
    let late = minimize(f, &start)
        .max_time(std::time::Duration::ZERO)
        .run()
        .unwrap();
    assert_eq!(late.status, Status::OutOfTime);
    let unbounded = minimize(|x: &Array1<f64>| -x[0], &array![1.0])
        .run()
        .unwrap();
    assert!(
        matches!(
            unbounded.status,
            Status::Diverged {
                cause: Divergence::Unbounded { .. },
                ..
            }
        ),
        "{}",
        unbounded.status
    );
    let plateau = minimize(|_: &Array1<f64>| 3.0, &start).run().unwrap();
    assert_eq!(
        plateau.status,
        Status::Stalled {
            cause: Stall::Plateau
        }
    );
}

#[test]
fn a_saddle_and_a_maximum_are_no_minimum() {
    let saddle = |x: &Array1<f64>| x[0].powi(2) - x[1].powi(2) + 0.25 * x[1].powi(4);
    let run = minimize(saddle, &array![1.0, 0.0]).run().unwrap();
    assert!(
        (run.value + 1.0).abs() < 1e-12,
        "{} {}",
        run.value,
        run.status
    );
    let maximum = |x: &Array1<f64>| x[0].cos();
    let run = minimize(maximum, &array![0.0]).run().unwrap();
    assert!(
        (run.value + 1.0).abs() < 1e-12,
        "{} {}",
        run.value,
        run.status
    );
    let run = minimize(saddle, &array![1.0, 0.0])
        .gradient(|x: &Array1<f64>| array![2.0 * x[0], -2.0 * x[1] + x[1].powi(3)])
        .run()
        .unwrap();
    assert!(
        (run.value + 1.0).abs() < 1e-12,
        "{} {}",
        run.value,
        run.status
    );
}

/// Beale's function does not bend along x from (1, 1): the first look finds no curvature, and the interval of one-sided
/// differences must not grow without bounds.
#[test]
fn curvature_that_was_not_there_at_the_start_does_not_mislead() {
    let beale = |x: &Array1<f64>| -> f64 {
        let factors = [(1.5, 1), (2.25, 2), (2.625, 3)];
        factors
            .iter()
            .map(|(c, k)| (c - x[0] * (1.0 - x[1].powi(*k))).powi(2))
            .sum()
    };
    for method in [
        Method::Bfgs,
        Method::Lbfgs { memory: 5 },
        Method::ConjugateGradient,
    ] {
        let run = minimize(beale, &array![1.0, 1.0])
            .method(method.clone())
            .run()
            .unwrap();
        assert!(run.status.is_success(), "{method:?}: {}", run.status);
        // A tenth of the budget.
        assert!(run.evaluations < 300, "{method:?}: {}", run.evaluations);
    }
}

/// Near the minimum a search may find points that are lower by their last place, at twenty evaluations each: that is no
/// progress, and says so at once.
#[test]
fn steps_of_a_last_place_end_a_run() {
    let valley = |x: &Array1<f64>| 100.0 * (x[1] - x[0].powi(2)).powi(2) + (1.0 - x[0]).powi(2);
    let mut shortest = f64::INFINITY;
    let run = minimize(valley, &array![-1.2, 1.0])
        .method(Method::Bfgs)
        .on_iteration(|it| {
            if it.iteration > 0 {
                shortest = shortest.min(it.step);
            }
            ControlFlow::Continue(())
        })
        .run()
        .unwrap();
    assert!(run.status.is_success(), "{}", run.status);
    assert!(run.evaluations < 1000, "{}", run.evaluations);
    assert!(shortest > 2.0 * f64::EPSILON, "{shortest:e}");
}

/// At a minimum whose value is 0 to the last place nothing sets a scale but what f becomes farther away.
#[test]
fn a_start_at_a_minimum_of_value_zero_has_converged() {
    type Function = fn(&[f64]) -> f64;
    let minima: [(&str, Function, &[f64]); 6] = [
        (
            "Rosenbrock",
            |x| 100.0 * (x[1] - x[0] * x[0]).powi(2) + (1.0 - x[0]).powi(2),
            &[1.0, 1.0],
        ),
        (
            "sphere at 0",
            |x| x.iter().map(|x| x * x).sum(),
            &[0.0, 0.0, 0.0],
        ),
        (
            "sphere a last place off",
            |x| x.iter().map(|x| (x - 3.0).powi(2)).sum(),
            &[3.000_000_000_000_000_4, 3.0],
        ),
        ("quartic", |x| x[0].powi(4) + x[1].powi(4), &[0.0, 0.0]),
        (
            "terms that cancel",
            |x| x[0].exp() - 1.0 - x[0] + x[1].cosh() - 1.0,
            &[0.0, 0.0],
        ),
        (
            "large terms",
            |x| 1e8 * ((x[0] - 1.0).powi(2) + (x[1] - x[0]).powi(2)),
            &[1.0, 1.0],
        ),
    ];
    for (name, f, x) in minima {
        let f = |x: &Array1<f64>| f(&x.to_vec());
        let end = minimize(f, &Array1::from(x.to_vec())).run().unwrap();
        let what = format!("{name}: {} after {}", end.status, end.iterations);
        assert!(matches!(end.status, Status::Converged { .. }), "{what}");
        assert_eq!(end.iterations, 0, "{what}");
    }
}

/// A minimum says what was found, at what cost and why it ended; debugging it does not dump the saved state.
#[test]
fn a_minimum_prints_what_was_found() {
    let f = |x: &[f64]| x.iter().map(|x| (x - 1.0).powi(2)).sum::<f64>();
    let end = minimize(f, &vec![3.0; 8]).run().unwrap();
    let told = format!("{end}");
    assert!(told.contains(&end.status.to_string()) && told.contains("evaluations"));
    assert!(format!("{:?}", end.checkpoint).len() < 80);
    assert_eq!(end.method, Method::Automatic);
}

/// Beyond 300 unknowns the default is L-BFGS, and the result says so.
#[test]
fn what_is_chosen_for_many_unknowns_is_told() {
    let f = |x: &[f64]| x.iter().map(|x| (x - 1.0).powi(2)).sum::<f64>();
    for (n, method) in [
        (300, Method::Automatic),
        (301, Method::Lbfgs { memory: 10 }),
    ] {
        let x0 = vec![3.0; n];
        let run = minimize(f, &x0)
            .gradient(|x: &[f64]| x.iter().map(|x| 2.0 * (x - 1.0)).collect::<Vec<f64>>());
        assert_eq!(run.max_iterations(2).run().unwrap().method, method);
    }
}

/// A stochastic run prints what it found, at what cost, and why it ended, and shows no state.
#[test]
fn a_stochastic_run_prints() {
    let x0 = ndarray::array![3.0, 1.0];
    let end = numdiff_optim::stochastic(|x: &Array1<f64>, b: &f64| x.dot(x) + b, &x0, [0.5, 0.25]);
    let end = end.run().unwrap();
    let text = end.to_string();
    assert!(text.starts_with("f of the last batch = "), "{text}");
    assert!(
        text.contains("10 evaluations in 2 steps; out of iterations"),
        "{text}"
    );
    assert!(format!("{:?}", end.checkpoint).len() < 80);
}
