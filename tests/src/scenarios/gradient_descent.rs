//! Twenty updates of gradient descent from (−3, 4) with learning rate 0.1.

use crate::bounds::Quadratic;
use crate::tutorial::{START, rows, sum_of_squares, walk_over_the_bowl};
use crate::{Check, Failure, Finding, Golden, Scenario, Trials, Values};
use ndarray::{Array1, array};
use numdiff_optim::gradient_descent;
use proptest::collection::vec;
use proptest::prelude::*;

pub const SCENARIO: Scenario = Scenario {
    number: 5,
    id: "gradient-descent",
    title: "Gradient descent",
    claim: "Twenty updates against the numerical gradient, learning rate 0.1, bring (−3, 4) to \
            (−0.0346, 0.0461), close to the minimum of x₀² + x₁².",
    formula: "x ← x − lr ∇f(x)",
    statement: "For Σ cᵢ xᵢ² with random terms and rates below 1/max cᵢ, update k is \
                (1 − 2 lr cᵢ)ᵏ x₀ᵢ within the propagated rounding bound, and no coordinate moves \
                away from 0 by more than one update's bound.",
    run,
    property,
};

const RATE: f64 = 0.1;
const STEPS: usize = 20;
const PRINTED: &str = "[-0.03458765  0.04611686]";

fn run() -> Result<Finding, Failure> {
    let golden = Golden::article()?.at("/gradient_descent/runs/0")?;
    let (x, path) = gradient_descent(sum_of_squares, &array![START[0], START[1]], RATE, STEPS)?;
    let path = rows(&path);
    let f = Quadratic::new([1.0, 1.0]);
    let bound = (0..2)
        .map(|i| f.propagated(&path, RATE, i)[STEPS].1)
        .fold(0.0, f64::max);
    let exact = golden.at("/exact_final")?.numbers()?;
    let figure = walk_over_the_bowl(
        "gradient-descent",
        "Gradient descent on x₀² + x₁² from (−3, 4), learning rate 0.1",
        "Twenty-one dots on a straight line from (−3, 4) to the origin, each a fifth nearer than the \
         one before; dashed circles are level curves.",
        "x after each update",
        &path,
    );
    Ok(Finding {
        checks: vec![
            Check::bits(
                "x after 20 updates",
                Some(PRINTED),
                &golden.at("/final")?.numbers()?,
                Values::Row(x.to_vec()),
            ),
            Check::within(
                "x in exact arithmetic, (−3, 4) · 0.8²⁰",
                &exact,
                bound,
                "rounding of all updates, propagated",
                Values::Row(x.to_vec()),
            ),
            Check::bits(
                "the path: the start and 20 updates",
                None,
                &golden.at("/history")?.numbers()?,
                Values::Rows(path),
            ),
        ],
        explanation: vec![
            "Every update multiplies x by 1 − 2·0.1 = 0.8: the path is a straight line, and the \
             distance after 20 updates is 5·0.8²⁰ = 0.058."
                .to_string(),
        ],
        figures: vec![figure],
    })
}

fn property(trials: Trials) -> Result<(), Failure> {
    let term = (-2.0..2.0_f64, -100.0..100.0_f64).prop_map(|(power, x)| (10_f64.powf(power), x));
    let case = (vec(term, 1..=4), 0.001..0.999_f64, 0..=60_usize);
    trials.hold(case, |(terms, share, steps)| {
        let (curvatures, start): (Vec<f64>, Vec<f64>) = terms.into_iter().unzip();
        let rate = share / curvatures.iter().fold(0.0, |a: f64, b| a.max(*b));
        let f = Quadratic::new(curvatures);
        let start = Array1::from(start);
        let value = |x: &Array1<f64>| f.value(x);
        let (x, path) = gradient_descent(value, &start, rate, steps)?;
        let path = rows(&path);
        prop_assert_eq!(path.len(), steps + 1);
        prop_assert_eq!(&path[0], &start.to_vec());
        prop_assert_eq!(&path[steps], &x.to_vec());
        for i in 0..start.len() {
            for (k, (exact, bound)) in f.propagated(&path, rate, i).into_iter().enumerate() {
                let error = (path[k][i] - exact).abs();
                prop_assert!(
                    error <= bound,
                    "x[{i}] after {k}: {error:e}, bound {bound:e}"
                );
            }
            for pair in path.windows(2) {
                let away = pair[1][i].abs() - pair[0][i].abs();
                let bound = f.update_error(&pair[0], &pair[1], rate, i);
                prop_assert!(away <= bound, "x[{i}] moved away by {away:e}");
            }
        }
        Ok(())
    })
}
