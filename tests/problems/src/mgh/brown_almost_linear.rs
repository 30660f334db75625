//! Brown almost-linear: problem (27) of Moré, Garbow and Hillstrom.
//!
//! fi = xi + sum_j xj - (n + 1), i < n; fn = prod_j xj - 1. Minimum 0, a local one of 1 at
//! (0, ..., 0, n + 1).

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (27)";

struct BrownAlmostLinear;

impl Residuals for BrownAlmostLinear {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        let n = x.len();
        let shift = T::sum(x.iter().copied()) - (n as f64 + 1.0);
        let product = x.iter().fold(T::constant(1.0), |product, &c| product * c);
        x[..n - 1]
            .iter()
            .map(|&c| c + shift)
            .chain([product - 1.0])
            .collect()
    }
}

/// The problem with `n` unknowns at its standard start.
pub fn problem(n: usize) -> Problem {
    let start = vec![0.5; n];
    let minimum = 0.0;
    Problem::squares(
        "almost",
        "Brown almost-linear",
        SOURCE,
        BrownAlmostLinear,
        start,
        minimum,
    )
    .with_others(&[1.0])
}
