//! Osborne 1: problem (17) of Moré, Garbow and Hillstrom.
//!
//! fi = yi - (x1 + x2 exp(-ti x4) + x3 exp(-ti x5)), ti = 10 (i - 1), i = 1..33; minimum 5.46489e-5.

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (17)";
const Y: [f64; 33] = [
    0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.85, 0.818, 0.784, 0.751, 0.718, 0.685,
    0.658, 0.628, 0.603, 0.58, 0.558, 0.538, 0.522, 0.506, 0.49, 0.478, 0.467, 0.457, 0.448, 0.438,
    0.431, 0.424, 0.42, 0.414, 0.411, 0.406,
];

struct OsborneOne;

impl Residuals for OsborneOne {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        Y.iter()
            .zip(0..)
            .map(|(&y, i)| {
                let t = 10.0 * f64::from(i);
                -(x[0] + x[1] * (-x[3] * t).exp() + x[2] * (-x[4] * t).exp()) + y
            })
            .collect()
    }
}

/// The problem at its standard start.
pub fn problem() -> Problem {
    Problem::squares(
        "osb1",
        "Osborne 1",
        SOURCE,
        OsborneOne,
        vec![0.5, 1.5, -1.0, 0.01, 0.02],
        5.464894697482907e-05,
    )
}
