//! Linear, rank 1: problem (33) of Moré, Garbow and Hillstrom.
//!
//! m = 2 n: fi = i sum_j j xj - 1. Minimum m (m - 1) / (2 (2 m + 1)), on a hyperplane.

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (33)";

struct LinearRankOne;

impl Residuals for LinearRankOne {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        let m = 2 * x.len();
        let moment = T::sum(x.iter().enumerate().map(|(j, &c)| c * (j + 1) as f64));
        (1..=m).map(|i| moment * i as f64 - 1.0).collect()
    }
}

/// The problem with `n` unknowns at its standard start.
pub fn problem(n: usize) -> Problem {
    let m = 2.0 * n as f64;
    let minimum = m * (m - 1.0) / (2.0 * (2.0 * m + 1.0));
    Problem::squares(
        "lin1",
        "Linear, rank 1",
        SOURCE,
        LinearRankOne,
        vec![1.0; n],
        minimum,
    )
}
