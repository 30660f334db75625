//! Gulf research and development: problem (11) of Moré, Garbow and Hillstrom.
//!
//! fi = exp(-|yi - x2|^x3 / x1) - ti, ti = i / 100, yi = 25 + (-50 ln ti)^(2/3), i = 1..99 (the
//! paper's misprint corrected as in the authors' code); minimum 0 at (50, 25, 1.5).

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (11)";

struct Gulf;

impl Residuals for Gulf {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        (1..=99)
            .map(|i| {
                let t = f64::from(i) / 100.0;
                let y = 25.0 + (-50.0 * t.ln()).powf(2.0 / 3.0);
                (-((-x[1] + y).abs().pow(x[2]) / x[0])).exp() - t
            })
            .collect()
    }
}

/// The problem at its standard start.
pub fn problem() -> Problem {
    Problem::squares(
        "gulf",
        "Gulf research and development",
        SOURCE,
        Gulf,
        vec![5.0, 2.5, 0.15],
        0.0,
    )
}
