//! Automatic steps of fixed differences where x is small: a length in meters, or a zero with rounding.

use crate::bugs::Random;
use ndarray::{Array1, Array2, array};
use numdiff_core::{FiniteDifference, Step, gradient, hessian, jacobian};

/// A function with its derivatives of orders 1 and 2.
type Smooth = (fn(f64) -> f64, fn(f64) -> f64, fn(f64) -> f64);

const FUNCTIONS: [Smooth; 4] = [
    (
        |u| (u - 0.3).exp(),
        |u| (u - 0.3).exp(),
        |u| (u - 0.3).exp(),
    ),
    (
        |u| (u + 0.7).sin(),
        |u| (u + 0.7).cos(),
        |u| -(u + 0.7).sin(),
    ),
    (
        |u| 1.0 / (2.5 + u),
        |u| -(2.5 + u).powi(-2),
        |u| 2.0 * (2.5 + u).powi(-3),
    ),
    (
        |u| (2.2 + u).ln(),
        |u| 1.0 / (2.2 + u),
        |u| -(2.2 + u).powi(-2),
    ),
];

/// Either sign, uniform in the logarithm between powers of ten.
fn spread(random: &mut Random, low: f64, high: f64) -> f64 {
    let size = 10.0_f64.powf(random.within(low, high));
    if random.below(2) == 0 { -size } else { size }
}

/// A sum of functions of one coordinate each, on the scale 1 or that of its coordinate.
struct Sum(Vec<(Smooth, f64)>);

impl Sum {
    fn drawn(random: &mut Random, x: &Array1<f64>, of_x: bool) -> Sum {
        let term = |x: &f64| {
            let scale = if of_x && random.below(2) == 0 {
                x.abs()
            } else {
                1.0
            };
            (FUNCTIONS[random.below(4)], scale)
        };
        Sum(x.iter().map(term).collect())
    }

    fn value(&self, x: &Array1<f64>) -> f64 {
        let terms = self.0.iter().zip(x);
        terms.map(|((g, scale), x)| (g.0)(x / scale)).sum()
    }

    /// The derivative of order 1 or 2 by coordinate `i`, times the scale, over the size of the function's.
    fn relative_error(&self, x: &Array1<f64>, i: usize, order: i32, found: f64) -> f64 {
        let (g, scale) = &self.0[i];
        let derivative = if order == 1 { g.1 } else { g.2 };
        let exact = derivative(x[i] / scale);
        (found * scale.powi(order) - exact).abs() / exact.abs().max(0.1)
    }
}

#[test]
fn four_digits_of_gradients_on_either_scale() {
    let mut random = Random(31);
    for _ in 0..2000 {
        let x = Array1::from_shape_fn(3, |_| spread(&mut random, -8.0, 0.0));
        let f = Sum::drawn(&mut random, &x, true);
        let mut count = 0;
        let g = gradient(
            |x| {
                count += 1;
                f.value(x)
            },
            &x,
        )
        .unwrap();
        assert_eq!(count, 6);
        let j = jacobian(|x| [f.value(x), 2.0], &x).unwrap();
        for i in 0..3 {
            let error = f.relative_error(&x, i, 1, g[i]);
            assert!(error < 1e-4, "{error:e} at {x}, coordinate {i}");
            assert_eq!((j[(0, i)], j[(1, i)]), (g[i], 0.0));
        }
    }
}

#[test]
fn hessians_on_either_scale_lose_digits_with_x_alone() {
    let mut random = Random(32);
    let mut errors = Vec::new();
    for _ in 0..2000 {
        let x = Array1::from_shape_fn(2, |_| spread(&mut random, -6.0, 0.0));
        let f = Sum::drawn(&mut random, &x, true);
        let mut count = 0;
        let h = hessian(
            |x| {
                count += 1;
                f.value(x)
            },
            &x,
        )
        .unwrap();
        assert_eq!(count, 7);
        for i in 0..2 {
            // Digits go as 1/|x|; the sum of the functions has the rounding of both.
            let error = f.relative_error(&x, i, 2, h[(i, i)]) * x[i].abs();
            assert!(error < 6e-7, "{error:e} at {x}, coordinate {i}");
            errors.push(error);
        }
    }
    errors.sort_by(f64::total_cmp);
    let median = errors[errors.len() / 2];
    println!("median error of a second derivative: {median:.1e} / |x|");
    assert!(median < 1e-8);
}

#[test]
fn zeros_with_rounding_move_as_zero_does() {
    let mut random = Random(33);
    for _ in 0..500 {
        let x = Array1::from_shape_fn(3, |_| spread(&mut random, -17.0, -13.0));
        let f = Sum::drawn(&mut random, &x, false);
        let g = gradient(|x| f.value(x), &x).unwrap();
        let h = hessian(|x| f.value(x), &x).unwrap();
        for i in 0..3 {
            assert!(f.relative_error(&x, i, 1, g[i]) < 1e-9, "{x}");
            assert!(f.relative_error(&x, i, 2, h[(i, i)]) < 1e-6, "{x}");
        }
    }
}

#[test]
fn from_1_on_and_at_0_the_bits_are_those_of_the_scale_of_x() {
    let mut random = Random(34);
    for k in 0..500 {
        let mut x = Array1::from_shape_fn(3, |_| spread(&mut random, 0.0, 12.0));
        if k % 2 == 0 {
            x[1] = 0.0;
        }
        let f = |x: &Array1<f64>| (x[0].sin() + 0.3 * x[1]).atan() * x[2].abs().ln_1p();
        for method in [
            FiniteDifference::central(),
            FiniteDifference::forward().with_accuracy(3),
        ] {
            let floored = method.clone().with_typical(1.0);
            assert_eq!(
                method.gradient(f, &x).unwrap(),
                floored.gradient(f, &x).unwrap()
            );
            assert_eq!(
                method.hessian(f, &x).unwrap(),
                floored.hessian(f, &x).unwrap()
            );
        }
    }
}

#[test]
fn steps_that_the_caller_gives_are_taken_as_they_are() {
    let f = |x: &Array1<f64>| {
        assert!([3e-7, 3e-7 + 1e-4, 3e-7 - 1e-4].contains(&x[0]));
        x[0].exp()
    };
    for step in [
        Step::Absolute(1e-4),
        Step::Relative(1e-4),
        Step::PerCoordinate(vec![1e-4]),
    ] {
        let g = FiniteDifference::central()
            .with_step(step)
            .gradient(f, &array![3e-7])
            .unwrap();
        assert!((g[0] - 1.0).abs() < 1e-6);
    }
}

#[test]
fn a_beam_in_meters_and_pascals() {
    // Force, length, Young's modulus, second moment of area.
    let x = array![1e3, 4.0, 2.1e11, 8.33e-6];
    let deflection = |x: &Array1<f64>| x[0] * x[1].powi(3) / (48.0 * x[2] * x[3]);
    let w = deflection(&x);
    let exact = array![w / x[0], 3.0 * w / x[1], -w / x[2], -w / x[3]];
    let found = gradient(deflection, &x).unwrap();
    for (found, exact) in found.iter().zip(&exact) {
        assert!(
            (found / exact - 1.0).abs() < 1e-5,
            "{found:e} for {exact:e}"
        );
    }
}

#[test]
fn two_ions_a_few_micrometers_apart() {
    let (mass, frequency, coulomb): (f64, f64, f64) = (6.64e-26, 6.3e6, 2.307e-28);
    let spring = mass * frequency * frequency;
    let at = (coulomb / (4.0 * spring)).cbrt();
    assert!((1e-6..5e-6).contains(&at));
    let energy = |x: &Array1<f64>| 0.5 * spring * x.dot(x) + coulomb / (x[1] - x[0]).abs();
    let found = hessian(energy, &array![-at, at]).unwrap();
    let bend = 2.0 * coulomb / (2.0 * at).powi(3);
    let exact: Array2<f64> = array![[spring + bend, -bend], [-bend, spring + bend]];
    for (found, exact) in found.iter().zip(&exact) {
        assert!(
            (found / exact - 1.0).abs() < 1e-2,
            "{found:e} for {exact:e}"
        );
    }
}

#[test]
fn a_logarithm_close_to_0() {
    let forward = FiniteDifference::forward()
        .derivative(|x: f64| x.ln(), 1e-8)
        .unwrap();
    let central = FiniteDifference::central()
        .derivative(|x: f64| x.ln(), 1e-8)
        .unwrap();
    assert!((forward * 1e-8 - 1.0).abs() < 1e-3, "{forward:e}");
    assert!((central * 1e-8 - 1.0).abs() < 1e-5, "{central:e}");
}
