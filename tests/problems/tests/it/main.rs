//! The problems against published starts and minima, and their derivatives against differences.

use numdiff_problems::{Problem, mgh};
use serde_json::Value;

fn all() -> Vec<Problem> {
    mgh::main().into_iter().chain(mgh::larger()).collect()
}

/// Rounding of a sum of m squares of expressions: far below 1e-12 relative for every problem here,
/// the largest amplification being the exponentials of Jennrich-Sampson and Meyer.
fn close(a: f64, b: f64, scale: f64) -> bool {
    (a - b).abs() <= 1e-12 * scale.abs()
}

#[test]
fn starts_and_minima_are_the_published_ones() {
    let golden: Vec<Value> = serde_json::from_str(include_str!("../golden/mgh.json")).unwrap();
    let problems = all();
    for row in &golden {
        let id = row["id"].as_str().unwrap();
        let problem = problems
            .iter()
            .find(|p| p.id == id)
            .unwrap_or_else(|| panic!("{id} missing"));
        let numbers = |key: &str| -> Vec<f64> {
            row[key]
                .as_array()
                .unwrap()
                .iter()
                .map(|v| v.as_f64().unwrap())
                .collect()
        };
        let (f0, fstar) = (row["f0"].as_f64().unwrap(), row["fstar"].as_f64().unwrap());
        for (a, b) in problem.start.iter().zip(numbers("x0")) {
            assert!(close(*a, b, b), "{id}: start {a} {b}");
        }
        assert!(close(problem.value(&problem.start), f0, f0), "{id}: f0");
        assert!(
            close(problem.minimum, fstar, fstar),
            "{id}: minimum {} {fstar}",
            problem.minimum
        );
        // The stored minimizers have about twelve digits.
        let reached = problem.value(&numbers("xstar_example"));
        assert!(
            reached - fstar <= 1e-9 * (f0 - fstar),
            "{id}: {reached} {fstar}"
        );
    }
}

#[test]
fn starts_of_the_others_have_the_values_of_the_literature() {
    // f at the standard start, from the formulas by hand.
    let expected = [
        ("rosen_n2", 24.2),
        ("beale_n2", 14.203125),
        ("rosex_n10", 121.0),
        ("singx_n12", 645.0),
    ];
    let problems = mgh::main();
    for (id, f0) in expected {
        let problem = problems.iter().find(|p| p.id == id).unwrap();
        assert!(
            close(problem.value(&problem.start), f0, f0),
            "{id}: {}",
            problem.value(&problem.start)
        );
    }
}

#[test]
fn the_set_is_complete() {
    assert_eq!(mgh::main().len(), 35);
    assert_eq!(mgh::larger().len(), 17);
    for problem in all() {
        assert!(problem.minimum.is_finite(), "{}", problem.id);
        assert!(
            problem.minimum < problem.value(&problem.start),
            "{}",
            problem.id
        );
    }
}

#[test]
fn gradients_agree_with_central_differences() {
    for problem in all() {
        let x = problem.start.clone();
        let exact = problem.gradient(&x);
        let f0 = problem.value(&x).abs();
        for j in 0..x.len() {
            // A second difference measures the curvature that scales the truncation.
            let h = 1e-5 * x[j].abs().max(1e-1);
            let at = |t: f64| {
                let mut moved = x.clone();
                moved[j] += t;
                problem.value(&moved)
            };
            let central = |h: f64| (at(h) - at(-h)) / (2.0 * h);
            let (near, far) = (central(h), central(2.0 * h));
            // Truncation: the difference of the two estimates bounds it; rounding: eps f / h.
            let bound = (near - far).abs() + 1e-15 * (f0 + at(h).abs()) * 8.0 / h;
            assert!(
                (near - exact[j]).abs() <= bound,
                "{} {j}: {near} {}",
                problem.id,
                exact[j]
            );
        }
    }
}

#[test]
fn jacobians_make_the_gradient() {
    for problem in all() {
        let r = problem.residuals(&problem.start).unwrap();
        let jacobian = problem.jacobian(&problem.start).unwrap();
        let gradient = problem.gradient(&problem.start);
        for j in 0..problem.n() {
            let terms = || jacobian.iter().zip(&r).map(|(row, r)| 2.0 * r * row[j]);
            let scale: f64 = terms().map(f64::abs).sum();
            assert!(
                (terms().sum::<f64>() - gradient[j]).abs() <= 1e-13 * scale,
                "{}",
                problem.id
            );
        }
    }
}

/// The conditions of Karush, Kuhn and Tucker at the stored minimizers, by exact gradients: inside, the
/// gradient is small against what it was at the start; at a bound it pushes outward.
#[test]
fn boxed_minima_satisfy_the_optimality_conditions() {
    let boxed = mgh::boxed();
    assert_eq!(boxed.len(), 28);
    for (problem, x) in boxed {
        let bounds = problem.bounds.as_ref().unwrap();
        let (g, start) = (problem.gradient(&x), problem.gradient(&problem.start));
        let f = problem.value(&x);
        assert!(
            close(f, problem.minimum, f.max(1e-12)),
            "{}: {f} {}",
            problem.id,
            problem.minimum
        );
        for i in 0..x.len() {
            let (low, high) = (bounds.lower[i], bounds.upper[i]);
            assert!(
                low <= x[i] + 1e-14 * x[i].abs() && x[i] <= high,
                "{}",
                problem.id
            );
            assert!(
                low <= problem.start[i] && problem.start[i] <= high,
                "{}",
                problem.id
            );
            // What is left of the gradient must not matter: its product with the size of x is below
            // 1e-6 of the decrease from the start.
            let way = problem.value(&problem.start) - f;
            // Stored minimizers have fifteen digits.
            let at = |bound: f64| (x[i] - bound).abs() <= 1e-14 * bound.abs();
            let pushes = (at(low) && g[i] >= 0.0) || (at(high) && g[i] <= 0.0);
            let small = g[i].abs() * x[i].abs().max(1e-3) <= 1e-6 * way.max(f);
            assert!(pushes || small, "{} {i}: {} {}", problem.id, g[i], start[i]);
        }
    }
}
