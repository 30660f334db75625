//! The check of a claim: whether x is a minimum of what f is around it.

use crate::bounds::Bounds;
use crate::flat::{PROBE_DISTANCE, Values, WIDER, changes, flat_coordinates};
use crate::interrupt::Interrupt;
use crate::kink::{Bend, bend_at, spread};
use crate::noise::digits;
use crate::status::{Stall, Status, Test};
use crate::weak::{Curvature, LARGEST, Surroundings};

/// Where f is not finite on either side of x in some coordinate, the gradient says nothing: no claim can rest on it.
pub(crate) fn blind(error: &[f64]) -> Option<Status> {
    let coordinate = error.iter().position(|e| e.is_infinite())?;
    let cause = Stall::Domain { coordinate };
    Some(Status::Stalled { cause })
}

/// What [`minimality_check`] found.
#[derive(Debug)]
pub(crate) enum Neighborhood {
    /// x is no minimum: a point that is lower by more than the tolerance.
    Lower { x: Vec<f64>, f: f64, scale: f64 },
    /// A point that is lower, if by next to nothing: beside a ridge that x is on, where `scale` is 0, or where the parabola
    /// around x is lowest.
    Beside { x: Vec<f64>, f: f64, scale: f64 },
    /// Along some line f would fall by more than the tolerance, between the points that were evaluated.
    Between { scale: f64 },
    /// No value differs from f(x), at any distance, along these coordinates.
    Flat { coordinates: Vec<usize> },
    /// f bends at x as a kink does.
    Kink,
    /// Everything is as it is around a minimum of a function whose values are rounded by this deviation, relative to f;
    /// 0 where they use every bit. `scale` is what the curvature makes of f at the distance of x's size, `left` what f
    /// falls by along the lines.
    Minimum {
        rounding: f64,
        scale: f64,
        left: f64,
    },
}

/// The size of an unknown that is smaller.
pub(crate) const LEAST: f64 = 0.1;

/// The sizes of the unknowns, as far as x tells.
pub(crate) fn sizes_of(x: &[f64]) -> Vec<f64> {
    x.iter().map(|x| x.abs().max(LEAST)).collect()
}

/// Lines that bend by less than this share of what the coordinates do are beyond second differences, which are right to
/// half the digits: mixed differences are left out where only on such a line f could fall by more than its rounding.
const WEAKEST: f64 = 1e-8;

/// The rounding of f at x, as a share of that of the points around it.
const NEAREST: f64 = 0.01;

/// A fall between the points is one if f at the lowest point of their parabola shows this share of it.
const CONFIRMED: f64 = 0.25;

/// f at points around x, 1e-4 of the `sizes` away, so that a saddle or a maximum shows: along each
/// coordinate up to ten of them, and along three directions whose components are spread over all
/// signs and sizes by the golden ratio. Farther out, twice a hundredfold, along lines on which f does not change, or
/// does not bend by more than its rounding, and along coordinates in which the `gradient` is 0 beside others.
/// `tolerance` is relative to what the curvature makes of f at the distance of x's size, so that neither a unit of
/// f nor a constant in it matters.
pub(crate) fn minimality_check(
    value: Values<'_>,
    bounds: &Bounds,
    (x, f): (&[f64], f64),
    gradient: &[f64],
    tolerance: f64,
    sizes: &[f64],
) -> Result<Neighborhood, Interrupt> {
    let n = x.len();
    let axes = if n <= LARGEST { n } else { 0 };
    let mut pairs = Vec::with_capacity(axes + 3);
    let mut flat = Vec::new();
    for k in 0..axes + 3 {
        let (mut still, mut known) = ([true; 2], [false; 2]);
        for far in [PROBE_DISTANCE].into_iter().chain(WIDER) {
            let pair = Pair::around(value, bounds, x, (k, axes), far, sizes)?;
            for side in 0..2 {
                let finite = pair.values[side].is_finite();
                still[side] &= pair.points[side] != x;
                still[side] &= !finite || !changes(pair.values[side], f);
                known[side] |= finite;
            }
            let clear = pair.is_clear(f);
            pairs.push(pair);
            if clear {
                break;
            }
        }
        // Where f is known on neither side, nothing was seen to change.
        let level = |side: usize| still[side] && (known[side] || !known[1 - side]);
        if k < axes && (level(0) || level(1)) {
            flat.push(k);
        }
    }
    let suspects: Vec<usize> = (axes..n).filter(|&i| gradient[i] == 0.0).collect();
    if suspects.len() < n {
        flat.extend(flat_coordinates(value, bounds, (x, f), sizes, &suspects)?);
    }
    let found = judge(value, bounds, (x, f), tolerance, &pairs)?;
    let Neighborhood::Minimum { scale, .. } = found else {
        return Ok(found);
    };
    if !flat.is_empty() {
        return Ok(Neighborhood::Flat { coordinates: flat });
    }
    if let Some((x, f)) = lowest(value, bounds, (x, f), sizes, &pairs)? {
        return Ok(Neighborhood::Beside { x, f, scale });
    }
    let level = f64::EPSILON * f.abs();
    Ok(match bend_at(value, bounds, (x, f), sizes, level)? {
        Bend::Kink => Neighborhood::Kink,
        _ => found,
    })
}

/// Where the parabola through the pairs along coordinates and through mixed differences is lowest, if f is lower there.
fn lowest(
    value: Values<'_>,
    bounds: &Bounds,
    (x, f): (&[f64], f64),
    sizes: &[f64],
    pairs: &[Pair],
) -> Result<Option<(Vec<f64>, f64)>, Interrupt> {
    let n = x.len();
    if n > LARGEST {
        return Ok(None);
    }
    let (mut steps, mut changes, mut bends) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    let near = |pair: &&Pair| pair.is_complete() && pair.far < 1.0;
    for pair in pairs.iter().filter(near) {
        if let Some(axis) = pair.axis {
            steps[axis] = pair.points[0][axis] - x[axis];
            changes[axis] = pair.values[0] - f;
            bends[axis] = 2.0 * pair.parabola(f).1;
        }
    }
    let rounding = pairs.iter().filter(near).map(|pair| pair.rounding(f));
    // The fall along lines that bend by this share of the coordinates.
    let falls = changes.iter().zip(&bends).filter(|(_, bend)| **bend > 0.0);
    let falls = falls.map(|(change, bend)| {
        let slope = change - 0.5 * bend;
        0.5 * slope * (slope / bend)
    });
    if falls.sum::<f64>() <= WEAKEST * 100.0 * f64::EPSILON * f.abs() {
        return Ok(None);
    }
    let near = Surroundings {
        x,
        f,
        steps: &steps,
        changes,
        bends,
        sizes,
        level: rounding.fold(0.0, f64::max) * NEAREST,
    };
    Curvature::around(value, bounds, &near)?.lowest(value, bounds, &near)
}

/// Two points on either side of x.
struct Pair {
    /// The coordinate that the line is along.
    axis: Option<usize>,
    points: [Vec<f64>; 2],
    values: [f64; 2],
    /// Their distance in units of the scale.
    far: f64,
    /// No bound has bent the line.
    straight: bool,
    /// A point is not x.
    moves: bool,
}

impl Pair {
    /// Along axis `k`, or, from `axes` on, along a line through everything.
    fn around(
        value: Values<'_>,
        bounds: &Bounds,
        x: &[f64],
        (k, axes): (usize, usize),
        far: f64,
        sizes: &[f64],
    ) -> Result<Self, Interrupt> {
        let component = |i: usize| match k.checked_sub(axes) {
            None => f64::from(u8::from(i == k)),
            Some(k) => spread(i, k + 1),
        };
        let step = sizes.iter().enumerate();
        let step: Vec<f64> = step.map(|(i, size)| component(i) * far * size).collect();
        let points = [1.0, -1.0].map(|t| bounds.along(x, &step, t));
        let values = [value(&points[0])?, value(&points[1])?];
        let inside = |i: usize, to: f64| bounds.clamp(i, to) == to;
        let straight = bounds.is_none()
            || (0..x.len()).all(|i| inside(i, x[i] + step[i]) && inside(i, x[i] - step[i]));
        let moves = points.iter().any(|point| point != x);
        Ok(Pair {
            axis: (k < axes).then_some(k),
            points,
            values,
            far,
            straight,
            moves,
        })
    }

    /// Whether a value is known that is not f.
    fn differs(&self, f: f64) -> bool {
        self.values.iter().any(|v| v.is_finite() && *v != f)
    }

    /// Whether f changes on both sides of x, and bends by more than its rounding.
    fn is_clear(&self, f: f64) -> bool {
        let [plus, minus] = self.values;
        if !self.is_complete() {
            return self.differs(f);
        }
        plus != f && minus != f && self.parabola(f).1.abs() > self.rounding(f)
    }

    /// Whether f is known on both sides of x along a line.
    fn is_complete(&self) -> bool {
        self.straight && self.values.iter().all(|v| v.is_finite())
    }

    /// The slope and the bend of the parabola through both points and x, in units of their distance.
    fn parabola(&self, f: f64) -> (f64, f64) {
        let [plus, minus] = self.values;
        (0.5 * (plus - minus), 0.5 * (plus - f) + 0.5 * (minus - f))
    }

    /// Of a value, and of what it was made of.
    fn rounding(&self, f: f64) -> f64 {
        let largest = self
            .values
            .iter()
            .fold(f.abs(), |most, v| most.max(v.abs()));
        100.0 * f64::EPSILON * largest
    }

    /// The lower of both points that are known.
    fn lower(&self) -> (&[f64], f64) {
        let [plus, minus] = self
            .values
            .map(|v| if v.is_finite() { v } else { f64::INFINITY });
        match plus <= minus {
            true => (&self.points[0], plus),
            false => (&self.points[1], minus),
        }
    }
}

fn judge(
    value: Values<'_>,
    bounds: &Bounds,
    (x, f): (&[f64], f64),
    tolerance: f64,
    pairs: &[Pair],
) -> Result<Neighborhood, Interrupt> {
    if !pairs.iter().any(|pair| pair.differs(f)) {
        // Bounds may leave no other point than x.
        return Ok(match pairs.iter().any(|pair| pair.moves) {
            true => Neighborhood::Flat {
                coordinates: (0..pairs[0].points[0].len()).collect(),
            },
            false => Neighborhood::Minimum {
                rounding: 0.0,
                scale: 0.0,
                left: 0.0,
            },
        });
    }
    let complete = || pairs.iter().filter(|pair| pair.is_complete());
    let bends = complete().map(|pair| pair.parabola(f).1.abs() / (pair.far * pair.far));
    let scale = bends.fold(0.0, f64::max);
    let slack = (tolerance * scale).max(100.0 * f64::EPSILON * f.abs());
    let least = |a: &&Pair, b: &&Pair| a.lower().1.total_cmp(&b.lower().1);
    if let Some((x, lower)) = pairs.iter().min_by(least).map(Pair::lower)
        && lower < f - slack
    {
        let (x, f) = (x.to_vec(), lower);
        return Ok(Neighborhood::Lower { x, f, scale });
    }
    let ridge = |pair: &&Pair| pair.parabola(f).1 < -pair.rounding(f) && pair.lower().1 < f;
    if let Some((x, lower)) = complete().find(ridge).map(Pair::lower) {
        let (x, f) = (x.to_vec(), lower);
        let scale = 0.0;
        return Ok(Neighborhood::Beside { x, f, scale });
    }
    let mut left = 0.0f64;
    for pair in complete() {
        let ((odd, even), rounding) = (pair.parabola(f), pair.rounding(f));
        if !(odd.abs() > rounding && even > rounding) {
            continue;
        }
        let fall = 0.25 * odd * (odd / even);
        if fall > slack {
            // The line may be no parabola, as that of a fourth power: f at its lowest point tells.
            let step: Vec<f64> = pair.points[0].iter().zip(x).map(|(z, x)| z - x).collect();
            let lowest = value(&bounds.along(x, &step, -0.5 * odd / even))?;
            if f - lowest > CONFIRMED * fall {
                return Ok(Neighborhood::Between { scale });
            }
        } else {
            left = left.max(fall);
        }
    }
    let values: Vec<f64> = pairs
        .iter()
        .flat_map(|pair| pair.values)
        .chain([f])
        .collect();
    Ok(Neighborhood::Minimum {
        rounding: digits(&values),
        scale,
        left,
    })
}

/// Ten digits of f, and of what it becomes farther away, are enough to claim a minimum: what is lost beyond them is
/// rounding to most callers.
const ENOUGH_DIGITS: f64 = 1e-10;

/// The claim that a minimum was found, or that f, whose size there and around is `size`, is too noisy to tell.
pub(crate) fn claim(test: Test, active_bounds: usize, level: f64, size: f64) -> Status {
    if level > ENOUGH_DIGITS * size {
        return Status::NoiseLimited { level };
    }
    Status::Converged {
        test,
        active_bounds,
    }
}

/// Claims that the check may refuse.
pub(crate) const MAX_RECHECKS: u32 = 8;

/// What a gradient within `tolerance` of the scale of f leaves to gain, relative to that scale: its square, but no less
/// than what cubic terms make of the check's parabolas.
pub(crate) fn decrease(tolerance: f64) -> f64 {
    (tolerance * tolerance).max(1e-14)
}

/// The threshold of the gradient test where the check finds it too coarse for the unit of f: the same `tolerance`,
/// relative to the scale of f that the check saw, and less than the gradient that was tested.
pub(crate) fn finer(tolerance: f64, scale: f64, f: f64, relative: f64) -> f64 {
    let threshold = tolerance * scale / f.abs().max(1.0);
    match threshold < relative {
        true => threshold,
        false => 1e-3 * relative,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(f: impl Fn(&[f64]) -> f64, x: &[f64], tolerance: f64) -> Neighborhood {
        let value = f(x);
        let mut counted = |z: &[f64]| Ok(f(z));
        let (bounds, sizes) = (Bounds::default(), sizes_of(x));
        let at = (x, value);
        minimality_check(&mut counted, &bounds, at, &[1.0; 2], tolerance, &sizes).unwrap()
    }

    /// A minimum 0.05 of the step away lies between the points of all lines, which are higher: f would fall by
    /// (5e-6)^2, and what the curvature makes of f at the distance of x is 1, in any unit.
    #[test]
    fn what_lies_between_the_points_counts_by_the_scale_of_f() {
        for unit in [1e-200, 1e-20, 1.0, 1e50] {
            let f = |x: &[f64]| unit * (x[0] - 1.000_005).powi(2);
            assert!(matches!(
                check(f, &[1.0], 1e-12),
                Neighborhood::Between { .. }
            ));
            let found = check(f, &[1.0], 1e-10);
            assert!(
                matches!(found, Neighborhood::Beside { f, .. } if f < 1e-17 * unit),
                "{unit:e} {found:?}"
            );
        }
    }

    #[test]
    fn ridges_plateaus_lower_points_and_minima() {
        let ridge = |x: &[f64]| x[0].powi(2) - 1e-3 * x[1].powi(2);
        assert!(
            matches!(check(ridge, &[0.0, 0.0], 1e-8), Neighborhood::Beside { f, .. } if f < 0.0)
        );
        assert!(matches!(
            check(|_| 2.0, &[1.0, 2.0], 1e-8),
            Neighborhood::Flat { .. }
        ));
        // Flat nearby, not farther out.
        let flat = |x: &[f64]| 1.0 + x[0].powi(8);
        assert!(matches!(
            check(flat, &[0.0], 1e-8),
            Neighborhood::Minimum { .. }
        ));
        let slope = |x: &[f64]| x[0];
        assert!(matches!(check(slope, &[1.0], 1e-8), Neighborhood::Lower { f, .. } if f < 1.0));
        let single = |x: &[f64]| f64::from((1.0 + x[0].powi(2)) as f32);
        assert!(
            matches!(check(single, &[0.0], 1e-8), Neighborhood::Minimum { rounding, .. } if rounding > 1e-8)
        );
        let exact = |x: &[f64]| (x[0] - 0.3).powi(2) + 0.7;
        assert!(
            matches!(check(exact, &[0.3], 1e-8), Neighborhood::Minimum { rounding, .. } if rounding < 1e-10)
        );
    }
}
