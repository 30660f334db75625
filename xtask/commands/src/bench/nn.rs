//! `cargo xtask bench nn`: the gradients of networks, beside the loop over the parameters that a
//! textbook writes in NumPy, and beside what the machine could do at most.

use comfy_table::{CellAlignment, Table};
use ndarray::Array2;
use numdiff_nn::{
    Activation, Batch, Dense, Error, GradientAlgorithm, GradientMethod, Loss, Network, SimdLevel,
    Targets,
};
use serde_json::{Value, json};
use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

/// The NumPy script, written beside this file.
const SCRIPT: &str = include_str!("nn.py");

/// A network and the stored times of the NumPy script on one thread (seconds; numerical gradient and
/// backpropagation), used where Python or NumPy is missing.
struct Case {
    sizes: &'static [usize],
    samples: usize,
    stored: Peer,
}

#[derive(Clone, Copy)]
struct Peer {
    numerical: f64,
    backprop: f64,
}

/// Stored for 784-50-10: the script on one thread of a virtual 2-core AMD EPYC (Zen 4), NumPy 2.4
/// with OpenBLAS 0.3.31.
const CASES: [Case; 5] = [
    Case {
        sizes: &[784, 50, 10],
        samples: 100,
        stored: Peer {
            numerical: 19.4,
            backprop: 4.5e-4,
        },
    },
    Case {
        sizes: &[784, 100, 50, 10],
        samples: 100,
        stored: Peer {
            numerical: 74.4,
            backprop: 8.7e-4,
        },
    },
    Case {
        sizes: &[64, 32, 10],
        samples: 100,
        stored: Peer {
            numerical: 0.234,
            backprop: 6.4e-5,
        },
    },
    Case {
        sizes: &[4, 16, 3],
        samples: 32,
        stored: Peer {
            numerical: 4.7e-3,
            backprop: 2.7e-5,
        },
    },
    Case {
        sizes: &[784, 50, 10],
        samples: 10,
        stored: Peer {
            numerical: 3.65,
            backprop: 6.2e-5,
        },
    },
];

/// The NumPy script with one BLAS thread, so that a ratio compares programs and not cores. Its other
/// ratio is with as many threads as NumPy takes by itself.
const ONE: &str = "numpy";
const ALL: &str = "numpy_all_threads";

const ALGORITHMS: [(&str, GradientAlgorithm); 4] = [
    ("incremental", GradientAlgorithm::Incremental),
    ("increment algebra", GradientAlgorithm::IncrementAlgebra),
    ("node perturbation", GradientAlgorithm::NodePerturbation),
    ("backpropagation", GradientAlgorithm::Backpropagation),
];

/// One measurement.
struct Row {
    id: String,
    value: f64,
    unit: &'static str,
    peers: Vec<(&'static str, f64)>,
    ratios: Vec<(&'static str, f64)>,
    note: String,
}

/// The rows, with a note where a peer's figure is a stored one.
pub fn measure() -> Result<Vec<Value>, String> {
    let rows = rows().map_err(|error| format!("the benchmark did not run: {error}"))?;
    Ok(rows.iter().map(Row::json).collect())
}

fn rows() -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    let mut shares = Vec::new();
    for case in &CASES {
        let name = case
            .sizes
            .iter()
            .map(usize::to_string)
            .collect::<Vec<_>>()
            .join("-");
        let name = format!("{name}/{}", case.samples);
        let (network, batch) = network(case)?;
        let (one, all, source) = match (numpy(case, Some("1")), numpy(case, None)) {
            (Some(one), Some(all)) => (one, Some(all), ""),
            _ => (case.stored, None, "stored NumPy figure"),
        };
        for (label, algorithm) in ALGORITHMS {
            let of = |peer: Peer| match algorithm {
                GradientAlgorithm::Backpropagation => peer.backprop,
                _ => peer.numerical,
            };
            let peers: Vec<(&str, f64)> = std::iter::once((ONE, of(one)))
                .chain(all.map(|all| (ALL, of(all))))
                .collect();
            for threads in [1, 2] {
                let method = GradientMethod::new(algorithm).with_threads(threads);
                network.gradient(&batch, method)?;
                let seconds = least(|| {
                    black_box(network.gradient(black_box(&batch), method)).ok();
                });
                rows.push(Row {
                    id: format!(
                        "{name}/{label}/{threads} thread{}",
                        if threads == 1 { "" } else { "s" }
                    ),
                    value: seconds * 1e3,
                    unit: "ms",
                    peers: peers.iter().map(|(name, s)| (*name, s * 1e3)).collect(),
                    ratios: peers.iter().map(|(name, s)| (*name, s / seconds)).collect(),
                    note: source.into(),
                });
                if threads == 1
                    && algorithm == GradientAlgorithm::Incremental
                    && case.sizes.len() == 3
                {
                    shares.push(Share {
                        name: name.clone(),
                        exponentials: exponentials(case) / seconds,
                        multiply_adds: multiply_adds(case) / seconds,
                    });
                }
            }
        }
    }
    rows.extend(roof(&shares));
    Ok(rows)
}

/// Exponentials that the incremental algorithm can't do without: for each weight of the first layer, on
/// either side and in each sample, one of the unit and one of each output; for each weight of the
/// second one of its output. Biases count as weights.
fn exponentials(case: &Case) -> f64 {
    let [inputs, hidden, outputs] = [case.sizes[0], case.sizes[1], case.sizes[2]];
    let first = (inputs + 1) * hidden * (1 + outputs);
    let second = (hidden + 1) * outputs;
    (2 * case.samples * (first + second)) as f64
}

/// Multiplications and multiply-adds of the incremental kernel, which share the same units of the
/// machine: e^x - 1 is a polynomial of degree 5, its argument and its factor; the unit's sigmoid is
/// one more on either side, with one division for both; the products of the loss take six.
fn multiply_adds(case: &Case) -> f64 {
    let [inputs, hidden, outputs] = [case.sizes[0], case.sizes[1], case.sizes[2]];
    let first = (inputs + 1) * hidden * (2 + 17 + 14 * outputs + 6);
    let second = (hidden + 1) * outputs * (2 + 14 + 6);
    (case.samples * (first + second)) as f64
}

/// What the incremental algorithm does in a second.
struct Share {
    name: String,
    exponentials: f64,
    multiply_adds: f64,
}

/// The rates of the machine, measured now, and what share of them the kernels reach.
fn roof(shares: &[Share]) -> Vec<Row> {
    let mut rows = Vec::new();
    let (mut exponential_rate, mut multiply_add_rate) = (0.0, 0.0);
    for level in SimdLevel::available() {
        let mut x = vec![0.0; 2048];
        let exponentials = least(|| {
            for _ in 0..50 {
                x.iter_mut().for_each(|x| *x = -0.5);
                level.exponentials(black_box(&mut x));
            }
        });
        let refill = least(|| {
            for _ in 0..50 {
                x.iter_mut().for_each(|x| *x = -0.5);
                black_box(&mut x);
            }
        });
        let libm = least(|| {
            for _ in 0..50 {
                x.iter_mut().for_each(|x| *x = black_box(-0.5f64).exp());
                black_box(&mut x);
            }
        });
        let count = (50 * x.len()) as f64;
        let rate = count / (exponentials - refill);
        if level == SimdLevel::best() {
            exponential_rate = rate;
        }
        rows.push(Row {
            id: format!("roof/exponentials/{}", level.name()),
            value: rate / 1e9,
            unit: "G/s",
            peers: vec![("libm", count / (libm - refill) / 1e9)],
            ratios: vec![("libm", (libm - refill) / (exponentials - refill))],
            note: String::new(),
        });
        let rounds = 20_000;
        let multiply_adds = least(|| {
            black_box(level.multiply_adds(black_box(rounds), black_box(0.5), 1.0));
        });
        let rate = (128 * rounds) as f64 / multiply_adds;
        if level == SimdLevel::best() {
            multiply_add_rate = rate;
        }
        rows.push(Row {
            id: format!("roof/multiply-adds/{}", level.name()),
            value: rate / 1e9,
            unit: "G/s",
            peers: Vec::new(),
            ratios: Vec::new(),
            note: String::new(),
        });
    }
    for share in shares {
        for (roof, rate, most) in [
            ("exponentials", share.exponentials, exponential_rate),
            ("multiply-adds", share.multiply_adds, multiply_add_rate),
        ] {
            rows.push(Row {
                id: format!("roof/{}/incremental/{roof}", share.name),
                value: rate / most,
                unit: "of the rate",
                peers: Vec::new(),
                ratios: Vec::new(),
                note: format!("{:.2} G/s", rate / 1e9),
            });
        }
    }
    rows
}

/// The least seconds of one call, which other programs on the machine disturb least: at least five calls and a second,
/// at most 401 calls, as the script does.
fn least(mut f: impl FnMut()) -> f64 {
    let begin = Instant::now();
    let mut least = f64::INFINITY;
    let mut calls = 0;
    while calls < 5 || (begin.elapsed().as_secs_f64() < 1.0 && calls < 401) {
        let start = Instant::now();
        f();
        least = least.min(start.elapsed().as_secs_f64());
        calls += 1;
    }
    least
}

/// The network of the script: weights and data from sines.
fn network(case: &Case) -> Result<(Network, Batch<f64>), Error> {
    let wave = |i: usize| (1.0 + 0.7 * i as f64).sin();
    let mut builder = Network::builder();
    let mut weights = Vec::new();
    for (l, pair) in case.sizes.windows(2).enumerate() {
        if l > 0 {
            builder = builder.layer(Activation::Sigmoid);
        }
        builder = builder.layer(Dense::new(pair[0], pair[1]));
        weights.extend((0..pair[0] * pair[1]).map(|i| 0.1 * wave(i)));
        weights.extend(std::iter::repeat_n(0.0, pair[1]));
    }
    let network = builder.loss(Loss::TUTORIAL).weights(&weights)?;
    let inputs = network.inputs();
    let x = Array2::from_shape_fn((case.samples, inputs), |(n, i)| {
        0.5 + 0.5 * wave(n * inputs + i)
    });
    let labels: Vec<usize> = (0..case.samples)
        .map(|n| (7 * n) % network.outputs())
        .collect();
    Ok((network, Batch::new(x, Targets::labels(&labels))?))
}

/// The script's times with so many BLAS threads, or with as many as NumPy takes by itself. `None`
/// without Python or NumPy.
fn numpy(case: &Case, threads: Option<&str>) -> Option<Peer> {
    let arguments = std::iter::once(case.samples).chain(case.sizes.iter().copied());
    let arguments: Vec<String> = arguments.map(|n| n.to_string()).collect();
    let mut python = Command::new("python3");
    python.args(["-c", SCRIPT]).args(&arguments);
    if let Some(threads) = threads {
        for variable in ["OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"] {
            python.env(variable, threads);
        }
    }
    let out = python.output().ok().filter(|out| out.status.success())?;
    let times: Value = serde_json::from_slice(&out.stdout).ok()?;
    Some(Peer {
        numerical: times["numerical"].as_f64()?,
        backprop: times["backprop"].as_f64()?,
    })
}

impl Row {
    fn json(&self) -> Value {
        let object = |pairs: &[(&str, f64)]| -> Value {
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_string(), json!(value)))
                .collect()
        };
        json!({
            "id": self.id,
            "numdiff": self.value,
            "unit": self.unit,
            "peers": object(&self.peers),
            "ratio": object(&self.ratios),
            "note": self.note,
        })
    }
}

/// One table.
pub fn tables(rows: &[Value], preset: &str) -> String {
    let mut table = Table::new();
    table.load_preset(preset);
    table.set_header(["", "numdiff", "unit", "peer", "ratio", ""]);
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for row in rows {
        let numbers = |of: &str| -> Vec<(String, f64)> {
            let pairs = row[of].as_object().into_iter().flatten();
            pairs
                .filter_map(|(name, v)| Some((name.clone(), v.as_f64()?)))
                .collect()
        };
        let peers = numbers("peers");
        let peers = peers
            .iter()
            .map(|(name, v)| format!("{name} {}", rounded(*v)));
        let ratios = numbers("ratio");
        let ratios = ratios.iter().map(|(_, r)| format!("{} x", rounded(*r)));
        table.add_row([
            word(&row["id"]),
            row["numdiff"].as_f64().map_or(String::new(), rounded),
            word(&row["unit"]),
            peers.collect::<Vec<_>>().join(", "),
            ratios.collect::<Vec<_>>().join(", "),
            word(&row["note"]),
        ]);
    }
    for column in [1, 4] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}

/// Three digits.
fn rounded(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        v if v >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}
