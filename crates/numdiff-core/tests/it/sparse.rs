//! Compressed Jacobians and Hessians against dense ones.

use ndarray::{Array1, Array2};
use numdiff_core::{
    Adaptive, Coloring, Error, FiniteDifference, Order, SparseHessian, SparseJacobian,
    SparsityPattern, Step, Storage, Workspace, sparse_hessian, sparse_jacobian,
};
use proptest::prelude::*;
use std::cell::Cell;

/// A function whose output i depends on the columns of row i alone, nonlinearly, with every
/// operation exact or in a fixed order, so that other columns can't change a bit of it.
fn on_pattern(pattern: &SparsityPattern, x: &[f64]) -> Vec<f64> {
    (0..pattern.rows())
        .map(|i| {
            pattern
                .row(i)
                .iter()
                .enumerate()
                .fold(0.5 * i as f64, |sum, (k, &j)| {
                    sum + (x[j] * (1.0 + 0.25 * k as f64)).sin() * (1.0 + i as f64)
                        + 0.125 * x[j] * sum.cos()
                })
        })
        .collect()
}

/// The gradient of a function whose Hessian has the pattern: sum over the pairs of sin(x_i x_j)
/// and over the diagonal of exp(x_i).
fn gradient_on(pattern: &SparsityPattern, x: &[f64]) -> Vec<f64> {
    (0..pattern.rows())
        .map(|i| {
            pattern.row(i).iter().fold(0.0, |sum, &j| {
                sum + if i == j {
                    x[i].exp()
                } else {
                    x[j] * (x[i] * x[j]).cos()
                }
            })
        })
        .collect()
}

fn value_on(pattern: &SparsityPattern, x: &[f64]) -> f64 {
    pattern.entries().fold(0.0, |sum, (i, j)| {
        sum + if i == j {
            x[i].exp()
        } else {
            0.5 * (x[i] * x[j]).sin()
        }
    })
}

fn slice(x: &Array1<f64>) -> Vec<f64> {
    x.iter().copied().collect()
}

fn pattern() -> impl Strategy<Value = SparsityPattern> {
    (1_usize..12, 1_usize..12).prop_flat_map(|(m, n)| {
        prop::collection::vec((0..m, 0..n), 1..40)
            .prop_map(move |entries| SparsityPattern::from_triplets(m, n, entries).unwrap())
    })
}

fn symmetric() -> impl Strategy<Value = SparsityPattern> {
    (2_usize..10).prop_flat_map(|n| {
        prop::collection::vec((0..n, 0..n), 1..25).prop_map(move |mut entries| {
            entries.extend((0..n).map(|i| (i, i)));
            SparsityPattern::from_triplets(n, n, entries)
                .unwrap()
                .symmetrized()
                .unwrap()
        })
    })
}

fn point(n: usize) -> impl Strategy<Value = Array1<f64>> {
    prop::collection::vec(prop_oneof![-2.0..2.0, Just(0.0), -1e-3..1e-3], n).prop_map(Array1::from)
}

fn fixed_methods() -> Vec<FiniteDifference> {
    let central = FiniteDifference::central();
    vec![
        central.clone(),
        FiniteDifference::forward(),
        FiniteDifference::backward().with_accuracy(3),
        central.clone().with_accuracy(6),
        central.clone().with_step(Step::Absolute(1e-4)),
        central
            .clone()
            .with_step(Step::Absolute(1e-4))
            .with_nominal_divisor(),
        central
            .clone()
            .with_step(Step::Relative(3e-6))
            .with_accuracy(4),
        central.clone().with_bounds(-2.0, 2.0),
        FiniteDifference::forward()
            .with_accuracy(2)
            .with_bounds(-2.0, 1.0),
        central.with_bounds(0.0, 1e-3),
    ]
}

fn same_bits(
    sparse: &Array2<f64>,
    dense: &Array2<f64>,
    pattern: &SparsityPattern,
) -> Result<(), TestCaseError> {
    for (i, j) in pattern.entries() {
        prop_assert_eq!(
            sparse[(i, j)].to_bits(),
            dense[(i, j)].to_bits(),
            "entry ({}, {})",
            i,
            j
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn fixed_jacobian_equals_dense_to_the_bit((p, x) in pattern().prop_flat_map(|p| { let n = p.columns(); (Just(p), point(n)) }), which in 0_usize..10) {
        let method = &fixed_methods()[which];
        let f = |x: &Array1<f64>| on_pattern(&p, &slice(x));
        let structure = SparseJacobian::new(p.clone());
        match method.jacobian(f, &x) {
            Ok(dense) => {
                let sparse = method.sparse_jacobian(f, &x, &structure).unwrap();
                same_bits(&sparse.to_dense(), &dense, &p)?;
                let by_rows = method.sparse_jacobian(f, &x, &structure.clone().with_storage(Storage::Csr)).unwrap();
                prop_assert_eq!(by_rows.csc(), sparse.csc());
                prop_assert_eq!(by_rows.csr(), sparse.csr());
                prop_assert_eq!(by_rows.parts().0, p.csr().0);
            }
            // x outside the bounds, say.
            Err(_) => prop_assert!(method.sparse_jacobian(f, &x, &structure).is_err()),
        }
    }

    #[test]
    fn adaptive_jacobian_equals_dense_to_the_bit((p, x) in pattern().prop_flat_map(|p| { let n = p.columns(); (Just(p), point(n)) }), bounded in any::<bool>()) {
        let f = |x: &Array1<f64>| on_pattern(&p, &slice(x));
        let mut method = Adaptive::new();
        if bounded {
            method = method.with_bounds(-2.0, 2.0);
        }
        let dense = method.jacobian(f, &x).unwrap();
        let sparse = method.sparse_jacobian(f, &x, &SparseJacobian::new(p.clone())).unwrap();
        same_bits(&sparse.value.to_dense(), &dense.value, &p)?;
        same_bits(&sparse.error.to_dense(), &dense.error, &p)?;
        same_bits(&sparse.step.to_dense(), &dense.step, &p)?;
    }

    #[test]
    fn plans_give_the_same_bits((p, x) in pattern().prop_flat_map(|p| { let n = p.columns(); (Just(p), point(n)) }), adaptive in any::<bool>()) {
        let structure = SparseJacobian::new(p.clone());
        macro_rules! told {
            ($plan:expr, $f:expr) => {{
                let mut plan = $plan;
                loop {
                    let jobs = plan.ask().unwrap();
                    if jobs.is_empty() {
                        break;
                    }
                    for job in jobs.iter().rev() {
                        let mut x = plan.x().to_vec();
                        job.moves.apply(&mut x);
                        plan.tell(job.id, $f(&x)).unwrap();
                    }
                }
                (plan.finish().unwrap(), plan.evaluations())
            }};
        }
        let calls = Cell::new(0);
        let f = |x: &Array1<f64>| { calls.set(calls.get() + 1); on_pattern(&p, &slice(x)) };
        if adaptive {
            let method = Adaptive::new();
            let serial = method.sparse_jacobian(f, &x, &structure).unwrap();
            let (told, evaluations) = told!(method.plan().sparse_jacobian(&x, &structure).ask_tell().unwrap(), |x: &[f64]| on_pattern(&p, x));
            prop_assert_eq!(told.value.values(), serial.value.values());
            prop_assert_eq!(told.error.values(), serial.error.values());
            prop_assert_eq!(evaluations, serial.evaluations);
            prop_assert_eq!(serial.evaluations, calls.get());
        } else {
            let method = FiniteDifference::central();
            let serial = method.sparse_jacobian(f, &x, &structure).unwrap();
            let (told, evaluations) = told!(method.plan().sparse_jacobian(&x, &structure).ask_tell().unwrap(), |x: &[f64]| on_pattern(&p, x));
            prop_assert_eq!(told.values(), serial.values());
            prop_assert_eq!(evaluations, calls.get());
        }
    }

    #[test]
    fn star_hessian_has_the_entries_of_the_columns((p, x) in symmetric().prop_flat_map(|p| { let n = p.columns(); (Just(p), point(n)) })) {
        let g = |x: &Array1<f64>| gradient_on(&p, &slice(x));
        let method = FiniteDifference::central();
        let dense = method.jacobian(g, &x).unwrap();
        let structure = SparseHessian::new(p.clone()).unwrap();
        let h = method.sparse_hessian_from_gradient(g, &x, &structure).unwrap();
        for (i, j, value) in h.triplets() {
            // Each entry was read in its row or in its mirror image's.
            prop_assert!(value == dense[(i, j)] || value == dense[(j, i)]);
            prop_assert_eq!(value.to_bits(), h.get(j, i).to_bits());
        }
        let columns = SparseHessian::with_coloring(p.clone(), Coloring::columns(&p, Order::Best)).unwrap();
        same_bits(&method.sparse_hessian_from_gradient(g, &x, &columns).unwrap().to_dense(), &dense, &p)?;
    }

    #[test]
    fn substitution_holds_its_error_bars((p, x) in symmetric().prop_flat_map(|p| { let n = p.columns(); (Just(p), point(n)) })) {
        let g = |x: &Array1<f64>| gradient_on(&p, &slice(x));
        let structure = SparseHessian::by_substitution(p.clone()).unwrap();
        let h = Adaptive::new().sparse_hessian_from_gradient(g, &x, &structure).unwrap();
        let xs = slice(&x);
        for (i, j) in p.entries() {
            let exact = if i == j {
                p.row(i).iter().fold(0.0, |sum, &k| sum + if k == i { xs[i].exp() } else { -xs[k].powi(2) * (xs[i] * xs[k]).sin() })
            } else {
                (xs[i] * xs[j]).cos() - xs[i] * xs[j] * (xs[i] * xs[j]).sin()
            };
            let error = (h.value.get(i, j) - exact).abs();
            // The exact value is itself rounded: a few ulp of its terms.
            let rounding = 16.0 * f64::EPSILON * (1.0 + exact.abs() + p.row(i).len() as f64 * 8.0);
            prop_assert!(error <= h.error.get(i, j) + rounding, "({}, {}): {} off, bar {}", i, j, error, h.error.get(i, j));
            prop_assert_eq!(h.value.get(i, j).to_bits(), h.value.get(j, i).to_bits());
        }
    }

    #[test]
    fn hessian_from_values_equals_dense_to_the_bit((p, x) in symmetric().prop_flat_map(|p| { let n = p.columns(); (Just(p), point(n)) })) {
        let calls = Cell::new(0);
        let f = |x: &Array1<f64>| { calls.set(calls.get() + 1); value_on(&p, &slice(x)) };
        let structure = SparseHessian::new(p.clone()).unwrap();
        let dense = FiniteDifference::central().hessian(f, &x).unwrap();
        calls.set(0);
        let sparse = FiniteDifference::central().sparse_hessian(f, &x, &structure).unwrap();
        let pairs = p.entries().filter(|(i, j)| i < j).count();
        prop_assert_eq!(calls.get(), 1 + 2 * x.len() + 2 * pairs);
        same_bits(&sparse.to_dense(), &dense, &p)?;
        let dense = Adaptive::new().hessian(f, &x).unwrap();
        let sparse = Adaptive::new().sparse_hessian(f, &x, &structure).unwrap();
        same_bits(&sparse.value.to_dense(), &dense.value, &p)?;
        same_bits(&sparse.error.to_dense(), &dense.error, &p)?;
    }
}

#[test]
fn evaluations_are_nodes_times_colors() {
    let n = 500;
    let p = SparsityPattern::banded(n, n, 1, 1).unwrap();
    let structure = SparseJacobian::new(p.clone());
    let x = Array1::linspace(0.1, 3.0, n);
    for (method, nodes, base) in [
        (FiniteDifference::central(), 2, 0),
        (FiniteDifference::central().with_accuracy(4), 4, 0),
        (FiniteDifference::forward(), 1, 1),
        (FiniteDifference::central().with_bounds(0.0, 4.0), 2, 0),
    ] {
        let calls = Cell::new(0);
        let f = |x: &Array1<f64>| {
            calls.set(calls.get() + 1);
            on_pattern(&p, &slice(x))
        };
        method.sparse_jacobian(f, &x, &structure).unwrap();
        assert_eq!(calls.get(), 3 * nodes + base);
    }
}

#[test]
fn into_writes_the_same_numbers_in_both_orders() {
    let p = SparsityPattern::banded(7, 9, 1, 2).unwrap();
    let x = Array1::linspace(-1.0, 1.0, 9);
    let f = |x: &Array1<f64>| on_pattern(&p, &slice(x));
    let write = |x: &Array1<f64>, y: &mut [f64]| {
        y.iter_mut()
            .zip(on_pattern(&p, &slice(x)))
            .for_each(|(y, v)| *y = v);
    };
    for storage in [Storage::Csc, Storage::Csr] {
        let structure = SparseJacobian::new(p.clone()).with_storage(storage);
        let method = FiniteDifference::central();
        let mut workspace = Workspace::new();
        let mut values = Array1::zeros(p.nnz());
        method
            .plan()
            .sparse_jacobian(&x, &structure)
            .write_to(&mut values, &mut workspace)
            .serial_in_place(write)
            .unwrap();
        let owned = method.sparse_jacobian(f, &x, &structure).unwrap();
        assert_eq!(values.to_vec(), owned.values());
        assert_eq!(owned.parts().2, owned.values());
        let mut short = Array1::zeros(p.nnz() - 1);
        let wrong = method
            .plan()
            .sparse_jacobian(&x, &structure)
            .write_to(&mut short, &mut workspace)
            .serial_in_place(write);
        assert!(matches!(wrong, Err(Error::Length { .. })));
    }
}

#[test]
fn bad_input_is_named() {
    let p = SparsityPattern::banded(4, 4, 1, 1).unwrap();
    let x = Array1::ones(4);
    let f = |x: &Array1<f64>| on_pattern(&p, &slice(x));
    let long = |_: &Array1<f64>| vec![0.0; 5];
    assert!(matches!(
        sparse_jacobian(long, &x, &p),
        Err(Error::PatternShape { other_rows: 5, .. })
    ));
    assert!(matches!(
        Adaptive::new().sparse_jacobian(long, &x, &SparseJacobian::new(p.clone())),
        Err(Error::PatternShape { .. })
    ));
    assert!(matches!(
        sparse_jacobian(f, &Array1::ones(5), &p),
        Err(Error::PatternShape {
            other_columns: 5,
            ..
        })
    ));
    let rows = Coloring::rows(&p, Order::Best);
    assert!(matches!(
        SparseJacobian::with_coloring(p.clone(), rows),
        Err(Error::RowColoring)
    ));
    let band = SparsityPattern::banded(4, 4, 1, 1).unwrap();
    for coloring in [
        Coloring::star(&band, Order::Best),
        Coloring::acyclic(&band, Order::Best),
    ] {
        assert!(matches!(
            SparseJacobian::with_coloring(band.clone(), coloring.unwrap()),
            Err(Error::SymmetricColoring)
        ));
    }
    let other = Coloring::columns(&SparsityPattern::banded(4, 4, 0, 0).unwrap(), Order::Best);
    assert!(matches!(
        SparseJacobian::with_coloring(p.clone(), other),
        Err(Error::InvalidColoring { .. })
    ));
    let nan = |x: &Array1<f64>| {
        let mut y = on_pattern(&p, &slice(x));
        y[2] = f64::NAN;
        y
    };
    assert!(matches!(
        sparse_jacobian(nan, &x, &p),
        Err(Error::NonFiniteValue { output: 2, .. })
    ));
    let failing = |_: &Array1<f64>| Err::<Vec<f64>, _>("no");
    assert!(matches!(
        sparse_jacobian(failing, &x, &p),
        Err(Error::Function { .. })
    ));
    let lower = SparsityPattern::banded(4, 4, 1, 0).unwrap();
    assert!(matches!(
        sparse_hessian(|x| x.sum(), &x, &lower),
        Err(Error::NotSymmetric { .. })
    ));
    let tiny = FiniteDifference::central().with_step(Step::Absolute(1e-20));
    assert!(matches!(
        tiny.sparse_jacobian(f, &x, &SparseJacobian::new(p.clone())),
        Err(Error::StepVanishes { .. })
    ));
}

#[test]
fn empty_patterns_have_no_values() {
    let p = SparsityPattern::from_triplets(3, 2, []).unwrap();
    let j = sparse_jacobian(|_| vec![1.0; 3], &Array1::ones(2), &p).unwrap();
    assert_eq!(j.values(), [0.0; 0]);
    assert_eq!(j.to_dense(), Array2::<f64>::zeros((3, 2)));
}
