//! Gradients of f and of the constraints by differences: one evaluation gives an entry of each.

use crate::columns::columns;
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
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) enum Accuracy {
    /// One point a coordinate.
    #[default]
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

/// Differences with the steps `h`. What is known along a displacement spares the points of one coordinate.
pub(super) fn differences(
    problem: &mut Problem<'_>,
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
    if rows.iter().all(Option::is_some) {
        return Ok(Differences {
            rows: rows.into_iter().flatten().collect(),
            curvature: None,
            accuracy: Accuracy::Exact,
            blind: None,
        });
    }
    let spared = known.and_then(|along| Some((along, along.coordinate(h)?)));
    let is_spared = |i: usize| spared.is_some_and(|(_, k)| k == i);
    let open = (0..n).filter(|&i| !problem.bounds.is_fixed(i) && !is_spared(i));
    let groups: Vec<Vec<usize>> = open.map(|i| vec![i]).collect();
    let at = |problem: &mut Problem<'_>, points: &[Vec<f64>]| {
        let samples = problem.samples(points)?.into_iter();
        Ok(samples.map(|s| s.is_finite().then(|| values(&s))).collect())
    };
    let (columns, blind) = columns(problem, &groups, (x, &y), h, central, at)?;
    let curvature = |(k, given): (usize, &Option<Vec<f64>>)| match given {
        Some(_) => vec![0.0; n],
        None => columns.iter().map(|column| column.bend(&y, k)).collect(),
    };
    let curvature = central.then(|| rows.iter().enumerate().map(curvature).collect());
    let differenced = |k: usize| {
        let mut row: Vec<f64> = columns.iter().map(|column| column.slope(&y, k)).collect();
        if let Some((along, i)) = spared {
            let s = &along.displacement;
            let others: f64 = row.iter().zip(s).map(|(a, s)| a * s).sum();
            row[i] = (along.slopes[k] - others) / s[i];
        }
        row
    };
    let rows = rows.into_iter().enumerate();
    Ok(Differences {
        rows: rows
            .map(|(k, row)| row.unwrap_or_else(|| differenced(k)))
            .collect(),
        curvature,
        accuracy: match (central, spared) {
            (true, _) => Accuracy::Central,
            (false, Some(_)) => Accuracy::Spared,
            (false, None) => Accuracy::OneSided,
        },
        blind,
    })
}
