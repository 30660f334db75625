//! dW of `simpleNet` against the softmax gradient by formula.

use super::simple_net::DW_PRINTED;
use crate::tutorial::{H, rows};
use crate::{
    Check, Failure, Finding, Golden, Scenario, SimpleNet, Trials, Values, agrees_with_numpy,
};
use proptest::prelude::*;

pub const SCENARIO: Scenario = Scenario {
    number: 10,
    id: "softmax-gradient",
    title: "The numerical gradient against the formula",
    claim: "The numerical dW agrees with the analytic gradient of softmax and cross-entropy.",
    formula: "∂L/∂W = y_t/(y_t + 10⁻⁷) · xᵀ(y − t)",
    statement: "For random weights, inputs, batches and one-hot or soft targets, every entry is \
                within truncation, 0.38 h² |x|³ / 6, and rounding of the formula; a row of dW sums \
                to zero within the same.",
    run,
    property,
};

fn run() -> Result<Finding, Failure> {
    let golden = Golden::article()?.at("/simplenet/reconstructed_W")?;
    let net = SimpleNet::tutorial(&golden.at("/W")?.numbers()?)?;
    let numerical = net.numerical_gradient()?;
    let numbers: Vec<f64> = numerical.iter().copied().collect();
    let analytic = net.analytic_gradient()?;
    let mut bounds = Vec::new();
    for (at, &g) in analytic.indexed_iter() {
        bounds.push(net.gradient_error(at, g)?);
    }
    let differences: Vec<f64> = numerical
        .iter()
        .zip(&analytic)
        .map(|(a, b)| (a - b).abs())
        .collect();
    let within = differences
        .iter()
        .zip(&bounds)
        .all(|(error, bound)| error <= bound);
    let worst = differences.iter().fold(0.0, |a: f64, b| a.max(*b));
    let bound = bounds.iter().fold(0.0, |a: f64, b| a.max(*b));
    let sums: Vec<f64> = numerical.rows().into_iter().map(|row| row.sum()).collect();
    // Softmax rounds to a few u of values below 1, times |x| < 1.
    let formula_rounding = 8.0 * f64::EPSILON;
    let truncation = golden.at("/eps1e-7/dW_central_h1e-4_exact")?.numbers()?;
    let truncation = truncation
        .iter()
        .zip(golden.at("/eps1e-7/dW_analytic_exact")?.numbers()?)
        .fold(0.0, |a: f64, (b, c)| a.max((b - c).abs()));
    Ok(Finding {
        checks: vec![
            Check::fact(
                "numerical dW",
                Values::Rows(rows(&numerical)),
                format!(
                    "every printed digit, and off by {worst:.1e} from the formula, {bound:.1e} \
                     allowed"
                ),
                within && agrees_with_numpy(DW_PRINTED, &numbers),
            )
            .beside(DW_PRINTED),
            Check::within(
                "dW by formula",
                &golden.at("/eps1e-7/dW_analytic_exact")?.numbers()?,
                formula_rounding,
                "rounding of softmax",
                Values::Rows(rows(&analytic)),
            ),
            Check::fact(
                "sums of the rows of the numerical dW",
                Values::Row(sums.clone()),
                "0 in exact arithmetic; here within 10⁻⁹",
                sums.iter().all(|sum| sum.abs() <= 1e-9),
            ),
        ],
        explanation: vec![
            format!(
                "Of the {worst:.1e}, truncation of the central difference with h = {H:e} makes \
                 {truncation:.1e}; rounding of the loss, in grains of ulp(L)/(2h) = {:.1e}, is the \
                 rest.",
                crate::bounds::ulp(net.loss()?) / (2.0 * H),
            ),
            "The factor y_t/(y_t + 10⁻⁷) is there because the tutorial's loss is ln(y + 10⁻⁷); \
             without it the formula would be off by 4·10⁻⁷."
                .to_string(),
        ],
        figures: vec![],
    })
}

fn property(trials: Trials) -> Result<(), Failure> {
    trials.hold(SimpleNet::strategy(), |net| {
        let numerical = net.numerical_gradient()?;
        let analytic = net.analytic_gradient()?;
        for i in 0..analytic.nrows() {
            let mut allowed = 0.0;
            for j in 0..analytic.ncols() {
                let error = (numerical[[i, j]] - analytic[[i, j]]).abs();
                let bound = net.gradient_error((i, j), analytic[[i, j]])?;
                prop_assert!(
                    error <= bound,
                    "({i}, {j}): off by {error:e}, bound {bound:e}"
                );
                allowed += bound;
            }
            let sum: f64 = numerical.row(i).sum();
            prop_assert!(
                sum.abs() <= allowed,
                "row {i} sums to {sum:e}, {allowed:e} allowed"
            );
        }
        Ok(())
    })
}
