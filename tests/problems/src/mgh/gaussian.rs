//! Gaussian: problem (9) of Moré, Garbow and Hillstrom.
//!
//! fi = x1 exp(-x2 (ti - x3)^2 / 2) - yi, ti = (8 - i) / 2, i = 1..15; minimum 1.12793e-8.

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (9)";
const Y: [f64; 15] = [
    0.0009, 0.0044, 0.0175, 0.054, 0.1295, 0.242, 0.3521, 0.3989, 0.3521, 0.242, 0.1295, 0.054,
    0.0175, 0.0044, 0.0009,
];

struct Gaussian;

impl Residuals for Gaussian {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        Y.iter()
            .zip(1..)
            .map(|(&y, i)| {
                let t = f64::from(8 - i) / 2.0;
                x[0] * (-x[1] * (-x[2] + t).squared() / 2.0).exp() - y
            })
            .collect()
    }
}

/// The problem at its standard start.
pub fn problem() -> Problem {
    Problem::squares(
        "gauss",
        "Gaussian",
        SOURCE,
        Gaussian,
        vec![0.4, 1.0, 0.0],
        1.127932769618648e-08,
    )
}
