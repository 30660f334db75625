//! L-BFGS with a given gradient at large n: the time of an iteration against the memory traffic that its two-loop
//! recursion cannot do without.

use ndarray::{Array1, ArrayRef1, Zip};
use numdiff_optim::{Method, minimize};
use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::Instant;

/// One n.
pub(crate) struct Measurement {
    /// Seconds for an iteration, f and gradient taken off.
    pub iteration: f64,
    /// Seconds for f and its gradient.
    pub function: f64,
    /// Seconds to move what the recursion reads and writes.
    pub traffic: f64,
}

const MEMORY: usize = 10;
const ITERATIONS: usize = 12;

/// Medians of five runs in one process.
pub(crate) fn measure(n: usize) -> Measurement {
    let runs: Vec<[f64; 3]> = (0..5).map(|_| once(n)).collect();
    let median = |k: usize| {
        let mut times: Vec<f64> = runs.iter().map(|run| run[k]).collect();
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    Measurement {
        iteration: median(0),
        function: median(1),
        traffic: median(2),
    }
}

/// A separable quartic with curvatures from 1 to 100, whose f and gradient are two passes.
fn value(x: &ArrayRef1<f64>) -> f64 {
    let slice = x.as_slice().unwrap_or(&[]);
    slice
        .iter()
        .enumerate()
        .map(|(i, x)| curvature(i) * x * x + 0.25 * x * x * x * x)
        .sum()
}

fn curvature(i: usize) -> f64 {
    1.0 + (i % 100) as f64
}

fn once(n: usize) -> [f64; 3] {
    let start = Array1::from_shape_fn(n, |i| 1.0 + (i % 7) as f64 * 0.1);
    let (mut calls, mut in_f) = (0usize, 0.0);
    let timer = std::cell::Cell::new(0.0f64);
    let mut began = Instant::now();
    let mut first = 0;
    let mut last = 0;
    let mut elapsed = 0.0;
    let mut at_first = 0.0;
    let run = minimize(
        |x: &ArrayRef1<f64>| {
            let t = Instant::now();
            let f = value(x);
            timer.set(timer.get() + t.elapsed().as_secs_f64());
            f
        },
        &start,
    )
    .gradient(|x: &ArrayRef1<f64>| {
        let t = Instant::now();
        let mut g = Array1::zeros(x.len());
        Zip::indexed(&mut g)
            .and(x)
            .for_each(|i, g, x| *g = 2.0 * curvature(i) * x + x * x * x);
        timer.set(timer.get() + t.elapsed().as_secs_f64());
        g
    })
    .method(Method::Lbfgs { memory: MEMORY })
    .tolerance(0.0)
    .max_iterations(MEMORY + ITERATIONS)
    .max_evaluations(1_000_000)
    .on_iteration(|it| {
        // From the point where the memory is full.
        if it.iteration == MEMORY {
            began = Instant::now();
            (first, at_first) = (it.iteration, timer.get());
        }
        if it.iteration > MEMORY {
            last = it.iteration;
            elapsed = began.elapsed().as_secs_f64();
            in_f = timer.get() - at_first;
            calls = it.evaluations;
        }
        ControlFlow::Continue(())
    })
    .run();
    if let Err(error) = run {
        panic!("{error}");
    }
    black_box(calls);
    let steps = (last - first).max(1) as f64;
    [(elapsed - in_f) / steps, in_f / steps, traffic(n)]
}

/// The recursion's bare loops: for each pair twice a subtraction into one vector and a product with another, on
/// vectors of their own, so that nothing stays in the cache that would not in a run.
fn traffic(n: usize) -> f64 {
    let vectors: Vec<Vec<f64>> = (0..2 * MEMORY)
        .map(|k| vec![1.0 + k as f64 * 1e-3; n])
        .collect();
    let mut p = vec![1.0; n];
    let began = Instant::now();
    for _ in 0..3 {
        let mut projection = 0.0;
        for k in 0..2 * MEMORY {
            let (a, b) = (&vectors[k], &vectors[(k + 1) % (2 * MEMORY)]);
            let alpha = 1e-9 * projection;
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
            projection = sums.iter().sum();
        }
        black_box(projection);
    }
    black_box(&p);
    began.elapsed().as_secs_f64() / 3.0
}
