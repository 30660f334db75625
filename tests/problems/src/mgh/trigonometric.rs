//! Trigonometric: problem (26) of Moré, Garbow and Hillstrom.
//!
//! fi = n - sum_j cos xj + i (1 - cos xi) - sin xi, i = 1..n. Minimum 0; local ones of 2.795e-5,
//! 4.219e-5 and 8.788e-4 (n = 10).

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (26)";

struct Trigonometric;

impl Residuals for Trigonometric {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        let n = x.len() as f64;
        let cosines = T::sum(x.iter().map(|c| c.cos()));
        x.iter()
            .zip(1..)
            .map(|(&c, i)| -cosines + n + (-c.cos() + 1.0) * f64::from(i) - c.sin())
            .collect()
    }
}

/// The problem with `n` unknowns at its standard start.
pub fn problem(n: usize) -> Problem {
    let start = vec![1.0 / n as f64; n];
    let minimum = 0.0;
    Problem::squares(
        "trig",
        "Trigonometric",
        SOURCE,
        Trigonometric,
        start,
        minimum,
    )
    .with_others(if n == 10 {
        &[
            2.7950561218794563e-05,
            4.218633887923726e-05,
            0.0008788225222,
        ]
    } else {
        &[]
    })
}
