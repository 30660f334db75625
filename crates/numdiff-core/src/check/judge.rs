//! The verdict on each entry: the adaptive method's value first, plain differences where that leaves
//! a doubt.

use super::compare::{BARS, Comparison, RELATIVE, RESOLUTION, is_resolved};
use super::kind::{Kind, Origin, Place};
use super::line::{ROUNDING, Scale, Shape, Slope, sample};
use super::report::{Entry, Reason, Verdict};
use crate::moves::AnyFunction;
use std::collections::BTreeMap;

/// Lines of wrong entries that are looked at again before the rest is taken to be wrong as well.
const RECHECKED: usize = 48;
/// Changes of f below this are rounding of numbers of size 1, which f may have summed.
const UNIT_ROUNDING: f64 = 1e-12;

/// f at x, and what the entries of a derivative are judged by.
pub(super) struct Judge<'a> {
    pub kind: Kind,
    pub f: &'a mut dyn AnyFunction,
    pub x: &'a [f64],
    /// That of a product.
    pub vector: &'a [f64],
    pub base: &'a [f64],
    /// How far outputs at x differ.
    pub spread: &'a [f64],
    pub evaluations: usize,
    /// f along coordinates, for second derivatives.
    pub shapes: BTreeMap<usize, Shape>,
}

/// Entries that are judged together.
enum Group {
    /// Those along one line.
    Line(Option<usize>, Vec<(usize, Place)>),
    Corner(usize, usize, Option<usize>),
}

impl<'a> Judge<'a> {
    pub fn new(
        kind: Kind,
        f: &'a mut dyn AnyFunction,
        x: &'a [f64],
        vector: &'a [f64],
        base: &'a [f64],
        spread: &'a [f64],
    ) -> Self {
        Judge {
            kind,
            f,
            x,
            vector,
            base,
            spread,
            evaluations: 0,
            shapes: BTreeMap::new(),
        }
    }

    /// Gives every entry its verdict: what is in doubt first, then those wrong entries that are the least
    /// convincing.
    pub fn judge(&mut self, c: &mut Comparison) {
        let doubt = |c: &Comparison, k: usize| if c.is_wrong(k) { c.excess(k) } else { 0.0 };
        let mut groups: Vec<(f64, Group)> = Vec::new();
        let mut lines: BTreeMap<Option<usize>, Vec<(usize, Place)>> = BTreeMap::new();
        let known = c.entries.iter().filter(|e| is_resolved(e));
        let largest = known.fold(0.0_f64, |m, e| m.max(e.numeric.abs()));
        for k in 0..c.len() {
            match self.kind.origin(self.x.len(), k) {
                Origin::Line(place) if !self.is_settled(&c.entries[k], place) => {
                    lines.entry(place.coordinate).or_default().push((k, place));
                }
                Origin::Line(_) => {}
                Origin::Corner(first, second) => {
                    let entry = &mut c.entries[k];
                    // One line alone tells nothing: the entry is seen if its bar is small beside the largest.
                    let hidden = BARS * entry.error > RESOLUTION * largest;
                    if entry.verdict == Verdict::Right && hidden {
                        let sizes = self.base.iter().map(|f| f.abs());
                        let level = sizes.fold(0.0, f64::max) * f64::EPSILON;
                        entry.verdict = Verdict::NotCheckable(Reason::Noise { level });
                    }
                    if entry.verdict != Verdict::Right && entry.analytic.is_finite() {
                        groups.push((doubt(c, k), Group::Corner(k, first, second)));
                    }
                }
            }
        }
        groups.extend(lines.into_iter().map(|(coordinate, entries)| {
            let least = entries.iter().map(|(k, _)| doubt(c, *k));
            let least = least.fold(f64::INFINITY, f64::min);
            (least, Group::Line(coordinate, entries))
        }));
        groups.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut confirmed = 0;
        for (excess, group) in groups {
            if excess > 0.0 && confirmed >= RECHECKED {
                break;
            }
            let all_wrong = match group {
                Group::Line(coordinate, entries) => self.judge_line(c, coordinate, &entries),
                Group::Corner(k, first, second) => {
                    self.judge_corner(&mut c.entries[k], first, second, c.floor[k]);
                    c.is_wrong(k)
                }
            };
            confirmed = if all_wrong { confirmed + 1 } else { 0 };
        }
    }

    /// Whether the adaptive method alone decides.
    fn is_settled(&self, entry: &Entry, place: Place) -> bool {
        if entry.verdict != Verdict::Right {
            return !entry.analytic.is_finite();
        }
        let size = Scale::of(self.x, place.coordinate, self.vector).size;
        let rounding = ROUNDING * f64::EPSILON * place.size(self.base, self.vector);
        is_resolved(entry) || entry.analytic == 0.0 && entry.error * size <= rounding
    }

    /// Judges the entries along a line; whether all are wrong.
    fn judge_line(
        &mut self,
        c: &mut Comparison,
        coordinate: Option<usize>,
        entries: &[(usize, Place)],
    ) -> bool {
        let (x, vector) = (self.x, self.vector);
        let size = Scale::of(x, coordinate, vector).size;
        let count = &mut self.evaluations;
        let line = sample(self.f, x, self.base, coordinate, vector, count);
        for &(k, place) in entries {
            let spread = place.size(self.spread, vector);
            let grain = place.size(&line.grain, vector);
            let shape = line.shape(&|outputs| place.value(outputs, vector), spread, grain);
            let entry = &mut c.entries[k];
            entry.verdict = by_line(entry, &shape, size, c.floor[k], spread);
        }
        entries.iter().all(|(k, _)| c.is_wrong(*k))
    }
}

/// The verdict at a kink, whose slopes span this range: between them a value passes.
pub(super) fn at_kink(entry: &mut Entry, range: [f64; 2], [left, right]: [f64; 2]) -> Verdict {
    entry.numeric = 0.5 * right + 0.5 * left;
    entry.error = 0.5 * (right - left).abs();
    if (range[0]..=range[1]).contains(&entry.analytic) {
        Verdict::NotSmooth { left, right }
    } else {
        Verdict::Wrong {
            slopes: Some([left, right]),
        }
    }
}

/// The most certain of slopes.
pub(super) fn surest(slopes: impl Iterator<Item = Slope>) -> Option<Slope> {
    slopes.min_by(|p, q| p.uncertainty.total_cmp(&q.uncertainty))
}

/// Whether what the error bar leaves open is small against the change of f along the line, or is
/// rounding; also a 0 along a line on which f does not change.
fn leaves_little(entry: &Entry, shape: &Shape, size: f64) -> bool {
    let open = BARS * entry.error * size;
    let changes = shape.variation > 40.0 * shape.noise;
    changes && open <= RESOLUTION * shape.variation
        || open + entry.analytic.abs() * size <= UNIT_ROUNDING
        || entry.analytic == 0.0 && !changes && !shape.noisy
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
            ..central
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
        let low = (r.value - r.uncertainty).min(l.value - l.uncertainty) - tolerance;
        let high = (r.value + r.uncertainty).max(l.value + l.uncertainty) + tolerance;
        return at_kink(entry, [low, high], [l.value, r.value]);
    }
    let best = surest([shape.central, right, left].into_iter().flatten());
    let trusted = !matches!(entry.verdict, Verdict::NotCheckable(_));
    let apart = best.is_some_and(|s| (s.value - a).abs() > s.uncertainty + tolerance);
    // A side that is flat far away may seem to be known better than it is: both have to be.
    let both = right
        .zip(left)
        .map_or(0.0, |(r, l)| r.uncertainty.max(l.uncertainty));
    let both = shape.central.map_or(both, |c| both.min(c.uncertainty));
    let is_open = |s: Slope| (s.value - a).abs() <= both + tolerance || shape.bears_out(a, s.value);
    if apart && best.is_some_and(is_open) {
        return Verdict::NotCheckable(hidden(shape, spread));
    }
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
