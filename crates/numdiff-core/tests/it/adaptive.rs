//! The adaptive method through every operator: error bars hold, counts and bits are those of the
//! plan.

use ndarray::{Array1, Array2, array};
use numdiff_core::{Adaptive, Estimate, Status};
use proptest::prelude::*;
use std::cell::RefCell;

fn f(x: &Array1<f64>) -> f64 {
    (x[0] * x[1]).exp() + x[2].sin() * x[0] + x[1] / x[2]
}

fn gradient(x: &Array1<f64>) -> Array1<f64> {
    let e = (x[0] * x[1]).exp();
    array![
        x[1] * e + x[2].sin(),
        x[0] * e + 1.0 / x[2],
        x[2].cos() * x[0] - x[1] / x[2].powi(2)
    ]
}

fn hessian(x: &Array1<f64>) -> Array2<f64> {
    let e = (x[0] * x[1]).exp();
    let xy = e + x[0] * x[1] * e;
    array![
        [x[1] * x[1] * e, xy, x[2].cos()],
        [xy, x[0] * x[0] * e, -1.0 / x[2].powi(2)],
        [
            x[2].cos(),
            -1.0 / x[2].powi(2),
            -x[2].sin() * x[0] + 2.0 * x[1] / x[2].powi(3)
        ]
    ]
}

/// The error bar holds (and the closed form itself rounds), and it is tight enough to be of use.
fn holds<D: ndarray::Dimension>(
    estimate: &Estimate<ndarray::Array<f64, D>>,
    exact: &ndarray::Array<f64, D>,
    useful: f64,
) {
    assert!(estimate.status.is_trusted(), "{:?}", estimate.status);
    for ((value, error), exact) in estimate.value.iter().zip(&estimate.error).zip(exact) {
        let rounding = 8.0 * f64::EPSILON * (1.0 + exact.abs());
        assert!(
            (value - exact).abs() <= error + rounding,
            "{value} {exact} {error}"
        );
        assert!(*error <= useful * (1.0 + exact.abs()), "{value} {error}");
    }
}

#[test]
fn error_bars_hold_for_every_operator() {
    let x = array![0.7, 1.3, -0.9];
    let v = array![0.3, -2.0, 1.0];
    let a = Adaptive::new();
    holds(&a.gradient(f, &x).unwrap(), &gradient(&x), 1e-11);
    holds(&a.jacobian(gradient, &x).unwrap(), &hessian(&x), 1e-11);
    holds(&a.hessian(f, &x).unwrap(), &hessian(&x), 1e-8);
    holds(
        &a.hessian_from_gradient(gradient, &x).unwrap(),
        &hessian(&x),
        1e-11,
    );
    holds(
        &a.hessian_diagonal(f, &x).unwrap(),
        &hessian(&x).diag().to_owned(),
        1e-9,
    );
    holds(
        &a.jacobian_vector(gradient, &x, &v).unwrap(),
        &hessian(&x).dot(&v),
        1e-10,
    );
    holds(
        &a.vector_jacobian(gradient, &x, &v).unwrap(),
        &hessian(&x).dot(&v),
        1e-10,
    );
    holds(
        &a.hessian_vector(f, &x, &v).unwrap(),
        &hessian(&x).dot(&v),
        1e-8,
    );
    holds(
        &a.hessian_vector_from_gradient(gradient, &x, &v).unwrap(),
        &hessian(&x).dot(&v),
        1e-10,
    );
    let d = a.directional(f, &x, &v).unwrap();
    assert!((d.value - gradient(&x).dot(&v)).abs() <= d.error + 1e-14);
    let l = a.laplacian(f, &x).unwrap();
    assert!((l.value - hessian(&x).diag().sum()).abs() <= l.error + 1e-14);
    let m = a.mixed_partial(f, &x, &[0, 1]).unwrap();
    assert!((m.value - hessian(&x)[(0, 1)]).abs() <= m.error + 1e-14);
}

#[test]
fn outputs_of_different_scale_are_judged_on_their_own() {
    let r = |x: &Array1<f64>| array![x[0].sin(), (1e8 * x[0]).sin() * 1e-20, 1e300 * x[0]];
    let j = Adaptive::new().jacobian(r, &array![0.3]).unwrap();
    let exact = [0.3f64.cos(), 1e-12 * (1e8 * 0.3f64).cos(), 1e300];
    for (i, exact) in exact.iter().enumerate() {
        assert!((j.value[(i, 0)] - exact).abs() <= j.error[(i, 0)] + 1e-15 * exact.abs());
        // The second rounds its argument, 3e7, by 4e-9 at every point.
        let scale = [1.0, 1e-12, 1e300][i];
        assert!(j.error[(i, 0)] <= 1e-6 * scale, "{i} {}", j.error[(i, 0)]);
    }
}

#[test]
fn told_in_any_order_gives_the_same_bits_and_count() {
    let x = array![0.7, 1.3, -0.9];
    let serial = Adaptive::new().hessian(f, &x).unwrap();
    let mut plan = Adaptive::new().plan().hessian(&x).ask_tell().unwrap();
    let mut told = 0;
    loop {
        let mut jobs = plan.ask().unwrap();
        if jobs.is_empty() {
            break;
        }
        let middle = jobs.len() / 3;
        jobs.rotate_left(middle);
        jobs.reverse();
        for job in jobs {
            let mut point = plan.x().to_vec();
            job.moves.apply(&mut point);
            plan.tell(job.id, [f(&Array1::from(point))]).unwrap();
            told += 1;
        }
    }
    assert_eq!(plan.finish().unwrap(), serial);
    assert_eq!(told, serial.evaluations);
}

#[test]
fn bounds_and_fixed_coordinates() {
    let a = Adaptive::new().with_bounds([0.0, 2.0, f64::NEG_INFINITY], [f64::INFINITY, 2.0, 1.0]);
    let g = a
        .gradient(
            |x| {
                assert!(x[0] >= 0.0 && x[1] == 2.0 && x[2] <= 1.0);
                x[0].sqrt() * x[0] + x[2].exp() + x[1]
            },
            &array![0.0, 2.0, 1.0],
        )
        .unwrap();
    assert_eq!(g.value[1], 0.0);
    assert!((g.value[2] - 1f64.exp()).abs() <= g.error[2] && g.error[2] < 1e-9);
    let one = Adaptive::new()
        .with_bounds(0.0, f64::INFINITY)
        .derivative(|x| x.exp(), 0.0)
        .unwrap();
    assert_eq!(one.status, Status::AtBound);
    assert!((one.value - 1.0).abs() <= one.error);
}

/// A direction that moves a large coordinate by less than its last place leaves small steps to the
/// others.
#[test]
fn coordinates_that_hardly_move_do_not_hold_up_the_others() {
    let x = array![1e10, 1.0];
    let f = |x: &Array1<f64>| (3.0 * x[1]).sin() + 1e-10 * x[0];
    for v in [
        array![1e-20, 1.0],
        array![1e-8, 1.0],
        array![1.0, 1.0],
        array![1e10, 1.0],
    ] {
        let exact = 1e-10 * v[0] + 3.0 * 3.0_f64.cos() * v[1];
        let d = Adaptive::new().directional(f, &x, &v).unwrap();
        assert!(
            (d.value - exact).abs() <= d.error + 1e-15,
            "{v} {d:?} {exact}"
        );
        assert!(d.error <= 1e-9, "{v} {d:?}");
    }
}

proptest! {
    /// The step of an entry is a displacement, at which f was evaluated, of a coordinate that the entry is of.
    #[test]
    fn steps_are_displacements_of_x(
        parts in prop::collection::vec((1.0..2.0f64, -6..6i32, any::<bool>()), 3),
    ) {
        let size = Array1::from_iter(parts.iter().map(|(m, e, _)| m * 10f64.powi(*e)));
        let x = Array1::from_iter(parts.iter().zip(&size).map(|((.., s), x)| if *s { -x } else { *x }));
        let seen = RefCell::new(vec![Vec::new(); 3]);
        let f = |at: &Array1<f64>| {
            for ((seen, at), x) in seen.borrow_mut().iter_mut().zip(at).zip(&x) {
                seen.push((at - x).abs());
            }
            let u = at / &size;
            (u[0] + 2.0 * u[1] * u[2]).sin() + (u[0] * u[1]).exp() * u[2]
        };
        let check = |step: f64, of: &[usize]| {
            let seen = seen.borrow();
            let mut moved = of.iter().flat_map(|i| seen[*i].iter().map(|d| (d, size[*i])));
            // A displacement is that of the rounded x + h.
            let found = moved.any(|(d, x)| (d - step).abs() <= f64::EPSILON * (d + x));
            prop_assert!(step > 0.0 && found, "{step} of {of:?} at {x}");
            Ok(())
        };
        let method = Adaptive::new();
        let g = method.gradient(f, &x).unwrap();
        for i in 0..3 {
            check(g.step[i], &[i])?;
        }
        let h = method.hessian(f, &x).unwrap();
        for ((i, j), step) in h.step.indexed_iter() {
            check(*step, &[i, j])?;
        }
        for of in [&[0, 1][..], &[2, 2], &[0, 1, 2], &[1, 1, 2]] {
            check(method.mixed_partial(f, &x, of).unwrap().step, of)?;
        }
    }
}
