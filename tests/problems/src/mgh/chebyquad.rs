//! Chebyquad: problem (35) of Moré, Garbow and Hillstrom.
//!
//! fi = (1/n) sum_j Ti(xj) - the integral of Ti over [0, 1], Ti the shifted Chebyshev polynomials.
//! Minimum 3.51687e-3 (n = 8), 0 (n = 9), 4.77271e-3 (n = 10).

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (35)";

struct Chebyquad;

impl Residuals for Chebyquad {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        let n = x.len();
        let mut sums = vec![T::constant(0.0); n];
        for &c in x {
            let twice = (c * 2.0 - 1.0) * 2.0;
            let (mut before, mut now) = (T::constant(1.0), c * 2.0 - 1.0);
            for sum in &mut sums {
                *sum = *sum + now;
                (before, now) = (now, twice * now - before);
            }
        }
        let integral = |i: usize| {
            if i % 2 == 1 {
                0.0
            } else {
                -1.0 / ((i * i) as f64 - 1.0)
            }
        };
        sums.into_iter()
            .zip(1..)
            .map(|(sum, i)| sum / n as f64 - integral(i))
            .collect()
    }
}

/// The problem with `n` unknowns at its standard start.
pub fn problem(n: usize) -> Problem {
    let start = (1..=n).map(|j| j as f64 / (n as f64 + 1.0)).collect();
    let minimum = match n {
        8 => 0.0035168737256779316,
        9 => 0.0,
        10 => 0.004772713696375349,
        _ => f64::NAN,
    };
    Problem::squares("cheb", "Chebyquad", SOURCE, Chebyquad, start, minimum).with_others(
        if n == 10 {
            &[0.006503954800882306, 0.009500628850221673]
        } else {
            &[]
        },
    )
}
