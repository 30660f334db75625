//! The error of a central difference against its step, for three levels of noise.

use crate::Failure;
use crate::figure::{Axis, Figure, Ink, Layer};
use numdiff_core::Adaptive;

const X: f64 = 0.7;

pub fn figure() -> Result<Figure, Failure> {
    let exact = -2.0 * X / ((1.0 + X * X) * (1.0 + X * X));
    let shown = |value: f64| ((value - exact) / exact).abs().max(1e-14).log10();
    // Four steps an octave: single steps jump, their neighbors show the slope.
    let steps: Vec<f64> = (4..=144).map(|k| 2f64.powf(-f64::from(k) / 4.0)).collect();
    let curve = |level: f64| -> Vec<[f64; 2]> {
        let f = |x: f64| 1.0 / (1.0 + x * x) + level * jitter(x);
        let difference = |h: f64| (f(X + h) - f(X - h)) / (2.0 * h);
        let point = |&h: &f64| [h.log10(), shown(difference(h))];
        steps.iter().map(point).collect()
    };
    let found = Adaptive::new().derivative(|x: f64| 1.0 / (1.0 + x * x) + 1e-6 * jitter(x), X)?;
    let level = shown(found.value);
    let line = |label: &str, ink, dashed, points| Layer::Line {
        label: Some(label.to_string()),
        ink,
        dashed,
        points,
    };
    Ok(Figure {
        name: "noise-against-step",
        title: "What noise in f does to a central difference: 1/(1 + x²) at 0.7",
        description: "Relative error against the step h, both logarithmic, for an f without noise, with noise of \
                      1e-10 and with noise of 1e-6. Each curve falls with h from the right along one line, and rises \
                      to the left from where noise / h takes over: near 1e-5, 1e-3 and 1e-2. The adaptive method \
                      on the noise of 1e-6 is a level line below the lowest point of that curve."
            .into(),
        x: Axis::logarithmic("step h", (-11.0, 0.0), -10.0, 2.0),
        y: Axis::logarithmic("relative error", (-14.0, 4.0), -14.0, 2.0),
        equal: false,
        layers: vec![
            line("noise 1e-6", Ink::First, false, curve(1e-6)),
            line("noise 1e-10", Ink::Third, false, curve(1e-10)),
            line("rounding alone", Ink::Quiet, false, curve(0.0)),
            line(
                "adaptive, noise 1e-6",
                Ink::Second,
                true,
                vec![[-11.0, level], [0.0, level]],
            ),
        ],
    })
}

/// From -1 to 1, without a pattern and the same at every call.
fn jitter(x: f64) -> f64 {
    let mut z = x.to_bits().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (z ^ (z >> 31)) as f64 / 2f64.powi(63) - 1.0
}
