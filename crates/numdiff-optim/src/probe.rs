//! The gradient an optimizer asks for: one interval for each coordinate, f(x) reused, sides chosen
//! to stay inside the bounds and inside f's domain.

use numdiff_core::{Error, Moves, Plan};

/// On which sides of x a [`Probe`] looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Sides {
    /// One evaluation a coordinate; the other side only where the first is not finite.
    One,
    /// Two evaluations a coordinate: the error falls from h f''/2 to h^2 f'''/6, and the second
    /// derivative comes with it. Where a bound is near, both lie on the same side.
    Both,
}

/// A gradient by differences with an interval for each coordinate, planned and told: it never calls
/// f itself, so that any driver can evaluate its jobs, in any order, with the same bits.
///
/// For callers that know f(x), the noise of f and something about its curvature, such as an
/// optimizer: n evaluations for [`Sides::One`], 2n for [`Sides::Both`], fewer where bounds coincide
/// or an interval is zero.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Probe {
    value: f64,
    x: Vec<f64>,
    /// Empty for no bounds.
    bounds: Vec<(f64, f64)>,
    intervals: Vec<f64>,
    both: bool,
    room: Vec<(f64, f64)>,
    samples: Vec<Sample>,
    jobs: Vec<Job>,
    round: u8,
}

/// What is known along one coordinate: displacements really made, and f there.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Sample {
    near: (f64, f64),
    far: (f64, f64),
    asked: bool,
}

#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Job {
    coordinate: usize,
    displacement: f64,
    to: f64,
    second: bool,
}

/// The derivative along one coordinate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Slope {
    /// The first derivative; 0 where the coordinate cannot move or no side is finite.
    pub value: f64,
    /// Estimated absolute error from the noise and the truncation; infinite where no side is finite,
    /// 0 where the coordinate cannot move.
    pub error: f64,
    /// The second derivative; NaN unless two sides were seen.
    pub curvature: f64,
    /// Estimated absolute error of `curvature` from the noise alone.
    pub curvature_error: f64,
    /// Largest displacement it rests on; 0 where the coordinate cannot move.
    pub step: f64,
}

impl Probe {
    /// An empty probe; its buffers are reused by every [`ask`](Self::ask).
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the question for the next [`begin`](Plan::begin): `value` is f there, `intervals` holds
    /// one positive displacement for each coordinate, or 0 for a coordinate to leave out. Equal bounds
    /// leave it out, too.
    pub fn set(
        &mut self,
        value: f64,
        bounds: Option<(&[f64], &[f64])>,
        intervals: &[f64],
        sides: Sides,
    ) {
        self.value = value;
        self.intervals.clear();
        self.intervals.extend_from_slice(intervals);
        self.bounds.clear();
        if let Some((lower, upper)) = bounds {
            self.bounds
                .extend(lower.iter().copied().zip(upper.iter().copied()));
        }
        self.both = sides == Sides::Both;
    }

    /// [`set`](Self::set), then [`begin`](Plan::begin) at `x`.
    ///
    /// # Panics
    /// When the lengths disagree.
    pub fn ask(
        &mut self,
        x: &[f64],
        value: f64,
        bounds: Option<(&[f64], &[f64])>,
        intervals: &[f64],
        sides: Sides,
    ) {
        assert_eq!(x.len(), intervals.len(), "one interval for each coordinate");
        self.set(value, bounds, intervals, sides);
        self.open(x);
    }

    fn open(&mut self, x: &[f64]) {
        self.x.clear();
        self.x.extend_from_slice(x);
        self.room.clear();
        self.room.extend(
            x.iter()
                .enumerate()
                .map(|(i, &at)| match self.bounds.get(i) {
                    Some((lower, upper)) => (lower - at, upper - at),
                    None => (f64::NEG_INFINITY, f64::INFINITY),
                }),
        );
        self.samples.clear();
        self.samples.resize(x.len(), Sample::default());
        self.jobs.clear();
        self.round = 0;
        for i in 0..x.len() {
            let ((down, up), h) = (self.room[i], self.intervals[i]);
            if h == 0.0 || (down == 0.0 && up == 0.0) {
                continue;
            }
            self.samples[i].asked = true;
            // The positive side, unless only the negative one has the room.
            let h = h.min(up.max(-down));
            let first = if h <= up { h } else { -h };
            self.plan(i, first, false);
            if self.both {
                self.plan(i, self.opposite(i, first), true);
            }
        }
    }

    /// Adds the other side to coordinates that have seen one, after a finished probe.
    pub fn ask_other_side(&mut self) {
        self.jobs.clear();
        self.round = 1;
        for i in 0..self.x.len() {
            let sample = self.samples[i];
            if sample.asked && sample.near.0 != 0.0 && sample.far.0 == 0.0 {
                self.plan(i, self.opposite(i, sample.near.0), true);
            }
        }
    }

    /// The mirror image, or the double or half of it where the bounds leave no room.
    fn opposite(&self, i: usize, first: f64) -> f64 {
        let (down, up) = self.room[i];
        [-first, 2.0 * first]
            .into_iter()
            .find(|t| *t >= down && *t <= up)
            .unwrap_or(0.5 * first)
    }

    fn plan(&mut self, coordinate: usize, displacement: f64, second: bool) {
        let at = self.x[coordinate];
        let (down, up) = self.room[coordinate];
        // Rounding of x + t may step over a bound by one place.
        let to = (at + displacement).clamp(at + down.min(0.0), at + up.max(0.0));
        let moved = to - at;
        if moved != 0.0 {
            self.jobs.push(Job {
                coordinate,
                displacement: moved,
                to,
                second,
            });
        }
    }

    /// The finite values seen, in the order of coordinates.
    pub fn values(&self) -> impl Iterator<Item = f64> + '_ {
        let both = self.samples.iter().flat_map(|s| [s.near, s.far]);
        both.filter(|s| s.0 != 0.0 && s.1.is_finite()).map(|s| s.1)
    }

    /// How many coordinates were asked about, and in how many of them no displacement changed f: the
    /// interval is below the resolution of f.
    pub fn ties(&self) -> (usize, usize) {
        let asked = self.samples.iter().filter(|s| s.near.0 != 0.0);
        let tied = asked
            .clone()
            .filter(|s| s.near.1 == self.value && (s.far.0 == 0.0 || s.far.1 == self.value));
        (asked.count(), tied.count())
    }

    /// The derivative along coordinate `i`. `curvature` is what the caller knows of the second
    /// derivative: it corrects a one-sided difference by h/2 times itself. `noise` is the absolute
    /// noise of f, and the scale over which the curvature changes is taken as max(|x|, 0.01).
    pub fn slope(&self, i: usize, curvature: f64, noise: f64) -> Slope {
        let sample = self.samples[i];
        let quotient = |side: (f64, f64)| {
            let slope = (side.1 - self.value) / side.0;
            (side.0 != 0.0 && slope.is_finite()).then_some(slope)
        };
        let unknown = f64::NAN;
        let one = |side: (f64, f64), slope: f64| Slope {
            value: slope - 0.5 * side.0 * curvature,
            error: 2.0 * noise / side.0.abs() + 0.5 * (side.0 * curvature).abs(),
            curvature: unknown,
            curvature_error: unknown,
            step: side.0.abs(),
        };
        match (quotient(sample.near), quotient(sample.far)) {
            (Some(near), Some(far)) => {
                let (a, b) = (sample.near.0, sample.far.0);
                // Newton's divided differences: exact for a parabola through the three points.
                let second = 2.0 * (near - far) / (a - b);
                let scale = self.x[i].abs().max(0.01);
                Slope {
                    value: near - 0.5 * a * second,
                    error: noise / a.abs() + (a * b * second).abs() / (6.0 * scale),
                    curvature: second,
                    curvature_error: 4.0 * noise / (a * b).abs(),
                    step: a.abs().max(b.abs()),
                }
            }
            (Some(near), None) => one(sample.near, near),
            (None, Some(far)) => one(sample.far, far),
            (None, None) => Slope {
                value: 0.0,
                error: if sample.asked { f64::INFINITY } else { 0.0 },
                curvature: unknown,
                curvature_error: unknown,
                step: 0.0,
            },
        }
    }
}

impl Plan for Probe {
    fn begin(&mut self, x: &[f64]) -> Result<(), Error> {
        if x.len() != self.intervals.len() {
            let (found, expected) = (self.intervals.len(), x.len());
            return Err(Error::Length {
                argument: "intervals",
                found,
                expected,
            });
        }
        self.open(x);
        Ok(())
    }

    fn jobs(&self) -> usize {
        self.jobs.len()
    }

    fn job(&self, id: usize) -> Moves<'_> {
        let job = &self.jobs[id];
        Moves::One(job.coordinate, job.to)
    }

    fn tell(&mut self, id: usize, values: Option<&[f64]>) -> Result<(), Error> {
        let job = self.jobs[id];
        let value = values.and_then(|values| values.first().copied());
        let seen = (job.displacement, value.unwrap_or(f64::NAN));
        let sample = &mut self.samples[job.coordinate];
        if job.second {
            sample.far = seen;
        } else {
            sample.near = seen;
        }
        Ok(())
    }

    /// Opens a second round for the other side of coordinates whose first side is not finite, so that
    /// a gradient exists at the edge of f's domain.
    fn close(&mut self) -> Result<(), Error> {
        self.jobs.clear();
        self.round += 1;
        if self.round > 1 {
            return Ok(());
        }
        for i in 0..self.x.len() {
            let sample = self.samples[i];
            if sample.near.0 != 0.0 && !sample.near.1.is_finite() && sample.far.0 == 0.0 {
                self.plan(i, self.opposite(i, sample.near.0), true);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_sides_give_slope_and_curvature() {
        let f = |x: &[f64]| x[0].exp() + x[0] * x[1];
        let x = [0.5, 2.0];
        let mut probe = Probe::new();
        probe.ask(&x, f(&x), None, &[1e-5, 1e-5], Sides::Both);
        while probe.jobs() > 0 {
            for id in 0..probe.jobs() {
                let mut z = x;
                probe.job(id).for_each(|i, to| z[i] = to);
                probe.tell(id, Some(&[f(&z)])).unwrap();
            }
            probe.close().unwrap();
        }
        let slope = probe.slope(0, 0.0, f64::EPSILON * f(&x));
        assert!((slope.value - (0.5f64.exp() + 2.0)).abs() < 1e-9);
        assert!((slope.curvature - 0.5f64.exp()).abs() < 1e-4);
    }
}
