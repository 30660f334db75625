//! Bard: problem (8) of Moré, Garbow and Hillstrom.
//!
//! fi = yi - (x1 + ui / (vi x2 + wi x3)), ui = i, vi = 16 - i, wi = min(ui, vi), i = 1..15;
//! minimum 8.21487e-3; a second one of 17.43 lies at infinity.

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (8)";
const Y: [f64; 15] = [
    0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.1, 4.39,
];

struct Bard;

impl Residuals for Bard {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        Y.iter()
            .zip(1..)
            .map(|(&y, i)| {
                let (u, v) = (f64::from(i), f64::from(16 - i));
                -(x[0] + T::constant(u) / (x[1] * v + x[2] * u.min(v))) + y
            })
            .collect()
    }
}

/// The problem at its standard start.
pub fn problem() -> Problem {
    Problem::squares(
        "bard",
        "Bard",
        SOURCE,
        Bard,
        vec![1.0, 1.0, 1.0],
        0.008214877306578975,
    )
}
