//! What adaptive derivatives make of smooth structure that is small against f(x) and far below the
//! first steps: it is no rounding, and the slope at x is its slope.

use crate::rounded::points;
use numdiff_core::Adaptive;

/// Whether the answer is wrong by more than 1e-3 and its error bar says less.
fn misleads(f: impl Fn(f64) -> f64, x: f64, exact: f64) -> bool {
    let d = Adaptive::new().derivative(f, x).unwrap();
    (d.value - exact).abs() > 1e-3 * exact.abs() && d.error <= 1e-3 * d.value.abs()
}

#[test]
fn a_small_well_is_not_a_step() {
    // As deep as steps may be; level on both sides.
    let mut outside = 0;
    for (i, u) in points(300, -2.0, 2.0).enumerate() {
        let width = 10.0_f64.powf(-7.0 + 0.5 * (i % 4) as f64);
        let depth = 10.0_f64.powf(-6.5 + 0.5 * (i % 5) as f64);
        let x = 0.7 + u * width;
        let z = (x - 0.7) / width;
        let exact = 2.0 * z * depth / width * (-z * z).exp();
        let d = Adaptive::new()
            .derivative(
                |x: f64| 30.0 - depth * (-((x - 0.7) / width).powi(2)).exp(),
                x,
            )
            .unwrap();
        outside += usize::from((d.value - exact).abs() > d.error);
    }
    // A bar of three standard deviations leaves 0.3 % outside.
    assert!(outside <= 1, "{outside}");
}

#[test]
fn a_small_ripple_is_not_a_row_of_steps() {
    let mut wrong = 0;
    for (i, x) in points(1000, -2.0, 2.0).enumerate() {
        let a = 10.0_f64.powf(-6.0 + 0.1 * (i % 10) as f64);
        let w = 10.0_f64.powf(5.0 + 0.3 * (i % 7) as f64);
        let f = |x: f64| 1.0 + x.sin() + a * (w * x).sin();
        wrong += usize::from(misleads(f, x, x.cos() + a * w * (w * x).cos()));
    }
    // A ripple that is as steep at three more places by chance, each within 2 %.
    assert!(wrong <= 1, "{wrong}");
}

#[test]
fn a_hyperbola_seen_from_far_away_is_bent_at_x() {
    // From afar it is a kink, which is gone at the last step of the look that tells.
    for (i, u) in points(300, -3.0, 3.0).enumerate() {
        let scale = 10.0_f64.powf(-17.0 - 0.5 * (i % 20) as f64);
        let f = |x: f64| (1.0 + (x / scale).powi(2)).sqrt() + 0.4 * (x / scale);
        let x = u * scale;
        let d = Adaptive::new().derivative(f, x).unwrap();
        let z = x / scale;
        let exact = (z / (1.0 + z * z).sqrt() + 0.4) / scale;
        // Of the closed form.
        let rounding = 8.0 * f64::EPSILON / scale;
        let bar = d.error + rounding;
        assert!((d.value - exact).abs() <= bar, "{u} {scale:e} {d:?}");
    }
}

#[test]
fn a_cubic_seen_from_far_away_has_its_slope() {
    // On steps far above its scale it is a power of h, whose rounding hides the slope.
    let error = |x: f64, scale: f64, size: f64| {
        let cube = |u: f64| size * (u * u * u - 2.0 * u);
        let d = Adaptive::new().derivative(|x| cube(x / scale), x).unwrap();
        let square = 3.0 * (x / scale).powi(2);
        (d.value * scale / size - (square - 2.0)).abs() / (square + 2.0)
    };
    for (i, u) in points(300, -2.0, 2.0).enumerate() {
        let scale = 10.0_f64.powf(-9.0 + 0.05 * (i % 20) as f64);
        let error = error(u * scale, scale, 1.0);
        assert!(error < 1e-6, "{u} {scale:e} {error:e}");
    }
    let (x, scale, size) = (
        -1.2792611212132019e-8,
        1.7506495622007452e-8,
        0.5476909582579838,
    );
    assert!(error(x, scale, size) < 1e-8);
}

#[test]
fn what_contradicts_an_answer_is_in_its_bar_when_the_budget_ends() {
    // A line from afar, twice as steep at x.
    let scale = 1e-25;
    let x = 0.3 * scale;
    let exact = (1.0 + 1.0 / 1.09) / scale;
    for budget in 5..64 {
        let mut near = false;
        let f = |z: f64| {
            near |= z != x && (z - x).abs() < scale;
            z / scale + (z / scale).atan()
        };
        let adaptive = Adaptive::new().with_max_evaluations(budget);
        let d = adaptive.derivative(f, x).unwrap();
        // A window that no check point saw may be off by a little more than its bar.
        let held = (d.value - exact).abs() <= d.error.max(1e-6 * exact);
        assert!(held || !near, "{budget} {d:?}");
    }
}

#[test]
fn knots_of_a_table_are_no_noise_under_a_tolerance() {
    // Cells about as wide as the first step and narrower: from afar what they differ by looks like noise.
    let (mut outside, mut trusted) = (0, 0);
    for (i, x) in points(1000, -3.0, 3.0).enumerate() {
        let g = [f64::sin as fn(f64) -> f64, f64::exp, f64::atan][i % 3];
        let spacing = std::f64::consts::TAU / (60.0 * 1.3_f64.powi((i % 8) as i32));
        let knot = |k: f64| g(k * spacing);
        let f = |t: f64| {
            let k = (t / spacing).floor();
            let part = t / spacing - k;
            knot(k) * (1.0 - part) + knot(k + 1.0) * part
        };
        let k = (x / spacing).floor();
        let exact = (knot(k + 1.0) - knot(k)) / spacing;
        let d = Adaptive::new().with_tolerance(1e-6).derivative(f, x);
        let d = d.unwrap();
        outside += usize::from(d.status.is_trusted() && (d.value - exact).abs() > d.error);
        trusted += usize::from(d.status.is_trusted());
    }
    // 1 %; 3 % and more where a missed tolerance is not looked into.
    assert!(outside <= 10 && trusted > 900, "{outside} of {trusted}");
}
