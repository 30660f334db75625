//! Rosenbrock: problem (1) of Moré, Garbow and Hillstrom.
//!
//! f1 = 10 (x2 - x1^2), f2 = 1 - x1; minimum 0 at (1, 1), at the end of a curved valley.

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (1)";

struct Rosenbrock;

impl Residuals for Rosenbrock {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        vec![(x[1] - x[0].squared()) * 10.0, -x[0] + 1.0]
    }
}

/// The problem at its standard start.
pub fn problem() -> Problem {
    Problem::squares(
        "rosen",
        "Rosenbrock",
        SOURCE,
        Rosenbrock,
        vec![-1.2, 1.0],
        0.0,
    )
}
