//! Broyden banded: problem (31) of Moré, Garbow and Hillstrom.
//!
//! fi = xi (2 + 5 xi^2) + 1 - sum_{j in Ji} xj (1 + xj), Ji = the five below and the one above i.
//! Minimum 0; a local one of 3.057 (n = 10).

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (31)";

struct BroydenBanded;

impl Residuals for BroydenBanded {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        let n = x.len();
        (0..n)
            .map(|i| {
                let near = (i.saturating_sub(5)..(i + 2).min(n)).filter(|&j| j != i);
                x[i] * (x[i].squared() * 5.0 + 2.0) + 1.0
                    - T::sum(near.map(|j| x[j] * (x[j] + 1.0)))
            })
            .collect()
    }
}

/// The problem with `n` unknowns at its standard start.
pub fn problem(n: usize) -> Problem {
    let start = vec![-1.0; n];
    let minimum = 0.0;
    Problem::squares(
        "band",
        "Broyden banded",
        SOURCE,
        BroydenBanded,
        start,
        minimum,
    )
    .with_others(if n == 10 { &[3.057278432425819] } else { &[] })
}
