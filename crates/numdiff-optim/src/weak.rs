//! How f bends around x: lines along which it hardly does, though it does along each coordinate, and where its parabola
//! is lowest.

use crate::bounds::Bounds;
use crate::flat::{Values, changes};
use crate::interrupt::Interrupt;
use crate::matrix::{add, dot};
use crate::svd::Svd;

/// Above this many unknowns the mixed differences cost more than the run before.
pub(crate) const LARGEST: usize = 10;
/// A line is weak when f bends along it by less than this share of what it bends along the coordinates in it: one-sided
/// mixed differences say no more.
const WEAK: f64 = 1e-3;
/// Weak lines that are looked along.
const LINES: usize = 3;
/// A rise is clear above this multiple of the noise of f.
const CLEAR: f64 = 1e6;
/// An unknown that is so many times what it was at the start has run away where f hardly bends with it.
pub(crate) const GROWN: f64 = 1e3;
/// The lower rise of two that are alike is at least this share of the other.
const ALIKE: f64 = 0.9;
/// Bends below this multiple of the noise of f are not seen.
const SEEN: f64 = 10.0;
/// Along lines on which f bends by less than this share the rounding of the differences hides it.
const LOST: f64 = 1e-13;
/// A value that is lower by so many roundings of f is lower.
const DIGITS: f64 = 100.0;

/// What is known around x: f there, and its first and second differences along the coordinates.
pub(crate) struct Surroundings<'x> {
    pub x: &'x [f64],
    pub f: f64,
    /// How far each coordinate was moved; 0 where it can't be.
    pub steps: &'x [f64],
    /// f(x + step) - f along each.
    pub changes: Vec<f64>,
    /// f(x + step) + f(x - step) - 2 f.
    pub bends: Vec<f64>,
    /// The sizes of the unknowns.
    pub sizes: &'x [f64],
    /// The noise of f.
    pub level: f64,
}

/// Evaluates f at the lowest point of its parabola, and along the lines on which its second differences hardly bend, up
/// to the sizes of the unknowns: a lower point is for the caller to see. Returns the coordinates of lines on which f
/// stands still on one side, and what the parabola falls by. n (n - 1) / 2 evaluations, two for the parabola, up to
/// four for each weak line.
pub(crate) fn one_sided_lines(
    value: Values<'_>,
    bounds: &Bounds,
    near: &Surroundings<'_>,
) -> Result<(Vec<usize>, f64), Interrupt> {
    let curvature = Curvature::around(value, bounds, near)?;
    let fall = curvature.minimum(near, LOST).1;
    let weak = curvature.weak_lines(near);
    curvature.lowest(value, bounds, near)?;
    let mut at = |line: &[f64], t: f64| -> Result<f64, Interrupt> {
        let point = bounds.along(near.x, line, t);
        match point == near.x {
            // A bound stands there.
            true => Ok(f64::INFINITY),
            false => value(&point).map(|v| if v.is_nan() { f64::INFINITY } else { v }),
        }
    };
    let still = |v: f64| !changes(v, near.f) || (v - near.f).abs() <= near.level;
    let mut away = Vec::new();
    for line in weak {
        let beside = [at(&line, 0.1)?, at(&line, -0.1)?];
        if beside.iter().all(|v| *v > near.f && !still(*v)) {
            continue;
        }
        let far = [at(&line, 1.0)?, at(&line, -1.0)?];
        let flat = [0, 1].map(|side| still(beside[side]) && still(far[side]));
        // A line that is level but for its own error rises by little on both sides, and by chance on one alone.
        let clear = CLEAR * (f64::EPSILON * near.f.abs()).max(near.level);
        let rises = far.iter().any(|v| *v - near.f > clear);
        if flat[0] != flat[1] && rises {
            let share = |i: &usize| line[*i].abs() > 0.1 * near.sizes[*i];
            away.extend((0..line.len()).filter(share));
        }
    }
    away.sort_unstable();
    away.dedup();
    Ok((away, fall))
}

/// The coordinates of lines on which the second differences hardly bend, along which an unknown has `grown`, and along
/// which f does not rise alike on both sides. At most n (n - 1) / 2 evaluations, and two for each such line.
pub(crate) fn runaway(
    value: Values<'_>,
    bounds: &Bounds,
    near: &Surroundings<'_>,
    grown: &[bool],
) -> Result<Vec<usize>, Interrupt> {
    let least = SEEN * near.level.max(f64::EPSILON * near.f.abs());
    let seen = |i: usize| {
        if near.bends[i] > least {
            near.steps[i]
        } else {
            0.0
        }
    };
    let steps: Vec<f64> = (0..grown.len()).map(seen).collect();
    let near = Surroundings {
        steps: &steps,
        changes: near.changes.clone(),
        bends: near.bends.clone(),
        ..*near
    };
    let mut away = Vec::new();
    for line in Curvature::around(value, bounds, &near)?.weak_lines(&near) {
        let least = |i: usize| if grown[i] { WEAK } else { 0.1 };
        let share = |i: &usize| line[*i].abs() > least(*i) * near.sizes[*i];
        let moved: Vec<usize> = (0..line.len()).filter(share).collect();
        if !moved.iter().any(|i| grown[*i]) {
            continue;
        }
        let mut rise = |t: f64| {
            let f = value(&bounds.along(near.x, &line, t))?;
            Ok::<f64, Interrupt>(if f.is_nan() {
                f64::INFINITY
            } else {
                f - near.f
            })
        };
        let (up, down) = (rise(0.5)?, rise(-0.5)?);
        let clear = SEEN * (f64::EPSILON * near.f.abs()).max(near.level);
        // At a minimum f rises alike on both sides.
        if !(up.min(down) > clear.max(ALIKE * up.max(down))) {
            away.extend(moved);
        }
    }
    away.sort_unstable();
    away.dedup();
    Ok(away)
}

/// The second differences of f around x, in units in which those along the coordinates are 1.
pub(crate) struct Curvature {
    /// The coordinates that can be moved.
    index: Vec<usize>,
    unit: Vec<f64>,
    columns: Vec<Vec<f64>>,
    axes: Vec<Vec<f64>>,
}

impl Curvature {
    /// n (n - 1) / 2 evaluations.
    pub fn around(
        value: Values<'_>,
        bounds: &Bounds,
        near: &Surroundings<'_>,
    ) -> Result<Self, Interrupt> {
        let n = near.x.len();
        let index: Vec<usize> = (0..n).filter(|&i| near.steps[i] != 0.0).collect();
        let least = near.level.max(f64::EPSILON * near.f.abs());
        let unit: Vec<f64> = (0..n)
            .map(|i| near.bends[i].max(least).max(f64::MIN_POSITIVE).sqrt())
            .collect();
        let mut columns = vec![vec![0.0; index.len()]; index.len()];
        for (a, &i) in index.iter().enumerate() {
            columns[a][a] = near.bends[i] / (unit[i] * unit[i]);
            for (b, &j) in index.iter().enumerate().take(a) {
                let mut z = near.x.to_vec();
                for k in [i, j] {
                    z[k] = bounds.moved(k, z[k], near.steps[k]);
                }
                let mixed = value(&z)? - near.f - near.changes[i] - near.changes[j];
                let entry = match mixed.is_finite() {
                    true => mixed / (unit[i] * unit[j]),
                    false => 0.0,
                };
                (columns[a][b], columns[b][a]) = (entry, entry);
            }
        }
        let axes = Svd::of(&columns).vectors;
        Ok(Curvature {
            index,
            unit,
            columns,
            axes,
        })
    }

    /// How f bends along a line.
    fn bend(&self, v: &[f64]) -> f64 {
        let along = self.columns.iter().map(|column| dot(column, v));
        along.zip(v).map(|(a, v)| a * v).sum()
    }

    /// The way along these components.
    fn way(&self, near: &Surroundings<'_>, v: &[f64]) -> Vec<f64> {
        let mut way = vec![0.0; near.x.len()];
        for (&i, v) in self.index.iter().zip(v) {
            way[i] = v / self.unit[i] * near.steps[i];
        }
        way
    }

    /// Up to [`LINES`] lines along which the second differences bend the least, scaled so that one unknown moves by its
    /// size.
    fn weak_lines(&self, near: &Surroundings<'_>) -> Vec<Vec<f64>> {
        let weak = self.axes.iter().rev().filter(|v| self.bend(v) <= WEAK);
        let line = |v: &Vec<f64>| {
            let mut line = self.way(near, v);
            let most = reach(&line, near.sizes);
            line.iter_mut().for_each(|d| *d /= most);
            line
        };
        weak.take(LINES).map(line).collect()
    }

    /// Where the parabola is lowest along the axes on which it bends by more than `least`, and by how much.
    fn minimum(&self, near: &Surroundings<'_>, least: f64) -> (Vec<f64>, f64) {
        let slope = |&i: &usize| (near.changes[i] - 0.5 * near.bends[i]) / self.unit[i];
        let slopes: Vec<f64> = self.index.iter().map(slope).collect();
        let (mut components, mut fall) = (vec![0.0; slopes.len()], 0.0);
        for axis in &self.axes {
            let (along, bend) = (dot(axis, &slopes), self.bend(axis));
            if bend > least {
                add(&mut components, -along / bend, axis);
                fall += 0.5 * along * (along / bend);
            }
        }
        (components, fall)
    }

    /// f where its parabola is lowest, if it is lower there: with all of the parabola, or else with what one-sided
    /// mixed differences tell for certain.
    pub fn lowest(
        &self,
        value: Values<'_>,
        bounds: &Bounds,
        near: &Surroundings<'_>,
    ) -> Result<Option<(Vec<f64>, f64)>, Interrupt> {
        let digits = DIGITS * f64::EPSILON * near.f.abs();
        let visible = digits.max(near.level);
        let mut before = Vec::new();
        for least in [LOST, WEAK] {
            let (components, fall) = self.minimum(near, least);
            if !(fall > visible) || components == before {
                continue;
            }
            let way = self.way(near, &components);
            let x = bounds.along(near.x, &way, 1.0f64.min(1.0 / reach(&way, near.sizes)));
            let f = value(&x)?;
            if f < near.f - digits {
                return Ok(Some((x, f)));
            }
            before = components;
        }
        Ok(None)
    }
}

/// How far a line moves the unknown that it moves the most, in units of its size.
fn reach(line: &[f64], sizes: &[f64]) -> f64 {
    let shares = line.iter().zip(sizes).map(|(d, s)| d.abs() / s);
    shares.fold(0.0, f64::max)
}
