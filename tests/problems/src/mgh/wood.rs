//! Wood: problem (14) of Moré, Garbow and Hillstrom.
//!
//! Two coupled valleys; minimum 0 at (1, 1, 1, 1), a saddle near the way.

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (14)";

struct Wood;

impl Residuals for Wood {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        let (a, b, c, d) = (x[0], x[1], x[2], x[3]);
        vec![
            (b - a.squared()) * 10.0,
            -a + 1.0,
            (d - c.squared()) * 90f64.sqrt(),
            -c + 1.0,
            (b + d - 2.0) * 10f64.sqrt(),
            (b - d) / 10f64.sqrt(),
        ]
    }
}

/// The problem at its standard start.
pub fn problem() -> Problem {
    Problem::squares(
        "wood",
        "Wood",
        SOURCE,
        Wood,
        vec![-3.0, -1.0, -3.0, -1.0],
        0.0,
    )
}
