//! Instructions per call of what is called most, counted by valgrind's callgrind: numbers that do not
//! depend on the load of the machine.
//!
//! ```text
//! cargo run --release --bin instructions
//! ```

use ndarray::{Array1, Array2};
use numdiff_core::{Adaptive, FiniteDifference, Workspace};
use std::hint::black_box;
use std::process::Command;

/// What is counted: a name, and the function that makes so many calls.
type Case = (&'static str, fn(usize));

const CASES: [Case; 19] = [
    ("gradient, n = 2", |calls| gradient(2, calls)),
    ("gradient, n = 10", |calls| gradient(10, calls)),
    ("gradient, n = 100", |calls| gradient(100, calls)),
    ("gradient, n = 1000", |calls| gradient(1000, calls)),
    ("gradient written, n = 2", |calls| {
        gradient_written(FiniteDifference::central(), 2, calls)
    }),
    ("gradient written, n = 10", |calls| {
        gradient_written(FiniteDifference::central(), 10, calls)
    }),
    ("gradient written, n = 100", |calls| {
        gradient_written(FiniteDifference::central(), 100, calls)
    }),
    ("gradient written, forward, n = 2", |calls| {
        gradient_written(FiniteDifference::forward(), 2, calls)
    }),
    ("gradient written, forward, n = 10", |calls| {
        gradient_written(FiniteDifference::forward(), 10, calls)
    }),
    ("gradient written, forward, n = 100", |calls| {
        gradient_written(FiniteDifference::forward(), 100, calls)
    }),
    ("jacobian, 10 x 10", jacobian),
    ("jacobian in place, 10 x 10", jacobian_in_place),
    ("hessian, n = 2", |calls| hessian(2, calls)),
    ("hessian, n = 10", |calls| hessian(10, calls)),
    ("hessian written, n = 10", hessian_written),
    ("directional, n = 10", directional),
    ("derivative", |calls| {
        repeat(calls, || {
            FiniteDifference::central().derivative(f64::sin, black_box(0.7))
        })
    }),
    ("adaptive derivative", |calls| {
        repeat(calls, || {
            Adaptive::new().derivative(f64::sin, black_box(0.7))
        })
    }),
    ("adaptive gradient, n = 10", adaptive_gradient),
];

fn repeat<R>(calls: usize, mut call: impl FnMut() -> R) {
    for _ in 0..calls {
        black_box(call());
    }
}

fn point(n: usize) -> Array1<f64> {
    Array1::from_shape_fn(n, |i| 0.3 + 0.7 * i as f64)
}

fn gradient(n: usize, calls: usize) {
    let x = point(n);
    let method = FiniteDifference::central();
    repeat(calls, || {
        method.gradient(|x| x.iter().map(|v| v * v).sum::<f64>(), black_box(&x))
    });
}

fn gradient_written(method: FiniteDifference, n: usize, calls: usize) {
    let (x, mut out, mut workspace) = (point(n), Array1::zeros(n), Workspace::new());
    repeat(calls, || {
        method
            .plan()
            .gradient(black_box(&x))
            .write_to(&mut out, &mut workspace)
            .serial(|x| x.iter().map(|v| v * v).sum::<f64>())
    });
}

fn jacobian(calls: usize) {
    let x = point(10);
    let method = FiniteDifference::central();
    repeat(calls, || {
        method.jacobian(|x| x.mapv(|v| v * v), black_box(&x))
    });
}

fn jacobian_in_place(calls: usize) {
    let (x, mut out, mut workspace) = (point(10), Array2::zeros((10, 10)), Workspace::new());
    let method = FiniteDifference::central();
    repeat(calls, || {
        method
            .plan()
            .jacobian(black_box(&x))
            .write_to(&mut out, &mut workspace)
            .serial_in_place(|x, y| y.iter_mut().zip(x).for_each(|(y, v)| *y = v * v))
    });
}

fn hessian(n: usize, calls: usize) {
    let x = point(n);
    let method = FiniteDifference::central();
    repeat(calls, || {
        method.hessian(|x| x.iter().map(|v| v * v).sum::<f64>(), black_box(&x))
    });
}

fn hessian_written(calls: usize) {
    let (x, mut out, mut workspace) = (point(10), Array2::zeros((10, 10)), Workspace::new());
    let method = FiniteDifference::central();
    repeat(calls, || {
        method
            .plan()
            .hessian(black_box(&x))
            .write_to(&mut out, &mut workspace)
            .serial(|x| x.iter().map(|v| v * v).sum::<f64>())
    });
}

fn directional(calls: usize) {
    let (x, v) = (point(10), point(10));
    let method = FiniteDifference::central();
    repeat(calls, || {
        method.directional(|x| x.iter().map(|v| v * v).sum::<f64>(), black_box(&x), &v)
    });
}

fn adaptive_gradient(calls: usize) {
    let x = point(10);
    let method = Adaptive::new();
    repeat(calls, || {
        method.gradient(|x| x.iter().map(|v| v * v).sum::<f64>(), black_box(&x))
    });
}

/// Instructions of a run of this program that makes so many calls; `None` without valgrind.
fn instructions(case: &str, calls: usize) -> Option<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().ok()?)
        .args([case, &calls.to_string()])
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let collected = said
        .lines()
        .find_map(|line| line.split_once("Collected : "))?
        .1;
    collected.trim().parse().ok()
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [name, calls] = arguments.as_slice() {
        let (_, run) = CASES
            .iter()
            .find(|(known, _)| known == name)
            .expect("a case by its name");
        return run(calls.parse().expect("a number of calls"));
    }
    // The difference of two runs leaves out what comes before the first call.
    let (few, many) = (20, 120);
    for (name, _) in CASES {
        match (instructions(name, few), instructions(name, many)) {
            (Some(a), Some(b)) => println!("{name:28} {:10}", (b - a) / (many - few) as u64),
            _ => return println!("valgrind is not installed: no instructions are counted"),
        }
    }
}
