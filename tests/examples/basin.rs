//! numdiff as the gradient of a basin problem, on `Vec<f64>`: no ndarray version gets in the way.
//!
//! `cargo run --manifest-path tests/examples/Cargo.toml --example basin`

use basin::{CostFunction, Executor, FirstOrderState, Gradient, Lbfgs};
use ndarray::{Array1, aview1};

struct Rosenbrock;

impl CostFunction for Rosenbrock {
    type Param = Vec<f64>;
    type Output = f64;
    type Error = numdiff_core::Error;
    fn cost(&self, x: &Vec<f64>) -> Result<f64, Self::Error> {
        Ok(100.0 * (x[1] - x[0].powi(2)).powi(2) + (1.0 - x[0]).powi(2))
    }
}

impl Gradient for Rosenbrock {
    type Gradient = Vec<f64>;
    fn gradient(&self, x: &Vec<f64>) -> Result<Vec<f64>, Self::Error> {
        let f = |x: &Array1<f64>| self.cost(&x.to_vec());
        Ok(numdiff_core::gradient(f, &aview1(x))?.to_vec())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let solver = Lbfgs::new().unbounded();
    let end = Executor::new(Rosenbrock, solver, FirstOrderState::new(vec![-1.2, 1.0]))
        .max_iter(100)
        .run()?;
    println!("basin: f - f* = {:e}", end.cost());
    assert!(end.cost() < 1e-12);
    Ok(())
}
