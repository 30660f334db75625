//! Penalty II: problem (24) of Moré, Garbow and Hillstrom.
//!
//! 2n residuals: x1 - 1/5, pairs of exponentials weighted by sqrt(1e-5), and
//! sum_j (n - j + 1) xj^2 - 1. Minimum 9.37629e-6 (n = 4), 2.93660e-4 (n = 10).

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (24)";

struct PenaltyTwo;

impl Residuals for PenaltyTwo {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        let n = x.len();
        let weight = 1e-5f64.sqrt();
        let y = |i: usize| (i as f64 / 10.0).exp() + ((i - 1) as f64 / 10.0).exp();
        let mut residuals = vec![x[0] - 0.2];
        residuals.extend(
            (1..n).map(|i| ((x[i] / 10.0).exp() + (x[i - 1] / 10.0).exp() - y(i + 1)) * weight),
        );
        residuals.extend((1..n).map(|i| ((x[i] / 10.0).exp() - (-0.1f64).exp()) * weight));
        residuals.push(T::sum((0..n).map(|j| x[j].squared() * (n - j) as f64)) - 1.0);
        residuals
    }
}

/// The problem with `n` unknowns at its standard start.
pub fn problem(n: usize) -> Problem {
    let start = vec![0.5; n];
    let minimum = match n {
        4 => 9.376293007355442e-06,
        10 => 0.00029366053745674594,
        _ => f64::NAN,
    };
    Problem::squares("pen2", "Penalty II", SOURCE, PenaltyTwo, start, minimum)
}
