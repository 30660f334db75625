//! Jennrich and Sampson: problem (6) of Moré, Garbow and Hillstrom.
//!
//! fi = 2 + 2i - (exp(i x1) + exp(i x2)), i = 1..10; minimum 124.362 at x1 = x2 = 0.2578.

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (6)";

struct JennrichSampson;

impl Residuals for JennrichSampson {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        (1..=10)
            .map(|i| {
                let i = f64::from(i);
                -((x[0] * i).exp() + (x[1] * i).exp()) + (2.0 + 2.0 * i)
            })
            .collect()
    }
}

/// The problem at its standard start.
pub fn problem() -> Problem {
    Problem::squares(
        "jensam",
        "Jennrich and Sampson",
        SOURCE,
        JennrichSampson,
        vec![0.3, 0.4],
        124.36218235561485,
    )
}
