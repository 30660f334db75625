//! Brown badly scaled: problem (4) of Moré, Garbow and Hillstrom.
//!
//! f1 = x1 - 10^6, f2 = x2 - 2e-6, f3 = x1 x2 - 2; minimum 0 at (10^6, 2e-6).

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (4)";

struct BrownBadlyScaled;

impl Residuals for BrownBadlyScaled {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        vec![x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2.0]
    }
}

/// The problem at its standard start.
pub fn problem() -> Problem {
    Problem::squares(
        "bbs",
        "Brown badly scaled",
        SOURCE,
        BrownBadlyScaled,
        vec![1.0, 1.0],
        0.0,
    )
}
