//! Kowalik and Osborne: problem (15) of Moré, Garbow and Hillstrom.
//!
//! fi = yi - x1 (ui^2 + ui x2) / (ui^2 + ui x3 + x4), i = 1..11; minimum 3.07505e-4; a second one of
//! 1.02734e-3 lies at infinity.

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (15)";
const Y: [f64; 11] = [
    0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246,
];
const U: [f64; 11] = [
    4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625,
];

struct KowalikOsborne;

impl Residuals for KowalikOsborne {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        Y.iter()
            .zip(U)
            .map(|(&y, u)| -(x[0] * (x[1] * u + u * u) / (x[2] * u + u * u + x[3])) + y)
            .collect()
    }
}

/// The problem at its standard start.
pub fn problem() -> Problem {
    Problem::squares(
        "kowosb",
        "Kowalik and Osborne",
        SOURCE,
        KowalikOsborne,
        vec![0.25, 0.39, 0.415, 0.39],
        0.00030750560384923745,
    )
    .with_others(&[0.00102734])
}
