//! Powell singular: problem (13) of Moré, Garbow and Hillstrom.
//!
//! f1 = x1 + 10 x2, f2 = sqrt(5) (x3 - x4), f3 = (x2 - 2 x3)^2, f4 = sqrt(10) (x1 - x4)^2; minimum 0
//! at the origin, where the Hessian is singular.

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (13)";

struct PowellSingular;

impl Residuals for PowellSingular {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        super::extended_powell_singular::block(x)
    }
}

/// The problem at its standard start.
pub fn problem() -> Problem {
    Problem::squares(
        "psing",
        "Powell singular",
        SOURCE,
        PowellSingular,
        vec![3.0, -1.0, 0.0, 1.0],
        0.0,
    )
}
