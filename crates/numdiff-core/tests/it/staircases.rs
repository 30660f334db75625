//! Where f does not move at all around x: a staircase whose steps are noise, or a plateau.

use crate::rounded::points;
use numdiff_core::{Adaptive, Status};

#[test]
fn a_plateau_beside_a_slope_is_level() {
    // Rising on one side, at distances that the first steps span and those below do not.
    for x in points(200, -0.03, -1e-4) {
        for scale in [1.0, 7.0, 1e-3] {
            let ramp = |z: f64| scale * z.max(0.0);
            let lifted = |z: f64| 3.0 + scale * z.max(0.0);
            let square = |z: f64| scale * z.max(0.0).powi(2);
            for f in [&ramp as &dyn Fn(f64) -> f64, &lifted, &square] {
                let d = Adaptive::new().derivative(f, x).unwrap();
                assert_eq!(d.value, 0.0, "{x} {d:?}");
                // Where f(x) is 0 no rise is small enough for a step.
                assert!(d.error <= 1e-9 * scale || f(x) != 0.0, "{x} {d:?}");
            }
        }
    }
}

#[test]
fn a_plateau_at_a_bound_is_level() {
    // Seen from one side, a ramp that starts at some distance is no staircase.
    for start in points(200, 1e-4, 0.03) {
        let d = Adaptive::new()
            .with_bounds(0.0, 1.0)
            .derivative(|x: f64| (x - start).max(0.0), 0.0)
            .unwrap();
        assert_eq!(d.value, 0.0, "{start} {d:?}");
    }
}

#[test]
fn a_tread_between_steps_is_not_level() {
    // f rounds x to f32 and varies within some hundred of its spacings: level on the smallest steps, another
    // function on those above. Of the slope between the treads little can be said, but not that it is 0.
    let (mut trusted, mut outside) = (0, 0);
    for (i, x) in points(1000, -10.0, 10.0).enumerate() {
        let x = x as f32;
        let spacing = f64::from(x.abs().next_up() - x.abs());
        let w = 10.0_f64.powf(-3.0 + 0.25 * (i % 10) as f64) / spacing;
        let f = |t: f64| (w * f64::from(t as f32)).cos();
        let d = Adaptive::new().derivative(f, f64::from(x)).unwrap();
        let error = (d.value + w * (w * f64::from(x)).sin()).abs();
        trusted += usize::from(d.status == Status::Converged);
        outside += usize::from(d.status == Status::Converged && error > 2.0 * d.error);
    }
    // Its period may still fit the steps above.
    assert!(outside <= 30, "{outside} of {trusted}");
    // (x - 1)(x - 2)...(x - 10) multiplied out, in f32.
    let coefficients = [
        1.0,
        -55.0,
        1320.0,
        -18150.0,
        157773.0,
        -902055.0,
        3416930.0,
        -8409500.0,
        12753576.0,
        -10628640.0,
        3628800.0_f32,
    ];
    let f = |t: f64| f64::from(coefficients.iter().fold(0.0, |sum, c| sum * t as f32 + c));
    let d = Adaptive::new()
        .derivative(f, 10.016_028_404_235_84)
        .unwrap();
    assert!((d.value - 396_704.594).abs() <= d.error, "{d:?}");
}

#[test]
fn declared_noise_is_no_less_for_steps_below_it() {
    for x in points(200, -2.0, 2.0) {
        let level = 1e-3;
        let d = Adaptive::new()
            .with_noise(level)
            .derivative(|x: f64| (x.sin() * 1e4).round() / 1e4, x)
            .unwrap();
        let told = match d.status {
            Status::NoiseLimited { level } => level,
            _ => level,
        };
        assert!(told >= level, "{x} {d:?}");
        assert!((d.value - x.cos()).abs() <= d.error, "{x} {d:?}");
    }
}

#[test]
fn steps_that_slope_have_one_of_two_slopes() {
    // That of a step, or that of what the steps add up to.
    let mut outside = 0;
    for (i, x) in points(1000, -3.0, 3.0).enumerate() {
        let a = 10.0_f64.powf(-8.0 + 0.5 * (i % 9) as f64);
        let w = 10.0_f64.powf(3.0 + 0.4 * (i % 11) as f64);
        let f = |x: f64| 3.0 + x.sin() + a * (w * x - (w * x).floor());
        let d = Adaptive::new().derivative(f, x).unwrap();
        let apart = (d.value - x.cos())
            .abs()
            .min((d.value - x.cos() - a * w).abs());
        outside += usize::from(apart > d.error);
    }
    assert!(outside <= 10, "{outside}");
}

#[test]
fn large_teeth_are_no_noise() {
    // 3e-4 of f and more: the slope of the tooth that x lies on.
    let mut outside = 0;
    for (i, x) in points(500, -3.0, 3.0).enumerate() {
        let a = 10.0_f64.powf(-3.0 + 0.2 * (i % 6) as f64);
        let w = 10.0_f64.powf(2.0 + 0.3 * (i % 7) as f64);
        let f = |x: f64| 3.0 + x.sin() + a * (w * x - (w * x).floor());
        let d = Adaptive::new().derivative(f, x).unwrap();
        outside += usize::from((d.value - x.cos() - a * w).abs() > d.error);
    }
    // Where a tooth ends beside x, a jump that is not seen: 2 % of the points. Taken for noise, the
    // teeth would leave a third outside.
    assert!(outside * 50 <= 500, "{outside}");
}

#[test]
fn a_search_among_steps_ends() {
    // Each time from the top with the noise found, which has to grow.
    let (a, w) = (9.26613478881362e-2, 2.1242889357347874e4);
    let f =
        |x: f64| 173.56686402333065 + (x * x * x - x * 2.0 + 1.0) + a * (x * w - (x * w).floor());
    let d = Adaptive::new().derivative(f, 0.923094841753483).unwrap();
    assert!(d.evaluations <= 64);
}
