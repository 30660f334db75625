//! L-BFGS with a given gradient: seconds an iteration, f and gradient taken off, beside the memory traffic
//! that its two-loop recursion cannot do without.

use crate::quartic::{ITERATIONS, MEMORY, Quartic};
use crate::{argmin_peer, basin_peer};
use ndarray::Array1;
use numdiff_benches::race;
use numdiff_optim::{Method, minimize};
use serde_json::Value;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::Instant;

/// Rounds in which each contestant has a turn, fewer where a turn is long.
const ROUNDS: [(usize, usize); 3] = [(10_000, 41), (100_000, 15), (1_000_000, 7)];

pub fn run() -> Vec<Value> {
    ROUNDS.map(|(n, rounds)| at(n, rounds)).into()
}

/// The least of all rounds: what else the machine does only adds.
fn at(n: usize, rounds: usize) -> Value {
    let contestants: [fn(usize) -> Option<f64>; 4] = [
        numdiff,
        |n| Some(traffic(n)),
        argmin_peer::an_iteration,
        basin_peer::an_iteration,
    ];
    let rounds: Vec<Vec<Option<f64>>> = (0..rounds)
        .map(|_| contestants.map(|contestant| contestant(n)).to_vec())
        .collect();
    let peers = ["two-loop traffic", "argmin", "basin"];
    race(
        &format!("lbfgs/n={n}"),
        ("us an iteration", 1e-6),
        &peers,
        &rounds,
    )
}

fn numdiff(n: usize) -> Option<f64> {
    let quartic = Quartic::default();
    let start = Array1::from(Quartic::start(n));
    minimize(
        |x: &Array1<f64>| quartic.value(x.as_slice().unwrap_or(&[])),
        &start,
    )
    .gradient(|x: &Array1<f64>| quartic.gradient(x.as_slice().unwrap_or(&[])))
    .method(Method::Lbfgs { memory: MEMORY })
    .tolerance(0.0)
    .max_iterations(MEMORY + ITERATIONS)
    .on_iteration(|it| {
        quartic.after_iteration(it.iteration);
        ControlFlow::Continue(())
    })
    .run()
    .ok()?;
    quartic.an_iteration()
}

/// The recursion's bare loops: for each pair twice a subtraction into one vector and a product with
/// another, on vectors of their own, so that nothing stays in the cache that would not in a run.
fn traffic(n: usize) -> f64 {
    let vectors: Vec<Vec<f64>> = (0..2 * MEMORY)
        .map(|k| vec![1.0 + k as f64 * 1e-3; n])
        .collect();
    let mut p = vec![1.0; n];
    let mut pass = || {
        let mut projection = 0.0;
        for k in 0..2 * MEMORY {
            let (a, b) = (&vectors[k], &vectors[(k + 1) % (2 * MEMORY)]);
            projection = subtract_and_project(&mut p, 1e-9 * projection, a, b);
        }
        black_box(projection);
    };
    // Once for pages that were never touched.
    pass();
    let begin = Instant::now();
    for _ in 0..ITERATIONS {
        pass();
    }
    black_box(&p);
    begin.elapsed().as_secs_f64() / ITERATIONS as f64
}

fn subtract_and_project(p: &mut [f64], alpha: f64, a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    for ((p, a), b) in p
        .chunks_exact_mut(4)
        .zip(a.chunks_exact(4))
        .zip(b.chunks_exact(4))
    {
        for j in 0..4 {
            p[j] -= alpha * a[j];
            sums[j] += b[j] * p[j];
        }
    }
    sums.iter().sum()
}
