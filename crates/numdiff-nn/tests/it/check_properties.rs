//! The check on drawn networks: right layers of many kinds, and bugs planted in them.

use crate::own_layers::{Boxed, ELEMENTWISE, KINDS, kind};
use ndarray::Array2;
use ndarray_rand::rand::{Rng, SeedableRng};
use numdiff_nn::{
    At, Batch, BlockShape, Change, CheckReport, Dense, Error, Form, Init, Layer, Network, Targets,
    check_network,
};
use rand_chacha::ChaCha8Rng;

/// Sizes of the data.
const SCALES: [f64; 7] = [1e-6, 1e-4, 1e-2, 1.0, 1e2, 1e4, 1e6];

const ROWS: usize = 5;
const WIDTH: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Bug {
    None,
    /// Off by this factor.
    Factor(f64),
    Negated,
    Zero,
    /// One column of the derivative by the inputs.
    Column,
    /// The wrong way round in the batch.
    Reversed,
    /// The derivative by the outputs is forgotten.
    Ignores,
    /// The derivative by the parameters is off by a factor.
    Parameters(f64),
    /// One of them is forgotten.
    Parameter,
}

const BUGS: [Bug; 9] = [
    Bug::Factor(1.001),
    Bug::Factor(2.0),
    Bug::Negated,
    Bug::Zero,
    Bug::Column,
    Bug::Reversed,
    Bug::Ignores,
    Bug::Parameters(1.01),
    Bug::Parameter,
];

#[derive(Debug)]
struct Planted {
    inner: Boxed,
    bug: Bug,
    /// The kink is told.
    declared: bool,
}

impl Layer<f64> for Planted {
    fn name(&self) -> String {
        self.inner.name()
    }
    fn outputs(&self, inputs: usize) -> usize {
        self.inner.outputs(inputs)
    }
    fn blocks(&self) -> Vec<BlockShape> {
        self.inner.blocks()
    }
    fn forward(&self, p: &[f64], x: &Array2<f64>) -> Array2<f64> {
        self.inner.forward(p, x)
    }
    fn remember(&self, p: &[f64], x: &Array2<f64>, y: &Array2<f64>) -> Vec<f64> {
        self.inner.remember(p, x, y)
    }
    fn kink(&self, at: &At<'_, f64>, a: &Change<f64>, b: &Change<f64>) -> bool {
        self.declared && a != b && at.x.iter().any(|x| x.abs() < 1e-3)
    }
    fn seed(&self, at: &At<'_, f64>, parameter: usize, by: f64, form: Form) -> Change<f64> {
        self.inner.seed(at, parameter, by, form)
    }
    fn push(&self, at: &At<'_, f64>, change: Change<f64>, form: Form) -> Change<f64> {
        self.inner.push(at, change, form)
    }
    fn backward(&self, at: &At<'_, f64>, dy: &Array2<f64>, dp: &mut [f64]) -> Option<Array2<f64>> {
        let ones = Array2::ones(dy.dim());
        let dy = if self.bug == Bug::Ignores { &ones } else { dy };
        let mut dx = self.inner.backward(at, dy, dp)?;
        match self.bug {
            Bug::Factor(factor) => dx *= factor,
            Bug::Negated => dx *= -1.0,
            Bug::Zero => dx.fill(0.0),
            Bug::Column => dx.column_mut(1).mapv_inplace(|d| 1.5 * d),
            Bug::Reversed => dx.invert_axis(ndarray::Axis(0)),
            Bug::Parameters(factor) => dp.iter_mut().for_each(|d| *d *= factor),
            Bug::Parameter => {
                if let Some(last) = dp.last_mut() {
                    *last = 0.0;
                }
            }
            Bug::None | Bug::Ignores => {}
        }
        Some(dx.as_standard_layout().into_owned())
    }
}

struct Drawn {
    network: Network,
    batch: Batch,
    /// What the layer in question is shown.
    at_layer: Array2<f64>,
    /// Whether the bug changes a derivative by more than a thousandth where nothing has a kink.
    counts: bool,
}

/// Dense, the layer, dense; or the layer first. With `kinks` many of its inputs are exactly 0, and some
/// lie just beside.
fn drawn(number: usize, bug: Bug, scale: f64, kinks: bool, rng: &mut ChaCha8Rng) -> Drawn {
    let layer = |bug| Planted {
        inner: kind(number, WIDTH),
        bug,
        declared: number.is_multiple_of(2) && number < ELEMENTWISE.len(),
    };
    let first = kinks || rng.random_range(0..3) == 0;
    let outputs = layer(bug).outputs(WIDTH);
    let mut builder = Network::builder();
    if !first {
        builder = builder.layer(Dense::new(3, WIDTH));
    }
    let network = builder
        .inputs(if first { WIDTH } else { 3 })
        .layer(layer(bug))
        .layer(Dense::new(outputs, 3))
        .initialize(Init::Xavier, rng)
        .unwrap();
    let x = Array2::from_shape_fn((ROWS, network.inputs()), |(_, k)| {
        let x: f64 = rng.random_range(-1.0..1.0);
        match rng.random_range(0..4) {
            // Of three that are the same the one in the middle of a sort moves along no axis.
            0 if kinks && k < 2 => 0.0,
            1 if kinks => scale * x * 10f64.powi(rng.random_range(-12..0)),
            _ => scale * x,
        }
    });
    let at_layer = if first {
        x.clone()
    } else {
        let dense = network.layers()[0].clone();
        dense.forward(&network.parameters()[..3 * WIDTH + WIDTH], &x)
    };
    let batch = Batch::new(x, Targets::labels(&[0, 1, 2, 1, 0])).unwrap();
    Drawn {
        counts: counts(&layer(Bug::None), &layer(bug), &at_layer, rng),
        network,
        batch,
        at_layer,
    }
}

fn counts(right: &Planted, wrong: &Planted, x: &Array2<f64>, rng: &mut ChaCha8Rng) -> bool {
    let parameters: usize = right.blocks().iter().map(BlockShape::len).sum();
    let p: Vec<f64> = (0..parameters)
        .map(|_| rng.random_range(0.5..1.0))
        .collect();
    let y = right.forward(&p, x);
    let memory = right.remember(&p, x, &y);
    let at = At {
        parameters: &p,
        x,
        y: &y,
        memory: &memory,
    };
    let dy = Array2::from_shape_fn(y.dim(), |_| rng.random_range(0.5..1.0));
    let of = |layer: &Planted| {
        let mut dp = vec![0.0; parameters];
        (layer.backward(&at, &dy, &mut dp).unwrap(), dp)
    };
    let ((dx, dp), (dx_wrong, dp_wrong)) = (of(right), of(wrong));
    let differ = |a: &[f64], b: &[f64], smooth: &dyn Fn(usize) -> bool| {
        let largest = a.iter().fold(0.0f64, |m, v| m.max(v.abs()));
        (0..a.len()).any(|i| smooth(i) && (a[i] - b[i]).abs() > 5e-4 * largest.max(1e-30))
    };
    let typical = x.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    let x: Vec<f64> = x.iter().copied().collect();
    let flat = |a: &Array2<f64>| a.iter().copied().collect::<Vec<_>>();
    differ(&dp, &dp_wrong, &|_| true)
        || differ(&flat(&dx), &flat(&dx_wrong), &|i| {
            x[i].abs() > 1e-8 * typical
        })
}

/// `None` where a value is not finite: a row of zeros over its own size.
fn check(drawn: &Drawn) -> Option<CheckReport> {
    match check_network(&drawn.network, &drawn.batch) {
        Err(Error::NonFiniteOutput { .. }) => None,
        report => Some(report.unwrap()),
    }
}

/// Two other rules, on the derivatives of the layer's weighted outputs by its parameters and inputs: that of
/// torch.autograd.gradcheck with its defaults (step 1e-6, |a - n| <= 1e-5 + 1e-3 |n|), and that of the crate
/// gradcheck 0.1 (step 1e-5, |a - n| <= 1e-10 + 1e-6 max(|a|, |n|)).
fn other_rules(drawn: &Drawn, rng: &mut ChaCha8Rng) -> [bool; 2] {
    let network = &drawn.network;
    let index = network.layers().len() - 2;
    let layer = &*network.layers()[index];
    let blocks = network.blocks().iter().filter(|block| block.layer == index);
    let p: Vec<f64> = blocks
        .flat_map(|b| network.parameters()[b.range.clone()].to_vec())
        .collect();
    let x = &drawn.at_layer;
    let y = layer.forward(&p, x);
    let dy = Array2::from_shape_fn(y.dim(), |_| rng.random_range(0.5..1.0));
    let memory = layer.remember(&p, x, &y);
    let at = At {
        parameters: &p,
        x,
        y: &y,
        memory: &memory,
    };
    let mut analytic = vec![0.0; p.len()];
    let dx = layer.backward(&at, &dy, &mut analytic).unwrap();
    analytic.extend(dx.iter());
    let loss = |flat: &[f64]| {
        let (p, x) = flat.split_at(p.len());
        let x = Array2::from_shape_vec(drawn.at_layer.dim(), x.to_vec()).unwrap();
        (layer.forward(p, &x) * &dy).sum()
    };
    let mut flat = p.clone();
    flat.extend(x.iter());
    let mut alarms = |h: f64, differ: fn(f64, f64) -> bool| {
        (0..flat.len()).any(|i| {
            let saved = flat[i];
            let mut side = |by: f64| {
                flat[i] = saved + by;
                let value = loss(&flat);
                flat[i] = saved;
                value
            };
            let n = (side(h) - side(-h)) / ((saved + h) - (saved - h));
            !n.is_finite() || differ(analytic[i], n)
        })
    };
    [
        alarms(1e-6, |a, n| (a - n).abs() > 1e-5 + 1e-3 * n.abs()),
        alarms(1e-5, |a, n| {
            (a - n).abs() > 1e-10 + 1e-6 * a.abs().max(n.abs())
        }),
    ]
}

/// Right networks of every kind, at every size, at kinks and beside them: nothing is wrong in any.
fn no_false_alarms(networks: usize, seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut others = ChaCha8Rng::seed_from_u64(seed);
    let (mut count, mut alarms) = (0, [0; 2]);
    for i in 0..networks {
        let (scale, kinks) = (SCALES[i / KINDS % 7], i % 3 == 0);
        let drawn = drawn(i % KINDS, Bug::None, scale, kinks, &mut rng);
        let Some(report) = check(&drawn) else {
            continue;
        };
        let what = || {
            format!(
                "{i}: {} at {scale:e}\n{report}",
                kind(i % KINDS, WIDTH).name()
            )
        };
        assert!(
            report.suspects.is_empty() && report.counts().wrong == 0,
            "{}",
            what()
        );
        // Nothing is left unchecked, unless every input is at a kink, or the outputs are constant to their last places.
        let size = drawn.at_layer.fold(1.0f64, |m, x| x.abs().max(m));
        let constant = report.unchecked().all(|block| {
            let all = block.report.entries.iter();
            all.fold(0.0f64, |m, e| e.analytic.abs().max(m)) * size < 1e-8
        });
        assert!(report.passed() || kinks || constant, "{}", what());
        count += 1;
        for (alarms, alarm) in alarms.iter_mut().zip(other_rules(&drawn, &mut others)) {
            *alarms += usize::from(alarm);
        }
    }
    let [torch, gradcheck] = alarms;
    println!(
        "{count} right networks: 0 accused; by torch's rule {torch}, by gradcheck's {gradcheck}"
    );
}

/// Found, and named alone.
fn planted_bugs(networks: usize, seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut others = ChaCha8Rng::seed_from_u64(seed);
    let (mut missed, mut accused) = (Vec::new(), Vec::new());
    // Planted, found, named alone, found by torch's rule, by gradcheck's.
    let mut table = [[0; 5]; BUGS.len()];
    for i in 0..networks {
        let number = (i / BUGS.len()) % KINDS;
        let (scale, bug, kinks) = (SCALES[i % 7], BUGS[i % BUGS.len()], i % 4 == 0);
        let drawn = drawn(number, bug, scale, kinks, &mut rng);
        if !drawn.counts {
            continue;
        }
        let Some(report) = check(&drawn) else {
            continue;
        };
        let name = kind(number, WIDTH).name();
        let found = !report.passed();
        let named =
            found && !report.suspects.is_empty() && report.suspects.iter().all(|s| s.name == name);
        if !found {
            missed.push(format!("{i} {name} {bug:?} at {scale:e}"));
        } else if !named {
            accused.push(format!(
                "{i} {name} {bug:?} at {scale:e}: {:?}",
                report.suspects
            ));
        }
        let [torch, gradcheck] = other_rules(&drawn, &mut others);
        let row = &mut table[i % BUGS.len()];
        for (count, yes) in row.iter_mut().zip([true, found, named, torch, gradcheck]) {
            *count += usize::from(yes);
        }
    }
    println!(
        "| bug | planted | found | named alone | torch | gradcheck |\n|---|---|---|---|---|---|"
    );
    for (bug, row) in BUGS.iter().zip(&table) {
        println!("| {bug:?} | {} |", row.map(|n| n.to_string()).join(" | "));
    }
    let count: usize = table.iter().map(|row| row[0]).sum();
    let share = |list: &[String]| list.len() as f64 / count as f64;
    println!(
        "{count} bugs, {} missed, {} not named alone",
        missed.len(),
        accused.len()
    );
    assert!(count > networks / 2, "{count}");
    // Nor is any mistake missed more often than others are.
    for (bug, [planted, found, named, ..]) in BUGS.iter().zip(&table) {
        let few = 2 + planted / 20;
        assert!(planted - found <= few && planted - named <= few, "{bug:?}");
    }
    assert!(share(&missed) <= 0.01, "{count}: {missed:#?}");
    assert!(share(&accused) <= 0.03, "{count}: {accused:#?}");
}

#[test]
fn right_layers_of_all_kinds_raise_no_alarm() {
    no_false_alarms(SCALES.len() * KINDS, 1);
}

/// Every bug in every layer, once where nothing is optimized.
#[test]
fn planted_bugs_are_found_and_named() {
    let times = if cfg!(debug_assertions) { 1 } else { 3 };
    planted_bugs(times * BUGS.len() * KINDS, 2);
}

/// `cargo test --release -p numdiff-nn --test it -- --ignored ten_thousand --nocapture`
#[test]
#[ignore = "takes minutes"]
fn ten_thousand_networks() {
    no_false_alarms(10_000, 3);
    planted_bugs(20_000, 4);
}
