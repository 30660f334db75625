//! Time of a sparse Jacobian against a loop written by hand, finitediff and scipy.

use crate::matrices::grid;
use finitediff::{PerturbationVector, vec::central_jacobian_pert};
use ndarray::Array1;
use numdiff_benches::row;
use numdiff_core::{
    Adaptive, Estimate, FiniteDifference, SparseJacobian, SparsityPattern, Workspace,
};
use serde_json::Value;
use std::hint::black_box;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Instant;

/// u^3 - 2 d u + neighbors on a line (ny = 1) or on a grid.
fn f(x: &[f64], y: &mut [f64], nx: usize, ny: usize) {
    let n = x.len();
    let d = if ny > 1 { 4.0 } else { 2.0 };
    for (y, u) in y.iter_mut().zip(x) {
        *y = u * u * u - d * u;
    }
    for row in 0..ny {
        let r = row * nx..(row + 1) * nx;
        let (x, y) = (&x[r.clone()], &mut y[r]);
        for i in 1..nx {
            y[i] += x[i - 1];
            y[i - 1] += x[i];
        }
    }
    for i in nx..n {
        y[i] += x[i - nx];
        y[i - nx] += x[i];
    }
}

/// The fastest of a few runs, in seconds.
fn fastest(runs: usize, mut run: impl FnMut()) -> f64 {
    (0..runs)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min)
}

pub fn run() -> Vec<Value> {
    let mut rows = Vec::new();
    let cases = [
        ("tridiagonal-1e6", 1_000_000, 1, 5),
        ("grid5-1000x1000", 1000, 1000, 5),
        ("tridiagonal-2000", 2000, 1, 50),
        ("grid5-45x45", 45, 45, 50),
    ];
    let scipy = scipy(&cases.map(|(name, nx, ny, _)| (name, nx, ny)));
    for (name, nx, ny, runs) in cases {
        let n = nx * ny;
        let start = Instant::now();
        let pattern = match ny {
            1 => SparsityPattern::banded(n, n, 1, 1).expect("fits"),
            _ => grid(&[nx, ny], 1),
        };
        let patterned = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let structure = SparseJacobian::new(pattern.clone());
        let colored = start.elapsed().as_secs_f64();
        let x = Array1::from_shape_fn(n, |i| 0.5 + 0.3 * (i as f64).sin());
        let entries = pattern.nnz() as f64;
        let write = |x: &Array1<f64>, y: &mut [f64]| {
            f(x.as_slice().expect("dense"), y, nx, ny);
        };
        let (mut values, mut workspace) = (Array1::zeros(pattern.nnz()), Workspace::new());
        let method = FiniteDifference::central();
        let ours = fastest(runs, || {
            let done = method
                .plan()
                .sparse_jacobian(&x, &structure)
                .write_to(&mut values, &mut workspace)
                .serial_in_place(write);
            done.expect("smooth");
        });
        let (loop_time, by_hand) = by_hand(&x, &pattern, &structure, runs, |x, y| f(x, y, nx, ny));
        // The same steps, the same bits.
        assert_eq!(values.to_vec(), by_hand);
        let finitediff =
            (n <= 5000).then(|| finitediff(&x, &structure, runs.min(5), |x, y| f(x, y, nx, ny)));
        let theirs = scipy.iter().find(|s| s.0 == name);
        let per_entry = |seconds: f64| 1e9 * seconds / entries;
        let peers = [
            ("loop by hand", Some(per_entry(loop_time))),
            ("finitediff", finitediff.map(per_entry)),
            ("scipy", theirs.map(|s| per_entry(s.1))),
        ];
        rows.push(row(
            &format!("sparse-jacobian/{name}"),
            per_entry(ours),
            "ns/entry",
            &peers,
        ));
        let colors = structure.coloring().colors() as f64;
        rows.push(row(
            &format!("sparse-jacobian/{name}/colors"),
            colors,
            "colors",
            &[("scipy", theirs.map(|s| s.2))],
        ));
        rows.push(row(
            &format!("sparse-jacobian/{name}/pattern"),
            1e3 * patterned,
            "ms",
            &[],
        ));
        rows.push(row(
            &format!("sparse-jacobian/{name}/coloring"),
            1e3 * colored,
            "ms",
            &[("scipy", theirs.map(|s| 1e3 * s.3))],
        ));
        rows.push(row(
            &format!("sparse-jacobian/{name}/total"),
            patterned + colored + ours,
            "s",
            &[],
        ));
        if n <= 5000 {
            let mut estimate = Estimate::blank(vec![0.0; pattern.nnz()]);
            let adaptive = Adaptive::new();
            let time = fastest(3, || {
                let done = adaptive
                    .plan()
                    .sparse_jacobian(&x, &structure)
                    .write_to(&mut estimate, &mut workspace)
                    .serial_in_place(write);
                done.expect("smooth");
            });
            rows.push(row(
                &format!("sparse-jacobian/{name}/adaptive"),
                per_entry(time),
                "ns/entry",
                &[],
            ));
        }
    }
    rows
}

/// What a user would write for one given structure.
fn by_hand(
    x: &Array1<f64>,
    pattern: &SparsityPattern,
    structure: &SparseJacobian,
    runs: usize,
    f: impl Fn(&[f64], &mut [f64]),
) -> (f64, Vec<f64>) {
    let n = x.len();
    let (starts, rows) = pattern.csc();
    let mut values = vec![0.0; pattern.nnz()];
    let (mut up, mut down) = (x.to_vec(), x.to_vec());
    let (mut high, mut low) = (vec![0.0; n], vec![0.0; n]);
    let step = |x: f64| {
        let h = f64::EPSILON.cbrt() * x.abs().max(1.0);
        f64::from_bits((h * std::f64::consts::SQRT_2).to_bits() & 0x7ff0_0000_0000_0000)
    };
    let time = fastest(runs, || {
        for color in 0..structure.coloring().colors() {
            let group = structure.coloring().group(color);
            for &j in group {
                let h = step(x[j]);
                (up[j], down[j]) = (x[j] + h, x[j] - h);
            }
            f(&up, &mut high);
            f(&down, &mut low);
            for &j in group {
                let span = (up[j] - x[j]) - (down[j] - x[j]);
                for slot in starts[j]..starts[j + 1] {
                    values[slot] = (high[rows[slot]] - low[rows[slot]]) / span;
                }
                (up[j], down[j]) = (x[j], x[j]);
            }
        }
    });
    (time, values)
}

/// finitediff's accelerated Jacobian: it takes the colors as given and fills a dense matrix.
fn finitediff(
    x: &Array1<f64>,
    structure: &SparseJacobian,
    runs: usize,
    f: impl Fn(&[f64], &mut [f64]),
) -> f64 {
    let pattern = structure.pattern();
    let groups: Vec<PerturbationVector> = (0..structure.coloring().colors())
        .map(|color| {
            let group = structure.coloring().group(color);
            group.iter().fold(PerturbationVector::new(), |p, &j| {
                p.add(j, pattern.column(j).to_vec())
            })
        })
        .collect();
    let operator = |x: &Vec<f64>| {
        let mut y = vec![0.0; x.len()];
        f(x, &mut y);
        Ok(y)
    };
    let jacobian = central_jacobian_pert(&operator);
    let x = x.to_vec();
    fastest(runs, || {
        black_box(jacobian(&x, &groups).expect("smooth"));
    })
}

/// (name, seconds, colors, seconds of coloring); empty where Python or scipy is missing.
fn scipy(cases: &[(&str, usize, usize)]) -> Vec<(String, f64, f64, f64)> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/scipy_sparse.py");
    let run = || -> std::io::Result<Vec<u8>> {
        let mut child = Command::new("python3")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        if let Some(mut input) = child.stdin.take() {
            for (name, nx, ny) in cases {
                let shape = if *ny == 1 {
                    nx.to_string()
                } else {
                    format!("{nx} {ny}")
                };
                writeln!(input, "{name} {shape}")?;
            }
        }
        Ok(child.wait_with_output()?.stdout)
    };
    let text = run().unwrap_or_default();
    let parse = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let number = |k: usize| words.get(k).and_then(|w| w.parse().ok());
        Some((
            words.first()?.to_string(),
            number(1)?,
            number(2)?,
            number(3)?,
        ))
    };
    let found: Vec<_> = String::from_utf8_lossy(&text)
        .lines()
        .filter_map(parse)
        .collect();
    if found.is_empty() {
        eprintln!("python3 with scipy is missing: times without it");
    }
    found
}
