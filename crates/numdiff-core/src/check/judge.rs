//! The verdict on each entry: the adaptive method's value first, plain differences where that leaves
//! a doubt.

use super::compare::{BARS, Comparison, RELATIVE, RESOLUTION, is_resolved};
use super::corner::Around;
use super::line::{Line, ROUNDING, Scale, Shape, Slope, sample};
use super::operator::{CheckableOperator, Place};
use super::report::{Entry, Reason, Verdict};
use crate::{Error, Function, Outcome};
use std::collections::BTreeMap;

/// Lines of wrong entries that are looked at again before the rest is taken to be wrong as well.
const RECHECKED: usize = 48;
/// Changes of f below this are rounding of numbers of size 1, which f may have summed.
const UNIT_ROUNDING: f64 = 1e-12;

/// Judges a derivative along a line from values of f alone: `f(t)` is f at x + t, `scale` the size of
/// x. Kinks and jumps are looked for at every distance between 1e-14 and 0.25 of the scale.
///
/// Evaluations: 1 + 2 (23 + 18) of f for scales of 1 and more, up to 2 x 18 more where f is a staircase.
///
/// # Errors
/// A scale that is not positive and finite, f(0) that is not finite or fails.
///
/// # Example
/// ```
/// use numdiff_core::check::{self, Verdict};
/// let relu = |t: f64| (0.0 + t).max(0.0);
/// assert!(matches!(check::slope(relu, 1.0, 0.5)?.verdict, Verdict::NotSmooth { .. }));
/// assert!(matches!(check::slope(relu, 1.0, 2.0)?.verdict, Verdict::Wrong { .. }));
/// let smooth = |t: f64| (1.0 + t).sin();
/// assert_eq!(check::slope(smooth, 1.0, 1_f64.cos())?.verdict, Verdict::Right);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
pub fn slope<F, R>(mut f: F, scale: f64, analytic: f64) -> Result<Entry, Error>
where
    F: FnMut(f64) -> R,
    R: Outcome<f64>,
{
    if !(scale > 0.0 && scale.is_finite()) {
        return Err(Error::OutOfRange {
            argument: "scale",
            value: scale,
            expected: "positive and finite",
        });
    }
    let base = f(0.0).outcome().map_err(|source| Error::Function {
        coordinate: 0,
        displacement: 0.0,
        source: source.into(),
    })?;
    if !base.is_finite() {
        return Err(Error::NonFiniteValue {
            value: base,
            coordinate: 0,
            displacement: 0.0,
            output: 0,
        });
    }
    let size = Scale {
        size: scale,
        reach: scale.max(1.0),
    };
    let line = Line::sample(&[base], size, |t| Some((t, vec![f(t).outcome().ok()?])));
    let shape = line.shape(&|v| v[0], 0.0);
    let mut entry = Entry {
        analytic,
        numeric: f64::NAN,
        error: f64::INFINITY,
        verdict: Verdict::NotCheckable(Reason::NotConverged),
    };
    entry.verdict = by_line(&mut entry, &shape, scale, 0.0, 0.0);
    Ok(entry)
}

/// Gives every entry its verdict; returns the evaluations of f. Outputs at the same x differ by
/// `spread`; `vector` is the operator's.
pub(super) fn judge<O: CheckableOperator, F: Function>(
    operator: &O,
    f: &mut F,
    x: &[f64],
    base: &[f64],
    spread: &[f64],
    vector: &[f64],
    c: &mut Comparison,
) -> usize {
    let mut lines: BTreeMap<Option<usize>, Vec<(usize, Place)>> = BTreeMap::new();
    let mut corners = Vec::new();
    // Of those that are known.
    let known = c.entries.iter().filter(|e| is_resolved(e));
    let largest = known.fold(0.0_f64, |m, e| m.max(e.numeric.abs()));
    for k in 0..c.len() {
        let entry = &mut c.entries[k];
        let Some(place) = operator.place(x.len(), k) else {
            // One line alone tells nothing: the entry is seen if its bar is small beside the largest.
            let hidden = BARS * entry.error > RESOLUTION * largest;
            if entry.verdict == Verdict::Right && hidden {
                let level = base.iter().fold(0.0_f64, |m, f| m.max(f.abs())) * f64::EPSILON;
                entry.verdict = Verdict::NotCheckable(Reason::Noise { level });
            }
            if entry.verdict != Verdict::Right && entry.analytic.is_finite() {
                corners.extend(operator.pair(x.len(), k).map(|pair| (k, pair)));
            }
            continue;
        };
        let settled = match entry.verdict {
            Verdict::Right => {
                let size = Scale::of(x, place.coordinate, vector).size;
                let rounding = ROUNDING * f64::EPSILON * place.size(base, vector);
                let zero = entry.analytic == 0.0 && entry.error * size <= rounding;
                is_resolved(entry) || zero
            }
            _ => !entry.analytic.is_finite(),
        };
        if !settled {
            lines.entry(place.coordinate).or_default().push((k, place));
        }
    }

    // What is in doubt first, then those wrong entries that are the least convincing.
    let doubt = |k: usize| if c.is_wrong(k) { c.excess(k) } else { 0.0 };
    let mut order: Vec<_> = lines
        .into_iter()
        .map(|(coordinate, entries)| {
            let least = entries.iter().map(|(k, _)| doubt(*k));
            (least.fold(f64::INFINITY, f64::min), coordinate, entries)
        })
        .collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    corners.sort_by(|a, b| doubt(a.0).total_cmp(&doubt(b.0)));

    let mut around = Around {
        f,
        x,
        center: base[0],
        spread: spread[0],
        vector,
        shapes: BTreeMap::new(),
        evaluations: 0,
    };
    let mut confirmed = 0;
    for (k, pair) in corners {
        if c.is_wrong(k) && confirmed >= RECHECKED {
            break;
        }
        around.judge(&mut c.entries[k], pair, c.floor[k]);
        confirmed = if c.is_wrong(k) { confirmed + 1 } else { 0 };
    }
    let mut evaluations = around.evaluations;

    let mut confirmed = 0;
    for (excess, coordinate, entries) in order {
        if excess > 0.0 && confirmed >= RECHECKED {
            break;
        }
        let scale = Scale::of(x, coordinate, vector);
        let line = sample(f, x, base, coordinate, vector, &mut evaluations);
        let mut all_wrong = true;
        for (k, place) in entries {
            let spread = place.size(spread, vector);
            let shape = line.shape(&|outputs| place.value(outputs, vector), spread);
            let entry = &mut c.entries[k];
            entry.verdict = by_line(entry, &shape, scale.size, c.floor[k], spread);
            all_wrong &= c.is_wrong(k);
        }
        confirmed = if all_wrong { confirmed + 1 } else { 0 };
    }
    evaluations
}

/// Whether what the error bar leaves open is small against the change of f along the line, or is
/// rounding; also a 0 along a line on which f does not change.
fn leaves_little(entry: &Entry, shape: &Shape, size: f64) -> bool {
    let open = BARS * entry.error * size;
    let changes = shape.variation > 40.0 * shape.noise;
    changes && open <= RESOLUTION * shape.variation
        || open + entry.analytic.abs() * size <= UNIT_ROUNDING
        || entry.analytic == 0.0 && !changes && shape.noise <= ROUNDING * f64::EPSILON * shape.size
}

/// The slopes on the left and on the right, if they differ. A kink so near that differences on one side
/// do not converge shows in the central ones, whose slope is the mean.
fn kink(shape: &Shape) -> Option<[Slope; 2]> {
    let [right, left] = shape.sides;
    let mirrored = |side: Slope| {
        let central = shape.central?;
        Some(Slope {
            value: 2.0 * central.value - side.value,
            uncertainty: 2.0 * central.uncertainty + side.uncertainty,
        })
    };
    let pairs = [
        left.zip(right),
        right.and_then(|r| Some((mirrored(r)?, r))),
        left.and_then(|l| Some((l, mirrored(l)?))),
    ];
    let differ =
        |(l, r): &(Slope, Slope)| (r.value - l.value).abs() > r.uncertainty + l.uncertainty;
    pairs
        .into_iter()
        .flatten()
        .find(differ)
        .map(|(l, r)| [l, r])
}

/// Why nothing is seen along a line.
fn hidden(shape: &Shape, spread: f64) -> Reason {
    if spread > 0.0 {
        Reason::NotDeterministic { spread }
    } else {
        Reason::Noise { level: shape.noise }
    }
}

/// The verdict by plain differences, and by the adaptive method's value where that is the sharper one
/// and was not contradicted: between the one-sided slopes at a kink, within the uncertainty elsewhere.
fn by_line(entry: &mut Entry, shape: &Shape, size: f64, floor: f64, spread: f64) -> Verdict {
    let a = entry.analytic;
    if !a.is_finite() {
        return Verdict::Wrong { slopes: None };
    }
    if let Some(size) = shape.jump {
        return Verdict::NotCheckable(Reason::Jump { size });
    }
    if shape.diverges {
        return Verdict::NotCheckable(Reason::NotConverged);
    }
    let tolerance = RELATIVE * a.abs() + floor;
    let [right, left] = shape.sides;
    if let Some([l, r]) = kink(shape) {
        entry.numeric = 0.5 * r.value + 0.5 * l.value;
        entry.error = 0.5 * (r.value - l.value).abs();
        let low = (r.value - r.uncertainty).min(l.value - l.uncertainty) - tolerance;
        let high = (r.value + r.uncertainty).max(l.value + l.uncertainty) + tolerance;
        let (left, right) = (l.value, r.value);
        return if (low..=high).contains(&a) {
            Verdict::NotSmooth { left, right }
        } else {
            Verdict::Wrong {
                slopes: Some([left, right]),
            }
        };
    }
    let slopes = [shape.central, right, left].into_iter().flatten();
    let best = slopes.min_by(|p, q| p.uncertainty.total_cmp(&q.uncertainty));
    let trusted = !matches!(entry.verdict, Verdict::NotCheckable(_));
    let apart = best.is_some_and(|s| (s.value - a).abs() > s.uncertainty + tolerance);
    let sharper = best.is_some_and(|s| s.uncertainty < BARS * entry.error);
    if trusted && !sharper && apart == (entry.verdict != Verdict::Right) {
        // Both say the same.
        if apart {
            return entry.verdict;
        }
    } else if let Some(best) = best {
        (entry.numeric, entry.error) = (best.value, best.uncertainty / BARS);
        if apart {
            return Verdict::Wrong { slopes: None };
        }
    } else if !trusted || entry.verdict != Verdict::Right {
        let noisy = spread > 0.0 || shape.variation <= 40.0 * shape.noise;
        return Verdict::NotCheckable(if noisy {
            hidden(shape, spread)
        } else {
            Reason::NotConverged
        });
    }
    if is_resolved(entry) || leaves_little(entry, shape, size) {
        Verdict::Right
    } else {
        Verdict::NotCheckable(hidden(shape, spread))
    }
}
