//! What an adaptive derivative promises: a tolerance that is claimed is met, a bar that says nothing is not
//! trusted, one side where it is better or asked for, the rounding inside f.

use crate::bugs::Random;
use crate::rounded::points;
use numdiff_core::{Adaptive, Error, Status};

type Univariate = fn(f64) -> f64;

#[test]
fn a_tolerance_that_is_claimed_is_met() {
    let mut random = Random(41);
    let (mut converged, mut beyond) = (0, 0);
    for x in points(600, 0.3, 2.5) {
        let level = 10.0_f64.powf(random.within(-11.0, -6.0));
        let seed = random.next();
        // Noise that is a function of x.
        let f = move |t: f64| {
            let unit = Random(t.to_bits() ^ seed).within(-1.0, 1.0);
            t.sin() + 1.7 * level * unit
        };
        let d = Adaptive::new()
            .with_tolerance(1e-6)
            .derivative(f, x)
            .unwrap();
        if d.status == Status::Converged {
            assert!(
                d.error <= 1e-6 * d.value.abs(),
                "{d:?} at {x}, noise {level:e}"
            );
            converged += 1;
            beyond += usize::from((d.value - x.cos()).abs() > 2.0 * d.error);
        }
    }
    assert!(converged > 150, "{converged}");
    assert!(beyond <= 6, "{beyond} of 600");
}

#[test]
fn a_bar_that_says_nothing_is_not_trusted() {
    let cases: [(Univariate, usize); 3] = [
        (|x| x * x.abs(), 2),
        (|x| x.sin() + x.max(0.0).powi(3), 3),
        (|x| x.powi(3) * x.signum(), 3),
    ];
    for (f, order) in cases {
        let d = Adaptive::new().nth_derivative(f, 0.0, order).unwrap();
        let told = !d.status.is_trusted();
        // Half the jump of the derivative: every value between those of the two sides is right.
        let between = d.error < 10.0 && d.error >= 0.4 * d.value.abs();
        assert!(told || between && d.status != Status::OutOfBudget, "{d:?}");
    }
    for budget in 5..40 {
        let method = Adaptive::new().with_max_evaluations(budget);
        let d = method
            .derivative(|x: f64| (1e4 * x).sin() + x, 0.7)
            .unwrap();
        if d.status == Status::OutOfBudget {
            assert!(d.error < d.value.abs() + 1e4, "{budget}: {d:?}");
        }
    }
}

#[test]
fn the_rounding_of_an_argument_counts() {
    let mut random = Random(42);
    let (mut outside, mut beyond, cases) = (0, 0, 1000);
    for _ in 0..cases {
        let x = 10.0_f64.powf(random.within(-2.0, 4.0));
        let a = x * random.within(100.0, 500.0);
        let exact = (-a / x).exp() * (a * a / x.powi(4) - 2.0 * a / x.powi(3));
        let d = Adaptive::new()
            .nth_derivative(|t: f64| (-a / t).exp(), x, 2)
            .unwrap();
        let error = (d.value - exact).abs();
        outside += usize::from(d.status.is_trusted() && error > d.error);
        beyond += usize::from(d.status == Status::Converged && error > 2.0 * d.error);
    }
    // 9 and 5 % where the noise of f(x) was not measured.
    assert!(
        outside <= 40 && beyond <= 10,
        "{outside}, {beyond} of {cases}"
    );
}

#[test]
fn a_bound_beside_x_leaves_the_other_side() {
    let functions: [(Univariate, Univariate); 3] = [
        (|x| x.exp(), |x| x.exp()),
        (|x| x.sin(), |x| x.cos()),
        (|x| x.atan(), |x| 1.0 / (1.0 + x * x)),
    ];
    for (k, x) in points(200, 0.5, 2.5).enumerate() {
        let distance = 10.0_f64.powf(-9.0 + 5.0 * (k % 21) as f64 / 20.0);
        let (f, slope) = functions[k % 3];
        for lower in [true, false] {
            let method = match lower {
                true => Adaptive::new().with_bounds(x - distance, f64::INFINITY),
                false => Adaptive::new().with_bounds(f64::NEG_INFINITY, x + distance),
            };
            let inside = |t: f64| {
                assert!(if lower {
                    t >= x - distance
                } else {
                    t <= x + distance
                });
                f(t)
            };
            let d = method.derivative(inside, x).unwrap();
            let error = (d.value - slope(x)).abs();
            assert!(
                error <= d.error && error < 1e-11 && d.error < 1e-10,
                "{d:?} at {x}, bound at {distance:e}"
            );
        }
    }
}

#[test]
fn the_side_is_chosen() {
    for x in points(60, -2.0, 2.0) {
        for (method, sign) in [
            (Adaptive::new().forward(), 1.0),
            (Adaptive::new().backward(), -1.0),
        ] {
            let jump = |t: f64| {
                assert!(sign * (t - x) >= 0.0);
                if t == x {
                    x.exp()
                } else {
                    t.exp() + 3.0 * (t - x).abs()
                }
            };
            let d = method.derivative(jump, x).unwrap();
            let error = (d.value - x.exp() - 3.0 * sign).abs();
            assert!(error <= d.error && d.error < 1e-10, "{d:?} at {x}");
            assert_eq!(d.status, Status::Converged);
            let second = method.nth_derivative(|t: f64| t.sin(), x, 2).unwrap();
            assert!(
                (second.value + x.sin()).abs() <= second.error,
                "{second:?} at {x}"
            );
        }
    }
    let error = Adaptive::new()
        .forward()
        .nth_derivative(f64::exp, 1.0, 7)
        .unwrap_err();
    assert!(matches!(
        error,
        Error::OutOfRange {
            argument: "order",
            ..
        }
    ));
    assert!(error.to_string().contains("from 1 to 6"), "{error}");
}

#[test]
fn orders_7_and_8_keep_their_bars() {
    for x in points(60, 0.3, 3.0) {
        for order in [7, 8] {
            let exp = Adaptive::new().nth_derivative(f64::exp, x, order).unwrap();
            assert!((exp.value - x.exp()).abs() <= exp.error, "{exp:?} at {x}");
            assert!((exp.value / x.exp() - 1.0).abs() < 1e-2, "{exp:?} at {x}");
            let sin = Adaptive::new().nth_derivative(f64::sin, x, order).unwrap();
            let exact = if order == 7 { -x.cos() } else { x.sin() };
            assert!((sin.value - exact).abs() <= sin.error, "{sin:?} at {x}");
        }
    }
}

#[test]
fn a_table_is_no_wider_by_default_than_with_a_tolerance() {
    let spacing = std::f64::consts::TAU / 20.0;
    let knot = |k: f64| (k * spacing).sin();
    let table = |t: f64| {
        let k = (t / spacing).floor();
        let part = t / spacing - k;
        knot(k) * (1.0 - part) + knot(k + 1.0) * part
    };
    let (mut widths, mut outside) = ([Vec::new(), Vec::new()], 0);
    for x in points(300, -3.0, 3.0) {
        let k = (x / spacing).floor();
        let slope = (knot(k + 1.0) - knot(k)) / spacing;
        for (method, widths) in [Adaptive::new(), Adaptive::new().with_tolerance(1e-6)]
            .iter()
            .zip(&mut widths)
        {
            let d = method.derivative(table, x).unwrap();
            widths.push(d.error / slope.abs());
            outside += usize::from(
                d.status == Status::Converged && (d.value - slope).abs() > 2.0 * d.error,
            );
        }
    }
    let [default, tolerant] = widths.map(|mut all| {
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    });
    assert!(
        default < 1e-11 && default <= 2.0 * tolerant,
        "{default:e}, {tolerant:e}"
    );
    assert!(outside <= 6, "{outside} of 600");
}

#[test]
fn none_is_gone_around() {
    for x in points(50, 0.1, 3.0) {
        let mut failures = 0;
        let f = |t: f64| {
            failures += usize::from(t > x + 1e-4);
            if t > x + 1e-4 {
                Err("out of reach")
            } else {
                Ok(t.exp())
            }
        };
        let mut f = f;
        let d = Adaptive::new().derivative(|t: f64| f(t).ok(), x).unwrap();
        assert!(
            (d.value - x.exp()).abs() <= d.error && d.error < 1e-8,
            "{d:?}"
        );
        let failed = Adaptive::new().derivative(&mut f, x).unwrap_err();
        assert!(failed.to_string().contains("None"), "{failed}");
        assert!(failures > 0);
    }
}

#[test]
fn stationary_points_are_found_from_both_sides_and_from_one() {
    // f and its second derivative at 0, where the first is 0.
    let functions: [(Univariate, f64); 6] = [
        (|x| x.exp() - x, 1.0),
        (|x| x.cos(), -1.0),
        (|x| x * x, 2.0),
        (|x| x * x + x.powi(3), 2.0),
        (|x| x.powi(3), 0.0),
        (|x| 1.0 + x.powi(3), 0.0),
    ];
    for (k, (f, second)) in functions.into_iter().enumerate() {
        let d = Adaptive::new().derivative(f, 0.0).unwrap();
        assert!(d.value.abs() <= d.error && d.error < 1e-11, "{k}: {d:?}");
        assert!(d.status.is_trusted() && d.evaluations <= 20, "{k}: {d:?}");
        let d = Adaptive::new().nth_derivative(f, 0.0, 2).unwrap();
        assert!(
            (d.value - second).abs() <= d.error && d.error < 1e-8,
            "{k}: {d:?}"
        );
        if second != 0.0 {
            // A minimum at a bound.
            let one_side = [
                Adaptive::new().with_bounds(0.0, 9.0),
                Adaptive::new().forward(),
                Adaptive::new().backward(),
            ];
            for method in one_side {
                let d = method.derivative(f, 0.0).unwrap();
                assert!(d.value.abs() <= d.error && d.error < 1e-8, "{k}: {d:?}");
                assert!(d.status.is_trusted(), "{k}: {d:?}");
            }
        }
    }
}
