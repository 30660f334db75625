//! Data profiles (Moré and Wild, SIAM J. Optim. 20 (2009) 172-191): the share of problems solved against the budget.

use super::table::cost;
use super::{Row, Solver};
use numdiff_tests::figure::{Axis, Figure, Ink, Layer};
use std::error::Error;
use std::path::{Path, PathBuf};
use xtask::figure::{self, Width};

/// Who is drawn: the name of its rows, the name in the legend, color, dashes.
const CURVES: [(&str, &str, Ink, bool); 8] = [
    ("numdiff", "numdiff", Ink::First, false),
    ("scipy-SLSQP-2pt", "SciPy SLSQP", Ink::First, true),
    ("scipy-LBFGSB-2pt", "SciPy L-BFGS-B", Ink::Second, false),
    ("scipy-BFGS-2pt", "SciPy BFGS", Ink::Second, true),
    ("pdfo-NEWUOA", "NEWUOA", Ink::Third, false),
    ("scipy-COBYQA", "COBYQA", Ink::Third, true),
    ("argmin-LBFGS-MT-fd", "argmin L-BFGS", Ink::Quiet, false),
    ("basin-LBFGS-fd", "basin L-BFGS", Ink::Quiet, true),
];

/// Budgets from one to a thousand gradients by forward differences.
const DECADES: f64 = 3.0;

/// The profiles at tau = 1e-6 on the problems that `belongs` keeps, as SVG; returns its path.
pub(super) fn write(
    solvers: &[Solver],
    belongs: impl Fn(&Row) -> bool,
    out: &Path,
) -> Result<PathBuf, Box<dyn Error>> {
    std::fs::create_dir_all(out)?;
    let drawing = profiles(solvers, belongs);
    let path = out.join(format!("{}.svg", drawing.name));
    std::fs::write(&path, figure::svg(&drawing, Width::Wide)?)?;
    Ok(path)
}

fn profiles(solvers: &[Solver], belongs: impl Fn(&Row) -> bool) -> Figure {
    let layers = CURVES.iter().filter_map(|&(name, label, ink, dashed)| {
        let solver = solvers.iter().find(|solver| solver.name == name)?;
        let costs: Vec<f64> = solver
            .rows
            .iter()
            .filter(|row| belongs(row))
            .map(|row| cost(row, 1))
            .collect();
        Some(Layer::Line {
            label: Some(label.into()),
            ink,
            dashed,
            points: steps(costs),
        })
    });
    Figure {
        name: "data-profiles",
        title: "Problems solved to 1e-6 of the way, f alone",
        description: "The share of the problems that each solver has solved against the evaluations it may make, \
                      in units of n + 1: eight step curves, numdiff's above the others for most budgets."
            .into(),
        x: Axis::logarithmic("evaluations / (n + 1)", (0.0, DECADES), 0.0, 1.0),
        y: Axis::linear("percent solved", (0.0, 100.0), 0.0, 20.0),
        equal: false,
        layers: layers.collect(),
    }
}

/// The corners of the step curve: level, then up where a problem is solved.
fn steps(mut costs: Vec<f64>) -> Vec<[f64; 2]> {
    costs.sort_by(f64::total_cmp);
    let share = |k: usize| 100.0 * k as f64 / costs.len() as f64;
    let mut points = vec![[0.0, 0.0]];
    for (k, cost) in costs.iter().enumerate() {
        let at = cost.log10();
        if at <= DECADES {
            points.extend([[at.max(0.0), share(k)], [at.max(0.0), share(k + 1)]]);
        }
    }
    let last = points[points.len() - 1][1];
    points.push([DECADES, last]);
    points
}
