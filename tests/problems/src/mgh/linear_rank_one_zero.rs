//! Linear, rank 1 with zero columns and rows: problem (34) of Moré, Garbow and Hillstrom.
//!
//! m = 2 n: f1 = fm = -1, fi = (i - 1) sum_{1 < j < n} j xj - 1 between. Minimum
//! (m^2 + 3 m - 6) / (2 (2 m - 3)); two coordinates do not matter.

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (34)";

struct LinearRankOneZero;

impl Residuals for LinearRankOneZero {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        let (n, m) = (x.len(), 2 * x.len());
        let moment = T::sum((1..n - 1).map(|j| x[j] * (j + 1) as f64));
        let row = |i: usize| {
            if i == 0 || i + 1 == m {
                T::constant(-1.0)
            } else {
                moment * i as f64 - 1.0
            }
        };
        (0..m).map(row).collect()
    }
}

/// The problem with `n` unknowns at its standard start.
pub fn problem(n: usize) -> Problem {
    let m = 2.0 * n as f64;
    let minimum = (m * m + 3.0 * m - 6.0) / (2.0 * (2.0 * m - 3.0));
    let name = "Linear, rank 1 with zero columns and rows";
    Problem::squares(
        "lin0",
        name,
        SOURCE,
        LinearRankOneZero,
        vec![1.0; n],
        minimum,
    )
}
