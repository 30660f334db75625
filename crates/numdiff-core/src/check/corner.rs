//! f around x in the plane of two directions: second derivatives on each side, by plain differences.

use super::compare::{BARS, RELATIVE, RESOLUTION, is_resolved};
use super::judge::{Judge, at_kink, surest};
use super::line::{LARGEST, RATIO, Scale, Slope, consistent, extrapolated, sample};
use super::report::{Entry, Reason, Verdict};
use crate::evaluate::points::values;

/// Smallest step over the size of x: rounding of f, over the square of the step, is 1 % of f over the
/// square of x.
const SMALLEST: f64 = 1.0 / (1_u64 << 22) as f64;

/// Signs of the two steps: both directions up, both down, one of each. Along one direction alone the last
/// two are differences across x, which say nothing of a side.
const QUADRANTS: [[usize; 2]; 4] = [[0, 0], [1, 1], [0, 1], [1, 0]];

impl Judge<'_> {
    /// The verdict on a second derivative in which the adaptive method sees a mistake, or nothing.
    pub(super) fn judge_corner(
        &mut self,
        entry: &mut Entry,
        first: usize,
        second: Option<usize>,
        floor: f64,
    ) {
        let (x, vector, center) = (self.x, self.vector, self.base[0]);
        let shape = self.shapes.entry(first).or_insert_with(|| {
            let count = &mut self.evaluations;
            let line = sample(self.f, x, &[center], Some(first), vector, count);
            line.shape(&|outputs| outputs[0], self.spread[0], line.grain[0])
        });
        if let Some(size) = shape.jump {
            entry.verdict = Verdict::NotCheckable(Reason::Jump { size });
            return;
        }
        let f = |s: f64, t: f64| {
            self.evaluations += 1;
            let mut point = x.to_vec();
            point[first] += s;
            match second {
                Some(j) => point[j] += t,
                None => point.iter_mut().zip(vector).for_each(|(p, v)| *p += t * v),
            }
            let outputs = values(self.f, x, Some(&point), 1).ok()?;
            Some(outputs[0])
        };
        let scales = [Some(first), second].map(|i| Scale::of(x, i, vector));
        // What is small beside the change of f along its line.
        let little = RESOLUTION * shape.variation / (scales[0].size * scales[1].size);
        let same = second == Some(first);
        let sides = sides(f, center, shape.noise, scales, same);
        entry.verdict = by_sides(entry, &sides, floor, little);
    }
}

/// The second derivatives of each quadrant, where differences converge.
fn sides(
    mut f: impl FnMut(f64, f64) -> Option<f64>,
    center: f64,
    noise: f64,
    scales: [Scale; 2],
    same: bool,
) -> Vec<Option<Slope>> {
    let quadrants = &QUADRANTS[..if same { 2 } else { 4 }];
    let mut quotients = vec![Vec::new(); quadrants.len()];
    let mut part = LARGEST;
    let smallest = |s: &Scale| (SMALLEST * s.size).max(f64::MIN_POSITIVE);
    while scales.iter().any(|s| part * s.reach >= smallest(s)) {
        let [s, t] = scales.map(|scale| [part * scale.reach, -part * scale.reach]);
        let along = [s.map(|s| f(s, 0.0)), t.map(|t| f(0.0, t))];
        for (quotients, &[a, b]) in quotients.iter_mut().zip(quadrants) {
            let corner = f(s[a], t[b]);
            let terms = corner.zip(along[0][a].zip(along[1][b]));
            quotients.push(terms.and_then(|(corner, (p, q))| {
                let area = s[a] * t[b];
                let size = corner.abs() + p.abs() + q.abs() + center.abs();
                let quotient = Slope {
                    value: ((corner - p) - (q - center)) / area,
                    uncertainty: (2.0 * f64::EPSILON * size + 8.0 * noise) / area.abs(),
                    smaller: 0,
                };
                quotient.value.is_finite().then_some(quotient)
            }));
        }
        part /= RATIO;
    }
    let slopes = quotients.into_iter().map(|mut quotients| {
        quotients.reverse();
        let slope = consistent(extrapolated(&quotients))?;
        // The quotient before it is 16 times as uncertain, not 4 times, as that of a slope is.
        Some(Slope {
            uncertainty: RATIO * slope.uncertainty,
            ..slope
        })
    });
    slopes.collect()
}

/// The verdict by the second derivatives of the sides: between them where they differ, within their
/// uncertainty, or that of the adaptive method if its bar is smaller, elsewhere.
fn by_sides(entry: &mut Entry, sides: &[Option<Slope>], floor: f64, little: f64) -> Verdict {
    let a = entry.analytic;
    let tolerance = RELATIVE * a.abs() + floor;
    let known: Vec<Slope> = sides.iter().flatten().copied().collect();
    let low = |s: &Slope| s.value - s.uncertainty;
    let high = |s: &Slope| s.value + s.uncertainty;
    let least = |of: &dyn Fn(&Slope) -> f64| known.iter().map(of).fold(f64::INFINITY, f64::min);
    let most = |of: &dyn Fn(&Slope) -> f64| known.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
    let Some(best) = surest(known.iter().copied()) else {
        return entry.verdict;
    };
    let range = [least(&low) - tolerance, most(&high) + tolerance];
    if known.len() < sides.len() || most(&low) > least(&high) {
        let ends = [least(&|s| s.value), most(&|s| s.value)];
        return match at_kink(entry, range, ends) {
            // A side is not known.
            Verdict::Wrong { .. } if known.len() < sides.len() => {
                Verdict::NotCheckable(Reason::NotConverged)
            }
            verdict => verdict,
        };
    }
    let trusted = matches!(entry.verdict, Verdict::Wrong { .. });
    if !trusted || best.uncertainty < BARS * entry.error {
        (entry.numeric, entry.error) = (best.value, best.uncertainty / BARS);
    }
    if (a - entry.numeric).abs() > BARS * entry.error + tolerance {
        Verdict::Wrong { slopes: None }
    } else if is_resolved(entry) || BARS * entry.error <= little {
        Verdict::Right
    } else if trusted {
        Verdict::NotCheckable(Reason::NotConverged)
    } else {
        entry.verdict
    }
}
