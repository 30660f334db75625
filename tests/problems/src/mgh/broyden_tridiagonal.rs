//! Broyden tridiagonal: problem (30) of Moré, Garbow and Hillstrom.
//!
//! fi = (3 - 2 xi) xi - x_{i-1} - 2 x_{i+1} + 1. Minimum 0; local ones of 0.397 and 0.713 (n = 10).

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (30)";

struct BroydenTridiagonal;

impl Residuals for BroydenTridiagonal {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        let n = x.len();
        (0..n)
            .map(|i| {
                let left = if i == 0 { T::constant(0.0) } else { x[i - 1] };
                let right = if i + 1 == n {
                    T::constant(0.0)
                } else {
                    x[i + 1]
                };
                (-x[i] * 2.0 + 3.0) * x[i] - left - right * 2.0 + 1.0
            })
            .collect()
    }
}

/// The problem with `n` unknowns at its standard start.
pub fn problem(n: usize) -> Problem {
    let start = vec![-1.0; n];
    let minimum = 0.0;
    Problem::squares(
        "trid",
        "Broyden tridiagonal",
        SOURCE,
        BroydenTridiagonal,
        start,
        minimum,
    )
    .with_others(if n == 10 {
        &[0.3970793520178333, 0.7125310379651942]
    } else {
        &[]
    })
}
