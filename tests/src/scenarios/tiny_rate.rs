//! A hundred updates with learning rate 10⁻¹⁰: the run that goes nowhere.

use crate::bounds::{Quadratic, U};
use crate::tutorial::{START, rows, sum_of_squares, walk_over_the_bowl};
use crate::{Check, Failure, Finding, Golden, Scenario, Trials, Values};
use ndarray::{Array1, array};
use numdiff_optim::{Method, Stall, Status, gradient_descent, minimize};
use proptest::collection::vec;
use proptest::prelude::*;

pub const SCENARIO: Scenario = Scenario {
    number: 7,
    id: "tiny-rate",
    title: "A learning rate that is too small",
    claim: "With learning rate 10⁻¹⁰ a hundred updates end where they began, at \
            (−2.99999994, 3.99999992): they cannot get farther than 100 · 10⁻¹⁰ · |∇f|.",
    formula: "|xₙ − x₀| ≤ n · lr · |∇f(x₀)|",
    statement: "For Σ cᵢ xᵢ² with random terms, rates from 10⁻¹⁶ to 10⁻⁶ and up to 200 updates, no \
                coordinate gets farther than 2 n lr cᵢ|x₀ᵢ| and the updates' rounding bounds.",
    run,
    property,
};

const RATE: f64 = 1e-10;
const STEPS: usize = 100;
const PRINTED: &str = "[-2.99999994  3.99999992]";

fn run() -> Result<Finding, Failure> {
    let golden = Golden::article()?.at("/gradient_descent/runs/2")?;
    let (x, path) = gradient_descent(sum_of_squares, &array![START[0], START[1]], RATE, STEPS)?;
    let path = rows(&path);
    let f = Quadratic::new([1.0, 1.0]);
    let reached: Vec<f64> = (0..2).map(|i| (x[i] - START[i]).abs()).collect();
    let reach: Vec<f64> = (0..2).map(|i| reach(&f, &path, RATE, i)).collect();
    let rounding = (0..2)
        .map(|i| f.propagated(&path, RATE, i)[STEPS].1)
        .fold(0.0, f64::max);
    let method = Method::GradientDescent {
        learning_rate: RATE,
    };
    let judged = minimize(sum_of_squares, &array![START[0], START[1]])
        .method(method)
        .max_iterations(STEPS)
        .run()?;
    // One update covers 1 − (1 − 2 lr)² of the decrease of f still to be had.
    let share = 1.0 - (1.0 - 2.0 * RATE).powi(2);
    let (progress, suggestion) = match judged.status {
        Status::Stalled {
            cause:
                Stall::LearningRate {
                    progress,
                    suggestion,
                },
        } => (progress, suggestion),
        _ => (f64::NAN, f64::NAN),
    };
    let history = golden.at("/history")?.numbers()?;
    Ok(Finding {
        checks: vec![
            Check::bits(
                "x after 100 updates",
                Some(PRINTED),
                &golden.at("/final")?.numbers()?,
                Values::Row(x.to_vec()),
            ),
            Check::bits(
                "the path: the start and two updates",
                None,
                &history,
                Values::Rows(path[..history.len() / 2].to_vec()),
            ),
            Check::fact(
                "distance covered in x₀, x₁",
                Values::Row(reached.clone()),
                format!("at most {:e} and {:e}", reach[0], reach[1]),
                (0..2).all(|i| reached[i] <= reach[i]),
            ),
            Check::fact(
                "progress of one update, and a better rate, as `minimize` sees them",
                Values::Row(vec![progress, suggestion]),
                format!("{share:.1e} and 0.5, to 1 %; it says: {}", judged.status),
                (progress / share - 1.0).abs() < 0.01 && (suggestion / 0.5 - 1.0).abs() < 0.01,
            ),
            Check::within(
                "x in exact arithmetic",
                &golden.at("/exact_final")?.numbers()?,
                rounding,
                "rounding of all updates, propagated",
                Values::Row(x.to_vec()),
            ),
        ],
        explanation: vec![format!(
            "One update multiplies x by 1 − 2·10⁻¹⁰. Halving the distance takes {:.1e} of them.",
            0.5_f64.ln() / (-2.0 * RATE).ln_1p(),
        )],
        figures: vec![walk_over_the_bowl(
            "tiny-rate",
            "Learning rate 10⁻¹⁰: a hundred updates, one dot",
            "The start and a hundred updates are a single dot at (−3, 4); the minimum is at the \
             origin, five units away.",
            "x after each of 100 updates",
            &path,
        )],
    })
}

/// How far coordinate i can get: |1 − 2 rate c| <= 1 keeps |x| from growing but for rounding, so no
/// update moves it farther than the first would, 2 rate c |x₀|, and its own rounding.
fn reach(f: &Quadratic, path: &[Vec<f64>], rate: f64, i: usize) -> f64 {
    let mut rounding = 0.0;
    let mut reach = 0.0;
    for pair in path.windows(2) {
        reach +=
            rate * f.slope(&path[0], i).abs() * (1.0 + U) + 2.0 * rate * f.curvatures[i] * rounding;
        rounding += f.update_error(&pair[0], &pair[1], rate, i);
    }
    // The sum and the distance that it is compared with are rounded themselves.
    (reach + rounding) * (1.0 + path.len() as f64 * 4.0 * U)
}

fn property(trials: Trials) -> Result<(), Failure> {
    let term = (-2.0..2.0_f64, -100.0..100.0_f64).prop_map(|(power, x)| (10_f64.powf(power), x));
    let case = (vec(term, 1..=4), -16.0..-6.0_f64, 0..=200_usize);
    trials.hold(case, |(terms, power, steps)| {
        let (curvatures, start): (Vec<f64>, Vec<f64>) = terms.into_iter().unzip();
        let f = Quadratic::new(curvatures);
        let rate = 10_f64.powf(power);
        let value = |x: &Array1<f64>| f.value(x);
        let (x, path) = gradient_descent(value, &Array1::from(start.clone()), rate, steps)?;
        let path = rows(&path);
        for i in 0..start.len() {
            let distance = (x[i] - start[i]).abs();
            let reach = reach(&f, &path, rate, i);
            prop_assert!(distance <= reach, "x[{i}]: {distance:e}, reach {reach:e}");
        }
        Ok(())
    })
}
