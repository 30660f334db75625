//! argmin, as its users would write it: L-BFGS with the search of Moré and Thuente on `Vec<f64>`,
//! gradients by the crate finitediff where none is given.

use crate::counted::Counted;
use crate::quartic::{ITERATIONS, MEMORY, Quartic};
use argmin::core::observers::{Observe, ObserverMode};
use argmin::core::{CostFunction, Error, Executor, Gradient, IterState, KV};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;
use finitediff::vec::{central_diff, forward_diff};
use std::cell::Cell;
use std::rc::Rc;

type Search = MoreThuenteLineSearch<Vec<f64>, Vec<f64>, f64>;
type State = IterState<Vec<f64>, Vec<f64>, (), (), (), f64>;

struct Timed(Rc<Quartic>);

impl CostFunction for Timed {
    type Param = Vec<f64>;
    type Output = f64;
    fn cost(&self, x: &Vec<f64>) -> Result<f64, Error> {
        Ok(self.0.value(x))
    }
}

impl Gradient for Timed {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;
    fn gradient(&self, x: &Vec<f64>) -> Result<Vec<f64>, Error> {
        Ok(self.0.gradient(x))
    }
}

struct Watch {
    quartic: Rc<Quartic>,
    iterations: Cell<usize>,
}

impl Observe<State> for Watch {
    fn observe_iter(&mut self, _: &State, _: &KV) -> Result<(), Error> {
        self.iterations.set(self.iterations.get() + 1);
        self.quartic.after_iteration(self.iterations.get());
        Ok(())
    }
}

/// Seconds an iteration of L-BFGS.
pub fn an_iteration(n: usize) -> Option<f64> {
    let quartic = Rc::new(Quartic::default());
    let watch = Watch {
        quartic: Rc::clone(&quartic),
        iterations: Cell::new(0),
    };
    Executor::new(
        Timed(Rc::clone(&quartic)),
        LBFGS::new(Search::new(), MEMORY),
    )
    .configure(|state| {
        state
            .param(Quartic::start(n))
            .max_iters((MEMORY + ITERATIONS) as u64)
    })
    .add_observer(watch, ObserverMode::Always)
    .run()
    .ok()?;
    quartic.an_iteration()
}

struct Values<'c, 'p> {
    counted: &'c Counted<'p>,
    central: bool,
}

impl CostFunction for Values<'_, '_> {
    type Param = Vec<f64>;
    type Output = f64;
    fn cost(&self, x: &Vec<f64>) -> Result<f64, Error> {
        self.counted.value(x).ok_or_else(|| Error::msg("budget"))
    }
}

impl Gradient for Values<'_, '_> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;
    fn gradient(&self, x: &Vec<f64>) -> Result<Vec<f64>, Error> {
        let f = |x: &Vec<f64>| self.cost(x);
        if self.central {
            central_diff(&f)(x)
        } else {
            forward_diff(&f)(x)
        }
    }
}

/// Minimizes until the budget of `counted` ends the run, or argmin does; 7 pairs, as in its examples.
pub fn minimize(counted: &Counted<'_>, central: bool) {
    let start = counted.start();
    // An error is the end of the run as much as a result: what was reached stands in the counter.
    let _ = Executor::new(Values { counted, central }, LBFGS::new(Search::new(), 7))
        .configure(|state| state.param(start))
        .run();
}
