//! f that is not defined everywhere, and noise.

use ndarray::{Array1, array};
use numdiff_optim::{Method, Search, Status, least_squares, minimize};

/// A log barrier: not defined for x <= 0 or y <= 0.
fn barrier(x: &Array1<f64>) -> f64 {
    x[0] + 2.0 * x[1] - x[0].ln() - x[1].ln()
}

#[test]
fn a_point_outside_the_domain_is_backed_away_from() {
    let minimum = array![1.0, 0.5];
    for start in [array![1e-3, 5.0], array![30.0, 1e-6], array![0.1, 0.1]] {
        let end = minimize(barrier, &start).run().unwrap();
        assert!(
            matches!(end.status, Status::Converged { .. }),
            "{}",
            end.status
        );
        // f is flat to eps f within sqrt(eps) of the minimum.
        assert!(
            (&end.x - &minimum).iter().all(|d| d.abs() < 1e-7),
            "{}",
            end.x
        );
        let fails = |x: &Array1<f64>| {
            if x[0] > 0.0 && x[1] > 0.0 {
                Ok(barrier(x))
            } else {
                Err("outside")
            }
        };
        let same = minimize(fails, &start).run().unwrap();
        assert_eq!(
            (same.x, same.evaluations),
            (end.x, end.evaluations),
            "NaN and an error are the same"
        );
        for search in [
            Search::StrongWolfe,
            Search::HagerZhang,
            Search::Backtracking,
        ] {
            let end = minimize(barrier, &start)
                .method(Method::Bfgs)
                .search(search)
                .run()
                .unwrap();
            assert!(
                (&end.x - &minimum).iter().all(|d| d.abs() < 1e-4),
                "{search:?} {} {}",
                end.x,
                end.status
            );
        }
    }
}

#[test]
fn a_start_at_the_edge_of_the_domain() {
    // sqrt(x0): one side only; the minimum is at the edge itself, where the slope is infinite.
    let edge = |x: &Array1<f64>| (x[0] - 1.0).powi(2) + x[1].sqrt();
    let end = minimize(edge, &array![0.0, 0.25]).run().unwrap();
    assert!(
        (end.x[0] - 1.0).abs() < 1e-3 && end.x[1] < 1e-3 && end.x[1] >= 0.0,
        "{} {}",
        end.x,
        end.status
    );
    let half = |x: &Array1<f64>| {
        if x[0] < 0.0 {
            f64::NAN
        } else {
            (x[0] - 1.0).powi(2)
        }
    };
    let end = minimize(half, &array![0.0]).run().unwrap();
    assert!((end.x[0] - 1.0).abs() < 1e-7, "{}", end.x);
}

#[test]
fn residuals_outside_the_domain() {
    let r = |p: &Array1<f64>| array![p[0].ln() - 1.0, p[0] * p[1] - 1.0];
    let end = least_squares(r, &array![1e-4, 3.0]).run().unwrap();
    assert!(
        end.status.is_success() && end.value < 1e-20,
        "{} {}",
        end.status,
        end.value
    );
}

/// Rounded to `digits`: what a text file or a simulation hands over.
fn rounded(value: f64, digits: usize) -> f64 {
    format!("{value:.*e}", digits - 1).parse().unwrap()
}

#[test]
fn noise_is_found_and_named() {
    let bowl = |x: &Array1<f64>| 3.0 + (x[0] - 1.0).powi(2) + 10.0 * (x[1] + 2.0).powi(2);
    // Eight digits and more are ten digits of the way from the start: rounding to most callers.
    for digits in [4, 5, 6, 7] {
        let end = minimize(
            |x: &Array1<f64>| rounded(bowl(x), digits),
            &array![3.0, 4.0],
        )
        .run()
        .unwrap();
        let quantum = 10f64.powi(1 - digits as i32);
        let Status::NoiseLimited { level } = end.status else {
            panic!("{digits}: {}", end.status)
        };
        assert!(
            level < 3.0 * quantum && level > 0.01 * quantum,
            "{digits}: {level}"
        );
        // Within some quanta of the minimum: the noise hides the rest.
        assert!(
            bowl(&end.x) - 3.0 < 10.0 * quantum,
            "{digits}: {}",
            bowl(&end.x)
        );
    }
    let end = minimize(
        |x: &Array1<f64>| f64::from(bowl(x) as f32),
        &array![3.0, 4.0],
    )
    .run()
    .unwrap();
    assert!(bowl(&end.x) - 3.0 < 1e-5, "{}", end.status);
}

#[test]
fn a_scale_does_not_change_the_path() {
    // Powers of two scale every operation exactly, so the iterates are those of f, bit for bit.
    let f = |x: &Array1<f64>| 100.0 * (x[1] - x[0].powi(2)).powi(2) + (1.0 - x[0]).powi(2);
    let start: Array1<f64> = array![-1.2, 1.0];
    let plain = minimize(f, &start)
        .max_evaluations(60)
        .record()
        .run()
        .unwrap();
    let scaled = minimize(|x: &Array1<f64>| 1024.0 * f(x), &start)
        .max_evaluations(60)
        .record()
        .run()
        .unwrap();
    assert_eq!(plain.trajectory.path(), scaled.trajectory.path());
}

/// Values so large that small displacements change nothing after rounding to `f32`, and larger ones by one stair: that is
/// no curvature and no minimum.
#[test]
fn the_first_stair_is_no_minimum() {
    for offset in [1e3, 1e5, 1e6] {
        for start in [array![1.0, 1.0], array![0.7, 1.3], array![-2.0, 0.5]] {
            let f = |x: &Array1<f64>| {
                let (a, b) = (x[0] - offset, x[1] - 2.0);
                f64::from((a.powi(2) + b.powi(2) + (a * b).powi(2)) as f32)
            };
            let end = minimize(f, &start).run().unwrap();
            let share = end.value / f(&start);
            assert!(
                share < 1e-3,
                "{offset:e} {start}: {share:e} of f is left, {}",
                end.status
            );
        }
    }
}
