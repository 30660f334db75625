//! numdiff as the gradient of an argmin problem, on `Vec<f64>`: no ndarray version gets in the way.
//!
//! `cargo run --manifest-path tests/examples/Cargo.toml --example argmin`

use argmin::core::{CostFunction, Error, Executor, Gradient};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;
use ndarray::{Array1, aview1};

struct Rosenbrock;

impl CostFunction for Rosenbrock {
    type Param = Vec<f64>;
    type Output = f64;
    fn cost(&self, x: &Vec<f64>) -> Result<f64, Error> {
        Ok(100.0 * (x[1] - x[0].powi(2)).powi(2) + (1.0 - x[0]).powi(2))
    }
}

impl Gradient for Rosenbrock {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;
    fn gradient(&self, x: &Vec<f64>) -> Result<Vec<f64>, Error> {
        let f = |x: &Array1<f64>| self.cost(&x.to_vec()).map_err(|e| e.to_string());
        Ok(numdiff_core::gradient(f, &aview1(x))?.to_vec())
    }
}

fn main() -> Result<(), Error> {
    let solver = LBFGS::new(MoreThuenteLineSearch::new(), 7);
    let end = Executor::new(Rosenbrock, solver)
        .configure(|s| s.param(vec![-1.2, 1.0]).max_iters(100))
        .run()?;
    let best = end.state().get_best_cost();
    println!("argmin: f - f* = {best:e}");
    assert!(best < 1e-12);
    Ok(())
}
