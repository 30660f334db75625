//! The likelihood of a Weibull distribution.

use crate::{Number, Objective, Problem};

const SOURCE: &str =
    "Lieblein, Zelen, J. Res. Nat. Bur. Standards 57 (1956) 273-316: endurance of ball bearings";

/// Million revolutions before failure.
const ENDURANCE: [f64; 23] = [
    17.88, 28.92, 33.00, 41.52, 42.12, 45.60, 48.48, 51.84, 51.96, 54.12, 55.56, 67.80, 68.64,
    68.64, 68.88, 84.12, 93.12, 98.64, 105.12, 105.84, 127.92, 128.04, 173.40,
];

/// The negative log-likelihood of shape and scale, not defined for negative ones:
/// -sum ln(k / l (t / l)^(k - 1) exp(-(t / l)^k)).
struct Weibull;

impl Objective for Weibull {
    fn evaluate<T: Number>(&self, x: &[T]) -> T {
        let (shape, scale) = (x[0], x[1]);
        let terms = ENDURANCE.iter().map(|&t| {
            let ratio = T::constant(t) / scale;
            ratio.pow(shape) - (shape / scale).ln() - (shape - 1.0) * ratio.ln()
        });
        T::sum(terms)
    }
}

/// The problem from shape 1 and scale 100.
pub fn problem() -> Problem {
    Problem::plain(
        "weibull",
        "Weibull likelihood",
        SOURCE,
        Weibull,
        vec![1.0, 100.0],
        113.69129093232014,
    )
}
