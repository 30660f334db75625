//! A pressure vessel of least cost (Sandgren 1990, with continuous thicknesses): a cylinder with two half spheres.
//!
//! `cargo run -p numdiff-optim --example pressure_vessel`

use numdiff_optim::{Error, minimize};
use std::f64::consts::PI;

fn main() -> Result<(), Error> {
    // Thickness of the shell and of the heads, radius and length, in inches. One call yields cost and constraints.
    let design = |x: &[f64; 4]| {
        let [shell, head, radius, length] = *x;
        let cost = 0.6224 * shell * radius * length
            + 1.7781 * head * radius.powi(2)
            + 3.1661 * shell.powi(2) * length
            + 19.84 * shell.powi(2) * radius;
        let volume = PI * radius.powi(2) * length + 4.0 / 3.0 * PI * radius.powi(3);
        let limits = [
            shell - 0.0193 * radius,
            head - 0.00954 * radius,
            volume / 1_296_000.0 - 1.0,
        ];
        (cost, [0.0; 0], limits)
    };
    let best = minimize(design, &[1.0, 1.0, 60.0, 60.0])
        .bounds([0.0625, 0.0625, 10.0, 10.0], [6.0, 6.0, 200.0, 200.0])
        .run()?;
    println!("{} ({} evaluations)", best.status, best.evaluations);
    let [shell, head, radius, length] = best.x;
    println!("shell {shell:.5}, head {head:.5}, radius {radius:.4}, length {length:.4}");
    println!("cost {:.4}", best.value);
    println!(
        "one percent more volume costs {:.2}",
        0.01 * best.multipliers.inequality[2]
    );
    println!("an inch of length saves {:.2}", -best.multipliers.bounds[3]);
    Ok(())
}
