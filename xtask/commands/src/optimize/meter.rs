//! A run with a meter: every value of f counted, and when f was low enough.

use super::{Row, TAUS};
use ndarray::Array1;
use numdiff_optim::{Minimum, least_squares, minimize};
use numdiff_problems::Problem;
use std::cell::RefCell;

/// What is done to f's values before the solver sees them.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Noise {
    None,
    SixDigits,
    Single,
    Multiplicative,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Knows {
    Values,
    Gradient,
    Residuals,
}

/// f with a meter: calls, the best true value so far, and calls outside the bounds.
struct Meter<'p> {
    problem: &'p Problem,
    noise: Noise,
    stream: u64,
    calls: usize,
    best: f64,
    /// Calls at which the best value fell, and the value.
    history: Vec<(usize, f64)>,
    infeasible: usize,
}

impl Meter<'_> {
    fn see(&mut self, x: &[f64], value: f64) {
        self.calls += 1;
        if value < self.best {
            self.best = value;
            self.history.push((self.calls, value));
        }
        if let Some(bounds) = &self.problem.bounds {
            let outside = |(i, &v): (usize, &f64)| v < bounds.lower[i] || v > bounds.upper[i];
            self.infeasible += usize::from(x.iter().enumerate().any(outside));
        }
    }

    fn value(&mut self, x: &Array1<f64>) -> f64 {
        let x = x.to_vec();
        let value = self.problem.value(&x);
        self.see(&x, value);
        match self.noise {
            Noise::None => value,
            Noise::SixDigits => format!("{value:.5e}").parse().unwrap_or(value),
            Noise::Single => f64::from(value as f32),
            Noise::Multiplicative => value * (1.0 + 1e-6 * uniform(&mut self.stream)),
        }
    }
}

pub(super) fn measure(problem: &Problem, noise: Noise, knows: Knows, seed: u64) -> Row {
    let start = Array1::from(problem.start.clone());
    let first = problem.value(&problem.start);
    let meter = RefCell::new(Meter {
        problem,
        noise,
        stream: seed,
        calls: 0,
        best: f64::INFINITY,
        history: Vec::new(),
        infeasible: 0,
    });
    let f = |x: &Array1<f64>| meter.borrow_mut().value(x);
    let (x, status, total) = if knows == Knows::Residuals {
        let r = |x: &Array1<f64>| {
            let x = x.to_vec();
            meter.borrow_mut().see(&x, problem.value(&x));
            problem.residuals(&x).unwrap_or_default()
        };
        match least_squares(r, &start).run() {
            Ok(fit) => (fit.x, fit.status, fit.evaluations),
            Err(error) => panic!("{}: {error}", problem.id),
        }
    } else {
        let mut run = minimize(f, &start);
        if knows == Knows::Gradient {
            run = run.gradient(|x: &Array1<f64>| {
                // A gradient is work as much as a value.
                meter.borrow_mut().calls += 1;
                problem.gradient(&x.to_vec())
            });
        }
        if let Some(bounds) = &problem.bounds {
            run = run.bounds(&bounds.lower, &bounds.upper);
        }
        match run.run() {
            Ok(Minimum {
                x,
                status,
                evaluations,
                gradient_evaluations,
                ..
            }) => (x, status, evaluations + gradient_evaluations),
            Err(error) => panic!("{}: {error}", problem.id),
        }
    };
    let meter = meter.borrow();
    assert_eq!(
        meter.calls, total,
        "{}: the count of evaluations",
        problem.id
    );
    let last = problem.value(&x.to_vec());
    let minimum = problem.nearest_minimum(last);
    let reached = |tau: &f64| {
        let enough = |(_, f): &&(usize, f64)| f - minimum <= tau * (first - minimum);
        meter.history.iter().find(enough).map(|(calls, _)| *calls)
    };
    let mut evaluations = [None; 3];
    evaluations
        .iter_mut()
        .zip(&TAUS)
        .for_each(|(slot, tau)| *slot = reached(tau));
    Row {
        problem: problem.id.clone(),
        n: problem.n(),
        evaluations,
        status: Some(status),
        error: (last - minimum) / (first - minimum),
        total,
        infeasible: meter.infeasible,
    }
}

/// SplitMix64 to [-1, 1): the stream of a seed never changes.
pub(super) fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// A start moved by up to a tenth of each coordinate, of 1 where that is zero.
pub(super) fn perturb(start: &[f64], seed: u64) -> Vec<f64> {
    let mut stream = seed;
    start
        .iter()
        .map(|x| x + 0.1 * uniform(&mut stream) * if *x == 0.0 { 1.0 } else { x.abs() })
        .collect()
}
