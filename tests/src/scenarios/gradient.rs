//! The gradient of x₀² + x₁² at single points and at a batch of them.

use crate::bounds::Quadratic;
use crate::tutorial::{difference, sum_of_squares};
use crate::{Check, Failure, Finding, Golden, Scenario, Trials, Values};
use ndarray::{Array1, Array2, ShapeBuilder, array};
use proptest::collection::vec;
use proptest::prelude::*;

pub const SCENARIO: Scenario = Scenario {
    number: 3,
    id: "gradient",
    title: "The gradient",
    claim: "All partial derivatives at once are the gradient: [6, 8] at (3, 4), [0, 4] at (0, 2).",
    formula: "∇f = (∂f/∂x₀, ∂f/∂x₁)",
    statement: "For Σ cᵢ xᵢ² with one to six random terms, every entry is within its rounding bound \
                of 2cᵢxᵢ; a batch gives the same bits as its points one by one, in any memory \
                layout; x is unchanged to the bit.",
    run,
    property,
};

const PRINTED: [&str; 2] = ["[6. 8.]", "[0. 4.]"];

fn run() -> Result<Finding, Failure> {
    let golden = Golden::article()?.at("/gradient")?;
    let at = |x: [f64; 2]| -> Result<Values, Failure> {
        let gradient = difference().gradient(sum_of_squares, &Array1::from(x.to_vec()))?;
        Ok(Values::Row(gradient.to_vec()))
    };
    let batch = array![[0.0, 2.0], [3.0, 0.0], [-3.0, 4.0], [1e6, 1.0], [0.0, 0.0]];
    let rows = difference().gradient_rows(sum_of_squares, &batch)?;
    let expected: Result<Vec<Vec<f64>>, Failure> = (0..batch.nrows())
        .map(|i| golden.at(&format!("/others/{i}/value"))?.numbers())
        .collect();
    Ok(Finding {
        checks: vec![
            Check::bits(
                "∇f at (3, 4)",
                Some(PRINTED[0]),
                &golden.at("/article/value")?.numbers()?,
                at([3.0, 4.0])?,
            ),
            Check::bits(
                "∇f at (0, 2)",
                Some(PRINTED[1]),
                &golden.at("/others/0/value")?.numbers()?,
                at([0.0, 2.0])?,
            ),
            Check::bits(
                "∇f at five points in one call",
                None,
                &expected?.concat(),
                rows_of(&rows),
            ),
        ],
        explanation: vec![
            "At (10⁶, 1) the second entry is 2.44, not 2: f is about 10¹², its ulp 1.2·10⁻⁴, and \
             the gradient can only be a multiple of ulp(f) / (2h) = 0.61. An automatic step \
             follows the scale of x."
                .to_string(),
        ],
        figures: vec![],
    })
}

fn rows_of(rows: &Array2<f64>) -> Values {
    Values::Rows(rows.rows().into_iter().map(|row| row.to_vec()).collect())
}

fn property(trials: Trials) -> Result<(), Failure> {
    let case = (1..=6_usize).prop_flat_map(|n| {
        let points = vec(vec(-1e3..1e3_f64, n), 1..5);
        (vec(-3.0..3.0_f64, n), points)
    });
    trials.hold(case, |(powers, points)| {
        let n = powers.len();
        let curvatures: Vec<f64> = powers.iter().map(|&power| 10_f64.powf(power)).collect();
        let f = Quadratic::new(curvatures);
        let value = |x: &Array1<f64>| f.value(x);

        // Column-major, so that a row is strided.
        let shape = (points.len(), n).f();
        let batch = Array2::from_shape_fn(shape, |(row, i)| points[row][i]);
        let rows = difference().gradient_rows(value, &batch)?;
        for (row, point) in points.iter().enumerate() {
            let x = Array1::from(point.clone());
            let gradient = difference().gradient(value, &x)?;
            let strided = difference().gradient(value, &batch.row(row))?;
            prop_assert_eq!(&gradient, &strided);
            prop_assert_eq!(&gradient, &rows.row(row));
            prop_assert!(x.iter().zip(point).all(|(a, b)| a.to_bits() == b.to_bits()));
            for i in 0..n {
                let error = (gradient[i] - f.slope(point, i)).abs();
                let bound = f.difference_error(point, i);
                prop_assert!(error <= bound, "entry {i}: {error:e}, bound {bound:e}");
            }
        }
        Ok(())
    })
}
