//! Box three-dimensional: problem (12) of Moré, Garbow and Hillstrom.
//!
//! fi = exp(-ti x1) - exp(-ti x2) - x3 (exp(-ti) - exp(-10 ti)), ti = i / 10, i = 1..10; minimum 0
//! at (1, 10, 1), (10, 1, -1) and on the line x1 = x2, x3 = 0.

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (12)";

struct BoxThree;

impl Residuals for BoxThree {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        (1..=10)
            .map(|i| {
                let t = f64::from(i) / 10.0;
                (-x[0] * t).exp() - (-x[1] * t).exp() - x[2] * ((-t).exp() - (-10.0 * t).exp())
            })
            .collect()
    }
}

/// The problem at its standard start.
pub fn problem() -> Problem {
    Problem::squares(
        "box",
        "Box three-dimensional",
        SOURCE,
        BoxThree,
        vec![0.0, 10.0, 20.0],
        0.0,
    )
}
