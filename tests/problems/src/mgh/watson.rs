//! Watson: problem (20) of Moré, Garbow and Hillstrom.
//!
//! fi = sum_j (j - 1) xj ti^(j-2) - (sum_j xj ti^(j-1))^2 - 1, ti = i / 29, i = 1..29; f30 = x1,
//! f31 = x2 - x1^2 - 1. Minimum 2.28767e-3 (n = 6), 1.39976e-6 (n = 9), 4.72238e-10 (n = 12).

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (20)";

struct Watson;

impl Residuals for Watson {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        let mut residuals: Vec<T> = (1..=29)
            .map(|i| {
                let t = f64::from(i) / 29.0;
                let value = x.iter().rev().fold(T::constant(0.0), |sum, &c| sum * t + c);
                let slope = (1..x.len())
                    .rev()
                    .fold(T::constant(0.0), |sum, j| sum * t + x[j] * j as f64);
                slope - value.squared() - 1.0
            })
            .collect();
        residuals.push(x[0]);
        residuals.push(x[1] - x[0].squared() - 1.0);
        residuals
    }
}

/// The problem with `n` unknowns at its standard start.
pub fn problem(n: usize) -> Problem {
    let start = vec![0.0; n];
    let minimum = match n {
        6 => 0.0022876700535524363,
        9 => 1.39976013809902e-06,
        12 => 4.722381105891757e-10,
        _ => f64::NAN,
    };
    Problem::squares("watson", "Watson", SOURCE, Watson, start, minimum)
}
