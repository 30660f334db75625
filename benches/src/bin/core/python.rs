//! Gradients beside Python's libraries, each with f as its users write it.

use ndarray::Array1;
use numdiff_benches::{digits, row};
use numdiff_core::{Adaptive, Estimate, FiniteDifference, Workspace};
use serde_json::Value;
use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

const SCRIPT: &str = include_str!("../../../peers/gradients.py");

/// Rounds, the least of which counts, as in the script.
const ROUNDS: usize = 200;

/// Central differences beside scipy's, error bars beside those of numdifftools and jacobi; no rows without
/// Python, no peer that it lacks.
pub fn gradients() -> Vec<Value> {
    let sizes = [2, 10, 100];
    let arguments = sizes.map(|n| n.to_string());
    let script = Command::new("python3")
        .args(["-c", SCRIPT])
        .args(arguments)
        .output();
    let times = script.map_or(String::new(), |out| {
        String::from_utf8_lossy(&out.stdout).into_owned()
    });
    if times.is_empty() {
        eprintln!("python3 with scipy, numdifftools or jacobi is missing: times without them");
        return Vec::new();
    }
    let time = |library: &str, n: usize| {
        let start = format!("{library} {n} ");
        let line = times.lines().find(|line| line.starts_with(&start))?;
        let seconds: f64 = line[start.len()..].parse().ok()?;
        Some(digits(1e6 * seconds))
    };
    let rows = sizes.map(|n| {
        let x = Array1::from_shape_fn(n, |i| 0.3 + 0.01 * i as f64);
        let f = |x: &Array1<f64>| x.iter().map(|v| v.exp()).sum::<f64>();
        let (central, adaptive) = (FiniteDifference::central(), Adaptive::new());
        let (mut out, mut estimate) = (Array1::zeros(n), Estimate::blank(Array1::zeros(n)));
        let (mut one, mut other) = (Workspace::new(), Workspace::new());
        let fixed = least(|| {
            central
                .plan()
                .gradient(black_box(&x))
                .write_to(&mut out, &mut one)
                .serial(f)
                .expect("a smooth function");
        });
        let searched = least(|| {
            adaptive
                .plan()
                .gradient(black_box(&x))
                .write_to(&mut estimate, &mut other)
                .serial(f)
                .expect("a smooth function");
        });
        let bars = ["numdifftools", "jacobi"].map(|name| (name, time(name, n)));
        [
            row(
                &format!("python/gradient/n={n}/central"),
                fixed,
                "us",
                &[("scipy", time("scipy", n))],
            ),
            row(
                &format!("python/gradient/n={n}/error bars"),
                searched,
                "us",
                &bars,
            ),
        ]
    });
    rows.into_iter().flatten().collect()
}

/// Microseconds.
fn least(mut call: impl FnMut()) -> f64 {
    let times = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        call();
        1e6 * start.elapsed().as_secs_f64()
    });
    digits(times.fold(f64::INFINITY, f64::min))
}
