//! Differences of several functions at once along coordinates: the columns of a Jacobian, and second derivatives.

use crate::bounds::Bounds;
use crate::interrupt::Interrupt;
use crate::problem::Problem;

/// Displacements in units of the step, one after the other where the functions are not known.
const ONE_SIDED: [[f64; 2]; 2] = [[1.0, 0.0], [-1.0, 0.0]];
const TWO_SIDED: [[f64; 2]; 3] = [[1.0, -1.0], [1.0, 2.0], [-1.0, -2.0]];
/// Then by shorter steps.
const SHORTER: [f64; 3] = [1.0, 1e-2, 1e-4];

/// Values beside x along one coordinate; at x itself where it was not moved.
pub(crate) struct Column {
    pub moved: Vec<f64>,
    values: Vec<Vec<f64>>,
}

impl Column {
    /// The first derivative of function `i`, which is `y[i]` at x: of the parabola where two displacements are known.
    pub fn slope(&self, y: &[f64], i: usize) -> f64 {
        let change = |k: usize| self.values[k][i] - y[i];
        match self.moved[..] {
            [a, b] if a != b => (change(0) * (b / a) - change(1) * (a / b)) / (b - a),
            [a, ..] if a != 0.0 => change(0) / a,
            _ => 0.0,
        }
    }

    /// The second derivative of function `i`.
    pub fn bend(&self, y: &[f64], i: usize) -> f64 {
        let change = |k: usize| self.values[k][i] - y[i];
        match self.moved[..] {
            [a, b] if a != b => 2.0 * (change(0) / a - change(1) / b) / (a - b),
            _ => 0.0,
        }
    }
}

/// The columns at x, where the functions are `y`, by steps of these lengths: an evaluation for each group of coordinates,
/// which are moved together, or two where `central`; those in no group stay at rest. `at` evaluates points, `None` where
/// the functions are not known. Returns a coordinate along which they are known nowhere, too.
pub(crate) fn columns<'e>(
    problem: &mut Problem<'e>,
    groups: &[Vec<usize>],
    (x, y): (&[f64], &[f64]),
    steps: &[f64],
    central: bool,
    at: impl Fn(&mut Problem<'e>, &[Vec<f64>]) -> Result<Vec<Option<Vec<f64>>>, Interrupt>,
) -> Result<(Vec<Column>, Option<usize>), Interrupt> {
    let (pairs, sides): (&[[f64; 2]], _) = match central {
        true => (&TWO_SIDED, 2),
        false => (&ONE_SIDED, 1),
    };
    let at_rest = || Column {
        moved: vec![0.0; sides],
        values: vec![y.to_vec(); sides],
    };
    let mut columns: Vec<Column> = x.iter().map(|_| at_rest()).collect();
    let mut open: Vec<&Vec<usize>> = groups.iter().collect();
    for (scale, pair) in SHORTER
        .iter()
        .flat_map(|s| pairs.iter().map(move |p| (s, p)))
    {
        if open.is_empty() {
            break;
        }
        let mut points = Vec::with_capacity(sides * open.len());
        for group in &open {
            let both = points.len()..points.len() + sides;
            points.resize(both.end, x.to_vec());
            for &j in *group {
                let moves = pair.map(|t| t * scale * steps[j]);
                let moves = inside(&problem.bounds, j, x[j], moves);
                for (z, step) in points[both.clone()].iter_mut().zip(moves) {
                    z[j] = problem.bounds.clamp(j, x[j] + step);
                }
            }
        }
        let found = at(problem, &points)?;
        let answers = found.chunks(sides).zip(points.chunks(sides));
        let mut failed = Vec::new();
        for (group, (values, points)) in open.into_iter().zip(answers) {
            match values.iter().cloned().collect::<Option<Vec<_>>>() {
                None => failed.push(group),
                Some(values) => group.iter().for_each(|&j| {
                    // What was added, not what was to be added.
                    let moved = points.iter().map(|z| z[j] - x[j]).collect();
                    let values = values.clone();
                    columns[j] = Column { moved, values };
                }),
            }
        }
        open = failed;
    }
    Ok((columns, open.first().map(|group| group[0])))
}

/// Displacements that stay within the bounds: both on the side with more room, and not beyond it, where one leaves.
fn inside(bounds: &Bounds, j: usize, x: f64, pair: [f64; 2]) -> [f64; 2] {
    let fits = |d: &f64| bounds.clamp(j, x + d) == x + d;
    if pair.iter().all(fits) {
        return pair;
    }
    let (up, down) = (bounds.upper(j) - x, x - bounds.lower(j));
    let (side, room) = if up >= down { (1.0, up) } else { (-1.0, down) };
    match pair[1] {
        0.0 => [side * pair[0].abs().min(room), 0.0],
        _ => {
            let first = side * pair[0].abs().min(0.5 * room);
            [first, 2.0 * first]
        }
    }
}
