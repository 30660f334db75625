//! Freudenstein and Roth: problem (2) of Moré, Garbow and Hillstrom.
//!
//! f1 = -13 + x1 + ((5 - x2) x2 - 2) x2, f2 = -29 + x1 + ((x2 + 1) x2 - 14) x2; minimum 0 at
//! (5, 4), and a local one of 48.98 at (11.41, -0.8968).

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (2)";

struct FreudensteinRoth;

impl Residuals for FreudensteinRoth {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        let (a, b) = (x[0], x[1]);
        vec![
            a - 13.0 + ((-b + 5.0) * b - 2.0) * b,
            a - 29.0 + ((b + 1.0) * b - 14.0) * b,
        ]
    }
}

/// The problem at its standard start.
pub fn problem() -> Problem {
    Problem::squares(
        "froth",
        "Freudenstein and Roth",
        SOURCE,
        FreudensteinRoth,
        vec![0.5, -2.0],
        0.0,
    )
    .with_others(&[48.98425367924002])
}
