//! Differences along the coordinates, an interval for each: sides that stay inside the bounds and inside f's domain, and
//! slopes with their errors.

/// A gradient shorter than so many of its standard errors may point anywhere: one-sided differences would mislead.
pub(crate) const MISLED: f64 = 2.0;

/// Where f varies over less than the unknown is large it is a parabola over this share of the size.
pub(crate) const SHORT: f64 = 0.1;

/// The one-sided interval that balances the rounding 2 `noise` / h against the truncation h |f''| / 2 (Gill, Murray,
/// Saunders, Wright, SIAM J. Sci. Stat. Comput. 4 (1983) 310-321).
pub(crate) fn one_sided_interval(noise: f64, curvature: f64) -> f64 {
    2.0 * (noise / curvature.abs().max(f64::MIN_POSITIVE)).sqrt()
}

/// The two-sided interval that balances the rounding `noise` / h against the truncation h^2 |f'''| / 6, f''' being taken
/// as the curvature over the size of x.
pub(crate) fn two_sided_interval(noise: f64, curvature: f64, size: f64) -> f64 {
    (3.0 * noise * size / curvature.abs().max(f64::MIN_POSITIVE)).cbrt()
}

/// The least of a two-sided interval, in units of x and of the cubic root of eps.
pub(crate) const NARROWEST: f64 = 0.03;

/// On which sides of x f is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Sides {
    /// One evaluation a coordinate; the other side only where the first is not finite.
    One,
    /// Two evaluations a coordinate: the error falls from h f''/2 to h^2 f'''/6, and the second
    /// derivative comes with it. Where a bound is near, both lie on the same side.
    Both,
}

/// The points to evaluate, and what was seen there.
#[derive(Debug, Default)]
pub(crate) struct Differences {
    value: f64,
    x: Vec<f64>,
    /// How far each coordinate can move down and up.
    room: Vec<(f64, f64)>,
    samples: Vec<Sample>,
    /// Points that are open: evaluated and told in this order.
    jobs: Vec<Job>,
    round: u8,
}

/// What is known along one coordinate: displacements really made, and f there.
#[derive(Clone, Copy, Debug, Default)]
struct Sample {
    near: (f64, f64),
    far: (f64, f64),
    asked: bool,
}

/// x with one coordinate moved.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Job {
    pub coordinate: usize,
    /// Where the coordinate is moved to.
    pub to: f64,
    displacement: f64,
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

impl Differences {
    /// Begins at x, where f is `value`. `intervals` holds one positive displacement for each coordinate, or 0 for one to
    /// leave out. Equal bounds leave it out, too.
    pub fn begin(
        &mut self,
        x: &[f64],
        value: f64,
        bounds: Option<(&[f64], &[f64])>,
        intervals: &[f64],
        sides: Sides,
    ) {
        self.value = value;
        self.x.clear();
        self.x.extend_from_slice(x);
        self.room.clear();
        self.room
            .extend(x.iter().enumerate().map(|(i, at)| match bounds {
                Some((lower, upper)) => (lower[i] - at, upper[i] - at),
                None => (f64::NEG_INFINITY, f64::INFINITY),
            }));
        self.samples.clear();
        self.samples.resize(x.len(), Sample::default());
        self.jobs.clear();
        self.round = 0;
        for (i, &h) in intervals.iter().enumerate() {
            let (down, up) = self.room[i];
            if h == 0.0 || (down == 0.0 && up == 0.0) {
                continue;
            }
            self.samples[i].asked = true;
            // The positive side, unless only the negative one has the room.
            let h = h.min(up.max(-down));
            let first = if h <= up { h } else { -h };
            self.plan(i, first, false);
            if sides == Sides::Both {
                self.plan(i, self.opposite(i, first), true);
            }
        }
    }

    /// Adds the other side to coordinates that have seen one.
    pub fn begin_other_side(&mut self) {
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
        let displacement = to - at;
        if displacement != 0.0 {
            self.jobs.push(Job {
                coordinate,
                to,
                displacement,
                second,
            });
        }
    }

    /// The points that are open.
    pub fn jobs(&self) -> &[Job] {
        &self.jobs
    }

    /// Takes f at an open point; NaN where it failed.
    pub fn tell(&mut self, k: usize, value: f64) {
        let job = self.jobs[k];
        let sample = &mut self.samples[job.coordinate];
        let side = if job.second {
            &mut sample.far
        } else {
            &mut sample.near
        };
        *side = (job.displacement, value);
    }

    /// Every open point was evaluated. Opens a second round for the other side of coordinates whose first side is not
    /// finite, so that a gradient exists at the edge of f's domain.
    pub fn close(&mut self) {
        self.jobs.clear();
        self.round += 1;
        if self.round > 1 {
            return;
        }
        for i in 0..self.x.len() {
            let sample = self.samples[i];
            if sample.near.0 != 0.0 && !sample.near.1.is_finite() && sample.far.0 == 0.0 {
                self.plan(i, self.opposite(i, sample.near.0), true);
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: [f64; 2], f: impl Fn(&[f64; 2]) -> f64, sides: Sides) -> (Differences, usize) {
        let (mut differences, mut evaluations) = (Differences::default(), 0);
        let bounds: (&[f64], &[f64]) = (&[-1.0, 0.0], &[1.0, f64::INFINITY]);
        differences.begin(&x, f(&x), Some(bounds), &[1e-5, 1e-5], sides);
        while !differences.jobs().is_empty() {
            for k in 0..differences.jobs().len() {
                let job = differences.jobs()[k];
                let mut z = x;
                z[job.coordinate] = job.to;
                assert!((-1.0..=1.0).contains(&z[0]) && z[1] >= 0.0);
                evaluations += 1;
                differences.tell(k, f(&z));
            }
            differences.close();
        }
        (differences, evaluations)
    }

    #[test]
    fn slopes_stay_in_the_box_and_within_their_errors() {
        let f = |x: &[f64; 2]| x[0].exp() + x[0] * x[1];
        for x in [[0.5, 2.0], [1.0, 0.0], [-1.0, 1e-6]] {
            for (sides, cost) in [(Sides::One, 2), (Sides::Both, 4)] {
                let (differences, evaluations) = at(x, f, sides);
                assert_eq!(evaluations, cost);
                let slope = differences.slope(0, x[0].exp(), f64::EPSILON * f(&x).abs());
                let truth = x[0].exp() + x[1];
                assert!(
                    (slope.value - truth).abs() <= 2.0 * slope.error + 1e-15,
                    "{x:?}"
                );
            }
        }
    }

    /// At the edge of f's domain the other side is taken, and where there is none the error is infinite.
    #[test]
    fn the_other_side_of_an_edge() {
        let f = |x: &[f64; 2]| if x[0] > 0.5 { f64::NAN } else { x[0] };
        let (differences, evaluations) = at([0.5, 1.0], f, Sides::One);
        assert_eq!(evaluations, 3);
        assert!((differences.slope(0, 0.0, 0.0).value - 1.0).abs() < 1e-9);
        let f = |x: &[f64; 2]| if x[0] != 0.5 { f64::NAN } else { 1.0 };
        let (differences, _) = at([0.5, 1.0], f, Sides::One);
        assert_eq!(differences.slope(0, 0.0, 0.0).error, f64::INFINITY);
    }
}
