//! Planted bugs in gradients are found and named, beside the rates of two other checkers; correct
//! gradients raise no alarm.

use crate::bugs::{CLASSES, Class, FAMILIES, Problem, Random, noise, problem, slice, spoil};
use ndarray::{Array, IxDyn};
use numdiff_core::check::{self, Diagnosis, Report};
use std::cell::Cell;
use std::collections::BTreeMap;

fn class_of(report: &Report) -> Option<Class> {
    Some(match report.diagnosis.as_ref()? {
        Diagnosis::SignFlipped => Class::Sign,
        Diagnosis::ConstantFactor { .. } => Class::Factor,
        Diagnosis::Transposed => Class::Transposed,
        Diagnosis::ShiftedByOne { .. } => Class::Shifted,
        Diagnosis::Block { .. } => Class::Block,
        Diagnosis::MissingTerm { .. } => Class::MissingTerm,
        Diagnosis::Kink => Class::Kink,
        Diagnosis::NotDeterministic { .. } => Class::NotDeterministic,
        Diagnosis::TooNoisy { .. } => Class::TooNoisy,
        _ => return None,
    })
}

/// torch.autograd.gradcheck's documented criterion with its defaults, in double precision: central
/// differences with eps = 1e-6, |a - n| <= atol + rtol |n|, atol = 1e-5, rtol = 1e-3; and two calls
/// must agree to nondet_tol = 0, which it asks of the gradient.
fn torch_alarms(f: &dyn Fn(&[f64]) -> f64, g: &[f64], x: &[f64]) -> bool {
    alarms(f, g, x, 1e-6, |a, n| (a - n).abs() > 1e-5 + 1e-3 * n.abs())
}

/// The `gradcheck` crate's 0.1, f64 defaults: step 1e-5, a mismatch when
/// |a - n| > 1e-10 + 1e-6 max(|a|, |n|).
fn gradcheck_alarms(f: &dyn Fn(&[f64]) -> f64, g: &[f64], x: &[f64]) -> bool {
    alarms(f, g, x, 1e-5, |a, n| {
        (a - n).abs() > 1e-10 + 1e-6 * a.abs().max(n.abs())
    })
}

fn alarms(
    f: &dyn Fn(&[f64]) -> f64,
    g: &[f64],
    x: &[f64],
    h: f64,
    mismatch: impl Fn(f64, f64) -> bool,
) -> bool {
    let mut point = x.to_vec();
    (0..x.len()).any(|i| {
        point[i] = x[i] + h;
        let high = f(&point);
        point[i] = x[i] - h;
        let low = f(&point);
        let span = (x[i] + h) - (x[i] - h);
        point[i] = x[i];
        let n = (high - low) / span;
        !n.is_finite() || mismatch(g[i], n)
    })
}

pub const SCALES: [(f64, f64); 6] = [
    (1.0, 1.0),
    (1e-4, 1.0),
    (1e3, 1e-6),
    (1.0, 1e8),
    (1e6, 1e3),
    (1e-2, 1e-9),
];
const SIZES: [usize; 5] = [3, 5, 9, 16, 30];

/// What a planted bug does to f and g; `None` where the class does not exist for the shape.
fn run(p: &Problem, class: Class, seed: u64) -> Option<(Report, bool, bool)> {
    if class == Class::Transposed && p.shape.len() < 2 {
        return None;
    }
    let x = p.point();
    let mut random = Random(seed);
    let size = (p.f)(&p.x).abs().max(1e-300);
    let calls = Cell::new(seed);
    let scale = p.x.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    let at = random.below(p.x.len());
    let slope = (p.g)(&p.x).iter().fold(0.0_f64, |m, g| m.max(g.abs())) * random.within(0.3, 3.0);
    let center = p.x[at];
    let kink = random.below(3);
    let f = |x: &[f64]| match class {
        Class::Kink => {
            let d = x[at] - center;
            (p.f)(x)
                + slope
                    * match kink {
                        0 => d.abs(),
                        1 => d.max(0.0),
                        _ => 2.0 * d.min(0.0),
                    }
        }
        // Dropout, an unseeded sample: a per mille to a few percent of f.
        Class::NotDeterministic => {
            calls.set(calls.get() + 1);
            let level = 10_f64.powf(-3.0 + 2.0 * Random(seed).unit());
            (p.f)(x) + level * size * (2.0 * Random(calls.get()).unit() - 1.0)
        }
        // Noise larger than f itself, wherever one looks, and than its change over the scale of x.
        Class::TooNoisy => {
            let change = slope * scale;
            (p.f)(x) + 3.0 * (p.f)(x).abs().max(size).max(change) * noise(x)
        }
        _ => (p.f)(x),
    };
    let g = |x: &[f64]| spoil(class, &p.shape, (p.g)(x), (p.incomplete)(x), seed);
    let report = check::gradient(
        |x: &Array<f64, IxDyn>| f(&slice(x)),
        |x: &Array<f64, IxDyn>| g(&slice(x)),
        &x,
    )
    .unwrap();
    let spoiled = g(&p.x);
    let (torch, gradcheck) = (
        torch_alarms(&f, &spoiled, &p.x),
        gradcheck_alarms(&f, &spoiled, &p.x),
    );
    Some((report, torch, gradcheck))
}

/// At least 99 % found, the class right in at least 90 %; the others' defaults beside it. Fewer of each where nothing is
/// optimized.
#[test]
fn planted_bugs_are_found_and_named() {
    let trials = if cfg!(debug_assertions) { 2 } else { 6 };
    let mut random = Random(20);
    let mut table: BTreeMap<Class, [usize; 5]> = BTreeMap::new();
    for class in CLASSES {
        for family in 0..FAMILIES {
            for trial in 0..trials {
                let (sx, sf) = SCALES[(trial + family) % SCALES.len()];
                let n = SIZES[(trial + 2 * family) % SIZES.len()];
                let p = problem(family, n, sx, sf, &mut random);
                let seed = random.next();
                let Some((report, torch, gradcheck)) = run(&p, class, seed) else {
                    continue;
                };
                // At a planted kink the gradient given is a subgradient: it is told, and passes.
                let found = !report.is_ok()
                    || class == Class::Kink && report.counts().not_smooth > 0
                    || matches!(report.diagnosis, Some(Diagnosis::NotDeterministic { .. }));
                let named = class_of(&report) == Some(class);
                if !named {
                    println!(
                        "{class:?} in {} {:?} sx {sx} sf {sf}: {report}",
                        p.name, p.shape
                    );
                }
                let row = table.entry(class).or_default();
                for (count, yes) in row.iter_mut().zip([true, found, named, torch, gradcheck]) {
                    *count += usize::from(yes);
                }
            }
        }
    }
    println!(
        "{:>18} {:>6} {:>6} {:>6} {:>6} {:>10}",
        "class", "bugs", "found", "named", "torch", "gradcheck"
    );
    let mut sums = [0; 5];
    for (class, row) in &table {
        println!(
            "{:>18} {:>6} {:>6} {:>6} {:>6} {:>10}",
            format!("{class:?}"),
            row[0],
            row[1],
            row[2],
            row[3],
            row[4]
        );
        sums.iter_mut().zip(row).for_each(|(s, r)| *s += r);
    }
    println!(
        "{:>18} {:>6} {:>6} {:>6} {:>6} {:>10}",
        "all", sums[0], sums[1], sums[2], sums[3], sums[4]
    );
    assert!(sums[0] >= 34 * trials);
    assert!(
        100 * sums[1] >= 99 * sums[0],
        "found {} of {}",
        sums[1],
        sums[0]
    );
    assert!(
        10 * sums[2] >= 9 * sums[0],
        "named {} of {}",
        sums[2],
        sums[0]
    );
}

/// Not one entry of 1,000 correct gradients is called wrong, scaled from 1e-9 to 1e8, half of them with
/// noise from rounding's size up to 1e-5 of f; at most three of them are so noisy that no entry is
/// known to 1 %.
#[test]
fn correct_gradients_raise_no_alarm() {
    let mut random = Random(7);
    let (mut alarms, mut unseen, mut torch, mut gradcheck) = (0, 0, 0, 0);
    for trial in 0..1000 {
        let family = trial % FAMILIES;
        let (sx, sf) = (
            10_f64.powf(random.within(-6.0, 6.0)),
            10_f64.powf(random.within(-9.0, 8.0)),
        );
        let n = 2 + random.below(8);
        let p = problem(family, n, sx, sf, &mut random);
        let level = if trial % 2 == 0 {
            0.0
        } else {
            10_f64.powf(random.within(-13.0, -5.0))
        };
        let size = (p.f)(&p.x).abs();
        let f = |x: &[f64]| (p.f)(x) + level * size * noise(x);
        let report = check::gradient(
            |x: &Array<f64, IxDyn>| f(&slice(x)),
            |x: &Array<f64, IxDyn>| (p.g)(&slice(x)),
            &p.point(),
        )
        .unwrap();
        unseen += usize::from(!report.is_ok());
        if report.counts().wrong > 0 {
            alarms += 1;
            println!(
                "{} {:?} sx {sx:e} sf {sf:e} noise {level:e}: {report}",
                p.name, p.shape
            );
        }
        let g = (p.g)(&p.x);
        torch += usize::from(torch_alarms(&f, &g, &p.x));
        gradcheck += usize::from(gradcheck_alarms(&f, &g, &p.x));
    }
    println!("false alarms of 1000: {alarms}; torch's defaults {torch}, gradcheck's {gradcheck}");
    assert_eq!(alarms, 0);
    assert!(unseen <= 3, "{unseen} of 1000 told nothing");
}
