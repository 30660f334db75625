//! f along a line, on both sides of x: one-sided slopes by plain differences, which share nothing
//! with the adaptive method but f.

use crate::evaluate::points::values;
use crate::moves::AnyFunction;

/// Noise below this many units in the last place of f is rounding.
pub(super) const ROUNDING: f64 = 256.0;
/// Steps go down from the scale of x by this factor each.
pub(super) const RATIO: f64 = 4.0;
/// Smallest step over the size of x: it changes x by 64 units in the last place.
const SMALLEST: f64 = 1.0 / (1_u64 << 46) as f64;
/// Largest step over the scale of x.
pub(super) const LARGEST: f64 = 0.25;
/// Spacings, over the size of x, of the samples from which the noise is estimated: multiples of no
/// step. By a single one a staircase may look like a straight line. The wider ones are taken where f
/// is constant between most neighbors, as one that is rounded to f32 may be.
const SPACINGS: [f64; 4] = [
    1.1 / (1_u64 << 20) as f64,
    1.37 / (1_u64 << 17) as f64,
    1.1 / (1_u64 << 13) as f64,
    1.1 / (1_u64 << 8) as f64,
];
/// So many of them make 6 third differences, of which a kink or a jump spoils at most three.
const NOISE_SAMPLES: usize = 9;
/// Standard deviation of noise over the third smallest of six third differences: sqrt(1 + 9 + 9 + 1)
/// times the 5/12 quantile of |N(0, 1)|.
const THIRD_TO_DEVIATION: f64 = 1.0 / (4.472_135_955 * 0.549);
/// Quotients of consecutive steps that must be consistent before a slope counts.
const CONSISTENT: usize = 3;
/// A quotient is much nearer to one slope than to another where it is nearer by this factor.
const NEARER: f64 = 4.0;
/// A share that counts: of a slope, by which rounding may spoil a quotient that bears it out; of the farthest that f moves,
/// by which it moves far.
const CONSIDERABLE: f64 = 0.1;
/// A program that prints its results gives at least and at most so many digits.
const FEWEST_DIGITS: i32 = 4;
const MOST_DIGITS: i32 = 12;
/// Rounding of a difference of two values of f, in units in the last place.
const ROUNDED: f64 = 4.0;
/// Steps over fewer last places of x tell nothing: f may round its argument.
const LAST_PLACES: f64 = 8.0;

/// Sizes of the displacements t along a line.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    /// |x| along the line; 1 where it is 0.
    pub size: f64,
    /// The same, at least 1.
    pub reach: f64,
}

impl Scale {
    /// Scale of coordinate `coordinate`, or of the direction where there is none.
    pub fn of(x: &[f64], coordinate: Option<usize>, direction: &[f64]) -> Scale {
        let size = |x: f64| if x == 0.0 { 1.0 } else { x.abs() };
        let own = |x: f64, d: f64| Scale {
            size: size(x) / d,
            reach: size(x).max(1.0) / d,
        };
        if let Some(i) = coordinate {
            return own(x[i], 1.0);
        }
        let moved = x.iter().zip(direction).filter(|(_, d)| **d != 0.0);
        // A direction that moves nothing: f is constant along it, at any scale.
        let far = own(f64::MAX, 1.0);
        moved.fold(far, |all, (x, d)| {
            let one = own(*x, d.abs());
            Scale {
                size: all.size.min(one.size),
                reach: all.reach.min(one.reach),
            }
        })
    }
}

/// f at x + t: the displacement as rounded, and all outputs.
struct Sample {
    t: f64,
    outputs: Vec<f64>,
}

/// All outputs of f along one line.
pub(super) struct Line {
    base: Vec<f64>,
    scale: Scale,
    /// Right of x and left of it, the nearest first; missing where f has no value.
    steps: [Vec<Option<Sample>>; 2],
    /// Equally spaced samples on each side, by spacing.
    spaced: [Vec<Vec<Vec<f64>>>; 2],
    /// Unit roundoff of f's values, as far as they show it.
    epsilon: f64,
    /// The distance between neighboring values of each output, where it has fewer digits than `f64` holds.
    pub grain: Vec<f64>,
}

/// A slope, or a difference quotient, and how far it may be off.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slope {
    pub value: f64,
    pub uncertainty: f64,
    /// How many smaller steps there are.
    pub smaller: usize,
}

/// One output on one side of x.
struct Side {
    /// Displacements and values, the nearest first; missing where f has no value.
    steps: Vec<Option<(f64, f64)>>,
    /// Values at equally spaced places, by spacing.
    spaced: Vec<Vec<f64>>,
}

/// What the values along a line say of one output.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    /// Slope on the right and on the left, where differences converge.
    pub sides: [Option<Slope>; 2],
    /// Slope of central differences.
    pub central: Option<Slope>,
    /// f(x + t) does not tend to f(x): the largest of the differences that stay.
    pub jump: Option<f64>,
    /// The slope grows without limit towards x, as that of a root does.
    pub diverges: bool,
    /// Standard deviation of the noise in f, rounding included.
    pub noise: f64,
    /// Whether it is more than rounding shows.
    pub noisy: bool,
    /// Unit roundoff of f's values.
    pub epsilon: f64,
    /// |f(x)|.
    pub size: f64,
    /// |x|, or 1.
    pub scale: f64,
    /// Central differences as they are and f's change over their steps, the smallest step first.
    pub quotients: Vec<(f64, Slope)>,
    /// Largest |f(x + t) - f(x)| within a quarter of |x|.
    pub variation: f64,
}

impl Line {
    /// Samples f; `at(t)` returns the displacement as rounded and the outputs there, or nothing.
    pub fn sample(
        base: &[f64],
        scale: Scale,
        mut at: impl FnMut(f64) -> Option<(f64, Vec<f64>)>,
    ) -> Line {
        let mut side = |sign: f64| {
            let mut steps = Vec::new();
            let mut h = LARGEST * scale.reach;
            while h >= (SMALLEST * scale.size).max(f64::MIN_POSITIVE) {
                steps.push(at(sign * h).map(|(t, outputs)| Sample { t, outputs }));
                h /= RATIO;
            }
            steps.reverse();
            let mut spaced: Vec<Vec<Vec<f64>>> = Vec::new();
            for spacing in SPACINGS {
                let samples = (1..=NOISE_SAMPLES)
                    .filter_map(|j| at(sign * j as f64 * spacing * scale.size))
                    .map(|(_, outputs)| outputs)
                    .collect();
                spaced.push(samples);
                let last = &spaced[spaced.len() - 1];
                let constant = (0..base.len()).any(|k| is_staircase(last.iter().map(|v| v[k])));
                if spaced.len() > 1 && !constant {
                    break;
                }
            }
            (steps, spaced)
        };
        let (right, right_spaced) = side(1.0);
        let (left, left_spaced) = side(-1.0);
        let mut line = Line {
            base: base.to_vec(),
            scale,
            steps: [right, left],
            spaced: [right_spaced, left_spaced],
            epsilon: f64::EPSILON,
            grain: Vec::new(),
        };
        if line.is_single() {
            line.epsilon = f64::from(f32::EPSILON);
            line.grain = base.iter().map(|v| line.epsilon * v.abs()).collect();
        } else {
            line.grain = (0..base.len()).map(|k| line.decimal_grain(k)).collect();
        }
        line
    }

    /// The outputs at all samples.
    fn outputs(&self) -> impl Iterator<Item = &Vec<f64>> + Clone {
        let steps = self.steps.iter().flatten().flatten().map(|s| &s.outputs);
        steps.chain(self.spaced.iter().flatten().flatten())
    }

    /// The last decimal place of output `k`, where all of its values have few: those of a program that prints them.
    fn decimal_grain(&self, k: usize) -> f64 {
        let (mut last, mut most, mut largest) = (i32::MAX, 0, 0.0_f64);
        let values = || self.outputs().map(|outputs| outputs[k]);
        for value in values().filter(|v| *v != 0.0 && v.is_finite()) {
            let shortest = format!("{value:e}");
            let (digits, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
            let digits = digits.bytes().filter(u8::is_ascii_digit).count() as i32;
            last = last.min(exponent.parse().unwrap_or(0) + 1 - digits);
            (most, largest) = (most.max(digits), largest.max(value.abs()));
            if most > MOST_DIGITS {
                return 0.0;
            }
        }
        let grain = 10_f64.powi(last);
        let varies = values().any(|v| v != self.base[k]);
        let is_printed = varies && most >= FEWEST_DIGITS;
        if is_printed && largest <= 10_f64.powi(MOST_DIGITS) * grain {
            grain
        } else {
            0.0
        }
    }

    /// Whether all values are numbers of single precision, and some have digits to the end of it: whole numbers and
    /// halves are no sign of it.
    fn is_single(&self) -> bool {
        let values = || self.outputs().flatten();
        values().all(|v| f64::from(*v as f32) == *v)
            && values().any(|v| (*v as f32).to_bits() & 0xfff != 0)
    }

    /// The slopes of one output, which `value` takes from all of them. Values at the same x differ by
    /// `spread`, neighboring ones by `grain`.
    pub fn shape(&self, value: &dyn Fn(&[f64]) -> f64, spread: f64, grain: f64) -> Shape {
        let center = value(&self.base);
        let at = |sample: &Option<Sample>| sample.as_ref().map(|s| (s.t, value(&s.outputs)));
        let sides = [0, 1].map(|side| Side {
            steps: self.steps[side].iter().map(at).collect(),
            spaced: self.spaced[side]
                .iter()
                .map(|samples| samples.iter().map(|v| value(v)).collect())
                .collect(),
        });
        let Scale { size, reach } = self.scale;
        let epsilon = self.epsilon;
        let seen = [0, 1].map(|side| sides[side].noise().max(spread));
        // Where f stands still, its values show nothing of the numbers that it may have summed.
        let still = sides
            .iter()
            .all(|side| side.spaced.iter().all(|v| is_staircase(v.iter().copied())));
        let summed = if still { size.max(1.0) } else { 0.0 };
        // At least the spacing of the smallest numbers.
        let hidden = (epsilon * summed).max(grain).max(f64::from_bits(1));
        let noises = seen.map(|noise| noise.max(hidden));
        let noise = noises[0].max(noises[1]);
        // Where noise hides f within the size of x, what lies beyond says nothing of x.
        let noisy = seen[0].max(seen[1]) > ROUNDING * f64::EPSILON * center.abs();
        let reach = LARGEST * if noisy { size } else { reach };
        let quotients = [0, 1].map(|side| sides[side].quotients(center, noises[side], reach));
        let pairs = quotients[0].iter().zip(&quotients[1]);
        let central: Vec<_> = pairs
            .map(|(right, left)| right.zip(*left).map(|(r, l)| r.between(l)))
            .collect();
        let steps = sides[0]
            .steps
            .iter()
            .map(|step| step.map_or(f64::NAN, |(t, _)| t));
        let plain = steps.zip(&central).filter_map(|(t, q)| Some((t, (*q)?)));
        let near = |(t, value): &(f64, f64)| {
            let change = (value - center).abs();
            (t.abs() <= LARGEST * size && change.is_finite()).then_some(change)
        };
        let changes = sides.iter().flat_map(|side| side.steps.iter().flatten());
        let jumps = [0, 1].map(|side| sides[side].jump(center, noises[side]));
        Shape {
            sides: [0, 1].map(|side| consistent(extrapolated(&quotients[side]))),
            quotients: plain.collect(),
            central: consistent(central.into_iter()),
            jump: jumps.into_iter().flatten().reduce(f64::max),
            diverges: sides.iter().any(|side| side.diverges(center)),
            noise: noise.max(f64::EPSILON * center.abs()),
            noisy,
            epsilon,
            size: center.abs(),
            scale: size,
            variation: changes.filter_map(near).fold(0.0, f64::max),
        }
    }
}

impl Shape {
    /// Whether smaller steps than those of any side bear out a slope that is far from the `numeric` one: two in succession that
    /// rounding leaves digits are much nearer to it; or f moves nearly as far as it ever does within some last places of
    /// x, and the slope is too steep for that to tell.
    pub fn bears_out(&self, slope: f64, numeric: f64) -> bool {
        if 2.0 * (slope - numeric).abs() <= slope.abs() {
            return false;
        }
        let chosen = self.sides.iter().chain([&self.central]).flatten();
        let smaller = chosen.map(|s| s.smaller).min().unwrap_or(0);
        let known = self.quotients.iter().take(smaller);
        let known = known
            .filter(|(t, _)| ROUNDED * self.epsilon * self.size <= CONSIDERABLE * slope.abs() * t);
        let nearer: Vec<bool> = known
            .map(|(_, q)| NEARER * (q.value - slope).abs() < (q.value - numeric).abs())
            .collect();
        let change = |(t, q): &(f64, Slope)| t * q.value.abs();
        let most = self.quotients.iter().map(change).fold(0.0, f64::max);
        let told = self.quotients.iter();
        let nearest = told.filter(|(t, _)| *t >= LAST_PLACES * self.epsilon * self.scale);
        let nearest: Vec<_> = nearest.take(CONSISTENT).collect();
        let far = nearest.iter().any(|q| change(q) >= CONSIDERABLE * most);
        let steep = |q: &&(f64, Slope)| q.0 * slope.abs() >= CONSIDERABLE * most;
        nearer.windows(2).any(|two| two == [true, true])
            || most > 0.0 && far && nearest.first().is_some_and(steep)
    }
}

impl Side {
    /// Standard deviation of the noise, by the smaller half of the third differences.
    fn noise(&self) -> f64 {
        let (mut noise, mut constant) = (0.0_f64, true);
        for (at, values) in self.spaced.iter().enumerate() {
            if at > 1 && !constant {
                break;
            }
            constant = is_staircase(values.iter().copied());
            let mut differences: Vec<f64> = values
                .windows(4)
                .map(|w| ((w[3] - w[0]) - 3.0 * (w[2] - w[1])).abs())
                .filter(|d| d.is_finite())
                .collect();
            differences.sort_by(f64::total_cmp);
            let third = differences.get(2).copied().unwrap_or(0.0);
            noise = noise.max(third * THIRD_TO_DEVIATION);
        }
        noise
    }

    /// Difference quotients, the smallest step first.
    fn quotients(&self, center: f64, noise: f64, reach: f64) -> Vec<Option<Slope>> {
        let within = |step: &&Option<(f64, f64)>| step.is_none_or(|(t, _)| t.abs() <= reach);
        let quotient = |(t, there): (f64, f64)| {
            let rounding = 2.0 * f64::EPSILON * (there.abs() + center.abs()) + 4.0 * noise;
            Slope {
                value: (there - center) / t,
                uncertainty: rounding / t.abs(),
                smaller: 0,
            }
        };
        let steps = self.steps.iter().filter(within);
        steps
            .map(|step| step.map(quotient).filter(|q| q.value.is_finite()))
            .collect()
    }

    /// f(x + t) - f(x) at the nearest steps.
    fn nearest(&self, center: f64, count: usize) -> Vec<f64> {
        let nearest = self.steps.iter().flatten().take(count);
        nearest.map(|(_, value)| value - center).collect()
    }

    /// Whether f(x + t) - f(x) shrinks, but slower than t, over a factor of 1000.
    fn diverges(&self, center: f64) -> bool {
        let nearest = self.nearest(center, 6);
        let slower = |w: &[f64]| {
            let ratio = w[1] / w[0];
            ratio > 1.05 && ratio < 0.75 * RATIO
        };
        let seen = nearest.first().is_some_and(|change| {
            change.is_finite() && change.abs() > 100.0 * f64::EPSILON * center.abs()
        });
        seen && nearest.len() == 6 && nearest.windows(2).all(slower)
    }

    /// What remains of f(x + t) - f(x) although t shrinks.
    fn jump(&self, center: f64, noise: f64) -> Option<f64> {
        let nearest = self.nearest(center, 4);
        let first = nearest.first()?.abs();
        let rounding = 2.0 * f64::EPSILON * center.abs() + 4.0 * noise;
        // Between the first and the last of these steps lies a factor of 64.
        let stays = nearest
            .iter()
            .all(|d| (0.5..2.0).contains(&(d.abs() / first)));
        (nearest.len() == 4 && first > 10.0 * rounding && stays).then_some(first)
    }
}

/// f along a coordinate, or along the operator's vector.
pub(super) fn sample(
    f: &mut dyn AnyFunction,
    x: &[f64],
    base: &[f64],
    coordinate: Option<usize>,
    vector: &[f64],
    evaluations: &mut usize,
) -> Line {
    let mut point = x.to_vec();
    Line::sample(base, Scale::of(x, coordinate, vector), |t| {
        let moved = match coordinate {
            Some(i) => {
                point[i] = x[i] + t;
                point[i] - x[i]
            }
            None => {
                for ((p, x), d) in point.iter_mut().zip(x).zip(vector) {
                    *p = x + t * d;
                }
                t
            }
        };
        *evaluations += 1;
        let outputs = values(f, x, Some(&point), base.len()).ok()?;
        (moved != 0.0).then_some((moved, outputs))
    })
}

/// Whether most neighbors are equal.
fn is_staircase(values: impl Iterator<Item = f64> + Clone) -> bool {
    let pairs = values.clone().zip(values.skip(1));
    let (equal, count) = pairs.fold((0, 0), |(equal, count), (a, b)| {
        (equal + usize::from(a == b), count + 1)
    });
    2 * equal > count
}

impl Slope {
    fn between(self, other: Slope) -> Slope {
        Slope {
            value: 0.5 * self.value + 0.5 * other.value,
            uncertainty: 0.5 * self.uncertainty + 0.5 * other.uncertainty,
            smaller: 0,
        }
    }
}

/// One-sided quotients without their first-order error, by Richardson's rule.
pub(super) fn extrapolated(
    quotients: &[Option<Slope>],
) -> impl Iterator<Item = Option<Slope>> + '_ {
    quotients.windows(2).map(|pair| {
        let (fine, coarse) = pair[0].zip(pair[1])?;
        Some(Slope {
            value: fine.value + (fine.value - coarse.value) / (RATIO - 1.0),
            uncertainty: (RATIO * fine.uncertainty + coarse.uncertainty) / (RATIO - 1.0),
            smaller: 0,
        })
    })
}

/// The quotient of the largest step that is consistent with those of all smaller ones (Lepski's rule):
/// a kink beside x ends the sequence before it does harm.
pub(super) fn consistent(quotients: impl Iterator<Item = Option<Slope>>) -> Option<Slope> {
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut best: Option<Slope> = None;
    let mut count = 0;
    for (smaller, q) in quotients.enumerate() {
        let Some(q) = q else { continue };
        low = low.max(q.value - q.uncertainty);
        high = high.min(q.value + q.uncertainty);
        if low > high {
            break;
        }
        count += 1;
        best = Some(Slope { smaller, ..q });
    }
    let best = best.filter(|_| count >= CONSISTENT)?;
    Some(Slope {
        // The quotient before it, four times as uncertain, allows a truncation of that size.
        uncertainty: 2.0 * RATIO * best.uncertainty,
        ..best
    })
}
