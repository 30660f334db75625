//! Extended Rosenbrock: problem (21) of Moré, Garbow and Hillstrom.
//!
//! n / 2 independent valleys of Rosenbrock; minimum 0 at (1, ..., 1).

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (21)";

struct ExtendedRosenbrock;

impl Residuals for ExtendedRosenbrock {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        x.chunks_exact(2)
            .flat_map(|pair| [(pair[1] - pair[0].squared()) * 10.0, -pair[0] + 1.0])
            .collect()
    }
}

/// The problem with `n` unknowns at its standard start.
pub fn problem(n: usize) -> Problem {
    let start = [-1.2, 1.0].repeat(n / 2);
    let minimum = 0.0;
    Problem::squares(
        "rosex",
        "Extended Rosenbrock",
        SOURCE,
        ExtendedRosenbrock,
        start,
        minimum,
    )
}
