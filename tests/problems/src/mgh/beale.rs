//! Beale: problem (5) of Moré, Garbow and Hillstrom.
//!
//! fi = yi - x1 (1 - x2^i), i = 1..3, y = 1.5, 2.25, 2.625; minimum 0 at (3, 0.5).

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (5)";

struct Beale;

impl Residuals for Beale {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        let (a, b) = (x[0], x[1]);
        [(1.5, b), (2.25, b.squared()), (2.625, b.cubed())]
            .map(|(y, power)| a * (power - 1.0) + y)
            .to_vec()
    }
}

/// The problem at its standard start.
pub fn problem() -> Problem {
    Problem::squares("beale", "Beale", SOURCE, Beale, vec![1.0, 1.0], 0.0)
}
