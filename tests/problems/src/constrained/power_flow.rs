//! Problems of the kind of Hock and Schittkowski's 74 and 75: what two generators cost that feed a net of three nodes. The
//! equalities leave a curve of the four unknowns, so that all minima can be told.

use super::Evaluation;
use crate::far::stream::Stream;

/// Most that a generator yields, and what a line carries at right angles.
const MOST: f64 = 1200.0;
const LINE: f64 = 1000.0;
/// Points of the curve that are compared, and halvings of the interval around the lowest of three.
const POINTS: usize = 20_000;
const HALVINGS: usize = 100;

/// Three equalities, then two inequalities, of two powers and two angles.
#[derive(Clone, Debug)]
pub struct PowerFlow {
    /// Half of them start at 0, as the published ones.
    pub start: Vec<f64>,
    /// Lower bounds.
    pub lower: Vec<f64>,
    /// Upper bounds.
    pub upper: Vec<f64>,
    /// f at every minimum, the least first.
    pub minima: Vec<f64>,
    linear: [f64; 2],
    cubic: [f64; 2],
    demand: [f64; 3],
    phase: f64,
    widest: f64,
}

impl PowerFlow {
    /// Whether each constraint is an equality.
    pub const IS_EQUALITY: [bool; 5] = [true, true, true, false, false];

    /// f and all constraints.
    pub fn evaluate(&self, x: &[f64]) -> Evaluation {
        let [a, b] = self.powers(x[2], x[3]);
        let third = LINE * ((x[3] - self.phase).sin() + (x[3] - x[2] - self.phase).sin());
        let apart = x[3] - x[2];
        Evaluation {
            value: self.cost([x[0], x[1]]),
            constraints: vec![
                a - x[0],
                b - x[1],
                third + self.demand[2],
                self.widest + apart,
                self.widest - apart,
            ],
        }
    }

    fn cost(&self, power: [f64; 2]) -> f64 {
        let of = |k: usize| self.linear[k] * power[k] + self.cubic[k] * power[k].powi(3);
        of(0) + of(1)
    }

    fn powers(&self, first: f64, second: f64) -> [f64; 2] {
        let line = |angle: f64| LINE * (angle - self.phase).sin();
        [
            line(-first) + line(-second) + self.demand[0],
            line(first) + line(first - second) + self.demand[1],
        ]
    }

    /// f where the equalities hold for this first angle; infinite where they do not within the bounds.
    fn along(&self, first: f64) -> f64 {
        let sine = -self.demand[2] / (2.0 * LINE * (0.5 * first).cos());
        let second = self.phase + 0.5 * first + sine.asin();
        let powers = self.powers(first, second);
        let inside = first.abs() <= self.widest
            && second.abs() <= self.widest
            && (second - first).abs() <= self.widest
            && powers.iter().all(|p| (0.0..=MOST).contains(p));
        match inside {
            true => self.cost(powers),
            false => f64::INFINITY,
        }
    }

    fn all_minima(&self) -> Vec<f64> {
        let at = |k: usize| self.widest * (2.0 * k as f64 / POINTS as f64 - 1.0);
        let values: Vec<f64> = (0..=POINTS).map(|k| self.along(at(k))).collect();
        let value = |k: Option<usize>| k.and_then(|k| values.get(k)).copied();
        let beside = |k: Option<usize>| value(k).unwrap_or(f64::INFINITY);
        let lowest = |k: &usize| {
            let (before, after) = (beside(k.checked_sub(1)), beside(Some(k + 1)));
            values[*k].is_finite() && values[*k] <= before && values[*k] < after
        };
        let mut minima: Vec<f64> = (0..=POINTS)
            .filter(lowest)
            .map(|k| {
                let (mut low, mut high) = (at(k.saturating_sub(1)), at((k + 1).min(POINTS)));
                let mut best = values[k];
                let mut middle = at(k);
                for _ in 0..HALVINGS {
                    for side in [0.5 * (low + middle), 0.5 * (middle + high)] {
                        let there = self.along(side);
                        if there < best {
                            let before = middle;
                            (best, middle) = (there, side);
                            match side < before {
                                true => high = before,
                                false => low = before,
                            }
                            break;
                        }
                        match side < middle {
                            true => low = side,
                            false => high = side,
                        }
                    }
                }
                best
            })
            .collect();
        minima.sort_by(f64::total_cmp);
        minima
    }
}

/// One problem that has a minimum, drawn from `seed`.
pub fn power_flow(seed: u64) -> PowerFlow {
    let mut stream = Stream::new(seed);
    loop {
        let widest = stream.between(0.45, 0.6);
        let mut near = |middle: f64, share: f64| middle * stream.between(1.0 - share, 1.0 + share);
        let mut problem = PowerFlow {
            start: vec![0.0; 4],
            lower: vec![0.0, 0.0, -widest, -widest],
            upper: vec![MOST, MOST, widest, widest],
            minima: Vec::new(),
            linear: [near(3.0, 0.7), near(3.0, 0.7)],
            cubic: [near(5e-6, 0.95), near(5e-6, 0.95)],
            demand: [near(894.8, 0.1), near(894.8, 0.1), near(1294.8, 0.05)],
            phase: near(0.25, 0.3),
            widest,
        };
        if stream.sign() > 0.0 {
            let inside = problem.lower.iter().zip(&problem.upper);
            problem.start = inside.map(|(l, u)| stream.between(*l, *u)).collect();
        }
        problem.minima = problem.all_minima();
        if !problem.minima.is_empty() {
            return problem;
        }
    }
}
