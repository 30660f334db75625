//! Every run says why it ended.

use ndarray::{ArrayRef1, array};
use numdiff_optim::{Divergence, Method, Stall, Status, minimize};
use std::ops::ControlFlow;

fn bowl(x: &ArrayRef1<f64>) -> f64 {
    x[0].powi(2) + x[1].powi(2)
}

/// The tutorial's runs, through the loop.
fn tutorial(learning_rate: f64, steps: usize) -> numdiff_optim::Minimum<ndarray::Ix1> {
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
    let f = |x: &ArrayRef1<f64>| (x[0] - 1.0).powi(4) + x[1].powi(2);
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
    let unbounded = minimize(|x: &ArrayRef1<f64>| -x[0], &array![1.0])
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
    let plateau = minimize(|_: &ArrayRef1<f64>| 3.0, &start).run().unwrap();
    assert_eq!(
        plateau.status,
        Status::Stalled {
            cause: Stall::Plateau
        }
    );
}

#[test]
fn a_saddle_and_a_maximum_are_no_minimum() {
    let saddle = |x: &ArrayRef1<f64>| x[0].powi(2) - x[1].powi(2) + 0.25 * x[1].powi(4);
    let run = minimize(saddle, &array![1.0, 0.0]).run().unwrap();
    assert!(
        (run.value + 1.0).abs() < 1e-12,
        "{} {}",
        run.value,
        run.status
    );
    let maximum = |x: &ArrayRef1<f64>| x[0].cos();
    let run = minimize(maximum, &array![0.0]).run().unwrap();
    assert!(
        (run.value + 1.0).abs() < 1e-12,
        "{} {}",
        run.value,
        run.status
    );
    let run = minimize(saddle, &array![1.0, 0.0])
        .gradient(|x: &ArrayRef1<f64>| array![2.0 * x[0], -2.0 * x[1] + x[1].powi(3)])
        .run()
        .unwrap();
    assert!(
        (run.value + 1.0).abs() < 1e-12,
        "{} {}",
        run.value,
        run.status
    );
}
