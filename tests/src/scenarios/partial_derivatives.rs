//! The partial derivatives of x₀² + x₁² at (3, 4), one coordinate at a time.

use crate::bounds::Quadratic;
use crate::tutorial::difference;
use crate::{Check, Failure, Finding, Golden, Scenario, Trials, Values};
use ndarray::Array1;
use numdiff_core::{FiniteDifference, Step};
use proptest::prelude::*;

pub const SCENARIO: Scenario = Scenario {
    number: 2,
    id: "partial-derivatives",
    title: "Partial derivatives",
    claim: "Fixing all coordinates but one leaves a function of one number; its numerical \
            derivative is the partial derivative: 6 and 8 at (3, 4).",
    formula: "∂f/∂x₀ ≈ (f(x₀ + h, x₁) − f(x₀ − h, x₁)) / (2h)",
    statement: "For any f, here a cubic with a mixed term, the difference in one coordinate with \
                the others fixed equals the gradient's entry bit for bit, whatever the step.",
    run,
    property,
};

const PRINTED: [&str; 2] = ["6.00000000000378", "7.999999999999119"];

fn run() -> Result<Finding, Failure> {
    let golden = Golden::article()?.at("/gradient/article/value")?;
    let partials = [
        difference().derivative(|x0: f64| x0 * x0 + 4.0 * 4.0, 3.0)?,
        difference().derivative(|x1: f64| 3.0 * 3.0 + x1 * x1, 4.0)?,
    ];
    let f = Quadratic::new([1.0, 1.0]);
    let checks: Result<Vec<Check>, Failure> = (0..2)
        .map(|i| {
            Ok(Check::bits(
                ["∂f/∂x₀ at (3, 4)", "∂f/∂x₁ at (3, 4)"][i],
                Some(PRINTED[i]),
                &golden.at(&format!("/{i}"))?.numbers()?,
                Values::Number(partials[i]),
            ))
        })
        .collect();
    Ok(Finding {
        checks: checks?,
        explanation: vec![format!(
            "Off by {:.2e} and {:.2e}; rounding allows {:.2e} and {:.2e}.",
            partials[0] - 6.0,
            partials[1] - 8.0,
            f.difference_error(&[3.0, 4.0], 0),
            f.difference_error(&[3.0, 4.0], 1),
        )],
        figures: vec![],
    })
}

fn property(trials: Trials) -> Result<(), Failure> {
    let number = || -10.0..10.0_f64;
    let case = (number(), number(), number(), number(), -6.0..-1.0_f64);
    trials.hold(case, |(a, b, x0, x1, power)| {
        let f = |x0: f64, x1: f64| a * x0 * x0 * x1 + b * x0 * x1 + x1 * x1 * x1;
        let method = || {
            FiniteDifference::central()
                .with_step(Step::Absolute(10_f64.powf(power)))
                .with_nominal_divisor()
        };
        let at = Array1::from(vec![x0, x1]);
        let gradient = method().gradient(|x| f(x[0], x[1]), &at)?;
        prop_assert_eq!(gradient[0], method().derivative(|t: f64| f(t, x1), x0)?);
        prop_assert_eq!(gradient[1], method().derivative(|t: f64| f(x0, t), x1)?);
        Ok(())
    })
}
