//! Gradients on threads against the same calls on one: an f that pays for threads, and two that don't.

use ndarray::Array1;
use numdiff_benches::race;
use numdiff_core::FiniteDifference;
use serde_json::Value;
use std::hint::black_box;
use std::time::Instant;

/// Rounds of each; serial and threads in turn.
const ROUNDS: usize = 15;

pub fn run() -> Vec<Value> {
    [
        ("1ms", 1e-3, 64),
        ("100us", 1e-4, 200),
        ("10us", 1e-5, 1000),
        ("1us", 1e-6, 1000),
        ("1us", 1e-6, 10),
    ]
    .map(|(cost, seconds, n)| gradient(cost, chain_of(seconds), n))
    .to_vec()
}

fn gradient(cost: &str, length: usize, n: usize) -> Value {
    let x = Array1::linspace(0.1, 0.9, n);
    let f = |x: &Array1<f64>| chain(x[0] * x[x.len() - 1], length);
    let central = FiniteDifference::central();
    assert_eq!(
        central.plan().gradient(&x).parallel(f).expect("smooth"),
        central.gradient(f, &x).expect("smooth")
    );
    let rounds: Vec<Vec<Option<f64>>> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            black_box(central.gradient(f, black_box(&x))).expect("smooth");
            let serial = start.elapsed().as_secs_f64();
            let start = Instant::now();
            black_box(central.plan().gradient(black_box(&x)).parallel(f)).expect("smooth");
            vec![Some(start.elapsed().as_secs_f64()), Some(serial)]
        })
        .collect();
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let id = format!("threads/{cores} cores/gradient n={n}/f of {cost}");
    race(&id, ("us", 1e-6), &["serial"], &rounds)
}

/// Multiplications one after the other.
fn chain(mut v: f64, length: usize) -> f64 {
    for _ in 0..length {
        v = 0.999 * v + 1e-3;
    }
    v
}

/// How long a chain takes so many seconds on this machine.
fn chain_of(seconds: f64) -> usize {
    let trial = 10_000;
    let best = (0..200)
        .map(|_| {
            let start = Instant::now();
            black_box(chain(black_box(0.5), black_box(trial)));
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min);
    (seconds / best * trial as f64) as usize
}
