//! The derivative of x₀² + 4² at 3 by a central difference.

use crate::bounds::{Quadratic, ulp};
use crate::figure::{Axis, Figure, Ink, Layer};
use crate::tutorial::{H, difference};
use crate::{Check, Failure, Finding, Golden, Scenario, Trials, Values};
use numdiff_core::{FiniteDifference, Step};
use proptest::prelude::*;

pub const SCENARIO: Scenario = Scenario {
    number: 1,
    id: "numerical-derivative",
    title: "A numerical derivative",
    claim: "The central difference with h = 10⁻⁴ finds the derivative of x₀² + 4² at x₀ = 3, \
            which is 6, to eleven digits; the digits after them are rounding.",
    formula: "f′(x) ≈ (f(x + h) − f(x − h)) / (2h)",
    statement: "For f = a x² + c, the difference is within its rounding bound of 2ax, and it is an \
                integer multiple of ulp(f) / (2h).",
    run,
    property,
};

const PRINTED: &str = "6.00000000000378";

fn run() -> Result<Finding, Failure> {
    let golden = Golden::article()?.at("/numerical_diff")?;
    let f = |x: f64| x * x + 4.0 * 4.0;
    let value = difference().derivative(f, 3.0)?;

    let curve = |x: f64| 0.01 * (x * x) + 0.1 * x;
    let elsewhere = [
        difference().derivative(|x: f64| 3.0 * 3.0 + x * x, 4.0)?,
        difference().derivative(curve, 5.0)?,
        difference().derivative(curve, 10.0)?,
    ];
    let expected: Result<Vec<f64>, Failure> = (0..3)
        .map(|i| golden.at(&format!("/book/{i}/value"))?.number())
        .collect();

    let moved = FiniteDifference::central().with_step(Step::Absolute(H));
    let forward = FiniteDifference::forward()
        .with_step(Step::Absolute(H))
        .with_nominal_divisor();
    let (moved, forward) = (moved.derivative(f, 3.0)?, forward.derivative(f, 3.0)?);
    let square = Quadratic {
        curvatures: vec![1.0],
        constant: 16.0,
    };
    let variants = golden.at("/variants_of_article")?;
    Ok(Finding {
        checks: vec![
            Check::bits(
                "derivative of x₀² + 4² at 3",
                Some(PRINTED),
                &golden.at("/article/value")?.numbers()?,
                Values::Number(value),
            ),
            Check::bits(
                "3² + x₁² at 4; 0.01x² + 0.1x at 5 and at 10",
                None,
                &expected?,
                Values::Row(elsewhere.to_vec()),
            ),
            Check::bits(
                "divided by the distance really moved",
                None,
                &variants.at("/divide by (xp-xm)")?.numbers()?,
                Values::Number(moved),
            ),
            Check::bits(
                "the forward difference",
                None,
                &variants.at("/forward (f(x+h)-f(x))~1h")?.numbers()?,
                Values::Number(forward),
            ),
        ],
        explanation: vec![
            format!(
                "A central difference of a quadratic has no truncation error: all of {:.2e} is \
                 rounding, within the bound {:.2e}.",
                value - 6.0,
                square.difference_error(&[3.0], 0),
            ),
            format!(
                "x ± h are rounded too, so that x really moved by {:e}, not 2h. Dividing by that \
                 distance would leave {:.2e}.",
                (3.0 + H) - (3.0 - H),
                moved - 6.0,
            ),
            format!("The forward difference is off by h = 10⁻⁴, its truncation error: {forward}.",),
        ],
        figures: vec![error_against_step()?],
    })
}

/// The errors of differences against their step: rounding on the left, truncation on the right.
///
/// f(x) = 1/(1 + x²) at 0.7 and steps that are powers of two: arithmetic that gives the same bits on
/// every machine.
fn error_against_step() -> Result<Figure, Failure> {
    const X: f64 = 0.7;
    let f = |x: f64| 1.0 / (1.0 + x * x);
    let exact = -2.0 * X / ((1.0 + X * X) * (1.0 + X * X));
    // No error at all is drawn at the edge.
    let shown = |value: f64| ((value - exact) / exact).abs().max(SMALLEST).log10();
    let steps: Vec<f64> = (1..=56).map(|k| 0.5_f64.powi(k)).collect();
    let curve = |derivative: &dyn Fn(f64) -> f64| -> Vec<[f64; 2]> {
        let point = |&h: &f64| [h.log10(), shown(derivative(h))];
        steps.iter().map(point).collect()
    };
    let complex = |h: f64| {
        // 1/(1 + z²) at z = x + i h; Im f(z) / h.
        let (re, im) = (1.0 + X * X - h * h, 2.0 * X * h);
        -im / (re * re + im * im) / h
    };
    let adaptive = shown(numdiff_core::derivative(f, X)?.value);
    let line = |label: &str, ink, dashed, points| Layer::Line {
        label: Some(label.to_string()),
        ink,
        dashed,
        points,
    };
    Ok(Figure {
        name: "error-against-step",
        title: "The error of a derivative against its step: 1/(1 + x²) at 0.7",
        description: "Relative error against the step h, both logarithmic. The forward difference falls to \
                      1e-8 near h = 1e-8 and rises again as rounding takes over; the central difference falls to \
                      1e-11 near h = 1e-5; the complex step falls and stays at 1e-16; the adaptive method, \
                      which chooses its steps itself, is a level line near 1e-15."
            .into(),
        x: Axis::logarithmic("step h", (-17.0, 0.0), -16.0, 4.0),
        y: Axis::logarithmic("relative error", (-17.0, 0.0), -16.0, 4.0),
        equal: false,
        layers: vec![
            line("forward", Ink::Quiet, false, curve(&|h| (f(X + h) - f(X)) / h)),
            line("central", Ink::First, false, curve(&|h| (f(X + h) - f(X - h)) / (2.0 * h))),
            line("complex step", Ink::Third, false, curve(&complex)),
            line(
                "adaptive, whatever the step",
                Ink::Second,
                true,
                vec![[-17.0, adaptive], [0.0, adaptive]],
            ),
        ],
    })
}

/// Smaller relative errors are drawn as this one.
const SMALLEST: f64 = 1e-17;

fn property(trials: Trials) -> Result<(), Failure> {
    let case = (-3.0..3.0_f64, -1e3..1e3_f64, -1e3..1e3_f64)
        .prop_map(|(power, constant, x)| (10_f64.powf(power), constant, x));
    trials.hold(case, |(a, constant, x)| {
        let f = Quadratic {
            curvatures: vec![a],
            constant,
        };
        let value = difference().derivative(|x: f64| f.value(&[x]), x)?;
        let error = (value - f.slope(&[x], 0)).abs();
        let bound = f.difference_error(&[x], 0);
        prop_assert!(error <= bound, "off by {error:e}, bound {bound:e}");

        // Both values of f are multiples of the smaller one's ulp, and so is their difference.
        let smaller = f.value(&[x + H]).abs().min(f.value(&[x - H]).abs());
        let grain = ulp(smaller);
        let count = (value * (2.0 * H) / grain).round();
        prop_assume!(count.abs() < 2_f64.powi(53));
        prop_assert_eq!(value, count * grain / (2.0 * H));
        Ok(())
    })
}
