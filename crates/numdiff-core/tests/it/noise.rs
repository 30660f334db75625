//! The noise estimator, on functions whose noise is known.

use ndarray::{Array1, Array2, array};
use numdiff_core::{
    EcNoise, Error, FiniteDifference, NoiseStatus, Step, noise_level, noise_level_univariate,
};
use proptest::prelude::*;
use std::cell::{Cell, RefCell};

/// Uniform in [0, 1), a pure function of the bits of x and a seed: noise as a deterministic program
/// has it. The mixer is that of SplitMix64.
fn uniform(seed: u64, x: &[f64]) -> f64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for v in x {
        z = z
            .wrapping_add(v.to_bits())
            .wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
    }
    (z >> 11) as f64 * f64::EPSILON / 2.0
}

/// Noise of mean 0 and deviation 1: uniform, or nearly normal (twelve uniform numbers summed).
pub fn unit_noise(seed: u64, x: &[f64]) -> f64 {
    if seed.is_multiple_of(2) {
        12.0_f64.sqrt() * (uniform(seed, x) - 0.5)
    } else {
        (0..12).map(|k| uniform(seed ^ (k << 40), x)).sum::<f64>() - 6.0
    }
}

/// Smooth functions of one variable, over the scale of x and faster.
const SMOOTH: [fn(f64) -> f64; 8] = [
    |x| x.exp(),
    |x| (20.0 * x).sin() + 2.0,
    |x| 1.0 / (1.0 + x * x),
    |x| x * x * x - 2.0 * x + 5.0,
    |x| (1e4 * x).cos() + 3.0,
    |x| (2.0 + x.sin()).ln() * 1e6,
    |x| 1e-8 * (x - 3.0).powi(4),
    |_| -40.0,
];

#[test]
fn known_noise_is_found() {
    let (mut all, mut within_4, mut within_2, mut evaluations) = (0, 0, 0, Vec::new());
    for (k, smooth) in SMOOTH.iter().enumerate() {
        for decade in 3..=12 {
            for trial in 0..50 {
                let seed = 1_000_000 * k as u64 + 1000 * decade + trial;
                // x of either sign, from 1e-3 to 1e3.
                let size = 10f64.powf(6.0 * uniform(seed, &[1.0]) - 3.0);
                let x = if trial % 2 == 0 { size } else { -size };
                let x = if k == 0 { x.clamp(-5.0, 5.0) } else { x };
                let level = 10f64.powi(-(decade as i32)) * smooth(x).abs();
                let f = |at: f64| smooth(at) + level * unit_noise(seed, &[at]);
                let found = noise_level_univariate(f, x).unwrap();
                all += 1;
                let ratio = (found.level / level).log2().abs();
                within_4 += usize::from(ratio <= 2.0 && found.status.is_estimate());
                within_2 += usize::from(ratio <= 1.0 && found.status.is_estimate());
                evaluations.push(found.evaluations);
            }
        }
    }
    evaluations.sort_unstable();
    let median = evaluations[all / 2];
    println!(
        "within 4: {within_4}, within 2: {within_2} of {all}; evaluations {median}, at most {}",
        evaluations[all - 1]
    );
    // What the documentation says.
    assert!(100 * within_4 >= 99 * all, "{within_4} of {all}");
    assert!(100 * within_2 >= 95 * all, "{within_2} of {all}");
    assert_eq!(median, 9);
}

#[test]
fn known_noise_is_found_in_many_variables() {
    let (mut all, mut within_4) = (0, 0);
    for trial in 0..400u64 {
        let n = 1 + (trial % 9) as usize;
        let x = Array1::from_shape_fn(n, |i| {
            10f64.powf(4.0 * uniform(trial, &[i as f64]) - 2.0) - 1.0
        });
        let relative = 10f64.powi(-3 - (trial % 10) as i32);
        let f = |x: &Array1<f64>| {
            let smooth = x.iter().map(|v| (v + 1.0).sqrt() + 2.0).sum::<f64>();
            smooth * (1.0 + relative * unit_noise(trial, x.as_slice().unwrap()))
        };
        let level = relative * x.iter().map(|v| (v + 1.0).sqrt() + 2.0).sum::<f64>();
        let found = noise_level(f, &x).unwrap();
        all += 1;
        within_4 += usize::from((found.level / level).log2().abs() <= 2.0);
    }
    println!("within 4: {within_4} of {all}");
    assert!(100 * within_4 >= 97 * all, "{within_4} of {all}");
}

#[test]
fn single_precision_inside_double_is_found() {
    // One rounding of the value at least, some of the argument and inside: between a half and some
    // eight spacings of f32.
    let functions: [fn(f32) -> f32; 4] = [
        f32::sin,
        f32::exp,
        |x| 1.0 / (1.0 + x * x),
        |x| x * x * x + 2.0,
    ];
    let (mut all, mut good) = (0, 0);
    for (k, f) in functions.iter().enumerate() {
        for i in 0..500 {
            let x = 0.31 + 0.0047 * f64::from(i);
            let found = noise_level_univariate(|x| f64::from(f(x as f32)), x).unwrap();
            let relative = found.level / f64::from(f(x as f32)).abs();
            let spacing = f64::from(f32::EPSILON);
            all += 1;
            let is_good = relative > spacing / 16.0 && relative < 8.0 * spacing;
            good += usize::from(is_good && found.evaluations <= 37);
            if !is_good {
                println!("{k} at {x}: {found:?}");
            }
        }
    }
    println!("{good} of {all}");
    assert!(1000 * good >= 995 * all, "{good} of {all}");
}

#[test]
fn smooth_functions_have_the_noise_of_rounding() {
    for (k, smooth) in SMOOTH.iter().enumerate() {
        for i in 0..30 {
            let x = 0.37 + 0.11 * f64::from(i);
            let found = noise_level_univariate(smooth, x).unwrap();
            let spacing = f64::EPSILON * smooth(x).abs();
            // Functions of k x amplify the rounding of their argument: k |x| spacings.
            let amplified = [1.0, 20.0, 1.0, 4.0, 1e4, 1.0, 4.0, 1.0][k] * (1.0 + x) * 2.0;
            assert!(
                found.level >= spacing / 4.0
                    && found.level <= 4.0 * amplified * spacing.max(f64::EPSILON * 1e-8),
                "{k} at {x}: {found:?}, spacing {spacing:e}"
            );
        }
    }
}

#[test]
fn what_the_status_says() {
    let constant = noise_level_univariate(|_| 7.0, 0.3).unwrap();
    assert_eq!(constant.status, NoiseStatus::Constant);
    assert_eq!(constant.level, f64::EPSILON * 7.0 / 12f64.sqrt());
    let zero = noise_level_univariate(|_| 0.0, 0.3).unwrap();
    assert_eq!((zero.level, zero.status), (0.0, NoiseStatus::Constant));
    let line = noise_level_univariate(|x| 2.0 * x + 1.0, 0.3).unwrap();
    assert_eq!((line.status, line.evaluations), (NoiseStatus::Rounding, 9));
    // The rounding to whole numbers, seen from ten steps away, is noise of 1 / sqrt(12).
    let stairs = noise_level_univariate(f64::floor, 10.3).unwrap();
    assert_eq!(stairs.status, NoiseStatus::Found);
    assert!(stairs.level > 0.07 && stairs.level < 1.2, "{stairs:?}");
    let stairs = noise_level_univariate(|x| (x / 100.0).floor(), 10.3).unwrap();
    assert_eq!(stairs.status, NoiseStatus::StepTooSmall);
    // All noise, around zero, where f changes by more than itself at every distance.
    let noise = noise_level_univariate(|x| 1e-3 * unit_noise(3, &[x]), 0.7).unwrap();
    assert_eq!(noise.status, NoiseStatus::Found);
    assert!(noise.level > 2.5e-4 && noise.level < 4e-3, "{noise:?}");
    // A smooth root: nothing but rounding, near zero where f itself is.
    let root = noise_level_univariate(|x| x - 1.0, 1.0).unwrap();
    assert_eq!(root.status, NoiseStatus::Rounding);
}

#[test]
fn errors_are_typed() {
    let f = |x: f64| x.sqrt();
    assert!(matches!(
        noise_level_univariate(f, -1.0),
        Err(Error::NonFiniteValue {
            displacement: 0.0,
            ..
        })
    ));
    assert!(matches!(
        noise_level_univariate(|x| if x == 0.5 { 1.0 } else { f64::INFINITY }, 0.5),
        Err(Error::NoFiniteDifference { .. })
    ));
    assert!(matches!(
        noise_level_univariate(f, f64::NAN),
        Err(Error::NotFinite { .. })
    ));
    assert!(matches!(
        noise_level(|_: &Array1<f64>| 0.0, &Array1::zeros(0)),
        Err(Error::Empty { .. })
    ));
    let failing = |x: &Array1<f64>| if x[0] > 1.0 { Err("too far") } else { Ok(x[0]) };
    assert!(matches!(
        noise_level(failing, &array![1.0]),
        Err(Error::Function { .. })
    ));
    let fixed = EcNoise::new().with_bounds(1.0, 1.0);
    assert!(matches!(
        fixed.level_univariate(f, 1.0),
        Err(Error::NoRoom { .. })
    ));
    let typical = EcNoise::new().with_typical(-1.0);
    assert!(matches!(
        typical.level_univariate(f, 1.0),
        Err(Error::OutOfRange {
            argument: "typical x",
            ..
        })
    ));
    let central = FiniteDifference::central();
    let f = |x: &Array1<f64>| x[0];
    for level in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(
            central.noise_steps(f, &array![1.0], 1, level),
            Err(Error::OutOfRange {
                argument: "noise level",
                ..
            })
        ));
        let step = Step::Balanced {
            noise: 1.0,
            derivative: level,
        };
        assert!(
            central
                .clone()
                .with_step(step)
                .gradient(f, &array![1.0])
                .is_err()
        );
    }
    assert!(central.noise_steps(f, &array![1.0], 0, 1e-3).is_err());
}

#[test]
fn one_sided_where_f_ends() {
    // Defined from 1 on, found and given.
    let f = |x: f64| {
        if x < 1.0 {
            f64::NAN
        } else {
            x.sqrt() * (1.0 + 1e-7 * unit_noise(5, &[x]))
        }
    };
    let found = noise_level_univariate(f, 1.0).unwrap();
    assert!(found.level > 2.5e-8 && found.level < 4e-7, "{found:?}");
    let lowest = Cell::new(f64::INFINITY);
    let given = EcNoise::new().with_bounds(1.0, 2.0).level_univariate(
        |x| {
            lowest.set(lowest.get().min(x));
            f(x)
        },
        1.0,
    );
    assert_eq!(lowest.get(), 1.0);
    assert_eq!(given.unwrap().level, found.level);
}

#[test]
fn single_precision_arrays() {
    let f = |x: &Array1<f32>| (x[0] * 1.7).sin() + x[1] * x[1];
    let found = EcNoise::new()
        .single()
        .level(f, &array![0.3f32, 2.1])
        .unwrap();
    let spacing = f64::from(f32::EPSILON) * 4.9;
    assert!(
        found.level > spacing / 8.0 && found.level < 4.0 * spacing,
        "{found:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Any f and x: an error or a level with a meaning; counts exact; points inside the bounds.
    #[test]
    fn any_function_is_survived(
        x in prop::collection::vec(
            prop_oneof![8 => -10.0..10.0f64, 1 => Just(0.0), 1 => prop::num::f64::ANY],
            0..6,
        ),
        seed in 0u64..1000,
        trouble in prop_oneof![3 => Just(0u64), 1 => 1u64..20],
        width in prop_oneof![Just(f64::INFINITY), 0.0..1.0f64],
        decade in 0i32..18,
    ) {
        let x = Array1::from(x);
        let (lower, upper) = (x.mapv(|v| v - width), x.mapv(|v| v + width / 3.0));
        let points = RefCell::new(Vec::new());
        let f = |at: &Array1<f64>| {
            points.borrow_mut().push(at.to_owned());
            let u = uniform(seed, at.as_slice().unwrap());
            let sum = at.iter().map(|v| v * v + v.sin()).sum::<f64>() + u * 10f64.powi(-decade);
            match (trouble > 0).then_some((u * 16.0 * trouble as f64) as u64) {
                Some(0) => Err("no value here"),
                Some(1) => Ok(f64::NAN),
                Some(2) => Ok(f64::NEG_INFINITY),
                _ => Ok(sum),
            }
        };
        let before = x.clone();
        let method = EcNoise::new().with_bounds(&lower, &upper);
        let found = method.level(f, &x);
        if let Ok(noise) = &found {
            prop_assert!(noise.level >= 0.0 && noise.level.is_finite());
            prop_assert_eq!(noise.evaluations, points.borrow().len());
        }
        prop_assert!(points.borrow().len() <= 200);
        let level = found.map_or(1e-6, |noise| noise.level);
        let taken = points.take();
        let forward = FiniteDifference::forward().with_bounds(&lower, &upper);
        let steps = forward.noise_steps(f, &x, 1, level);
        if let Ok(steps) = &steps {
            prop_assert!(steps.steps.iter().all(|h| *h > 0.0 && h.is_finite()));
            prop_assert_eq!(steps.evaluations, points.borrow().len());
        }
        for at in taken.iter().chain(&points.take()) {
            let inside = at.iter().zip(&lower).zip(&upper).all(|((v, l), u)| l <= v && v <= u);
            prop_assert!(inside, "{at} outside [{lower}, {upper}]");
        }
        prop_assert!(x.iter().zip(&before).all(|(a, b)| a.to_bits() == b.to_bits()));
    }
}

#[test]
fn layout_does_not_matter() {
    let f = |x: &Array2<f64>| x.iter().map(|v| v.exp()).sum::<f64>() * (1.0 + 1e-9 * x[[0, 1]]);
    let x = array![[0.3, 0.7], [-0.2, 1.4]];
    let mut wide = Array2::zeros((4, 2));
    wide.slice_mut(ndarray::s![..;2, ..]).assign(&x);
    let strided = wide.slice(ndarray::s![..;2, ..]);
    assert_eq!(
        noise_level(f, &x).unwrap(),
        noise_level(f, &strided).unwrap()
    );
}
