//! The picture of the guide's chapter on constraints: level lines, the feasible set, the path of a run.

use numdiff_optim::minimize;
use numdiff_tests::figure::{Axis, Figure, Ink, Layer, Mark};
use std::error::Error;
use std::path::{Path, PathBuf};
use xtask::figure::{self, Width};

/// Values of f whose level lines are drawn.
const LEVELS: [f64; 5] = [0.25, 1.0, 2.5, 5.0, 8.0];

/// Writes the picture as SVG and returns its path.
pub(super) fn write(out: &Path) -> Result<PathBuf, Box<dyn Error>> {
    std::fs::create_dir_all(out)?;
    let figure = drawing()?;
    let path = out.join(format!("{}.svg", figure.name));
    std::fs::write(&path, figure::svg(&figure, Width::Wide)?)?;
    Ok(path)
}

fn drawing() -> Result<Figure, Box<dyn Error>> {
    let best = minimize(
        |x: &[f64; 2]| (x[0] - 2.0).powi(2) + (x[1] - 1.0).powi(2),
        &[-0.5, 2.0],
    )
    .inequality(|x: &[f64; 2]| [x[1] - x[0].powi(2), 2.0 - x[0] - x[1]])
    .bounds(-2.0, 3.0)
    .record()
    .run()?;
    let path: Vec<[f64; 2]> = best
        .trajectory
        .records
        .iter()
        .map(|r| [r.x[0], r.x[1]])
        .collect();
    let line = |label: Option<&str>, ink, dashed, points| Layer::Line {
        label: label.map(Into::into),
        ink,
        dashed,
        points,
    };
    let steps =
        |from: f64, to: f64| (0..=100).map(move |i| from + (to - from) * f64::from(i) / 100.0);
    let inside = |p: &[f64; 2]| (-1.5..=2.5).contains(&p[0]) && (-0.5..=2.5).contains(&p[1]);
    let mut layers = Vec::new();
    for level in LEVELS {
        // A circle may leave the picture and come back.
        let mut piece = Vec::new();
        for t in steps(0.0, std::f64::consts::TAU) {
            let point = [2.0 + level.sqrt() * t.cos(), 1.0 + level.sqrt() * t.sin()];
            if inside(&point) {
                piece.push(point);
            } else if !piece.is_empty() {
                layers.push(line(None, Ink::Quiet, false, std::mem::take(&mut piece)));
            }
        }
        layers.push(line(None, Ink::Quiet, false, piece));
    }
    let parabola = steps(-1.5, 1.58).map(|x| [x, x * x]).collect();
    layers.push(line(
        Some("x2 = x1^2: feasible above"),
        Ink::Second,
        false,
        parabola,
    ));
    let straight = steps(-0.5, 2.5).map(|x| [x, 2.0 - x]).collect();
    layers.push(line(
        Some("x1 + x2 = 2: feasible below"),
        Ink::Third,
        true,
        straight,
    ));
    layers.push(line(Some("path"), Ink::First, false, path.clone()));
    layers.push(Layer::Dots {
        label: None,
        ink: Ink::First,
        mark: Mark::Disk,
        points: path,
    });
    Ok(Figure {
        name: "constraints",
        title: "Level lines, the feasible set, and the path of a run",
        description: "Circles around (2, 1), a parabola and a line that bound the feasible set, and points that \
                      lead from (-0.5, 2) to the corner at (1, 1)."
            .into(),
        x: Axis::linear("x1", (-1.5, 2.5), -1.5, 0.5),
        y: Axis::linear("x2", (-0.5, 2.5), -0.5, 0.5),
        equal: true,
        layers,
    })
}
