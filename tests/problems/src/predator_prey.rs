//! A fit to a differential equation.

use crate::{Number, Objective, Problem};

const SOURCE: &str =
    "Lotka-Volterra equations on the pelts of the Hudson's Bay Company, 1900-1920 (Howard 2009)";

/// Thousands of pelts a year: hares and lynxes.
const PELTS: [(f64, f64); 21] = [
    (30.0, 4.0),
    (47.2, 6.1),
    (70.2, 9.8),
    (77.4, 35.2),
    (36.3, 59.4),
    (20.6, 41.7),
    (18.1, 19.0),
    (21.4, 13.0),
    (22.0, 8.3),
    (25.4, 9.1),
    (27.1, 7.4),
    (40.3, 8.0),
    (57.0, 12.3),
    (76.6, 19.5),
    (52.3, 45.7),
    (19.5, 51.1),
    (11.2, 29.7),
    (7.6, 15.8),
    (14.6, 9.7),
    (16.2, 10.1),
    (24.7, 8.6),
];

/// Mean squared logarithm of model over data, with u' = (a - b v) u, v' = (c u - d) v integrated adaptively to
/// 1e-8 a step: the choice of steps makes f noisy. x holds the logarithms of a, b, c, d, u(0), v(0).
struct PredatorPrey;

impl Objective for PredatorPrey {
    fn evaluate<T: Number>(&self, x: &[T]) -> T {
        let p: Vec<T> = x.iter().map(|x| x.exp()).collect();
        let mut state = [p[4], p[5]];
        let mut step = 0.1;
        let mut sum = T::constant(0.0);
        for (year, &(hares, lynxes)) in PELTS.iter().enumerate() {
            if year > 0 {
                integrate(&p, &mut state, &mut step);
            }
            sum = sum + (state[0] / hares).ln().squared() + (state[1] / lynxes).ln().squared();
        }
        sum / (2.0 * PELTS.len() as f64)
    }
}

fn slope<T: Number>(p: &[T], s: &[T; 2]) -> [T; 2] {
    [(p[0] - p[1] * s[1]) * s[0], (p[2] * s[0] - p[3]) * s[1]]
}

/// One year by the pair of Bogacki and Shampine (Appl. Math. Lett. 2 (1989) 321-325).
fn integrate<T: Number>(p: &[T], state: &mut [T; 2], step: &mut f64) {
    let (mut t, mut rejected) = (0.0, 0);
    let blend = |s: &[T; 2], terms: &[(f64, [T; 2])]| {
        let entry = |j: usize| terms.iter().fold(s[j], |sum, (c, k)| sum + k[j] * *c);
        [entry(0), entry(1)]
    };
    while t < 1.0 && rejected < 10_000 {
        let h = step.min(1.0 - t);
        let k1 = slope(p, state);
        let k2 = slope(p, &blend(state, &[(h / 2.0, k1)]));
        let k3 = slope(p, &blend(state, &[(0.75 * h, k2)]));
        let next = blend(
            state,
            &[(h * 2.0 / 9.0, k1), (h / 3.0, k2), (h * 4.0 / 9.0, k3)],
        );
        let k4 = slope(p, &next);
        let error = (0..2)
            .map(|j| {
                let e = k1[j] * (-5.0 / 72.0) + k2[j] * (1.0 / 12.0) + k3[j] * (1.0 / 9.0)
                    - k4[j] * 0.125;
                (e * h).value().abs() / (1e-8 * (1.0 + next[j].value().abs()))
            })
            .fold(0.0, f64::max);
        if error <= 1.0 {
            t += h;
            *state = next;
        } else {
            rejected += 1;
        }
        let factor = if error > 0.0 {
            0.9 * error.powf(-1.0 / 3.0)
        } else {
            5.0
        };
        *step = h * if factor.is_finite() {
            factor.clamp(0.2, 5.0)
        } else {
            0.2
        };
    }
}

/// The problem from round numbers.
pub fn problem() -> Problem {
    let start = [0.5f64, 0.03, 0.02, 0.9, 30.0, 5.0].map(f64::ln).to_vec();
    Problem::plain(
        "pelts",
        "Predator and prey",
        SOURCE,
        PredatorPrey,
        start,
        0.04806336105858269,
    )
}
