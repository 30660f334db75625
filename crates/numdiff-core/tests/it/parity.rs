//! Kinks and bends at and beside x: the bar holds them, or the status tells.

use crate::rounded::points;
use numdiff_core::{Adaptive, Estimate, Status};

/// A smooth function with two derivatives.
type Smooth = fn(f64) -> [f64; 3];

const SMOOTH: [Smooth; 5] = [
    |x| [x.sin(), x.cos(), -x.sin()],
    |x| [x.exp(); 3],
    |x| [x.ln(), 1.0 / x, -1.0 / (x * x)],
    |x| {
        let d = 1.0 / (1.0 + x * x);
        [x.atan(), d, -2.0 * x * d * d]
    },
    |x| [x * (x * x - 2.0), 3.0 * x * x - 2.0, 6.0 * x],
];

/// Cases: x, a smooth function, the weight and the signed distance of a kink or bend.
fn cases() -> impl Iterator<Item = (f64, Smooth, f64, f64)> {
    points(1200, 0.3, 2.5).enumerate().map(|(k, x)| {
        let c = 10.0_f64.powf(-5.0 + 3.0 * (k % 17) as f64 / 16.0);
        let distance = match k % 13 {
            0 => 0.0,
            octave => 10.0_f64.powf(-10.0 + 8.0 * octave as f64 / 12.0),
        };
        let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
        (x, SMOOTH[k % 5], c, sign * distance)
    })
}

/// Whether the answer is beyond two bars of every right value.
fn misleads(d: &Estimate<f64>, smooth: f64, jump: f64, distance: f64) -> bool {
    let error = if distance == 0.0 {
        (d.value - smooth).abs() - jump
    } else {
        // x lies on the branch away from the kink.
        (d.value - (smooth - jump * distance.signum())).abs()
    };
    d.status == Status::Converged && error > 2.0 * d.error
}

#[test]
fn kinks_are_in_the_bar_or_told() {
    let mut wrong = 0;
    for (x, g, c, distance) in cases() {
        let at = x + distance;
        let d = Adaptive::new()
            .derivative(|t| g(t)[0] + c * (t - at).abs(), x)
            .unwrap();
        wrong += usize::from(misleads(&d, g(x)[1], c, at - x));
    }
    // 1 %; a quarter of them before the samples' parity was asked.
    assert!(wrong <= 12, "{wrong}");
}

#[test]
fn bends_are_in_the_bar_of_the_second_derivative_or_told() {
    let mut wrong = 0;
    for (x, g, c, distance) in cases() {
        let at = x + distance;
        let d = Adaptive::new()
            .nth_derivative(|t| g(t)[0] + c * (t - at) * (t - at).abs(), x, 2)
            .unwrap();
        wrong += usize::from(misleads(&d, g(x)[2], 2.0 * c, at - x));
    }
    assert!(wrong <= 12, "{wrong}");
}

#[test]
fn the_examples() {
    let kink = |t: f64| t.sin() + 3e-4 * (t - 1.0 - 1e-8).abs();
    let d = Adaptive::new().derivative(kink, 1.0).unwrap();
    assert!((d.value - 0.540_002_31).abs() <= 2.0 * d.error, "{d:?}");
    let c = 1.0 + 1e-7;
    let bend = |t: f64| t.sin() + 1e-5 * (t - c) * (t - c).abs();
    let d = Adaptive::new().nth_derivative(bend, 1.0, 2).unwrap();
    assert!((d.value + 0.841_490_98).abs() <= 2.0 * d.error, "{d:?}");
}

/// What is linear apart from even powers about x has one level of the wrong parity: it does not widen the bar.
#[test]
fn even_functions_beside_a_line_meet_a_tolerance() {
    for k in 0..200 {
        let (slope, bend) = (0.5 + 0.01 * f64::from(k), 1.0 - 0.007 * f64::from(k));
        let f = |x: f64| 1.0 + slope * x + bend * x.powi(2) + x.powi(4);
        let d = Adaptive::new()
            .with_tolerance(1e-8)
            .derivative(f, 0.0)
            .unwrap();
        assert_eq!(d.status, Status::Converged, "{k}: {d}");
        assert!((d.value - slope).abs() <= d.error, "{k}: {d}");
    }
}

#[test]
fn smooth_functions_are_not_called_anything_else() {
    for (x, g, _, _) in cases() {
        for order in 1..=2 {
            for scale in [-20, 0, 20] {
                let s = f64::from(scale).exp2();
                let d = Adaptive::new()
                    .nth_derivative(|t| g(t / s)[0], x * s, order)
                    .unwrap();
                assert_ne!(
                    d.status,
                    Status::NotSmooth,
                    "order {order} at {x} 2^{scale}"
                );
            }
        }
    }
}

/// x and f in units from 2^-570 to 2^570: the same verdicts, and the same derivatives to the last bit.
#[test]
fn kinks_are_told_in_any_unit() {
    for (x, g, c, distance) in cases().step_by(40) {
        let at = x + distance;
        let [one, small, large] = [0, -570, 570].map(|power| {
            let unit = 2.0_f64.powi(power);
            let kinked = |t: f64| unit * (g(t / unit)[0] + c * (t / unit - at).abs());
            let method = Adaptive::new().with_typical(unit);
            method.derivative(kinked, unit * x).unwrap()
        });
        for other in [small, large] {
            assert_eq!(
                (one.value, one.error),
                (other.value, other.error),
                "{x} {distance}"
            );
            assert_eq!(one.evaluations, other.evaluations, "{x} {distance}");
        }
    }
}
