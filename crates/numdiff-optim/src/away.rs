//! What f does as far again from the start as a run has come: it rises, unless unknowns run away.

use crate::bounds::Bounds;
use crate::flat::{PROBE_DISTANCE, Values};
use crate::interrupt::Interrupt;
use crate::kink::GOLDEN;
use crate::matrix::difference;
use crate::status::{Stall, Status};

/// A run that has moved no unknown by so many times its size did not go far.
const FAR: f64 = 0.5;
/// Lines along single unknowns.
const LINES: usize = 3;
/// f falls forever if it does to where the way has doubled so often.
const DOUBLINGS: i32 = 10;
/// Unknowns that run away together come as far as this share of the one that runs the farthest.
const TOGETHER: f64 = 0.9;
/// A rise by more than this share of the scale of f is one.
const RISE: f64 = 1e-3;

/// No claim rests on unknowns that run away.
pub(crate) fn ran_away(coordinates: Vec<usize>) -> Option<Status> {
    let runs = !coordinates.is_empty();
    runs.then(|| Stall::Runaway { coordinates }.status())
}

/// The unknowns that run away: f falls, or stays, along their way from the `start`. A lower point is for the caller to see.
/// `scale` is what the curvature makes of f at the distance of the sizes; the `suspects` are looked at alone, too.
pub(crate) fn running_away(
    value: Values<'_>,
    bounds: &Bounds,
    (x, f): (&[f64], f64),
    start: &[f64],
    sizes: &[f64],
    (scale, suspects): (f64, &[usize]),
) -> Result<Vec<usize>, Interrupt> {
    let whole = difference(x, start);
    let share = |line: &[f64], i: usize| line[i].abs() / sizes[i];
    let mut alone: Vec<usize> = suspects.to_vec();
    alone.retain(|&i| share(&whole, i) >= FAR);
    alone.sort_by(|&i, &j| share(&whole, j).total_cmp(&share(&whole, i)));
    let lines = alone.into_iter().take(LINES).map(|i| {
        let mut line = vec![0.0; x.len()];
        line[i] = whole[i];
        line
    });
    for line in std::iter::once(whole.clone()).chain(lines) {
        let most = (0..x.len()).map(|i| share(&line, i)).fold(0.0, f64::max);
        if !(most >= FAR) {
            continue;
        }
        // A bound on the way is an end.
        let mut at = |t: f64| {
            let z = bounds.along(x, &line, t);
            let there = z
                .iter()
                .zip(x)
                .zip(&line)
                .all(|((z, x), d)| *z == x + t * d);
            match there && z != x {
                true => value(&z),
                false => Ok(f64::NAN),
            }
        };
        let farther = at(1.0)?;
        let rises = |v: f64, by: f64| !(v - f <= by);
        if rises(farther, RISE * scale) {
            continue;
        }
        let mut on = true;
        if farther < f {
            let mut before = farther;
            for k in 1..DOUBLINGS {
                let next = at(f64::from(1 << k))?;
                on &= next <= before;
                if !on {
                    break;
                }
                before = next;
            }
        } else {
            // No more than next to x: f stays.
            let near = [at(PROBE_DISTANCE)?, at(-PROBE_DISTANCE)?];
            let near = near.iter().fold(0.0f64, |most, v| most.max(v - f));
            on = !rises(farther, near) && !rises(at(1.0 + GOLDEN)?, near);
        }
        if on {
            let along = (0..x.len()).filter(|&i| share(&line, i) >= TOGETHER * most);
            return Ok(along.collect());
        }
    }
    Ok(Vec::new())
}
