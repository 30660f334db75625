//! Meyer: problem (10) of Moré, Garbow and Hillstrom.
//!
//! fi = x1 exp(x2 / (ti + x3)) - yi, ti = 45 + 5 i, i = 1..16; minimum 87.9458 at
//! (0.00561, 6181, 345.2): scales that differ by a million in a curved valley.

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (10)";
const Y: [f64; 16] = [
    34780.0, 28610.0, 23650.0, 19630.0, 16370.0, 13720.0, 11540.0, 9744.0, 8261.0, 7030.0, 6005.0,
    5147.0, 4427.0, 3820.0, 3307.0, 2872.0,
];

struct Meyer;

impl Residuals for Meyer {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        Y.iter()
            .zip(1..)
            .map(|(&y, i)| x[0] * (x[1] / (x[2] + (45.0 + 5.0 * f64::from(i)))).exp() - y)
            .collect()
    }
}

/// The problem at its standard start.
pub fn problem() -> Problem {
    Problem::squares(
        "meyer",
        "Meyer",
        SOURCE,
        Meyer,
        vec![0.02, 4000.0, 250.0],
        87.94585517085112,
    )
}
