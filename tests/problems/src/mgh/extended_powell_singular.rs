//! Extended Powell singular: problem (22) of Moré, Garbow and Hillstrom.
//!
//! n / 4 independent copies of Powell's singular function; minimum 0 at the origin.

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (22)";

struct ExtendedPowellSingular;

impl Residuals for ExtendedPowellSingular {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        x.chunks_exact(4).flat_map(block).collect()
    }
}

/// The problem with `n` unknowns at its standard start.
pub fn problem(n: usize) -> Problem {
    let start = [3.0, -1.0, 0.0, 1.0].repeat(n / 4);
    let minimum = 0.0;
    Problem::squares(
        "singx",
        "Extended Powell singular",
        SOURCE,
        ExtendedPowellSingular,
        start,
        minimum,
    )
}

/// The four residuals of one copy.
pub(super) fn block<T: Number>(x: &[T]) -> Vec<T> {
    vec![
        x[0] + x[1] * 10.0,
        (x[2] - x[3]) * 5f64.sqrt(),
        (x[1] - x[2] * 2.0).squared(),
        (x[0] - x[3]).squared() * 10f64.sqrt(),
    ]
}
