//! Biggs EXP6: problem (18) of Moré, Garbow and Hillstrom.
//!
//! fi = x3 exp(-ti x1) - x4 exp(-ti x2) + x6 exp(-ti x5) - yi, ti = i / 10,
//! yi = exp(-ti) - 5 exp(-10 ti) + 3 exp(-4 ti), i = 1..13; minimum 0 at (1, 10, 1, 5, 4, 3), a local
//! one of 5.65565e-3.

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (18)";

struct Biggs;

impl Residuals for Biggs {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        (1..=13)
            .map(|i| {
                let t = f64::from(i) / 10.0;
                let y = (-t).exp() - 5.0 * (-10.0 * t).exp() + 3.0 * (-4.0 * t).exp();
                x[2] * (-x[0] * t).exp() - x[3] * (-x[1] * t).exp() + x[5] * (-x[4] * t).exp() - y
            })
            .collect()
    }
}

/// The problem at its standard start.
pub fn problem() -> Problem {
    Problem::squares(
        "biggs",
        "Biggs EXP6",
        SOURCE,
        Biggs,
        vec![1.0, 2.0, 1.0, 1.0, 1.0, 1.0],
        0.0,
    )
    .with_others(&[0.005655649925499931])
}
