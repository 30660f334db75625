//! Penalty I: problem (23) of Moré, Garbow and Hillstrom.
//!
//! fi = sqrt(1e-5) (xi - 1), i = 1..n; f_{n+1} = sum xj^2 - 1/4. Minimum 2.24997e-5 (n = 4),
//! 7.08765e-5 (n = 10).

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (23)";

struct PenaltyOne;

impl Residuals for PenaltyOne {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        let mut residuals: Vec<T> = x.iter().map(|&c| (c - 1.0) * 1e-5f64.sqrt()).collect();
        residuals.push(T::sum(x.iter().map(|c| c.squared())) - 0.25);
        residuals
    }
}

/// The problem with `n` unknowns at its standard start.
pub fn problem(n: usize) -> Problem {
    let start = (1..=n).map(|i| i as f64).collect();
    let minimum = match n {
        4 => 2.249977500899937e-05,
        10 => 7.087651467090369e-05,
        _ => f64::NAN,
    };
    Problem::squares("pen1", "Penalty I", SOURCE, PenaltyOne, start, minimum)
}
