//! Evaluation counts are those that the documentation promises, and those that results report.

use crate::composition::smooth;
use ndarray::{Array1, Array2};
use numdiff_core::{Adaptive, FiniteDifference, SparseHessian, SparseJacobian, SparsityPattern};
use proptest::prelude::*;
use std::cell::Cell;

fn point(n: usize) -> Array1<f64> {
    Array1::from_shape_fn(n, |i| 0.3 + 0.7 * i as f64)
}

/// Values of f that an order-d line of accuracy p takes besides f(x), and whether f(x) is one.
fn line(side: usize, p: usize, order: usize) -> (usize, bool) {
    match side {
        // The middle of a central stencil has no weight in odd derivatives.
        0 => (
            2 * (order.div_ceil(2) - 1) + p.next_multiple_of(2),
            order.is_multiple_of(2),
        ),
        _ => (order + p - 1, true),
    }
}

/// Evaluations of an operator.
macro_rules! calls {
    (|$f:ident| $run:expr) => {{
        let calls = Cell::new(0_usize);
        let $f = |x: &Array1<f64>| {
            calls.set(calls.get() + 1);
            smooth(x.iter().copied())
        };
        $run.unwrap();
        calls.get()
    }};
}

/// The same of a vector function, tridiagonal.
macro_rules! vector_calls {
    (|$f:ident| $run:expr) => {{
        let calls = Cell::new(0_usize);
        let $f = |x: &Array1<f64>| {
            calls.set(calls.get() + 1);
            let n = x.len();
            Array1::from_shape_fn(n, |i| {
                x[i].sin() * x[i.saturating_sub(1)] + x[(i + 1).min(n - 1)]
            })
        };
        $run.unwrap();
        calls.get()
    }};
}

proptest! {
    #[test]
    fn of_fixed_methods(side in 0..3_usize, p in 1..6_usize, n in 1..9_usize, given in any::<bool>()) {
        let x = point(n);
        let v = Array1::ones(n);
        let (method, _) = crate::polynomials::method(side, p, 2);
        let values = if given { vec![smooth(x.iter().copied())] } else { Vec::new() };
        // Lines along `lines` directions, f(x) once for all.
        let expected = |lines: usize, order: usize| {
            let (values, center) = line(side, p, order);
            lines * values + usize::from(center && !given)
        };
        for order in 1..5 {
            let calls = Cell::new(0);
            let f = |x: f64| { calls.set(calls.get() + 1); x.sin() };
            let sine = if given { vec![x[0].sin()] } else { Vec::new() };
            method.plan().nth_derivative(&x[0], order).given(&sine).serial(f).unwrap();
            prop_assert_eq!(calls.get(), expected(1, order));
        }
        prop_assert_eq!(calls!(|f| method.plan().gradient(&x).given(&values).serial(f)), expected(n, 1));
        prop_assert_eq!(calls!(|f| method.plan().directional(&x, &v).given(&values).serial(f)), expected(1, 1));
        prop_assert_eq!(calls!(|f| method.plan().hessian_diagonal(&x).given(&values).serial(f)), expected(n, 2));
        prop_assert_eq!(calls!(|f| method.plan().laplacian(&x).given(&values).serial(f)), expected(n, 2));
        prop_assert_eq!(calls!(|f| method.plan().hessian(&x).given(&values).serial(f)), expected(n * (n + 1) / 2, 2));
        for order in 1..=4 {
            // Along one coordinate: one line.
            let pure = vec![n - 1; order];
            prop_assert_eq!(calls!(|f| method.plan().mixed_partial(&x, &pure).given(&values).serial(f)), expected(1, order));
        }
        if n > 1 {
            prop_assert_eq!(calls!(|f| method.plan().mixed_partial(&x, &[0, 1]).given(&values).serial(f)), expected(2, 2));
            prop_assert_eq!(calls!(|f| method.plan().hessian_vector(&x, &v).given(&values).serial(f)), expected(2 * n, 2));
        }
        if side == 0 && p <= 2 && !given {
            // As the free function promises.
            prop_assert_eq!(calls!(|f| numdiff_core::gradient(f, &x)), 2 * n);
            prop_assert_eq!(calls!(|f| numdiff_core::hessian(f, &x)), n * n + n + 1);
        }
        let xs = Array2::from_shape_fn((3, n), |(i, j)| x[j] + i as f64);
        if !given {
            prop_assert_eq!(calls!(|f| method.gradient_rows(f, &xs)), 3 * expected(n, 1));
        }
    }

    #[test]
    fn of_fixed_methods_on_vectors(side in 0..3_usize, p in 1..6_usize, n in 3..9_usize) {
        let (x, v) = (point(n), Array1::ones(n));
        let (method, _) = crate::polynomials::method(side, p, 1);
        let (values, center) = line(side, p, 1);
        let once = usize::from(center);
        prop_assert_eq!(vector_calls!(|r| method.jacobian(r, &x)), n * values + once);
        prop_assert_eq!(vector_calls!(|r| method.jacobian_vector(r, &x, &v)), values + once);
        prop_assert_eq!(vector_calls!(|r| method.vector_jacobian(r, &x, &v)), n * values + once);
        prop_assert_eq!(vector_calls!(|r| method.hessian_from_gradient(r, &x)), n * values + once);
        prop_assert_eq!(vector_calls!(|r| method.hessian_vector_from_gradient(r, &x, &v)), values + once);
        // Three colors serve a tridiagonal Jacobian of any size; a pair for each entry off the
        // diagonal of a Hessian.
        let banded = SparsityPattern::banded(n, n, 1, 1).unwrap();
        let jacobian = SparseJacobian::new(banded.clone());
        prop_assert_eq!(vector_calls!(|r| method.sparse_jacobian(r, &x, &jacobian)), 3 * values + once);
        let hessian = SparseHessian::new(banded).unwrap();
        let (values, center) = line(side, p, 2);
        prop_assert_eq!(calls!(|f| method.sparse_hessian(f, &x, &hessian)), (n + n - 1) * values + usize::from(center));
    }

    /// What an estimate reports is what was called; no line takes more than its budget, and f(x) when
    /// given is not asked for again.
    #[test]
    fn of_the_adaptive_method(n in 1..6_usize, budget in 7..40_usize, tolerance in prop::option::of(1e-12..1e-2_f64), given in any::<bool>()) {
        let (x, v) = (point(n), Array1::ones(n));
        let mut method = Adaptive::new().with_max_evaluations(budget);
        if let Some(tolerance) = tolerance {
            method = method.with_tolerance(tolerance);
        }
        let values = if given { vec![smooth(x.iter().copied())] } else { Vec::new() };
        macro_rules! reported {
            ($op:ident $(, $extra:expr)*) => {{
                let calls = Cell::new(0_usize);
                let at_x = Cell::new(0_usize);
                let f = |at: &Array1<f64>| {
                    calls.set(calls.get() + 1);
                    at_x.set(at_x.get() + usize::from(at == x));
                    smooth(at.iter().copied())
                };
                let found = method.plan().$op(&x $(, $extra)*).given(&values).serial(f).unwrap();
                prop_assert_eq!(found.evaluations, calls.get());
                prop_assert_eq!(at_x.get(), usize::from(!given));
                let without = method.$op(|x: &Array1<f64>| smooth(x.iter().copied()), &x $(, $extra)*).unwrap();
                prop_assert_eq!(found.evaluations + usize::from(given), without.evaluations);
                prop_assert_eq!(found.value, without.value);
                without.evaluations
            }};
        }
        // f(x) is shared: counted once, but in every line's budget.
        let most = |lines: usize| lines * (budget - 1) + 1;
        prop_assert!(reported!(gradient) <= most(n));
        prop_assert!(reported!(directional, &v) <= most(1));
        prop_assert!(reported!(hessian_diagonal) <= most(n));
        prop_assert!(reported!(laplacian) <= most(n));
        // Two for each witness of the pairs.
        let witnesses = (usize::BITS - (n - 1).leading_zeros()) as usize;
        prop_assert!(reported!(hessian) <= most(n * (n + 1) / 2) + 2 * witnesses);
        prop_assert!(reported!(mixed_partial, &[0, n - 1]) <= most(2) + 4);
        prop_assert!(reported!(hessian_vector, &v) <= most(2 * n) + 4);
    }
}

/// Coordinates held by equal bounds take no evaluations, and by every driver the same number is made: only where the
/// first one is held, f(x) is asked how many outputs there are.
#[test]
fn held_coordinates_cost_the_same_by_every_driver() {
    let x = point(4);
    for held in 0..1_usize << 4 {
        let bound = |side: f64| -> Array1<f64> {
            Array1::from_shape_fn(4, |i| x[i] + f64::from(u8::from(held >> i & 1 == 0)) * side)
        };
        let f = |x: &[f64]| vec![x[0] * x[1] + x[2], x[3].sin()];
        let free = 4 - held.count_ones() as usize;
        for adaptive in [false, true] {
            let calls = Cell::new(0_usize);
            let count = |x: &[f64]| {
                calls.set(calls.get() + 1);
                f(x)
            };
            let one = |x: &Array1<f64>| count(x.as_slice().unwrap());
            let many = |p: &Array2<f64>| {
                let values: Vec<f64> = p.outer_iter().flat_map(|x| count(&x.to_vec())).collect();
                Array2::from_shape_vec((p.nrows(), 2), values).unwrap()
            };
            macro_rules! drivers {
                ($method:expr) => {{
                    let method = $method.with_bounds(bound(-1.0), bound(1.0));
                    method.jacobian(one, &x).unwrap();
                    let serial = calls.take();
                    method.plan().jacobian(&x).batched(many).unwrap();
                    let batched = calls.take();
                    let mut plan = method.plan().jacobian(&x).ask_tell().unwrap();
                    loop {
                        let jobs = plan.ask().unwrap();
                        if jobs.is_empty() {
                            break;
                        }
                        for job in jobs {
                            let mut p = plan.x().to_vec();
                            job.moves.apply(&mut p);
                            plan.tell(job.id, count(&p)).unwrap();
                        }
                    }
                    plan.finish().unwrap();
                    (serial, batched, calls.take())
                }};
            }
            let (serial, batched, told) = if adaptive {
                drivers!(Adaptive::new())
            } else {
                drivers!(FiniteDifference::central())
            };
            assert_eq!((serial, serial), (batched, told), "{held:b} {adaptive}");
            if !adaptive {
                assert_eq!(serial, 2 * free + (held & 1), "{held:b}");
            }
        }
    }
}
