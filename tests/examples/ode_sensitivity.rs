//! How do hares and lynxes after ten years answer to each rate of their model? The derivative of an
//! ODE's solution by its parameters, of a solver that knows nothing of derivatives.
//!
//! A solver that chooses its steps is noisy: they jump when a parameter moves, and a difference divides
//! the jumps by its step. The adaptive method sees them and takes larger steps. The exact answer is that
//! of the sensitivity equations, integrated with tolerance 1e-13.
//!
//! `cargo run --manifest-path tests/examples/Cargo.toml --example ode_sensitivity`

use differential_equations::prelude::*;
use ndarray::{Array1, Array2, array};
use numdiff_core::{Adaptive, FiniteDifference};
use std::error::Error;

/// Lotka and Volterra: x' = a x - b x y, y' = c x y - d y. Once more for each parameter p follows the
/// sensitivity s = dz/dp, s' = J s + df/dp, when `state` has room for it.
struct Model<'p> {
    rates: &'p Array1<f64>,
}

impl ODE<f64, Vec<f64>> for Model<'_> {
    fn diff(&self, _t: f64, state: &Vec<f64>, slope: &mut Vec<f64>) {
        let (x, y) = (state[0], state[1]);
        let [a, b, c, d] = [0, 1, 2, 3].map(|k| self.rates[k]);
        slope[0] = a * x - b * x * y;
        slope[1] = c * x * y - d * y;
        let by_rate = [[x, 0.0], [-x * y, 0.0], [0.0, x * y], [0.0, -y]];
        for (k, s) in state[2..].chunks_exact(2).enumerate() {
            slope[2 + 2 * k] = (a - b * y) * s[0] - b * x * s[1] + by_rate[k][0];
            slope[3 + 2 * k] = c * y * s[0] + (c * x - d) * s[1] + by_rate[k][1];
        }
    }
}

fn solve(rates: &Array1<f64>, sensitivities: usize, tolerance: f64) -> Result<Vec<f64>, String> {
    let start = [vec![10.0, 5.0], vec![0.0; 2 * sensitivities]].concat();
    let method = ExplicitRungeKutta::dop853().rtol(tolerance).atol(tolerance);
    let solution = IVP::ode(&Model { rates }, 0.0, 10.0, start)
        .method(method)
        .solve();
    let solution: Solution<f64, Vec<f64>> = solution.map_err(|error| format!("{error:?}"))?;
    solution
        .last()
        .map(|(_, end)| end.clone())
        .map_err(|error| format!("{error:?}"))
}

fn main() -> Result<(), Box<dyn Error>> {
    let rates = array![1.1, 0.4, 0.1, 0.4];
    let end = solve(&rates, 4, 1e-13)?;
    let exact = Array2::from_shape_fn((2, 4), |(i, k)| end[2 + 2 * k + i]);
    println!(
        "after ten years: {:.4} hares, {:.4} lynxes\n",
        end[0], end[1]
    );

    println!(
        "tolerance of the solver   central, automatic   adaptive   its error bar   evaluations"
    );
    for tolerance in [1e-3, 1e-6, 1e-9, 1e-12] {
        let f = |rates: &Array1<f64>| -> Result<Array1<f64>, String> {
            Ok(solve(rates, 0, tolerance)?.into())
        };
        let worst = |j: &Array2<f64>| (j - &exact).iter().fold(0.0f64, |m, e| m.max(e.abs()));
        let central = FiniteDifference::central().jacobian(f, &rates)?;
        let adaptive = Adaptive::new().jacobian(f, &rates)?;
        println!(
            "{tolerance:>23.0e} {:>20.1e} {:>10.1e} {:>15.1e} {:>13}",
            worst(&central),
            worst(&adaptive.value),
            adaptive.error.iter().fold(0.0f64, |m, e| m.max(*e)),
            adaptive.evaluations
        );
    }
    println!(
        "\nErrors are those against the true solution. At a loose tolerance they are the solver's own, which\n\
         no difference of its values can show: tighten it until the answer stays."
    );
    Ok(())
}
