//! Discrete boundary value: problem (28) of Moré, Garbow and Hillstrom.
//!
//! fi = 2 xi - x_{i-1} - x_{i+1} + h^2 (xi + ti + 1)^3 / 2, h = 1 / (n + 1), ti = i h. Minimum 0.

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (28)";

struct BoundaryValue;

impl Residuals for BoundaryValue {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        let n = x.len();
        let h = 1.0 / (n as f64 + 1.0);
        (0..n)
            .map(|i| {
                let t = (i + 1) as f64 * h;
                let left = if i == 0 { T::constant(0.0) } else { x[i - 1] };
                let right = if i + 1 == n {
                    T::constant(0.0)
                } else {
                    x[i + 1]
                };
                x[i] * 2.0 - left - right + (x[i] + t + 1.0).cubed() * (h * h / 2.0)
            })
            .collect()
    }
}

/// The problem with `n` unknowns at its standard start.
pub fn problem(n: usize) -> Problem {
    let start = (1..=n)
        .map(|i| i as f64 / (n as f64 + 1.0))
        .map(|t| t * (t - 1.0))
        .collect();
    let minimum = 0.0;
    Problem::squares(
        "dbv",
        "Discrete boundary value",
        SOURCE,
        BoundaryValue,
        start,
        minimum,
    )
}
