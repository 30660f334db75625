//! Patterns from any indices are refused or consistent; every coloring of one is valid, and a matrix
//! is recovered through it.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use ndarray::Array1;
use numdiff_core::{
    Coloring, ColoringKind, FiniteDifference, Order, SparseHessian, SparseJacobian, SparsityPattern,
};

#[derive(Arbitrary, Debug)]
struct Input {
    rows: u8,
    columns: u8,
    entries: Vec<(u8, u8)>,
    starts: Vec<usize>,
    indices: Vec<usize>,
    order: u8,
    seed: u64,
    colors: Vec<usize>,
}

/// A value for each entry, an integer: differences of a linear map on powers of two are exact.
fn entry(i: usize, j: usize) -> f64 {
    ((7 * i + 13 * j) % 15) as f64 - 7.0
}

fuzz_target!(|input: Input| {
    let (rows, columns) = (usize::from(input.rows), usize::from(input.columns));
    // Parts that may be anything.
    for pattern in [
        SparsityPattern::from_csc(rows, columns, &input.starts, &input.indices),
        SparsityPattern::from_csr(rows, columns, &input.starts, &input.indices),
    ]
    .into_iter()
    .flatten()
    {
        consistent(&pattern);
    }
    let entries = input
        .entries
        .iter()
        .map(|&(i, j)| (usize::from(i), usize::from(j)));
    let Ok(pattern) = SparsityPattern::from_triplets(rows, columns, entries) else {
        return;
    };
    consistent(&pattern);
    let order = match input.order % 6 {
        0 => Order::Best,
        1 => Order::Natural,
        2 => Order::LargestFirst,
        3 => Order::SmallestLast,
        4 => Order::IncidenceDegree,
        _ => Order::Random { seed: input.seed },
    };
    for coloring in [
        Coloring::columns(&pattern, order),
        Coloring::rows(&pattern, order),
    ] {
        assert!(coloring.is_valid(&pattern), "{coloring:?}");
        assert!(coloring.colors() >= coloring.lower_bound());
    }
    for kind in [
        ColoringKind::Columns,
        ColoringKind::Rows,
        ColoringKind::Star,
        ColoringKind::Acyclic,
    ] {
        if let Ok(coloring) = Coloring::from_colors(&pattern, kind, &input.colors) {
            assert!(coloring.is_valid(&pattern));
        }
    }
    if rows > 0 && columns > 0 && rows <= 32 && columns <= 32 {
        recover(&pattern, order);
    }
    if let Ok(symmetric) = pattern.symmetrized() {
        for coloring in [
            Coloring::star(&symmetric, order),
            Coloring::acyclic(&symmetric, order),
        ] {
            assert!(coloring.unwrap().is_valid(&symmetric));
        }
        if rows > 0 && rows <= 32 {
            recover_symmetric(&symmetric);
        }
    }
});

fn consistent(pattern: &SparsityPattern) {
    assert_eq!(pattern.entries().count(), pattern.nnz());
    assert!(pattern.entries().all(|(i, j)| pattern.contains(i, j)));
    assert_eq!(&pattern.transpose().transpose(), pattern);
}

fn product(
    pattern: &SparsityPattern,
    x: &Array1<f64>,
    entry: impl Fn(usize, usize) -> f64,
) -> Array1<f64> {
    let mut y = Array1::zeros(pattern.rows());
    for (i, j) in pattern.entries() {
        y[i] += entry(i, j) * x[j];
    }
    y
}

fn recover(pattern: &SparsityPattern, order: Order) {
    let structure =
        SparseJacobian::with_coloring(pattern.clone(), Coloring::columns(pattern, order)).unwrap();
    let x = Array1::ones(pattern.columns());
    let f = |x: &Array1<f64>| product(pattern, x, entry);
    let matrix = FiniteDifference::central()
        .sparse_jacobian(f, &x, &structure)
        .unwrap();
    for (i, j, value) in matrix.triplets() {
        // Sums of at most 32 terms below 8, over a step of at least 2^-18.
        assert!(
            (value - entry(i, j)).abs() <= 32.0 * 8.0 * 32.0 * f64::EPSILON * 2f64.powi(18),
            "{value}"
        );
    }
}

fn recover_symmetric(pattern: &SparsityPattern) {
    let symmetric = |i: usize, j: usize| entry(i.min(j), i.max(j));
    let x = Array1::ones(pattern.columns());
    let gradient = |x: &Array1<f64>| product(pattern, x, symmetric);
    for structure in [
        SparseHessian::new(pattern.clone()),
        SparseHessian::by_substitution(pattern.clone()),
    ] {
        let matrix = FiniteDifference::central()
            .sparse_hessian_from_gradient(gradient, &x, &structure.unwrap())
            .unwrap();
        for (i, j, value) in matrix.triplets() {
            // As above; substitution adds up to 32 of these errors.
            let bound = 32.0 * 32.0 * 8.0 * 32.0 * f64::EPSILON * 2f64.powi(18);
            assert!((value - symmetric(i, j)).abs() <= bound, "{value}");
        }
    }
}
