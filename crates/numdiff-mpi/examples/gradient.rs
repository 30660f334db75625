//! The gradient of a simulation that runs on every rank:
//!
//! ```sh
//! mpirun -n 4 cargo run --release --example gradient
//! ```
//!
//! (Add `--oversubscribe` for more ranks than cores, `--allow-run-as-root` in a container.)

use ndarray::Array1;
use numdiff_core::Adaptive;
use numdiff_mpi::{Error, Mpi, scalar};

/// Heat in a rod with the conductivities x after some time: its total where it is warm.
fn simulation(conductivity: &Array1<f64>) -> f64 {
    let n = conductivity.len();
    let mut heat: Vec<f64> = (0..n)
        .map(|i| (-(i as f64 - 5.0).powi(2) / 8.0).exp())
        .collect();
    for _ in 0..20_000 {
        let flow: Vec<f64> = (1..n)
            .map(|i| 0.1 * conductivity[i] * (heat[i] - heat[i - 1]))
            .collect();
        for i in 1..n {
            heat[i - 1] += flow[i - 1];
            heat[i] -= flow[i - 1];
        }
    }
    heat.iter().map(|h| h * h).sum()
}

fn main() -> Result<(), Error> {
    let x = Array1::from_shape_fn(24, |i| 0.2 + 0.02 * i as f64);
    let mpi = Mpi::new()?;
    let found = mpi.run(scalar(simulation), |ranks| {
        let gradient = ranks.solve(Adaptive::new().plan().gradient(&x).ask_tell()?)?;
        Ok::<_, Error>((gradient, ranks.report().clone()))
    })?;
    // On rank 0.
    if let Some((gradient, report)) = found {
        let worst = gradient.error.iter().copied().fold(0.0, f64::max);
        println!(
            "{} evaluations, largest error bar {worst:.1e}",
            gradient.evaluations
        );
        for rank in &report.ranks {
            println!(
                "rank {}: {} evaluations in {:.2} s",
                rank.rank, rank.evaluations, rank.seconds
            );
        }
    }
    Ok(())
}
