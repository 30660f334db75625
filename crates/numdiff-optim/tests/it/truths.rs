//! What holds for every run.

use crate::methods::any_method;
use ndarray::{Array1, Array2, array};
use numdiff_optim::{Method, Minimum, Search, Status, least_squares, minimize};
use proptest::prelude::*;
use std::cell::RefCell;

/// Every method that takes bounds.
fn method() -> impl Strategy<Value = (Method, Option<Search>)> {
    any_method(1e-2).prop_filter("no trust region", |(_, search)| {
        *search != Some(Search::TrustRegion)
    })
}

/// A convex quartic with coupled coordinates.
fn quartic(x: &[f64], center: &[f64]) -> f64 {
    let d: Vec<f64> = x.iter().zip(center).map(|(x, c)| x - c).collect();
    let coupled: f64 = d.windows(2).map(|w| (w[0] + w[1]).powi(2)).sum();
    d.iter()
        .zip(1..)
        .map(|(d, k)| f64::from(k) * d * d + 0.1 * d.powi(4))
        .sum::<f64>()
        + coupled
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn inside_the_bounds_monotone_counted_and_within_budget(
        (method, search) in method(),
        start in prop::collection::vec(-1.0f64..1.0, 1..5),
        center in prop::collection::vec(-3.0f64..3.0, 5),
        width in 0.0f64..2.0,
        budget in 1usize..300,
    ) {
        let lower: Vec<f64> = start.iter().map(|x| x - width).collect();
        let upper: Vec<f64> = start.iter().map(|x| x + 0.5 * width).collect();
        let calls = RefCell::new((0, true));
        let f = |x: &Array1<f64>| {
            let mut seen = calls.borrow_mut();
            seen.0 += 1;
            seen.1 &= x.iter().zip(lower.iter().zip(&upper)).all(|(x, (l, u))| l <= x && x <= u);
            quartic(&x.to_vec(), &center)
        };
        let x0 = Array1::from(start.clone());
        let mut run = minimize(f, &x0).method(method.clone()).bounds(&lower, &upper).max_evaluations(budget).max_iterations(100).record();
        if let Some(search) = search {
            run = run.search(search);
        }
        let end = run.run().unwrap();
        prop_assert!(calls.borrow().1, "left the box");
        prop_assert_eq!(calls.borrow().0, end.evaluations);
        prop_assert!(end.evaluations <= budget);
        prop_assert_eq!(end.value.to_bits(), quartic(&end.x.to_vec(), &center).to_bits());
        // Hager and Zhang's conditions let f rise by 1e-6 of itself, which is their point.
        // Barzilai and Borwein's steps may rise.
        let rises = search == Some(Search::HagerZhang) || method == Method::BarzilaiBorwein;
        if method.learning_rate().is_none() && !rises {
            for pair in end.trajectory.records.windows(2) {
                prop_assert!(pair[1].value <= pair[0].value, "{:?} rose", method);
            }
        }
    }

    #[test]
    fn the_box_holds_the_minimum_where_it_belongs(
        center in prop::collection::vec(-3.0f64..3.0, 3),
        side in 0.1f64..2.0,
    ) {
        // Separable: the minimum in the box is the center moved into it.
        let f = |x: &Array1<f64>| x.iter().zip(&center).zip(1..).map(|((x, c), k)| f64::from(k) * (x - c).powi(2)).sum::<f64>();
        for method in [Method::Automatic, Method::Lbfgs { memory: 5 }, Method::Bfgs, Method::ConjugateGradient] {
            let end = minimize(f, &array![0.0, 0.0, 0.0]).method(method.clone()).bounds(-side, side).run().unwrap();
            for (x, c) in end.x.iter().zip(&center) {
                prop_assert!((x - c.clamp(-side, side)).abs() < 1e-6, "{:?} {} {}", method, end.x, end.status);
            }
        }
    }

    #[test]
    fn a_box_of_coupled_unknowns_holds_one_minimum_for_every_method(
        m in prop::collection::vec(-1.0f64..1.0, 16),
        center in prop::collection::vec(-3.0f64..3.0, 4),
        side in 0.1f64..2.0,
    ) {
        // (x - c)^T (M^T M + I/10) (x - c) is convex: what its coupling pushes out of the box is held there.
        let f = |x: &[f64]| -> f64 {
            let d: Vec<f64> = x.iter().zip(&center).map(|(x, c)| x - c).collect();
            let rows = m.chunks(4).map(|row| row.iter().zip(&d).map(|(m, d)| m * d).sum::<f64>().powi(2));
            rows.sum::<f64>() + d.iter().map(|d| 0.1 * d * d).sum::<f64>()
        };
        let methods = [
            Method::Automatic, Method::Lbfgs { memory: 5 }, Method::Bfgs, Method::ConjugateGradient, Method::Newton,
            Method::NewtonCg, Method::BarzilaiBorwein,
        ];
        let ends = methods.map(|method| minimize(f, &vec![0.0; 4]).method(method).bounds(-side, side).run().unwrap());
        let least = ends.iter().map(|end| end.value).fold(f64::INFINITY, f64::min);
        for end in &ends {
            prop_assert!(end.status.is_success(), "{:?}: {}", end.method, end.status);
            prop_assert!(end.value <= least + 1e-9 * (1.0 + least), "{:?}: {} above {}", end.method, end.value, least);
        }
    }

    #[test]
    fn a_matrix_is_a_point_as_its_elements_are(a in prop::collection::vec(-2.0f64..2.0, 6)) {
        let sum = |x: &[f64]| quartic(x, &[0.5, -0.5, 1.0, 0.0, 2.0, -1.0]);
        let flat = minimize(|x: &Array1<f64>| sum(&x.to_vec()), &Array1::from(a.clone())).run().unwrap();
        let matrix = Array2::from_shape_vec((2, 3), a).unwrap();
        let square = minimize(|x: &Array2<f64>| sum(&x.iter().copied().collect::<Vec<f64>>()), &matrix).run().unwrap();
        prop_assert!(flat.x.iter().zip(square.x.iter()).all(|(a, b)| a.to_bits() == b.to_bits()));
        // A transposed view is the same point in another layout.
        let view = matrix.t();
        let turned = minimize(|x: &Array2<f64>| sum(&x.t().iter().copied().collect::<Vec<f64>>()), &view).run().unwrap();
        prop_assert!((turned.value - flat.value).abs() <= 1e-9 * flat.value.abs().max(1e-6));
    }

    #[test]
    fn a_batch_gives_the_serial_bits(start in prop::collection::vec(-2.0f64..2.0, 4)) {
        let center = [0.5, -0.5, 1.0, 0.0];
        let f = |x: &Array1<f64>| quartic(&x.to_vec(), &center);
        let x0 = Array1::from(start);
        let serial = minimize(f, &x0).run().unwrap();
        let batched = minimize(f, &x0)
            .batch(|rows| rows.rows().into_iter().map(|row| quartic(&row.to_vec(), &center)).collect())
            .run()
            .unwrap();
        same(&serial, &batched)?;
        same(&serial, &minimize(f, &x0).threads().run().unwrap())?;
    }
}

/// BFGS went on with the gradient of a coordinate that a bound holds, in steps of 1e-14 until the budget ended.
#[test]
fn what_a_bound_holds_is_a_constant_of_the_model() {
    let center = [
        0.06286821629106298,
        -2.5715200582930726,
        0.0005710187503544174,
    ];
    let f = |x: &[f64; 3]| {
        (0..3)
            .map(|k| (k + 1) as f64 * (x[k] - center[k]).powi(2))
            .sum::<f64>()
    };
    let side = 0.5793502865709808;
    let end = minimize(f, &[0.0; 3])
        .method(Method::Bfgs)
        .bounds(-side, side)
        .run()
        .unwrap();
    assert!(end.status.is_success(), "{}", end.status);
    assert!(
        (end.x[0] - center[0]).abs() < 1e-6 && end.x[1] == -side && end.evaluations < 100,
        "{end}"
    );
}

fn same(a: &Minimum<Array1<f64>>, b: &Minimum<Array1<f64>>) -> Result<(), TestCaseError> {
    prop_assert!(
        a.x.iter()
            .zip(b.x.iter())
            .all(|(a, b)| a.to_bits() == b.to_bits())
    );
    prop_assert_eq!(
        (a.evaluations, a.iterations, &a.status),
        (b.evaluations, b.iterations, &b.status)
    );
    Ok(())
}

#[test]
fn budgets_are_never_exceeded_and_the_best_point_is_kept() {
    let f = |x: &Array1<f64>| 100.0 * (x[1] - x[0].powi(2)).powi(2) + (1.0 - x[0]).powi(2);
    for budget in 1..120 {
        let seen = RefCell::new((0, f64::INFINITY));
        let end = minimize(
            |x: &Array1<f64>| {
                let value = f(x);
                let mut seen = seen.borrow_mut();
                *seen = (seen.0 + 1, seen.1.min(value));
                value
            },
            &array![-1.2, 1.0],
        )
        .max_evaluations(budget)
        .run()
        .unwrap();
        let (calls, least) = *seen.borrow();
        assert!(calls <= budget && calls == end.evaluations);
        if end.status == Status::OutOfEvaluations {
            assert_eq!(end.value, least);
        }
    }
}

/// Lengths in meters or in parsecs: the unknowns of a problem may have any unit, together or one by one, and a start at
/// zero shows none. (With all unknowns of the order of 1e-10, a displacement of 1e-5 multiplies f by 1e20.)
#[test]
fn the_units_of_the_unknowns_do_not_matter() {
    for exponent in [-30, -20, -12, -10, -8, -6, -4, 4, 8, 20, 30] {
        let s = 10f64.powi(exponent);
        for (unit, start) in [
            ([s, s], [-1.2, 1.0]),
            ([1.0, s], [-1.2, 1.0]),
            ([s, s], [0.0, 0.0]),
        ] {
            if exponent > 0 && start == [0.0, 0.0] {
                continue; // f is flat there, as far as displacements of the order of 1 tell.
            }
            let residuals = |x: &Array1<f64>| {
                let (a, b) = (x[0] / unit[0], x[1] / unit[1]);
                array![10.0 * (b - a * a), 1.0 - a]
            };
            let x0 = array![start[0] * unit[0], start[1] * unit[1]];
            let far = |x: &Array1<f64>| {
                (x[0] / unit[0] - 1.0)
                    .abs()
                    .max((x[1] / unit[1] - 1.0).abs())
            };
            let sum = |x: &Array1<f64>| residuals(x).mapv(|r| r * r).sum();
            let run = minimize(sum, &x0).run().unwrap();
            // f to eps, so x to its root, times the condition.
            let what = format!("{unit:?} {start:?} {} {:?}", run.status, run.x);
            assert!(run.status.is_success() && far(&run.x) < 1e-6, "{what}");
            // 181 values where the unknowns are of the order of 1; a search for a unit takes a few more.
            assert!(run.evaluations < 2 * 181, "{what} {}", run.evaluations);
            let fit = least_squares(residuals, &x0).run().unwrap();
            let what = format!("{unit:?} {start:?} {} {:?}", fit.status, fit.x);
            assert!(fit.status.is_success() && far(&fit.x) < 1e-9, "{what}");
            assert!(fit.evaluations < 3 * 43, "{what} {}", fit.evaluations);
        }
    }
}

/// Of a start where f is 0, or jumps, no unit can be read, and none is searched for without end.
#[test]
fn a_start_that_shows_no_unit_is_taken_as_it_is() {
    for n in [1, 3, 10] {
        let x0 = Array1::zeros(n);
        let bowl = minimize(|x: &Array1<f64>| x.dot(x), &x0).run().unwrap();
        // Around a minimum of value 0 the rounding of larger values is all there is to see.
        let told = bowl.status.is_success() || matches!(bowl.status, Status::NoiseLimited { .. });
        assert!(told && bowl.x == x0, "{}", bowl.status);
        // No more than from 2, where the size of x is known: one look on both sides may differ.
        let moved = |x: &Array1<f64>| x.mapv(|v| (v - 2.0).powi(2)).sum();
        let known = minimize(moved, &Array1::from_elem(n, 2.0)).run().unwrap();
        let (spent, most) = (bowl.evaluations, known.evaluations + 2 * n);
        assert!(spent <= most, "{spent} of {most}");
        let square = least_squares(|x: &Array1<f64>| x.mapv(|v| v * v), &x0)
            .run()
            .unwrap();
        assert!(
            square.status.is_success() && square.x == x0,
            "{}",
            square.status
        );
        // r, one side and both.
        assert_eq!(square.evaluations, 1 + 3 * n);
        // Residuals that jump at the start: an answer, not an error, with rounds of n as stated.
        let jump = |x: &Array1<f64>| x.mapv(|v| if v > 0.0 { 1.0 } else { 1e-3 });
        let fit = least_squares(jump, &x0)
            .max_evaluations(100 * (n + 1))
            .run()
            .unwrap();
        assert!(fit.value <= n as f64 * 1e-6, "{} {}", fit.value, fit.status);
    }
}
