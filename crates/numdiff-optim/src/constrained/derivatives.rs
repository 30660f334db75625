//! Gradients of f and of the constraints by differences: one evaluation gives an entry of each.

use crate::bounds::Bounds;
use crate::constraint::Sample;
use crate::interrupt::Interrupt;
use crate::problem::Problem;

/// (f, c, r) in one vector: r are the residuals of a fit.
pub(super) fn values(sample: &Sample) -> Vec<f64> {
    let mut values = Vec::with_capacity(1 + sample.c.len() + sample.residuals.len());
    values.push(sample.f);
    values.extend_from_slice(&sample.c);
    values.extend_from_slice(&sample.residuals);
    values
}

/// How the entries were made.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) enum Accuracy {
    /// One point a coordinate.
    OneSided,
    /// One point a coordinate but one, which the last step tells.
    Spared,
    /// Two points a coordinate: second derivatives come with them.
    Central,
    /// The caller's.
    Exact,
}

impl Accuracy {
    /// The relative error of a gradient, with a margin.
    pub fn blur(self) -> f64 {
        match self {
            Accuracy::OneSided | Accuracy::Spared => 1e-6,
            Accuracy::Central => 1e-9,
            Accuracy::Exact => 0.0,
        }
    }
}

/// The Jacobian of (f, c), a row for each, and second derivatives along the axes where they are known.
#[derive(Clone, Debug)]
pub(super) struct Differences {
    pub rows: Vec<Vec<f64>>,
    pub curvature: Option<Vec<Vec<f64>>>,
    pub accuracy: Accuracy,
    /// A coordinate on neither side of which f and the constraints are finite.
    pub blind: Option<usize>,
}

/// A displacement that led to x, and the slopes of (f, c) along it there.
pub(super) struct Along {
    pub displacement: Vec<f64>,
    pub slopes: Vec<f64>,
}

impl Along {
    /// The coordinate that the slopes tell best once those of the others are known.
    fn coordinate(&self, h: &[f64]) -> Option<usize> {
        let shares = self.displacement.iter().zip(h).map(|(s, h)| (s / h).abs());
        let most = shares.enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
        (most.1 > 0.0).then_some(most.0)
    }
}

/// Distances to where the functions are evaluated, never outside the bounds.
fn probe(bounds: &Bounds, i: usize, x: f64, h: f64) -> [f64; 2] {
    let (up, down) = (bounds.upper(i) - x, x - bounds.lower(i));
    let forward = if h <= up { h } else { 0.0 };
    let backward = if h <= down { h } else { 0.0 };
    if forward == 0.0 && backward == 0.0 {
        // A narrow box: half of its wider side.
        return if up >= down {
            [0.5 * up, 0.0]
        } else {
            [0.0, 0.5 * down]
        };
    }
    [forward, backward]
}

/// Differences with the steps `h`. Where both sides are asked for and one is closed, two points on the other. What is
/// known along a displacement spares the points of one coordinate.
pub(super) fn differences(
    problem: &mut Problem<'_>,
    bounds: &Bounds,
    x: &[f64],
    sample: &Sample,
    h: &[f64],
    central: bool,
    known: Option<&Along>,
) -> Result<Differences, Interrupt> {
    let (n, y) = (x.len(), values(sample));
    let mut rows = problem.given_rows(x)?;
    rows.resize(y.len(), None);
    if !sample.residuals.is_empty() && rows[1..].iter().all(Option::is_some) {
        // The gradient of a fit comes from that of its residuals.
        rows[0] = Some(vec![0.0; n]);
    }
    let missing: Vec<usize> = (0..y.len()).filter(|&k| rows[k].is_none()).collect();
    let mut rows: Vec<Vec<f64>> = rows
        .into_iter()
        .map(|row| row.unwrap_or_else(|| vec![0.0; n]))
        .collect();
    let mut curvature = central.then(|| vec![vec![0.0; n]; y.len()]);
    let mut blind = None;
    if missing.is_empty() {
        return Ok(Differences {
            rows,
            curvature: None,
            accuracy: Accuracy::Exact,
            blind,
        });
    }
    let spared = known.and_then(|along| along.coordinate(h));
    // Displacements of each coordinate.
    let mut plan: Vec<(usize, f64)> = Vec::new();
    for i in 0..n {
        if bounds.is_fixed(i) || spared == Some(i) {
            continue;
        }
        let [forward, backward] = probe(bounds, i, x[i], h[i]);
        match (central, forward > 0.0, backward > 0.0) {
            (false, true, _) => plan.push((i, forward)),
            (false, false, _) => plan.push((i, -backward)),
            (true, true, true) => plan.extend([(i, forward), (i, -backward)]),
            (true, true, false) => plan.extend([(i, forward), (i, 0.5 * forward)]),
            (true, false, _) => plan.extend([(i, -backward), (i, -0.5 * backward)]),
        }
    }
    let at = |i: usize, t: f64| {
        let mut point = x.to_vec();
        point[i] = bounds.clamp(i, x[i] + t);
        point
    };
    let points: Vec<Vec<f64>> = plan.iter().map(|&(i, t)| at(i, t)).collect();
    let samples = problem.samples(&points)?;
    let mut seen: Vec<Vec<(f64, Sample)>> = vec![Vec::new(); n];
    for ((&(i, _), point), found) in plan.iter().zip(&points).zip(samples) {
        let t = point[i] - x[i];
        if found.is_finite() && t != 0.0 {
            seen[i].push((t, found));
        }
    }
    for i in 0..n {
        if bounds.is_fixed(i) || spared == Some(i) {
            continue;
        }
        if seen[i].is_empty() {
            // The domain ends close by: the other side, then nearer.
            for t in [-h[i], 1e-2 * h[i], -1e-2 * h[i], 1e-4 * h[i], -1e-4 * h[i]] {
                let point = at(i, t);
                let t = point[i] - x[i];
                if t == 0.0 {
                    continue;
                }
                let found = problem.sample(&point, false)?;
                if found.is_finite() {
                    seen[i].push((t, found));
                    break;
                }
            }
        }
        let told: Vec<(f64, Vec<f64>)> = seen[i].iter().map(|(t, s)| (*t, values(s))).collect();
        for &k in &missing {
            let (slope, bend) = match told.as_slice() {
                [] => (0.0, 0.0),
                [(t, v)] => ((v[k] - y[k]) / t, 0.0),
                [(s, u), (t, v), ..] => {
                    let (a, b) = ((u[k] - y[k]) / s, (v[k] - y[k]) / t);
                    let bend = 2.0 * (a - b) / (s - t);
                    (a - 0.5 * bend * s, bend)
                }
            };
            rows[k][i] = slope;
            if let Some(curvature) = &mut curvature {
                curvature[k][i] = bend;
            }
        }
        if told.is_empty() {
            blind = blind.or(Some(i));
        }
    }
    if let (Some(i), Some(along)) = (spared, known) {
        let s = &along.displacement;
        for &k in &missing {
            let others: f64 = (0..n).map(|j| rows[k][j] * s[j]).sum();
            rows[k][i] = (along.slopes[k] - others) / s[i];
        }
    }
    let accuracy = match (central, spared) {
        (true, _) => Accuracy::Central,
        (false, Some(_)) => Accuracy::Spared,
        (false, None) => Accuracy::OneSided,
    };
    Ok(Differences {
        rows,
        curvature,
        accuracy,
        blind,
    })
}
