//! What numdiff-core costs beyond the evaluations of f: gradients, Jacobians and Hessians against
//! loops written by hand, against the crates finitediff 0.2 and numdiff 0.11, and against Python, in one run.
//!
//! Prints a JSON array of rows. Times are the least of many rounds, in which all contestants take
//! turns: what else the machine does can only add.

mod python;

use ndarray::{Array1, Array2};
use numdiff_core::{Adaptive, Estimate, FiniteDifference, Workspace};
use serde_json::Value;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Rounds in which every contestant is timed once.
const ROUNDS: usize = 60;

/// How long one timing should take at least: far above the resolution of the clock.
const TIMING: Duration = Duration::from_micros(400);

fn main() {
    let mut rows = Vec::new();
    for n in [2, 10, 100, 1000, 10_000] {
        rows.push(gradient(n, "cheap", SumOfSquares));
    }
    let microsecond = calibrate();
    for n in [2, 10, 100, 1000, 10_000] {
        rows.push(gradient(n, "1us", microsecond));
    }
    for n in [10, 100] {
        rows.push(jacobian(n));
    }
    for n in [10, 100] {
        rows.push(hessian(n, "cheap", SumOfSquares));
    }
    rows.push(hessian(10, "1us", microsecond));
    for n in [1, 10, 100] {
        rows.push(adaptive(n, microsecond));
    }
    rows.extend(python::gradients());
    println!("{:#}", Value::Array(rows));
}

/// A function as each contestant's users would write it.
trait Problem: Copy {
    fn slice(self, x: &[f64]) -> f64;
    fn array(self, x: &Array1<f64>) -> f64;
}

/// The cheap f.
#[derive(Clone, Copy)]
struct SumOfSquares;

impl Problem for SumOfSquares {
    #[inline]
    fn slice(self, x: &[f64]) -> f64 {
        x.iter().map(|v| v * v).sum()
    }
    #[inline]
    fn array(self, x: &Array1<f64>) -> f64 {
        x.iter().map(|v| v * v).sum()
    }
}

/// An f of about a microsecond at any n: so many steps of a chain of multiplications.
#[derive(Clone, Copy)]
struct Microsecond(usize);

impl Microsecond {
    #[inline]
    fn chain(self, mut v: f64) -> f64 {
        for _ in 0..self.0 {
            v = 0.999 * v + 1e-3;
        }
        v
    }
}

impl Problem for Microsecond {
    #[inline]
    fn slice(self, x: &[f64]) -> f64 {
        self.chain(x[0] * x[x.len() - 1])
    }
    #[inline]
    fn array(self, x: &Array1<f64>) -> f64 {
        self.chain(x[0] * x[x.len() - 1])
    }
}

/// The [`Microsecond`] that takes a microsecond on this machine.
fn calibrate() -> Microsecond {
    let trial = 10_000;
    let best = (0..200)
        .map(|_| {
            let start = Instant::now();
            black_box(Microsecond(black_box(trial)).chain(black_box(0.5)));
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min);
    Microsecond((1e-6 / best * trial as f64) as usize)
}

/// A contestant: its name, and what it does once.
type Contestant<'a> = (&'static str, Box<dyn FnMut() + 'a>);

/// The row of a race; the first contestant is numdiff-core.
fn race(id: String, mut contestants: Vec<Contestant<'_>>) -> Value {
    let repeats: Vec<usize> = contestants
        .iter_mut()
        .map(|(_, run)| {
            run();
            let start = Instant::now();
            run();
            let once = start.elapsed().max(Duration::from_nanos(20));
            (TIMING.as_nanos() / once.as_nanos()).max(1) as usize
        })
        .collect();
    let mut rounds = vec![vec![None; contestants.len()]; ROUNDS];
    for (round, times) in rounds.iter_mut().enumerate() {
        for k in 0..contestants.len() {
            // Another one begins each time: none runs always in the wake of the same.
            let at = (k + round) % contestants.len();
            let start = Instant::now();
            for _ in 0..repeats[at] {
                (contestants[at].1)();
            }
            times[at] = Some(start.elapsed().as_secs_f64() / repeats[at] as f64);
        }
    }
    let names: Vec<&str> = contestants.iter().skip(1).map(|(name, _)| *name).collect();
    numdiff_benches::race(&id, ("ns", 1e-9), &names, &rounds)
}

fn point(n: usize) -> Vec<f64> {
    (0..n).map(|i| 0.3 + 0.01 * i as f64).collect()
}

fn gradient(n: usize, cost: &str, f: impl Problem) -> Value {
    let x = point(n);
    let x1 = Array1::from(x.clone());
    let (mut out, mut workspace) = (Array1::zeros(n), Workspace::new());
    let (mut scratch, mut g) = (x.clone(), vec![0.0; n]);
    let central = FiniteDifference::central();
    let array = |x: &Array1<f64>| f.array(x);
    let fallible = move |x: &Vec<f64>| Ok(f.slice(x));
    let plain = move |x: &Vec<f64>| f.slice(x);
    let contestants: Vec<Contestant<'_>> = vec![
        (
            "numdiff",
            Box::new(|| {
                let done = central
                    .plan()
                    .gradient(black_box(&x1))
                    .write_to(&mut out, &mut workspace)
                    .serial(array);
                done.expect("a smooth function");
                black_box(&out);
            }),
        ),
        (
            "hand-written",
            Box::new(|| {
                by_hand(|x| f.slice(x), black_box(&mut scratch), &mut g);
                black_box(&g);
            }),
        ),
        (
            "finitediff 0.2",
            Box::new(|| {
                let g = finitediff::vec::central_diff(&fallible)(black_box(&x));
                black_box(g.expect("a smooth function"));
            }),
        ),
        (
            "numdiff 0.11",
            Box::new(|| {
                black_box(numdiff::central_difference::gradient(
                    &plain,
                    black_box(&x),
                    None,
                ));
            }),
        ),
    ];
    race(format!("gradient/n={n}/{cost}"), contestants)
}

/// The loop that everybody writes: one step, x moved in place.
fn by_hand(f: impl Fn(&[f64]) -> f64, x: &mut [f64], g: &mut [f64]) {
    let h = f64::EPSILON.cbrt();
    for i in 0..x.len() {
        let at = x[i];
        x[i] = at + h;
        let high = f(x);
        x[i] = at - h;
        let low = f(x);
        x[i] = at;
        g[i] = (high - low) / (2.0 * h);
    }
}

/// y_i = x_i^2 - x_(i+1).
fn residuals(x: &[f64], y: &mut [f64]) {
    let n = x.len();
    for i in 0..n - 1 {
        y[i] = x[i] * x[i] - x[i + 1];
    }
    y[n - 1] = x[n - 1] * x[n - 1] - x[0];
}

fn jacobian(n: usize) -> Value {
    let x = point(n);
    let x1 = Array1::from(x.clone());
    let (mut out, mut workspace) = (Array2::zeros((n, n)), Workspace::new());
    let (mut scratch, mut j) = (x.clone(), vec![0.0; n * n]);
    let (mut low, mut high) = (vec![0.0; n], vec![0.0; n]);
    let central = FiniteDifference::central();
    let owned = |x: &Vec<f64>| {
        let mut y = vec![0.0; x.len()];
        residuals(x, &mut y);
        y
    };
    let fallible = move |x: &Vec<f64>| Ok(owned(x));
    let contestants: Vec<Contestant<'_>> = vec![
        (
            "numdiff",
            Box::new(|| {
                let f = |x: &Array1<f64>, y: &mut [f64]| {
                    residuals(x.as_slice().expect("standard layout"), y);
                };
                let done = central
                    .plan()
                    .jacobian(black_box(&x1))
                    .write_to(&mut out, &mut workspace)
                    .serial_in_place(f);
                done.expect("a smooth function");
                black_box(&out);
            }),
        ),
        (
            "hand-written",
            Box::new(|| {
                let h = f64::EPSILON.cbrt();
                let x = black_box(&mut scratch);
                for k in 0..n {
                    let at = x[k];
                    x[k] = at + h;
                    residuals(x, &mut high);
                    x[k] = at - h;
                    residuals(x, &mut low);
                    x[k] = at;
                    for i in 0..n {
                        j[i * n + k] = (high[i] - low[i]) / (2.0 * h);
                    }
                }
                black_box(&j);
            }),
        ),
        (
            "finitediff 0.2",
            Box::new(|| {
                let j = finitediff::vec::central_jacobian(&fallible)(black_box(&x));
                black_box(j.expect("a smooth function"));
            }),
        ),
        (
            "numdiff 0.11",
            Box::new(|| {
                black_box(numdiff::central_difference::jacobian(
                    &owned,
                    black_box(&x),
                    None,
                ));
            }),
        ),
    ];
    race(format!("jacobian/n={n}/cheap"), contestants)
}

fn hessian(n: usize, cost: &str, f: impl Problem) -> Value {
    let x = point(n);
    let x1 = Array1::from(x.clone());
    let (mut out, mut workspace) = (Array2::zeros((n, n)), Workspace::new());
    let (mut scratch, mut h) = (x.clone(), vec![0.0; n * n]);
    let central = FiniteDifference::central();
    let array = |x: &Array1<f64>| f.array(x);
    let fallible = move |x: &Vec<f64>| Ok(f.slice(x));
    let plain = move |x: &Vec<f64>| f.slice(x);
    let contestants: Vec<Contestant<'_>> = vec![
        (
            "numdiff",
            Box::new(|| {
                let done = central
                    .plan()
                    .hessian(black_box(&x1))
                    .write_to(&mut out, &mut workspace)
                    .serial(array);
                done.expect("a smooth function");
                black_box(&out);
            }),
        ),
        (
            "hand-written",
            Box::new(|| {
                hessian_by_hand(|x| f.slice(x), black_box(&mut scratch), &mut h);
                black_box(&h);
            }),
        ),
        (
            "finitediff 0.2",
            Box::new(|| {
                let h = finitediff::vec::forward_hessian_nograd(&fallible)(black_box(&x));
                black_box(h.expect("a smooth function"));
            }),
        ),
        (
            "numdiff 0.11",
            Box::new(|| {
                black_box(numdiff::central_difference::shessian(
                    &plain,
                    black_box(&x),
                    None,
                ));
            }),
        ),
    ];
    race(format!("hessian/n={n}/{cost}"), contestants)
}

/// The same n^2 + n + 1 points as numdiff-core.
fn hessian_by_hand(f: impl Fn(&[f64]) -> f64, x: &mut [f64], out: &mut [f64]) {
    let (n, h) = (x.len(), f64::EPSILON.powf(0.25));
    let base = f(x);
    for i in 0..n {
        let at = x[i];
        x[i] = at + h;
        let high = f(x);
        x[i] = at - h;
        let low = f(x);
        x[i] = at;
        out[i * n + i] = (low - base + (high - base)) / (h * h);
    }
    for i in 0..n {
        for j in i + 1..n {
            let (a, b) = (x[i], x[j]);
            (x[i], x[j]) = (a + h, b + h);
            let high = f(x);
            (x[i], x[j]) = (a - h, b - h);
            let low = f(x);
            (x[i], x[j]) = (a, b);
            let along = (low - base + (high - base)) / (h * h);
            let entry = 0.5 * (along - out[i * n + i] - out[j * n + j]);
            out[i * n + j] = entry;
            out[j * n + i] = entry;
        }
    }
}

/// An adaptive gradient against the bare evaluations that it makes.
fn adaptive(n: usize, cost: Microsecond) -> Value {
    let x1 = Array1::from(point(n));
    let f = |x: &Array1<f64>| {
        // Every coordinate counts, and none is linear.
        cost.chain(x.iter().map(|v| 1.0 / (2.0 + v)).sum()).exp()
    };
    let method = Adaptive::new();
    let (mut out, mut workspace) = (Estimate::blank(Array1::zeros(x1.len())), Workspace::new());
    let done = method
        .plan()
        .gradient(&x1)
        .write_to(&mut out, &mut workspace)
        .serial(f);
    done.expect("a smooth function");
    let evaluations = out.evaluations;
    let contestants: Vec<Contestant<'_>> = vec![
        (
            "numdiff",
            Box::new(|| {
                let done = method
                    .plan()
                    .gradient(black_box(&x1))
                    .write_to(&mut out, &mut workspace)
                    .serial(f);
                done.expect("a smooth function");
                black_box(&out);
            }),
        ),
        (
            "its evaluations alone",
            Box::new(|| {
                for _ in 0..evaluations {
                    black_box(f(black_box(&x1)));
                }
            }),
        ),
    ];
    race(
        format!("adaptive gradient/n={n}/1us/{evaluations} evaluations"),
        contestants,
    )
}
