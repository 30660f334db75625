//! basin, as its users would write it: L-BFGS on `Vec<f64>`, gradients by its own `FiniteDiff` where none
//! is given.

use crate::counted::Counted;
use crate::quartic::{ITERATIONS, MEMORY, Quartic};
use basin::core::numdiff::Method;
use basin::{CostFunction, Executor, FiniteDiff, FirstOrderState, Gradient, Lbfgs};
use std::convert::Infallible;

struct Timed<'q>(&'q Quartic);

impl CostFunction for Timed<'_> {
    type Param = Vec<f64>;
    type Output = f64;
    type Error = Infallible;
    fn cost(&self, x: &Vec<f64>) -> Result<f64, Infallible> {
        Ok(self.0.value(x))
    }
}

impl Gradient for Timed<'_> {
    type Gradient = Vec<f64>;
    fn gradient(&self, x: &Vec<f64>) -> Result<Vec<f64>, Infallible> {
        Ok(self.0.gradient(x))
    }
}

/// Seconds an iteration of L-BFGS.
pub fn an_iteration(n: usize) -> Option<f64> {
    let quartic = Quartic::default();
    let solver = Lbfgs::new().unbounded().with_m_capacity(MEMORY);
    let state = FirstOrderState::new(Quartic::start(n));
    let mut stepper = Executor::new(Timed(&quartic), solver, state)
        .max_iter((MEMORY + ITERATIONS) as u64)
        .into_stepper()
        .ok()?;
    while stepper.finished().is_none() {
        let before = stepper.iter();
        stepper.step().ok()?;
        if stepper.iter() > before {
            quartic.after_iteration(stepper.iter() as usize);
        }
    }
    quartic.an_iteration()
}

struct Values<'c, 'p>(&'c Counted<'p>);

impl CostFunction for Values<'_, '_> {
    type Param = Vec<f64>;
    type Output = f64;
    type Error = &'static str;
    fn cost(&self, x: &Vec<f64>) -> Result<f64, &'static str> {
        self.0.value(x).ok_or("budget")
    }
}

/// Minimizes until the budget of `counted` ends the run, or basin does.
pub fn minimize(counted: &Counted<'_>, central: bool) {
    let method = if central {
        Method::Central
    } else {
        Method::Forward
    };
    let problem = FiniteDiff::new(Values(counted)).gradient_method(method);
    let state = FirstOrderState::new(counted.start());
    // An error is the end of the run as much as a result: what was reached stands in the counter. Without
    // a tolerance basin goes on as long as its search finds lower points.
    let _ = Executor::new(problem, Lbfgs::new().unbounded(), state)
        .max_iter(100_000)
        .run();
}
