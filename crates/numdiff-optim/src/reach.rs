//! Distances over which f varies where they are less than an unknown is large, as beside a bound.

use crate::differences::{Sides, Slope};
use crate::interrupt::Interrupt;
use crate::problem::Problem;
use crate::scale::TURN;

/// From one distance to the next.
const TENTH: f64 = 0.1;
/// The same from one at which f is not finite.
const HUNDREDTH: f64 = 0.01;
/// Distances that are tried at most, and those at which f is not finite.
const LOOKS: usize = 20;
const OUTSIDE: u8 = 5;
/// Second differences over distances tenfold apart that agree to within this share are those of a parabola.
const AGREE: f64 = 0.25;
/// A second difference that is so many times a wider one is that of a function that varies over less.
const STEEPER: f64 = 3.0;

/// Where f is looked at closer, and what is known of it.
pub(crate) struct Look<'x> {
    pub x: &'x [f64],
    pub f: f64,
    /// The noise of f.
    pub level: f64,
    /// A value below this is where to look.
    pub lower: f64,
}

/// The distance for each coordinate: `f64::MAX` where it is not known.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Reach(Vec<f64>);

impl Reach {
    pub fn unknown(n: usize) -> Self {
        Reach(vec![f64::MAX; n])
    }

    /// The size of a coordinate, which is taken to be so large otherwise.
    pub fn limit(&self, i: usize, size: f64) -> f64 {
        size.min(self.0[i])
    }

    /// Whether f was seen to vary over less than the coordinate is large.
    pub fn is_short(&self, i: usize) -> bool {
        self.0[i] < f64::MAX
    }

    /// f is a parabola over this step, and may be none over more.
    pub fn see(&mut self, i: usize, step: f64) {
        self.0[i] = TURN * step;
    }

    /// What was seen around another x says nothing of this one.
    pub fn forget(&mut self) {
        self.0.fill(f64::MAX);
    }

    /// What was seen over less than the way from one x to the next says nothing of the next.
    pub fn leave(&mut self, from: &[f64], to: &[f64]) {
        for (reach, (from, to)) in self.0.iter_mut().zip(from.iter().zip(to)) {
            if (to - from).abs() > *reach {
                *reach = f64::MAX;
            }
        }
    }

    /// Looks closer at the `open` coordinates, whose second differences over these steps are `wide`. Distances shrink
    /// tenfold until two second differences agree, or the noise of f hides them. Returns the last slopes if such a
    /// coordinate was found. Two evaluations for each coordinate and tenth.
    pub fn look_closer(
        &mut self,
        problem: &mut Problem<'_>,
        at: &Look<'_>,
        (first, wide): (&[f64], &[Slope]),
        mut open: Vec<bool>,
    ) -> Result<Option<Vec<Slope>>, Interrupt> {
        let (mut steps, mut seen) = (first.to_vec(), wide.to_vec());
        let (mut outside, mut found) = (vec![0; steps.len()], false);
        for _ in 0..LOOKS {
            if problem.best.1 < at.lower * problem.unit {
                return Ok(None);
            }
            for (i, step) in steps.iter_mut().enumerate() {
                *step *= match seen[i].curvature.is_nan() {
                    true => HUNDREDTH,
                    false => TENTH,
                };
                open[i] &= *step > 1e3 * f64::EPSILON * at.x[i].abs() && outside[i] < OUTSIDE;
            }
            if !open.contains(&true) {
                break;
            }
            let asked = |(step, open): (&f64, &bool)| if *open { *step } else { 0.0 };
            let intervals: Vec<f64> = steps.iter().zip(&open).map(asked).collect();
            let differences = problem.differences(at.x, at.f, &intervals, Sides::Both)?;
            for i in (0..open.len()).filter(|&i| intervals[i] > 0.0) {
                let now = differences.slope(i, 0.0, at.level);
                let before = std::mem::replace(&mut seen[i], now);
                outside[i] += u8::from(now.curvature.is_nan());
                let (near, far) = (now.curvature.abs(), before.curvature.abs());
                let agree = (near - far).abs() <= AGREE * near;
                let hidden = near <= 2.0 * now.curvature_error;
                let steeper = far > STEEPER * wide[i].curvature.abs();
                let shown = agree && !hidden || hidden && steeper;
                if shown && now.step < before.step && before.step < 0.5 * first[i] {
                    self.see(i, before.step);
                    found = true;
                }
                open[i] = !(agree || hidden);
            }
        }
        Ok(found.then_some(seen))
    }
}
