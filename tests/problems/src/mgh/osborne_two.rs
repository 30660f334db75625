//! Osborne 2: problem (19) of Moré, Garbow and Hillstrom.
//!
//! fi = yi - (x1 exp(-ti x5) + sum over three bells xj exp(-(ti - cj)^2 wj)), ti = (i - 1) / 10,
//! i = 1..65; minimum 4.01377e-2.

use crate::{Number, Problem, Residuals};

const SOURCE: &str = "Moré, Garbow, Hillstrom, ACM TOMS 7(1) (1981) 17-41, problem (19)";
const Y: [f64; 65] = [
    1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608,
    0.655, 0.616, 0.606, 0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661,
    0.612, 0.558, 0.533, 0.495, 0.5, 0.423, 0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428, 0.429,
    0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668, 0.645, 0.632, 0.591, 0.559, 0.597,
    0.625, 0.739, 0.71, 0.729, 0.72, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098, 0.054,
];

struct OsborneTwo;

impl Residuals for OsborneTwo {
    fn evaluate<T: Number>(&self, x: &[T]) -> Vec<T> {
        Y.iter()
            .zip(0..)
            .map(|(&y, i)| {
                let t = f64::from(i) / 10.0;
                let bell = |j: usize| x[j] * (-(-x[j + 7] + t).squared() * x[j + 4]).exp();
                -(x[0] * (-x[4] * t).exp() + bell(1) + bell(2) + bell(3)) + y
            })
            .collect()
    }
}

/// The problem at its standard start.
pub fn problem() -> Problem {
    Problem::squares(
        "osb2",
        "Osborne 2",
        SOURCE,
        OsborneTwo,
        vec![1.3, 0.65, 0.65, 0.7, 0.6, 3.0, 5.0, 7.0, 2.0, 4.5, 5.5],
        0.040137736293547735,
    )
    .with_others(&[0.08829665321543374])
}
