//! Helical valley: problem (7) of Moré, Garbow and Hillstrom.
//!
//! f1 = 10 (x3 - 10 theta(x1, x2)), f2 = 10 (sqrt(x1^2 + x2^2) - 1), f3 = x3, theta the angle in
//! turns from -1/4 to 3/4; minimum 0 at (1, 0, 0).

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (7)";
use std::f64::consts::TAU;

struct HelicalValley;

impl Residuals for HelicalValley {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        let (a, b, c) = (x[0], x[1], x[2]);
        let theta = if a.value() > 0.0 {
            (b / a).atan() / TAU
        } else if a.value() < 0.0 {
            (b / a).atan() / TAU + 0.5
        } else {
            T::constant(0.25f64.copysign(b.value()))
        };
        vec![
            (c - theta * 10.0) * 10.0,
            ((a.squared() + b.squared()).sqrt() - 1.0) * 10.0,
            c,
        ]
    }
}

/// The problem at its standard start.
pub fn problem() -> Problem {
    Problem::squares(
        "helix",
        "Helical valley",
        SOURCE,
        HelicalValley,
        vec![-1.0, 0.0, 0.0],
        0.0,
    )
}
