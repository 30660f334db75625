//! The truths of the adaptive scheme on functions of one variable: error bars hold, kinks and jumps
//! are told, bounds and budgets are kept, nothing that f returns makes it panic or run on.

use numdiff_core::{Adaptive, Error, Estimate, Status};
use proptest::prelude::*;
use std::cell::{Cell, RefCell};

/// A smooth function with its derivatives of order 1 and 2, and the sizes of what is added in them,
/// for the rounding of the closed forms.
#[derive(Clone, Copy, Debug)]
struct Smooth {
    f: fn(f64) -> f64,
    first: fn(f64) -> f64,
    second: fn(f64) -> f64,
}

const SMOOTH: [Smooth; 6] = [
    Smooth {
        f: f64::exp,
        first: f64::exp,
        second: f64::exp,
    },
    Smooth {
        f: f64::sin,
        first: f64::cos,
        second: |x| -x.sin(),
    },
    Smooth {
        f: |x| 1.0 / (1.0 + x * x),
        first: |x| -2.0 * x / (1.0 + x * x).powi(2),
        second: |x| (6.0 * x * x - 2.0) / (1.0 + x * x).powi(3),
    },
    Smooth {
        f: f64::tanh,
        first: |x| x.cosh().powi(-2),
        second: |x| -2.0 * x.tanh() * x.cosh().powi(-2),
    },
    Smooth {
        f: |x| (1.0 + x.exp()).ln(),
        first: |x| 1.0 / (1.0 + (-x).exp()),
        second: |x| (-x).exp() / (1.0 + (-x).exp()).powi(2),
    },
    Smooth {
        f: |x| (1.0 + x * x).sqrt(),
        first: |x| x / (1.0 + x * x).sqrt(),
        second: |x| (1.0 + x * x).powf(-1.5),
    },
];

fn smooth() -> impl Strategy<Value = Smooth> {
    prop::sample::select(SMOOTH.to_vec())
}

/// 16 units of the last place of the values that go into a closed form.
fn rounding(size: f64) -> f64 {
    16.0 * f64::EPSILON * size
}

/// A bar is three to four standard deviations of noise that is itself estimated, so that one in a
/// few hundred is missed, and by little: `coverage_is_what_is_claimed` counts them; here no miss
/// beyond three bars is allowed.
fn holds(found: &Estimate<f64>, exact: f64, size: f64) -> Result<(), TestCaseError> {
    prop_assert!(found.status.is_trusted(), "{found:?}");
    let error = (found.value - exact).abs();
    prop_assert!(
        error <= 3.0 * found.error + rounding(size),
        "off by {error:e}: {found:?}"
    );
    Ok(())
}

proptest! {
    // A fixed stream: a bar that is missed once in ten thousand must not come and go.
    #![proptest_config(ProptestConfig {
        cases: 256,
        rng_seed: proptest::test_runner::RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    /// f(x / s) + c at any scale: the bar holds, and is small against the derivative's size.
    #[test]
    fn smooth_functions_of_any_scale(s in smooth(), z in -2.0..2.0_f64, octaves in -25..25_i32) {
        let scale = 2.0_f64.powi(octaves);
        let found = Adaptive::new().derivative(|x: f64| (s.f)(x / scale), z * scale).unwrap();
        // One rounding of x / scale is none: a power of two.
        holds(&found, (s.first)(z) / scale, 1.0 / scale)?;
        prop_assert!(found.error <= 1e-9 / scale, "{found:?}");
    }

    #[test]
    fn second_derivatives(s in smooth(), z in -2.0..2.0_f64) {
        let found = Adaptive::new().nth_derivative(s.f, z, 2).unwrap();
        holds(&found, (s.second)(z), 4.0)?;
        // Rounding over the square of a step of 2^-5 or more, and the weights of five nodes.
        prop_assert!(found.error <= 1e-7, "{found:?}");
    }

    /// Polynomials of degree 7 or less are interpolated exactly: what is left is rounding.
    #[test]
    fn polynomials(c in prop::array::uniform8(-3.0..3.0_f64), x in -2.0..2.0_f64, order in 1..5_usize) {
        let f = |x: f64| c.iter().rev().fold(0.0, |sum, c| sum * x + c);
        let falling = |k: usize| (0..order).map(|j| k as f64 - j as f64).product::<f64>();
        let term = |k: usize| c[k] * falling(k) * x.powi((k - order) as i32);
        let exact: f64 = (order..8).map(term).sum();
        let size: f64 = (order..8).map(|k| term(k).abs()).sum();
        let found = Adaptive::new().nth_derivative(f, x, order).unwrap();
        holds(&found, exact, size)?;
        prop_assert!(found.error <= 1e-4 * (size + 1.0), "{found:?}");
    }

    /// (a f + b g)' = a f' + b g' within the three error bars.
    #[test]
    fn linear(f in smooth(), g in smooth(), x in -2.0..2.0_f64, a in -4.0..4.0_f64, b in -4.0..4.0_f64) {
        let method = Adaptive::new();
        let both = method.derivative(|x: f64| a * (f.f)(x) + b * (g.f)(x), x).unwrap();
        let one = method.derivative(f.f, x).unwrap();
        let two = method.derivative(g.f, x).unwrap();
        let apart = (both.value - a * one.value - b * two.value).abs();
        prop_assert!(apart <= both.error + a.abs() * one.error + b.abs() * two.error + rounding(8.0));
    }

    /// f(x + c) at x - c and f(-x) at -x: the same derivative, the same but for its sign.
    #[test]
    fn shifts_and_reflections(f in smooth(), x in -2.0..2.0_f64, c in -64..64_i32) {
        let method = Adaptive::new();
        let plain = method.derivative(f.f, x).unwrap();
        let c = f64::from(c);
        let point = x - c;
        // x - c rounds: the derivative is taken where x - c + c lands.
        let exact = (f.first)(point + c);
        let shifted = method.derivative(|x: f64| (f.f)(x + c), point).unwrap();
        holds(&shifted, exact, 1.0)?;
        let mirrored = method.derivative(|x: f64| (f.f)(-x), -x).unwrap();
        prop_assert!((mirrored.value + plain.value).abs() <= mirrored.error + plain.error);
    }

    /// |x - c| + s x at c is told, and the interval holds both one-sided slopes.
    #[test]
    fn kinks_at_x_are_told(c in -3.0..3.0_f64, s in -20.0..20.0_f64) {
        let found = Adaptive::new().derivative(|x: f64| (x - c).abs() + s * x, c).unwrap();
        prop_assert_eq!(found.status, Status::NotSmooth, "{:?}", found);
        // The slopes are seen at a distance where rounding is 1/256 of the bend.
        prop_assert!((found.value - s).abs() <= 0.05 && (found.error - 1.0).abs() <= 0.05, "{found:?}");
    }

    /// A jump at x has no slope at all.
    #[test]
    fn jumps_at_x_are_told(c in -3.0..3.0_f64, s in -2.0..2.0_f64, up in prop::bool::ANY) {
        let found = Adaptive::new().derivative(|x: f64| {
            if x > c || (up && x == c) { 1.0 + s * x } else { s * x }
        }, c).unwrap();
        prop_assert_eq!(found.status, Status::NotSmooth, "{:?}", found);
        prop_assert!(found.error.is_infinite());
    }

    /// A kink elsewhere is no kink here.
    #[test]
    fn kinks_beside_x_do_not_matter(c in -3.0..3.0_f64, octave in -30..-2_i32, right in prop::bool::ANY) {
        let x = c + if right { 1.0 } else { -1.0 } * 2.0_f64.powi(octave);
        let found = Adaptive::new().derivative(|x: f64| (x - c).abs() * 2.0, x).unwrap();
        holds(&found, if right { 2.0 } else { -2.0 }, 1.0)?;
    }

    /// x at a bound, or near one: every point lies inside, and the bar holds.
    #[test]
    fn bounds_are_kept(f in smooth(), x in -2.0..2.0_f64, octave in -40..2_i32, upper in prop::bool::ANY, at in prop::bool::ANY, order in 1..3_usize) {
        let gap = if at { 0.0 } else { 2.0_f64.powi(octave) };
        let (low, high) = if upper { (f64::NEG_INFINITY, x + gap) } else { (x - gap, f64::INFINITY) };
        let outside = Cell::new(false);
        let g = |x: f64| {
            outside.set(outside.get() || x < low || x > high);
            (f.f)(x)
        };
        let found = Adaptive::new().with_bounds(low, high).nth_derivative(g, x, order).unwrap();
        prop_assert!(!outside.get());
        let exact = if order == 1 { (f.first)(x) } else { (f.second)(x) };
        holds(&found, exact, 4.0)?;
        if at {
            prop_assert_eq!(found.status, Status::AtBound);
        }
    }

    /// A domain that ends, found by NaN instead of given.
    #[test]
    fn edges_are_found(f in smooth(), x in -2.0..2.0_f64, right in prop::bool::ANY) {
        let found = Adaptive::new().derivative(|t: f64| {
            if (t > x) == right || t == x { (f.f)(t) } else { f64::NAN }
        }, x).unwrap();
        prop_assert_eq!(found.status, Status::AtBound, "{:?}", found);
        holds(&found, (f.first)(x), 2.0)?;
        // Rounding over a step, the weights of one-sided windows of 5 nodes or more.
        prop_assert!(found.error <= 1e-7, "{found:?}");
    }

    /// The count is that of the distinct points, and no budget is exceeded, whatever it is.
    #[test]
    fn budgets_and_counts(f in smooth(), x in -2.0..2.0_f64, budget in 5..40_usize, noise in prop::bool::ANY) {
        let points = RefCell::new(Vec::new());
        let g = |x: f64| {
            points.borrow_mut().push(x.to_bits());
            // Noise keeps it looking.
            (f.f)(x) + if noise { 1e-7 * scramble(x.to_bits()) } else { 0.0 }
        };
        let found = Adaptive::new().with_max_evaluations(budget).derivative(g, x).unwrap();
        let mut points = points.into_inner();
        prop_assert_eq!(points.len(), found.evaluations);
        points.sort_unstable();
        points.dedup();
        prop_assert_eq!(points.len(), found.evaluations);
        prop_assert!(found.evaluations <= budget);
    }

    /// Whatever bits f returns, wherever: an answer or an error within the budget.
    #[test]
    fn any_bits(seed in any::<u64>(), x in any::<f64>(), order in 1..7_usize, kind in 0..4_u32, tolerance in prop::option::of(1e-14..1e-1_f64)) {
        let calls = Cell::new(0_usize);
        let f = |x: f64| {
            calls.set(calls.get() + 1);
            let bits = scrambled(x.to_bits() ^ seed);
            match kind {
                0 => f64::from_bits(bits),
                // Small integers, zeros and NaN.
                1 => if bits.is_multiple_of(5) { f64::NAN } else { (bits % 3) as f64 - 1.0 },
                // Huge and tiny.
                2 => f64::from_bits(bits) * if bits.is_multiple_of(2) { 1e300 } else { 1e-300 },
                _ => x.sin() + if bits.is_multiple_of(7) { f64::INFINITY } else { 0.0 },
            }
        };
        let mut method = Adaptive::new();
        if let Some(tolerance) = tolerance {
            method = method.with_tolerance(tolerance);
        }
        let found = method.nth_derivative(f, x, order);
        prop_assert!(calls.get() <= 64);
        match found {
            Ok(found) => prop_assert!(found.value.is_finite() && !(found.error < 0.0) && !found.error.is_nan(), "{found:?}"),
            Err(Error::NotFinite { .. }) => prop_assert!(!x.is_finite()),
            Err(_) => {}
        }
    }
}

/// Bits that have nothing to do with their argument: the finalizer of SplitMix64.
fn scrambled(bits: u64) -> u64 {
    let mut z = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Uniform on [-1, 1), a fixed function of the bits.
fn scramble(bits: u64) -> f64 {
    (scrambled(bits) >> 11) as f64 * f64::EPSILON - 1.0
}

/// A check point where f is not defined takes back nothing that an earlier one vouched for.
#[test]
fn a_check_point_where_f_is_not_defined_replaces_no_other() {
    let mut cases = 0;
    for i in 0..1000 {
        let (x, level) = (1.0 + 0.001 * f64::from(i), 0.1_f64.powi(7 + i % 6));
        let f = |t: f64| t.sin() + level * scramble(t.to_bits());
        let asked = RefCell::new(Vec::new());
        let watched = |t: f64| {
            asked.borrow_mut().push(t);
            f(t)
        };
        Adaptive::new().derivative(watched, x).unwrap();
        // They lie at this times a power of two.
        let is_check = |t: &&f64| {
            let octaves = ((**t - x).abs() / 0.688_190_960_235_586_8).log2();
            (octaves - octaves.round()).abs() < 1e-9
        };
        let asked = asked.into_inner();
        let checks: Vec<f64> = asked.iter().filter(is_check).copied().collect();
        if checks.len() < 2 || asked.last() != checks.last() {
            continue;
        }
        cases += 1;
        let hole = checks[checks.len() - 1];
        let with_hole = |t: f64| if t == hole { f64::NAN } else { f(t) };
        let found = Adaptive::new().derivative(with_hole, x).unwrap();
        assert!(
            found.error.is_finite() && found.status.is_trusted(),
            "{found:?} at {x}"
        );
    }
    assert!(cases > 20, "{cases}");
}

/// Noise found and declared: the bar holds in 98 % of 300 points (a bar of 3 standard deviations,
/// whose size is itself estimated from a few values), and accuracy is that which the noise allows.
#[test]
fn noise_is_accounted_for() {
    for level in [1e-10, 1e-6, 1e-4] {
        for declared in [false, true] {
            let mut method = Adaptive::new();
            if declared {
                method = method.with_noise(level / 3.0_f64.sqrt());
            }
            let (mut covered, mut errors, mut evaluations, mut told) = (0, Vec::new(), 0, 0);
            let trials = 300;
            for i in 0..trials {
                let x = 0.2 + 0.005 * f64::from(i);
                let f = |x: f64| x.sin() + level * scramble(x.to_bits());
                let found = method.derivative(f, x).unwrap();
                let error = (found.value - x.cos()).abs();
                covered += usize::from(error <= found.error);
                told += usize::from(matches!(found.status, Status::NoiseLimited { .. }));
                errors.push(error);
                evaluations += found.evaluations;
            }
            errors.sort_by(f64::total_cmp);
            let median = errors[errors.len() / 2];
            assert!(
                covered * 100 >= 98 * trials as usize,
                "{level:e} {declared}: covered {covered}"
            );
            // Where the noise is as large as the curvature over the window neither can be told.
            assert!(
                told * 100 >= 90 * trials as usize,
                "{level:e} {declared}: told {told}"
            );
            // A central fourth-order stencil of radius 1 has an error of a few levels; an order of
            // magnitude for steps that are not the best.
            assert!(
                median <= 20.0 * level,
                "{level:e} {declared}: median {median:e}"
            );
            assert!(
                evaluations <= 22 * trials as usize,
                "{level:e} {declared}: {evaluations}"
            );
        }
    }
}

/// In `f32` throughout: what is left below f's last place is not searched for, so that a line costs what it costs in
/// `f64` and not the way to the largest number.
#[test]
fn single_precision_throughout() {
    type Case = (fn(f32) -> f32, fn(f64) -> f64);
    let cases: [Case; 7] = [
        (|x| 3.0 * x, |_| 3.0),
        (|x| 3.0 * x + 1.0, |_| 3.0),
        (|x| 0.1 * x + 0.3, |_| 0.1),
        (|x| x * x, |x| 2.0 * x),
        (f32::sin, f64::cos),
        (f32::exp, f64::exp),
        (
            |x| 1.0 / (1.0 + x * x),
            |x| -2.0 * x / (1.0 + x * x).powi(2),
        ),
    ];
    let mut spent = 0;
    let mut held = 0;
    for (f, slope) in cases {
        for k in 1..=40 {
            let x = 0.05 * k as f32;
            let d = Adaptive::new().single().derivative(f, x).unwrap();
            let exact = slope(f64::from(x));
            let error = (f64::from(d.value) - exact).abs();
            spent += d.evaluations;
            held += usize::from(error <= f64::from(d.error));
            assert!(d.status.is_trusted(), "{x}: {:?}", d.status);
            // Four times what two points give, eps^(2/3).
            let points = f64::from(f32::EPSILON).powf(2.0 / 3.0);
            assert!(
                error <= 4.0 * points * exact.abs().max(0.1),
                "{x}: {error:e}"
            );
            assert!(d.evaluations <= 24, "{x}: {} evaluations", d.evaluations);
        }
    }
    assert!(held >= 277, "{held} of 280");
    assert!(spent <= 14 * 280, "{spent} evaluations");
}

/// An f that rounds to f32 inside f64 is noise of 2^-24, found without being told.
#[test]
fn single_precision_inside_is_found() {
    let (mut covered, mut worst) = (0, 0.0_f64);
    for i in 0..200 {
        let x = 0.3 + 0.004 * f64::from(i);
        let found = Adaptive::new()
            .derivative(|x: f64| f64::from((x as f32).sin()), x)
            .unwrap();
        let error = (found.value - x.cos()).abs();
        covered += usize::from(error <= found.error);
        worst = worst.max(error);
    }
    assert!(covered >= 196, "{covered}");
    // eps^(4/5) of a stencil of order 4 is 6e-6.
    assert!(worst < 1e-4, "{worst:e}");
}

/// Periods that are multiples of every dyadic step do not fool it.
#[test]
fn aliases_are_caught() {
    for i in 0..50 {
        let x = 0.31 + 0.017 * f64::from(i);
        let w = 128.0 * std::f64::consts::PI;
        let found = Adaptive::new()
            .derivative(|x: f64| (w * x).cos() + x * x, x)
            .unwrap();
        let exact = 2.0 * x - w * (w * x).sin();
        assert!(
            (found.value - exact).abs() <= found.error + rounding(1e6),
            "{x} {found:?} {exact}"
        );
        // Five digits of a derivative of 400 in size.
        assert!(found.error < 1e-3, "{found:?}");
    }
}

/// Strict coverage over 6 functions x 500 points: 99 % for each order, both sides and one.
#[test]
fn coverage_is_what_is_claimed() {
    for order in [1, 2] {
        for one_sided in [false, true] {
            let (mut covered, mut total) = (0, 0);
            for s in SMOOTH {
                for i in 0..500 {
                    let x = -2.0 + 0.008_013 * f64::from(i);
                    let mut method = Adaptive::new();
                    if one_sided {
                        method = method.with_bounds(x, f64::INFINITY);
                    }
                    let found = method.nth_derivative(s.f, x, order).unwrap();
                    let exact = if order == 1 {
                        (s.first)(x)
                    } else {
                        (s.second)(x)
                    };
                    // The closed forms round too, in the last place.
                    let rounding = 2.0 * f64::EPSILON * exact.abs();
                    covered += usize::from((found.value - exact).abs() <= found.error + rounding);
                    total += 1;
                }
            }
            println!("order {order}, one side {one_sided}: {covered} of {total}");
            assert!(
                covered * 100 >= 99 * total,
                "order {order}, one side {one_sided}: {covered} of {total}"
            );
        }
    }
}

/// f that varies on the scale of a tiny x, under a slope that it has on every scale: from afar the
/// values look like a line with noise on it. Ten thousand times below the first step and more, the
/// slope at x shows that it is none.
#[test]
fn structure_below_a_line_is_not_noise() {
    for octaves in [10, 20, 25, 30, 35] {
        let scale = 2.0_f64.powi(octaves);
        for i in 0..200 {
            let (z, slope) = (
                -3.0 + 0.03 * f64::from(i) + 0.01,
                0.7 - 0.011 * f64::from(i % 100),
            );
            let f = |x: f64| (x * scale).sin() + slope * x * scale;
            let found = Adaptive::new().derivative(f, z / scale).unwrap();
            let error = (found.value / scale - z.cos() - slope).abs();
            assert!(
                error <= 1e-9 || found.error / scale >= 0.3 * error || !found.status.is_trusted(),
                "2^{octaves}, {z}: off by {error:e}: {found:?}"
            );
        }
    }
}

/// Noise that is declared is not looked for: fewer evaluations, no less accuracy, and bars that hold.
#[test]
fn declared_noise_saves_evaluations() {
    for level in [1e-9, 1e-6, 1e-4] {
        let (mut evaluations, mut errors, mut covered) = ([0, 0], [Vec::new(), Vec::new()], 0);
        for i in 0..400 {
            let x = -2.0 + 0.01 * f64::from(i);
            let f = |x: f64| x.exp() + level * scramble(x.to_bits());
            let declared = Adaptive::new().with_noise(level / 3.0_f64.sqrt());
            for (k, method) in [Adaptive::new(), declared].into_iter().enumerate() {
                let found = method.derivative(f, x).unwrap();
                evaluations[k] += found.evaluations;
                let error = (found.value - x.exp()).abs();
                errors[k].push(error);
                covered += usize::from(error <= found.error);
            }
        }
        let median = errors.map(|mut errors| {
            errors.sort_by(f64::total_cmp);
            errors[200]
        });
        assert!(
            evaluations[1] < evaluations[0],
            "{level:e}: {evaluations:?}"
        );
        // A dozen evaluations in the mean.
        assert!(evaluations[1] <= 12 * 400, "{level:e}: {evaluations:?}");
        assert!(median[1] <= 1.5 * median[0], "{level:e}: {median:?}");
        assert!(covered >= 2 * 392, "{level:e}: {covered}");
    }
}

/// A polynomial near one of its zeros: terms that cancel leave noise far above the rounding of f's
/// value, seen in the check point and the top levels alone, two to four numbers. Bars hold in 99 %,
/// and one in five hundred at most is missed by more than a factor of three.
#[test]
fn cancelling_terms_exceed_the_bar_rarely() {
    let mut state = 5;
    let mut unit = || {
        state = scrambled(state);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    for order in 1..5 {
        let (total, mut missed, mut badly) = (3000, 0, 0);
        for _ in 0..total {
            let c: [f64; 8] = std::array::from_fn(|_| 6.0 * unit() - 3.0);
            let x = 4.0 * unit() - 2.0;
            let f = |x: f64| c.iter().rev().fold(0.0, |sum, c| sum * x + c);
            let falling = |k: usize| (0..order).map(|j| k as f64 - j as f64).product::<f64>();
            let term = |k: usize| c[k] * falling(k) * x.powi((k - order) as i32);
            let exact: f64 = (order..8).map(term).sum();
            let size: f64 = (order..8).map(|k| term(k).abs()).sum();
            let found = Adaptive::new().nth_derivative(f, x, order).unwrap();
            let error = (found.value - exact).abs() - rounding(size);
            missed += usize::from(error > found.error);
            badly += usize::from(error > 3.0 * found.error);
        }
        println!("order {order}: {missed} missed, {badly} by more than three bars, of {total}");
        assert!(missed * 100 <= total, "order {order}: {missed} of {total}");
        assert!(badly * 500 <= total, "order {order}: {badly} of {total}");
    }
}
