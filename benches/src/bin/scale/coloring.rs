//! Colors and times against ColPack's.

use crate::colpack::{self, Found};
use crate::matrices::{self, Matrix};
use numdiff_benches::row;
use numdiff_core::{Coloring, Order};
use serde_json::Value;
use std::time::Instant;

const ORDERS: [(&str, Order); 5] = [
    ("natural", Order::Natural),
    ("largest-first", Order::LargestFirst),
    ("smallest-last", Order::SmallestLast),
    ("incidence-degree", Order::IncidenceDegree),
    ("random", Order::Random { seed: 1 }),
];

/// From this size on times are reported.
const LARGE: usize = 50_000;

pub fn run() -> Vec<Value> {
    let mut rows = Vec::new();
    let matrices = matrices::all(true);
    let peer = match colpack::build().map(|program| {
        let found = colpack::run(&program, &matrices);
        let _ = std::fs::remove_file(program);
        found
    }) {
        Some(Ok(found)) => found,
        _ => {
            eprintln!("ColPack is missing (Debian: libcolpack-dev, g++): colors without it");
            Vec::new()
        }
    };
    for matrix in &matrices {
        for kind in matrix.kinds.chars() {
            let theirs: Vec<&Found> = peer
                .iter()
                .filter(|f| f.name == matrix.name && f.kind == kind)
                .collect();
            let mut fewest = None;
            for (name, order) in ORDERS {
                let found = theirs.iter().find(|f| f.order == name);
                rows.extend(report(
                    matrix,
                    kind,
                    name,
                    order,
                    found.map(|f| (f.colors, f.seconds)),
                ));
                if let Some(f) = found {
                    fewest = Some(fewest.map_or(f.colors, |k: usize| k.min(f.colors)));
                }
            }
            // The best of several orders, against the best of all of theirs.
            rows.extend(report(
                matrix,
                kind,
                "best",
                Order::Best,
                fewest.map(|k| (k, f64::NAN)),
            ));
        }
    }
    rows
}

/// The colors and, of a large matrix, the time.
fn report(
    matrix: &Matrix,
    kind: char,
    name: &str,
    order: Order,
    theirs: Option<(usize, f64)>,
) -> Vec<Value> {
    let pattern = &matrix.pattern;
    let start = Instant::now();
    let (kind_name, which, coloring) = match kind {
        'c' => ("columns", 0, Coloring::columns(pattern, order)),
        'r' => ("rows", 1, Coloring::rows(pattern, order)),
        's' => (
            "star",
            2,
            Coloring::star(pattern, order).expect("symmetric"),
        ),
        _ => (
            "acyclic",
            3,
            Coloring::acyclic(pattern, order).expect("symmetric"),
        ),
    };
    let seconds = start.elapsed().as_secs_f64();
    assert!(
        coloring.is_valid(pattern),
        "{} {kind_name} {name}",
        matrix.name
    );
    let id = format!("colors/{}/{kind_name}/{name}", matrix.name);
    let optimum = matrix
        .optimum
        .map(|o| o[which] as f64)
        .filter(|&o| o > 0.0 && name == "best");
    let peers = [
        ("colpack", theirs.map(|t| t.0 as f64)),
        ("optimum", optimum),
    ];
    let mut rows = vec![row(&id, coloring.colors() as f64, "colors", &peers)];
    if pattern.rows() >= LARGE {
        let id = format!("coloring-time/{}/{kind_name}/{name}", matrix.name);
        let peer = theirs.map(|t| 1e3 * t.1).filter(|t| t.is_finite());
        rows.push(row(&id, 1e3 * seconds, "ms", &[("colpack", peer)]));
    }
    rows
}
