//! Powell badly scaled: problem (3) of Moré, Garbow and Hillstrom.
//!
//! f1 = 10^4 x1 x2 - 1, f2 = exp(-x1) + exp(-x2) - 1.0001; minimum 0 at (1.098e-5, 9.106).

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (3)";

struct PowellBadlyScaled;

impl Residuals for PowellBadlyScaled {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        vec![
            x[0] * x[1] * 1e4 - 1.0,
            (-x[0]).exp() + (-x[1]).exp() - 1.0001,
        ]
    }
}

/// The problem at its standard start.
pub fn problem() -> Problem {
    Problem::squares(
        "pbs",
        "Powell badly scaled",
        SOURCE,
        PowellBadlyScaled,
        vec![0.0, 1.0],
        0.0,
    )
}
