//! A derivative says how far it is to be trusted: the error bar beside the true error.
//!
//! `cargo run -p numdiff-core --example error_bars`

use numdiff_core::{Error, derivative};

type Case = (&'static str, fn(f64) -> f64, f64, f64);

fn main() -> Result<(), Error> {
    let cases: [Case; 6] = [
        ("exp x at 1", f64::exp, 1.0, 1f64.exp()),
        ("ln x at 1e-6", f64::ln, 1e-6, 1e6),
        (
            "sin 1000 x at 1",
            |x| (1e3 * x).sin(),
            1.0,
            1e3 * 1e3f64.cos(),
        ),
        (
            "1 + 1e-9 sin x at 1",
            |x| 1.0 + 1e-9 * x.sin(),
            1.0,
            1e-9 * 1f64.cos(),
        ),
        ("sqrt x at 1e-12", f64::sqrt, 1e-12, 5e5),
        ("|x| at 0", f64::abs, 0.0, f64::NAN),
    ];
    println!(
        "{:<20} {:>13} {:>10} {:>10}  calls  status",
        "f", "derivative", "error", "error bar"
    );
    for (name, f, x, exact) in cases {
        let d = derivative(f, x)?;
        println!(
            "{name:<20} {:>13.6e} {:>10.1e} {:>10.1e}  {:>5}  {:?}",
            d.value,
            (d.value - exact).abs(),
            d.error,
            d.evaluations,
            d.status
        );
    }
    Ok(())
}
