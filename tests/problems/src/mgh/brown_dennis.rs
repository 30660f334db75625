//! Brown and Dennis: problem (16) of Moré, Garbow and Hillstrom.
//!
//! fi = (x1 + ti x2 - exp(ti))^2 + (x3 + x4 sin ti - cos ti)^2, ti = i / 5, i = 1..20; minimum
//! 85822.2.

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (16)";

struct BrownDennis;

impl Residuals for BrownDennis {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        (1..=20)
            .map(|i| {
                let t = f64::from(i) / 5.0;
                (x[0] + x[1] * t - t.exp()).squared() + (x[2] + x[3] * t.sin() - t.cos()).squared()
            })
            .collect()
    }
}

/// The problem at its standard start.
pub fn problem() -> Problem {
    Problem::squares(
        "bd",
        "Brown and Dennis",
        SOURCE,
        BrownDennis,
        vec![25.0, 5.0, -5.0, -1.0],
        85822.20162635634,
    )
}
