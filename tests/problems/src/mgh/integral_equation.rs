//! Discrete integral equation: problem (29) of Moré, Garbow and Hillstrom.
//!
//! fi = xi + (h / 2) ((1 - ti) sum_{j <= i} tj (xj + tj + 1)^3 + ti sum_{j > i} (1 - tj) (xj + tj + 1)^3),
//! h = 1 / (n + 1), ti = i h. Minimum 0.

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (29)";

struct IntegralEquation;

impl Residuals for IntegralEquation {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        let n = x.len();
        let h = 1.0 / (n as f64 + 1.0);
        let t = |i: usize| (i + 1) as f64 * h;
        let cube = |j: usize| (x[j] + t(j) + 1.0).cubed();
        (0..n)
            .map(|i| {
                let below = T::sum((0..=i).map(|j| cube(j) * t(j)));
                let above = T::sum((i + 1..n).map(|j| cube(j) * (1.0 - t(j))));
                x[i] + (below * (1.0 - t(i)) + above * t(i)) * (h / 2.0)
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
        "ie",
        "Discrete integral equation",
        SOURCE,
        IntegralEquation,
        start,
        minimum,
    )
}
