//! The function of the L-BFGS measurement, with a clock inside.

use std::cell::Cell;
use std::time::Instant;

/// sum c_i x_i^2 + x_i^4 / 4 with curvatures c from 1 to 100: one pass for f, one for the gradient.
#[derive(Default)]
pub struct Quartic {
    /// Seconds spent in f and its gradient.
    inside: Cell<f64>,
    /// When the memory was full, and the seconds inside until then.
    mark: Cell<Option<(Instant, f64)>>,
    /// Seconds since then, outside of f and its gradient.
    outside: Cell<f64>,
    iterations: Cell<usize>,
}

/// Pairs that L-BFGS keeps.
pub const MEMORY: usize = 10;
/// Iterations that are measured, from the one on that finds the memory full.
pub const ITERATIONS: usize = 12;

impl Quartic {
    pub fn start(n: usize) -> Vec<f64> {
        (0..n).map(|i| 1.0 + (i % 7) as f64 * 0.1).collect()
    }

    pub fn value(&self, x: &[f64]) -> f64 {
        self.timed(|| {
            let term = |(i, x): (usize, &f64)| curvature(i) * x * x + 0.25 * x * x * x * x;
            x.iter().enumerate().map(term).sum()
        })
    }

    pub fn gradient(&self, x: &[f64]) -> Vec<f64> {
        self.timed(|| {
            let slope = |(i, x): (usize, &f64)| 2.0 * curvature(i) * x + x * x * x;
            x.iter().enumerate().map(slope).collect()
        })
    }

    fn timed<T>(&self, f: impl FnOnce() -> T) -> T {
        let begin = Instant::now();
        let result = f();
        self.inside
            .set(self.inside.get() + begin.elapsed().as_secs_f64());
        result
    }

    /// To be called after iteration `k`, counted from 1.
    pub fn after_iteration(&self, k: usize) {
        if k == MEMORY {
            self.mark.set(Some((Instant::now(), self.inside.get())));
        }
        if let Some((begin, inside)) = self.mark.get()
            && k > MEMORY
        {
            let passed = begin.elapsed().as_secs_f64();
            self.outside.set(passed - (self.inside.get() - inside));
            self.iterations.set(k - MEMORY);
        }
    }

    /// Seconds an iteration; `None` when the run ended before enough of them.
    pub fn an_iteration(&self) -> Option<f64> {
        let enough = self.iterations.get() == ITERATIONS;
        enough.then(|| self.outside.get() / ITERATIONS as f64)
    }
}

fn curvature(i: usize) -> f64 {
    1.0 + (i % 100) as f64
}
