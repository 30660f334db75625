//! f as every optimizer is given it: counted, with a budget, and remembering how low it has come.

use numdiff_problems::Problem;
use std::cell::{Cell, RefCell};

/// The share of the way from f(x0) to f* that may be left.
pub const TAUS: [(&str, f64); 3] = [("1e-3", 1e-3), ("1e-6", 1e-6), ("1e-9", 1e-9)];

/// f with a budget and a memory.
pub struct Counted<'p> {
    pub problem: &'p Problem,
    calls: Cell<usize>,
    best: Cell<f64>,
    /// Calls at which f fell below all before, and the value.
    history: RefCell<Vec<(usize, f64)>>,
}

impl<'p> Counted<'p> {
    pub fn new(problem: &'p Problem) -> Self {
        Counted {
            problem,
            calls: Cell::new(0),
            best: Cell::new(f64::INFINITY),
            history: RefCell::default(),
        }
    }

    fn budget(&self) -> usize {
        1000 * (self.problem.n() + 1)
    }

    pub fn start(&self) -> Vec<f64> {
        self.problem.start.clone()
    }

    /// `None` when the budget is used up.
    pub fn value(&self, x: &[f64]) -> Option<f64> {
        if self.calls.get() == self.budget() {
            return None;
        }
        self.calls.set(self.calls.get() + 1);
        let value = self.problem.value(x);
        if value < self.best.get() {
            self.best.set(value);
            self.history.borrow_mut().push((self.calls.get(), value));
        }
        Some(value)
    }

    /// The gradient, which counts as much as a value; `None` when the budget is used up.
    pub fn gradient(&self, x: &[f64]) -> Option<Vec<f64>> {
        if self.calls.get() == self.budget() {
            return None;
        }
        self.calls.set(self.calls.get() + 1);
        Some(self.problem.gradient(x))
    }

    /// Calls until f - f* <= tau (f0 - f*), with the minimum that the run came to.
    pub fn reached(&self) -> [Option<f64>; 3] {
        let minimum = self.problem.nearest_minimum(self.best.get());
        let first = self.problem.value(&self.problem.start);
        TAUS.map(|(_, tau)| {
            let history = self.history.borrow();
            let enough = |(_, f): &&(usize, f64)| f - minimum <= tau * (first - minimum);
            history.iter().find(enough).map(|&(calls, _)| calls as f64)
        })
    }
}
