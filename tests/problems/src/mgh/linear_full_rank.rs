//! Linear, full rank: problem (32) of Moré, Garbow and Hillstrom.
//!
//! m = 2 n: fi = xi - (2 / m) sum_j xj - 1, i <= n; -(2 / m) sum_j xj - 1 beyond. Minimum m - n.

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (32)";

struct LinearFullRank;

impl Residuals for LinearFullRank {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        let m = 2 * x.len();
        let mean = T::sum(x.iter().copied()) * (2.0 / m as f64);
        let own = x.iter().copied().chain(std::iter::repeat(T::constant(0.0)));
        own.take(m).map(|c| c - mean - 1.0).collect()
    }
}

/// The problem with `n` unknowns at its standard start.
pub fn problem(n: usize) -> Problem {
    let start = vec![1.0; n];
    let minimum = n as f64;
    Problem::squares(
        "lin",
        "Linear, full rank",
        SOURCE,
        LinearFullRank,
        start,
        minimum,
    )
}
