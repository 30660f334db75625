//! Variably dimensioned: problem (25) of Moré, Garbow and Hillstrom.
//!
//! fi = xi - 1, i = 1..n; f_{n+1} = sum_j j (xj - 1); f_{n+2} = f_{n+1}^2. Minimum 0 at (1, ..., 1).

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (25)";

struct VariablyDimensioned;

impl Residuals for VariablyDimensioned {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        let mut residuals: Vec<T> = x.iter().map(|&c| c - 1.0).collect();
        let moment = T::sum(
            x.iter()
                .enumerate()
                .map(|(j, &c)| (c - 1.0) * (j + 1) as f64),
        );
        residuals.extend([moment, moment.squared()]);
        residuals
    }
}

/// The problem with `n` unknowns at its standard start.
pub fn problem(n: usize) -> Problem {
    let start = (1..=n).map(|j| 1.0 - j as f64 / n as f64).collect();
    let minimum = 0.0;
    Problem::squares(
        "vardim",
        "Variably dimensioned",
        SOURCE,
        VariablyDimensioned,
        start,
        minimum,
    )
}
