//! The status and the evaluations of each entry: those of the entry alone, whatever the others are.

use ndarray::{Array1, array};
use numdiff_core::{Adaptive, Estimate, SparseHessian, SparsityPattern, Status};
use proptest::prelude::*;

/// Smooth, with a kink in some coordinates.
fn f(x: &[f64], kinks: &[bool]) -> f64 {
    let bent = x
        .iter()
        .zip(kinks)
        .map(|(v, kink)| if *kink { v.abs() } else { (v * 1.3).sin() });
    bent.sum::<f64>() + (x[0] * x[x.len() - 1]).cos()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn an_entry_is_what_the_derivative_along_its_coordinate_is(
        x in prop::collection::vec(prop_oneof![3 => -2.0..2.0f64, 1 => Just(0.0)], 2..6),
        kinks in prop::collection::vec(any::<bool>(), 6),
        held in prop::collection::vec(prop::bool::weighted(0.2), 6),
    ) {
        let n = x.len();
        let bound = |side: f64| -> Array1<f64> {
            (0..n).map(|i| if held[i] { x[i] } else { x[i] + side * 10.0 }).collect()
        };
        let method = Adaptive::new().with_bounds(bound(-1.0), bound(1.0));
        let found = method.gradient(|x: &[f64]| f(x, &kinks), &x).unwrap();
        prop_assert_eq!((found.statuses.len(), found.counts.len()), (n, n));
        for i in 0..n {
            let along = |t: f64| {
                let mut point = x.clone();
                point[i] = t;
                f(&point, &kinks)
            };
            let (low, high) = (bound(-1.0)[i], bound(1.0)[i]);
            let alone = Adaptive::new().with_bounds(low, high).derivative(along, x[i]).unwrap();
            prop_assert_eq!(found.value[i].to_bits(), alone.value.to_bits());
            prop_assert_eq!(found.statuses[i], alone.status);
            if !held[i] {
                prop_assert_eq!(found.counts[i], alone.evaluations);
            }
        }
        // The status of all is the least trustworthy one, and of equal number.
        prop_assert!(found.statuses.contains(&found.status));
        prop_assert!(found.counts.iter().sum::<usize>() + 1 >= found.evaluations);
    }
}

#[test]
fn a_kink_in_one_coordinate_says_nothing_of_the_others() {
    let x = array![0.0, 0.7, 0.3];
    let f = |x: &Array1<f64>| x[0].abs() + x[1].sin() + x[1] * x[2];
    let g = Adaptive::new().gradient(f, &x).unwrap();
    assert_eq!(g.status, Status::NotSmooth);
    assert_eq!(
        g.statuses,
        [Status::NotSmooth, Status::Converged, Status::Converged]
    );
    let lines = g.to_string();
    assert!(
        lines.contains("(not smooth)") && lines.contains("(converged)"),
        "{lines}"
    );
    // A Jacobian: an entry for each output and coordinate.
    let j = Adaptive::new()
        .jacobian(|x: &Array1<f64>| [x[0].abs(), x[1] * x[2]], &x)
        .unwrap();
    let smooth = |k: usize| j.statuses[k] == Status::Converged;
    assert!((0..6).all(|k| smooth(k) != (k == 0)), "{j:?}");
    // A Hessian: whatever rests on the line along the kink.
    let h = Adaptive::new().hessian(f, &x).unwrap();
    let of = |i: usize, j: usize| h.statuses[3 * i + j];
    assert!(
        [of(1, 1), of(2, 2), of(1, 2)]
            .iter()
            .all(|s| s.is_trusted()),
        "{h:?}"
    );
    assert!(
        [of(0, 0), of(0, 1), of(2, 0)]
            .iter()
            .all(|s| !s.is_trusted()),
        "{h:?}"
    );
    // On a pattern, in the order of its values.
    let pattern = SparseHessian::new(SparsityPattern::banded(3, 3, 1, 1).unwrap()).unwrap();
    let sparse = Adaptive::new().sparse_hessian(f, &x, &pattern).unwrap();
    let places: Vec<(usize, usize)> = sparse.value.triplets().map(|(i, j, _)| (i, j)).collect();
    for (k, (i, j)) in places.into_iter().enumerate() {
        assert_eq!(sparse.statuses[k], of(i, j), "({i}, {j})");
        assert_eq!(sparse.counts[k], h.counts[3 * i + j], "({i}, {j})");
    }
    assert!(sparse.to_string().starts_with("(0, 0)"), "{sparse}");
}

#[test]
fn a_fixed_coordinate_says_nothing_of_the_others() {
    let method = Adaptive::new().with_bounds(array![-9.0, 0.7], array![9.0, 0.7]);
    let f = |x: &[f64]| x[0].exp() * x[1];
    let g = method.gradient(f, &vec![0.3, 0.7]).unwrap();
    assert_eq!(
        (g.status, &g.statuses[..]),
        (Status::Fixed, &[Status::Converged, Status::Fixed][..])
    );
    assert!(g.counts[0] > 5 && g.counts[1] == 0);
    // Written into what is there, the same; and what was there before is gone.
    let mut out = Estimate::blank(vec![0.0; 2]);
    let mut workspace = numdiff_core::Workspace::new();
    for _ in 0..2 {
        method
            .plan()
            .gradient(&vec![0.3, 0.7])
            .write_to(&mut out, &mut workspace)
            .serial(f)
            .unwrap();
        assert_eq!(out, g);
    }
}

#[test]
fn what_is_printed_is_aligned_and_without_strides() {
    let x = array![1.0, 2.0];
    let found = Adaptive::new()
        .hessian(|x: &Array1<f64>| x[0] * x[0] * x[1], &x)
        .unwrap();
    let text = found.to_string();
    let widths: Vec<usize> = text
        .lines()
        .take(2)
        .map(|line| line.chars().count())
        .collect();
    assert_eq!(widths[0], widths[1], "{text}");
    let debug = format!("{found:?}");
    assert!(
        !debug.contains("strides") && debug.contains("Converged"),
        "{debug}"
    );
    let pattern = SparseHessian::new(SparsityPattern::banded(2, 2, 0, 0).unwrap()).unwrap();
    let debug = format!("{pattern:?}");
    assert!(debug.len() < 200, "{debug}");
}

proptest! {
    #[test]
    fn numbers_of_every_size_are_printed_in_full_and_without_rows_of_zeros(
        digits in 1.0..10.0f64,
        exponent in -300..300i32,
    ) {
        let slope = digits * 10f64.powi(exponent);
        let found = Adaptive::new().derivative(|x: f64| slope * x, 1.0).unwrap();
        let text = found.to_string();
        let value = text.split(' ').next().unwrap();
        prop_assert_eq!(value.parse::<f64>().unwrap(), found.value);
        prop_assert!(value.len() <= 24, "{}", text);
    }
}
