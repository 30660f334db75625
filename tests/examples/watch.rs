//! A run that is watched: a progress bar while it works, then the path over the contours of f and its
//! convergence as figures in target/figures.
//!
//! `cargo run --manifest-path tests/examples/Cargo.toml --example watch`

use indicatif::{ProgressBar, ProgressStyle};
use ndarray::array;
use numdiff_optim::{Record, minimize};
use plotters::prelude::*;
use plotters::style::register_font;
use std::error::Error;
use std::ops::ControlFlow;
use std::path::Path;

fn rosenbrock(x: f64, y: f64) -> f64 {
    100.0 * (y - x * x).powi(2) + (1.0 - x).powi(2)
}

fn main() -> Result<(), Box<dyn Error>> {
    let bar = ProgressBar::no_length().with_style(ProgressStyle::with_template(
        "{spinner} {pos} steps, {msg}",
    )?);
    let end = minimize(|x| rosenbrock(x[0], x[1]), &array![-1.2, 1.0])
        .record()
        .on_iteration(|it| {
            bar.set_position(it.iteration as u64);
            bar.set_message(format!(
                "f = {:.3e}, {} evaluations",
                it.value, it.evaluations
            ));
            ControlFlow::Continue(())
        })
        .run()?;
    bar.finish();
    println!(
        "{}: errors {:e} {:e}",
        end.status,
        end.x[0] - 1.0,
        end.x[1] - 1.0
    );
    register_font("sans-serif", FontStyle::Normal, dejavu::sans::regular())
        .map_err(|_| "the font")?;
    let folder = Path::new("target/figures");
    std::fs::create_dir_all(folder)?;
    path(&folder.join("path.svg"), &end.trajectory.records)?;
    convergence(&folder.join("convergence.svg"), &end.trajectory.records)?;
    println!("figures in {}", folder.display());
    Ok(())
}

/// The points over levels of f, which are a factor of ten apart.
fn path(file: &Path, records: &[Record]) -> Result<(), Box<dyn Error>> {
    let area = SVGBackend::new(file, (800, 600)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(
            "Path over contours of f, a factor of 10 apart",
            ("sans-serif", 22),
        )
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(50)
        .build_cartesian_2d(-1.6f64..1.6, -0.6f64..1.8)?;
    chart
        .configure_mesh()
        .disable_mesh()
        .x_desc("x0")
        .y_desc("x1")
        .draw()?;
    let (columns, rows) = (240, 180);
    for i in 0..columns {
        for j in 0..rows {
            let at = |i: i32, n: i32, low: f64, high: f64| {
                low + (high - low) * f64::from(i) / f64::from(n)
            };
            let (x, y) = (at(i, columns, -1.6, 1.6), at(j, rows, -0.6, 1.8));
            let (right, up) = (at(i + 1, columns, -1.6, 1.6), at(j + 1, rows, -0.6, 1.8));
            let band = (rosenbrock(x, y).max(1e-3).log10().floor() + 4.0) / 8.0;
            let gray = (255.0 - 110.0 * band.clamp(0.0, 1.0)) as u8;
            let color = RGBColor(gray, gray, 255 - (255 - gray) / 3).filled();
            chart.draw_series(std::iter::once(Rectangle::new(
                [(x, y), (right, up)],
                color,
            )))?;
        }
    }
    let points: Vec<(f64, f64)> = records.iter().map(|r| (r.x[0], r.x[1])).collect();
    chart.draw_series(LineSeries::new(
        points.iter().copied(),
        BLACK.stroke_width(2),
    ))?;
    chart.draw_series(points.iter().map(|p| Circle::new(*p, 3, BLACK.filled())))?;
    area.present()?;
    Ok(())
}

/// f against evaluations, logarithmic.
fn convergence(file: &Path, records: &[Record]) -> Result<(), Box<dyn Error>> {
    let area = SVGBackend::new(file, (800, 600)).into_drawing_area();
    area.fill(&WHITE)?;
    let last = records.last().map_or(1.0, |r| r.evaluations as f64);
    let least = records.last().map_or(1e-18, |r| r.value.max(1e-25));
    let mut chart = ChartBuilder::on(&area)
        .caption("f against evaluations, probes counted", ("sans-serif", 22))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(70)
        .build_cartesian_2d(0.0..last, (least..1e3).log_scale())?;
    chart
        .configure_mesh()
        .x_desc("evaluations")
        .y_desc("f")
        .y_label_formatter(&|v| format!("{v:.0e}"))
        .draw()?;
    let points = records
        .iter()
        .map(|r| (r.evaluations as f64, r.value.max(least)));
    chart.draw_series(LineSeries::new(points, BLUE.stroke_width(2)))?;
    area.present()?;
    Ok(())
}
