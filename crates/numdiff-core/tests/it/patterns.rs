//! Patterns found from a function, and checked against it.

use ndarray::Array1;
use numdiff_core::{
    Adaptive, Error, FiniteDifference, SparseJacobian, SparsityPattern, Step, detect_pattern,
    detect_pattern_by_probing,
};
use proptest::prelude::*;
use std::cell::Cell;

fn pattern() -> impl Strategy<Value = SparsityPattern> {
    (1_usize..12, 2_usize..12).prop_flat_map(|(m, n)| {
        prop::collection::vec((0..m, 0..n), 1..40)
            .prop_map(move |entries| SparsityPattern::from_triplets(m, n, entries).unwrap())
    })
}

/// Output i: a smooth function of the columns of row i.
fn on_pattern(pattern: &SparsityPattern, x: &Array1<f64>) -> Vec<f64> {
    (0..pattern.rows())
        .map(|i| {
            pattern.row(i).iter().fold(1.0, |sum, &j| {
                sum + (x[j] + 0.3 * i as f64).sin() * (1.0 + 0.1 * x[j])
            })
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn detection_finds_the_pattern(p in pattern(), seed in any::<u64>()) {
        let x = Array1::linspace(0.4, 1.9, p.columns());
        let f = |x: &Array1<f64>| on_pattern(&p, x);
        prop_assert_eq!(&detect_pattern(f, &x).unwrap(), &p);
        prop_assert_eq!(&detect_pattern_by_probing(f, &x, 2, seed).unwrap(), &p);
    }

    /// A pattern with an entry too few is caught in that row and in no other; a complete one never.
    #[test]
    fn verification_names_the_rows(p in pattern(), scale in -6_i32..6, pick in any::<prop::sample::Index>(), seed in any::<u64>()) {
        let scale = 10_f64.powi(scale);
        let x = Array1::linspace(0.4, 1.2, p.columns()) * scale;
        // Coordinates of any size: f varies on the scale of x, or of 1 for the small ones.
        let width = scale.max(1.0);
        let f = |x: &Array1<f64>| on_pattern(&p, &x.mapv(|v| v / width));
        let method = FiniteDifference::central();
        let calls = Cell::new(0);
        let counted = |x: &Array1<f64>| { calls.set(calls.get() + 1); f(x) };
        let full = method.sparse_jacobian(f, &x, &SparseJacobian::new(p.clone())).unwrap();
        let check = method.verify_pattern(counted, &x, &full, seed).unwrap();
        prop_assert!(check.is_complete(), "false alarm in rows {:?}", check.missing_in_rows);
        prop_assert_eq!(calls.get(), 2);
        prop_assert_eq!(check.evaluations, 2);

        let entries: Vec<_> = p.entries().collect();
        let dropped = *pick.get(&entries);
        let short = SparsityPattern::from_triplets(p.rows(), p.columns(), entries.into_iter().filter(|&e| e != dropped)).unwrap();
        let jacobian = method.sparse_jacobian(f, &x, &SparseJacobian::new(short.clone())).unwrap();
        let check = method.verify_pattern(counted, &x, &jacobian, seed).unwrap();
        // An entry of 1e-5 of its row, where its function is flat at x, may hide.
        let slope = full.get(dropped.0, dropped.1).abs();
        let row: f64 = p.row(dropped.0).iter().map(|&j| full.get(dropped.0, j).abs()).sum();
        if slope > 1e-3 * row {
            prop_assert_eq!(&check.missing_in_rows, &vec![dropped.0]);
            prop_assert_eq!(check.evaluations, 4);
        }
        let jacobian = Adaptive::new().sparse_jacobian(f, &x, &SparseJacobian::new(short)).unwrap();
        let check = Adaptive::new().verify_pattern(f, &x, &jacobian, seed).unwrap();
        if slope > 1e-3 * row && jacobian.status.is_trusted() {
            prop_assert_eq!(&check.missing_in_rows, &vec![dropped.0]);
        }
    }
}

/// Derivatives that vanish at x leave truncation alone in the difference: no missing entry.
#[test]
fn flat_rows_are_no_false_alarm() {
    let f = |x: &Array1<f64>| vec![x[0].powi(3), x[1].powi(2), x[0].powi(5) + x[2], 7.0];
    let x = Array1::zeros(3);
    let p = SparsityPattern::from_triplets(4, 3, [(0, 0), (1, 1), (2, 0), (2, 2)]).unwrap();
    let method = FiniteDifference::central();
    let jacobian = method
        .sparse_jacobian(f, &x, &SparseJacobian::new(p))
        .unwrap();
    for seed in 0..50 {
        assert!(
            method
                .verify_pattern(f, &x, &jacobian, seed)
                .unwrap()
                .is_complete()
        );
    }
}

/// One-sided differences, steps of the caller's and higher orders have errors of their own, which
/// are no missing entries; and those are found all the same.
#[test]
fn every_step_is_told_from_a_missing_entry() {
    let n = 7;
    let p = SparsityPattern::banded(n, n, 1, 2).unwrap();
    let short = p.entries().filter(|&e| e != (4, 5));
    let short = SparsityPattern::from_triplets(n, n, short).unwrap();
    let (central, forward) = (FiniteDifference::central, FiniteDifference::forward);
    let methods = [
        forward(),
        FiniteDifference::backward(),
        forward().with_accuracy(3),
        central().with_accuracy(4),
        central().with_step(Step::Absolute(1e-3)),
        central().with_step(Step::Absolute(1e-8)),
        forward().with_step(Step::Relative(1e-5)),
        forward().with_step(Step::PerCoordinate(vec![1e-7; n])),
    ];
    for (k, method) in methods.iter().enumerate() {
        // Many points: slopes vanish at some, where only the errors are left.
        for at in 0..200 {
            let x =
                Array1::from_shape_fn(n, |j| ((3 * j + 1) as f64 * 0.137 * at as f64).sin() * 2.0);
            let f = |x: &Array1<f64>| on_pattern(&p, x);
            let full = SparseJacobian::new(p.clone());
            let full = method.sparse_jacobian(f, &x, &full).unwrap();
            let check = method.verify_pattern(f, &x, &full, at).unwrap();
            assert!(check.is_complete(), "method {k}, point {at}: {check:?}");
            if full.get(4, 5).abs() > 0.1 {
                let jacobian = SparseJacobian::new(short.clone());
                let jacobian = method.sparse_jacobian(f, &x, &jacobian).unwrap();
                let check = method.verify_pattern(f, &x, &jacobian, at).unwrap();
                assert_eq!(check.missing_in_rows, [4], "method {k}, point {at}");
            }
        }
    }
    let x = Array1::zeros(n);
    let f = |x: &Array1<f64>| on_pattern(&p, x);
    let full = central()
        .sparse_jacobian(f, &x, &SparseJacobian::new(p.clone()))
        .unwrap();
    let wrong = central().with_step(Step::PerCoordinate(vec![1e-6; 3]));
    let error = wrong.verify_pattern(f, &x, &full, 1).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Length {
                found: 3,
                expected: 7,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn noise_is_no_false_alarm() {
    let call = Cell::new(0_u64);
    let f = |x: &Array1<f64>| {
        // A generator's worth of noise, 1e-7 wide, different in each call.
        call.set(call.get() + 1);
        let mut state = call.get();
        x.mapv(|v| {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            v.exp() + 1e-7 * ((state >> 33) as f64 / (1_u64 << 31) as f64 - 0.5)
        })
    };
    let x = Array1::linspace(0.0, 1.0, 8);
    let diagonal = SparseJacobian::new(SparsityPattern::banded(8, 8, 0, 0).unwrap());
    let jacobian = Adaptive::new().sparse_jacobian(f, &x, &diagonal).unwrap();
    for seed in 0..20 {
        let check = Adaptive::new()
            .verify_pattern(f, &x, &jacobian, seed)
            .unwrap();
        assert!(
            check.is_complete(),
            "{:?} with {:?}",
            check,
            jacobian.status
        );
    }
}

#[test]
fn bounds_are_kept_and_columns_without_room_are_named() {
    let x = Array1::from(vec![0.0, 0.5, 1.0]);
    let f = |x: &Array1<f64>| {
        assert!(x.iter().all(|v| (0.0..=1.0).contains(v)));
        x.mapv(f64::exp)
    };
    let method = FiniteDifference::central().with_bounds(0.0, 1.0);
    let diagonal = SparseJacobian::new(SparsityPattern::banded(3, 3, 0, 0).unwrap());
    let jacobian = method.sparse_jacobian(f, &x, &diagonal).unwrap();
    let check = method.verify_pattern(f, &x, &jacobian, 3).unwrap();
    assert!(check.is_complete());
    assert_eq!(check.unchecked_columns, [0, 2]);
}

/// Rows without a number beside x were not checked, and are named: such a pattern is not complete.
#[test]
fn rows_that_are_not_finite_are_named() {
    let x = Array1::ones(3);
    let f = |x: &Array1<f64>| x.mapv(|v| v * v);
    let method = FiniteDifference::central();
    let diagonal = SparseJacobian::new(SparsityPattern::banded(3, 3, 0, 0).unwrap());
    let jacobian = method.sparse_jacobian(f, &x, &diagonal).unwrap();
    for hidden in [f64::NAN, f64::INFINITY] {
        let holed = |x: &Array1<f64>| vec![x[0] * x[0], hidden, x[2] * x[2] + x[0]];
        let check = method.verify_pattern(holed, &x, &jacobian, 3).unwrap();
        assert_eq!(check.missing_in_rows, [2]);
        assert_eq!(check.unchecked_rows, [1]);
        let check = method.verify_pattern(|_: &Array1<f64>| vec![hidden; 3], &x, &jacobian, 3);
        assert!(!check.unwrap().is_complete());
    }
}

#[test]
fn detection_costs_colors_times_levels() {
    let n = 4096;
    let p = SparsityPattern::banded(n, n, 1, 1).unwrap();
    let calls = Cell::new(0);
    let f = |x: &Array1<f64>| {
        calls.set(calls.get() + 1);
        on_pattern(&p, x)
    };
    assert_eq!(detect_pattern(f, &Array1::ones(n)).unwrap(), p);
    assert!(calls.get() <= 2 + 4 * 12, "{} evaluations", calls.get());
}

#[test]
fn detection_names_bad_input() {
    let f = |x: &Array1<f64>| x.to_owned();
    assert!(matches!(
        detect_pattern(f, &Array1::zeros(0)),
        Err(Error::Empty { .. })
    ));
    assert!(matches!(
        detect_pattern(f, &Array1::from(vec![f64::NAN])),
        Err(Error::NotFinite { .. })
    ));
    assert!(matches!(
        detect_pattern_by_probing(f, &Array1::ones(2), 0, 1),
        Err(Error::OutOfRange { .. })
    ));
    let log = |x: &Array1<f64>| x.mapv(f64::ln);
    assert!(matches!(
        detect_pattern(log, &Array1::from(vec![1.0, -1.0])),
        Err(Error::NonFiniteValue { output: 1, .. })
    ));
    let strict = |x: &Array1<f64>| {
        if x.iter().all(|v| v.is_finite()) {
            Ok(x.to_owned())
        } else {
            Err("NaN")
        }
    };
    let error = detect_pattern(strict, &Array1::ones(2)).unwrap_err();
    assert!(matches!(error, Error::Function { .. }));
    assert!(
        error.to_string().contains("detect_pattern_by_probing"),
        "{error}"
    );
    // What the NaN can't see: `max` drops it; probing does see it.
    let kinked = |x: &Array1<f64>| vec![x[0].max(1.0)];
    assert_eq!(detect_pattern(kinked, &Array1::ones(1)).unwrap().nnz(), 0);
    assert_eq!(
        detect_pattern_by_probing(kinked, &Array1::ones(1), 3, 1)
            .unwrap()
            .nnz(),
        1
    );
}
