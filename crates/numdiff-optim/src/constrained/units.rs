//! Values and gradients in the units of the method.

use super::derivatives::{Accuracy, Along, Differences, differences, values};
use super::point::Point;
use super::sqp::Sqp;
use crate::constraint::Sample;
use crate::interrupt::Interrupt;
use crate::matrix::{difference, dot};
use crate::problem::Problem;
use crate::scale::TURN;
use crate::status::{Stall, Status};

/// Distances of one-sided and of central differences: near the square and the cube root of the rounding.
const ONE_SIDED: f64 = 1e-7;
const CENTRAL: f64 = 1e-5;
/// Central differences over noise are taken at the cube root of the noise, within these.
const NOISY: (f64, f64) = (1e-5, 0.05);
/// A step of at most this length, in sizes of the unknowns, tells the slopes at its end by a parabola.
const SHORT: f64 = 0.03;
/// An unknown below this share of its size is differenced as if it were there.
const SMALL: f64 = 0.1;
/// A difference takes at most this share of the distance to a bound: beside it f may vary over that distance, as
/// logarithms and roots do.
const BESIDE_BOUND: f64 = 1e-2;
/// But not less than this share of the size, at which rounding leaves half of the digits.
const LEAST: f64 = 1e-9;
/// Over the size of an unknown f changes by this share of it at least.
const CHANGE: f64 = 1e-6;
/// An unknown whose size is below this share of the one assumed is given its own.
const MUCH_SMALLER: f64 = 1e-2;
/// How often, before one claim: the second time confirms the first, and beyond there is rounding.
const SHRINKS: usize = 3;

impl Sqp {
    /// Scales of the constraints at x: what their gradients and curvature make of them over the size of x, or their
    /// values.
    pub(super) fn rescale_rows(&mut self) {
        let user = self.shape.equality.len();
        for j in 0..self.row_scale.len() {
            let slopes = self.normals[j].iter().zip(&self.size);
            let slopes = slopes.map(|(a, s)| (a * s).abs());
            let value = if j < user { self.point.c[j].abs() } else { 0.0 };
            let over_sizes = |bends: &Vec<f64>| {
                let bends = bends.iter().zip(&self.size);
                bends.fold(0.0, |most: f64, (b, s)| most.max((b * s * s).abs()))
            };
            let bend = self.row_bends.get(j).map_or(0.0, over_sizes) * self.row_scale[j];
            let most = slopes.fold(value.max(bend), f64::max);
            if !(most > 0.0 && most.is_finite()) {
                continue;
            }
            // A power of two, which rounds nothing.
            let ratio = (1.0 / most).log2().floor().exp2();
            self.row_scale[j] *= ratio;
            self.rounding[j] *= if j < user { 1.0 } else { ratio };
            self.point.c[j] *= ratio;
            self.normals[j].iter_mut().for_each(|a| *a *= ratio);
            self.multipliers[j] /= ratio;
            self.weights[j] /= ratio;
            if let Some(noise) = &mut self.noise {
                noise[j + 1] *= ratio;
            }
        }
    }

    /// What a claim needs: central differences, and units that depend on x alone.
    pub(super) fn settle(
        &mut self,
        problem: &mut Problem<'_>,
    ) -> Result<Option<Status>, Interrupt> {
        self.settled = true;
        self.size = self.shape.sizes(&self.point.x);
        let mut end = None;
        if self.is_one_sided() {
            end = self.differentiate(true, problem)?;
        }
        for _ in 0..SHRINKS {
            if end.is_some() || self.noise.is_some() || !self.shrink_sizes() {
                break;
            }
            end = self.differentiate(true, problem)?;
        }
        self.rescale_rows();
        Ok(end)
    }

    /// Takes an unknown for as small as f and the constraints show it to be (a length of 1e-6 m): a function turns over
    /// the ratio of its slope to its curvature, and the size is ten times the longest of these. Says whether an unknown
    /// is far smaller than was assumed.
    fn shrink_sizes(&mut self) -> bool {
        let Some(bends) = &self.bends else {
            return false;
        };
        let user = self.shape.equality.len();
        let of_f = (1.0, self.point.f.abs(), &self.g, bends);
        let rows = self.row_scale[..user]
            .iter()
            .zip(&self.normals)
            .zip(&self.row_bends);
        let rows = rows.map(|((scale, normal), bends)| (1.0 / scale, 1.0 / scale, normal, bends));
        let all: Vec<_> = std::iter::once(of_f).chain(rows).collect();
        let turns = |i: usize| {
            all.iter()
                .fold(0.0, |most: f64, (unit, value, slopes, bends)| {
                    let seen = (slopes[i] * unit / bends[i]).abs();
                    let least = (CHANGE * value / bends[i].abs()).sqrt();
                    // NaN, which says nothing, where it neither rises nor bends; infinity where it rises and does not.
                    most.max(seen).max(least)
                })
        };
        let mut found = false;
        for i in 0..self.size.len() {
            let size = TURN * turns(i);
            if size > 0.0
                && size < MUCH_SMALLER * self.size[i]
                && self.size[i] > self.point.x[i].abs()
            {
                self.shape.floors.resize(self.size.len(), 1.0);
                self.shape.floors[i] = size;
                found = true;
            }
        }
        if found {
            self.size = self.shape.sizes(&self.point.x);
        }
        found
    }

    /// Whether the gradients are too coarse for a claim.
    pub(super) fn is_one_sided(&self) -> bool {
        matches!(self.accuracy, Accuracy::OneSided | Accuracy::Spared)
    }

    /// Values in the units of the method.
    pub(super) fn scaled(&self, x: Vec<f64>, sample: Sample) -> Point {
        let linear = self.shape.linear.iter().map(|row| row.residual(&x));
        let all = sample.c.into_iter().chain(linear);
        let c = all.zip(&self.row_scale).map(|(c, s)| c * s).collect();
        Point {
            x,
            f: sample.f,
            c,
            residuals: sample.residuals,
        }
    }

    /// The values in the caller's units.
    fn unscaled(&self, point: &Point) -> Sample {
        let user = self.shape.equality.len();
        let own = point.c[..user].iter().zip(&self.row_scale);
        Sample {
            f: point.f,
            c: own.map(|(c, s)| c / s).collect(),
            residuals: point.residuals.clone(),
        }
    }

    /// Takes gradients over into the units of the method.
    pub(super) fn accept(&mut self, found: Differences) {
        let user = self.shape.equality.len();
        if let Some(mut rows) = found.curvature {
            rows.truncate(user + 1);
            self.bends = Some(rows.remove(0));
            self.row_bends = rows;
        }
        self.accuracy = found.accuracy;
        let mut rows = found.rows.into_iter();
        self.g = rows.next().unwrap_or_default();
        let linear = self.shape.linear.iter().map(|row| row.normal.clone());
        self.normals = rows.by_ref().take(user).chain(linear).collect();
        self.jacobian = rows.collect();
        if self.is_fit() {
            self.g = self.loss_gradient();
            if self.accuracy == Accuracy::Exact {
                self.bends = Some(self.gauss_newton().diagonal());
            }
        }
        for (row, s) in self.normals.iter_mut().zip(&self.row_scale) {
            row.iter_mut().for_each(|a| *a *= s);
        }
        let scaled = self.rounding.iter_mut().zip(&self.row_scale).skip(user);
        for ((slot, s), row) in scaled.zip(&self.shape.linear) {
            *slot = row.rounding(&self.point.x) * s;
        }
    }

    pub(super) fn evaluate(
        &self,
        x: Vec<f64>,
        problem: &mut Problem<'_>,
    ) -> Result<Point, Interrupt> {
        let sample = problem.sample(&x)?;
        Ok(self.scaled(x, sample))
    }

    /// The slopes at the end of a step, by parabolas through the values at both ends and the slopes at the first.
    fn along(&self, from: &Point, s: &[f64]) -> Along {
        let (before, after) = (self.unscaled(from), self.unscaled(&self.point));
        let user = self.shape.equality.len();
        let rows = self.normals[..user].iter().zip(&self.row_scale);
        let constraints = rows.map(|(a, scale)| dot(a, s) / scale);
        let residuals = self.jacobian.iter().map(|row| dot(row, s));
        let first = std::iter::once(dot(&self.g, s))
            .chain(constraints)
            .chain(residuals);
        let rises = difference(&values(&after), &values(&before));
        let ends = rises.iter().zip(first);
        Along {
            displacement: s.to_vec(),
            slopes: ends.map(|(rise, first)| 2.0 * rise - first).collect(),
        }
    }

    /// Gradients after a step `s`. A short one tells the slopes along it; not twice in a row, as the error of a slope at
    /// its beginning comes back at its end.
    pub(super) fn differentiate_after(
        &mut self,
        from: &Point,
        s: &[f64],
        problem: &mut Problem<'_>,
    ) -> Result<Option<Status>, Interrupt> {
        let central = self.verifications >= 2 || self.noise.is_some();
        if central || self.last_step > SHORT || self.accuracy == Accuracy::Spared {
            return self.differentiate(central, problem);
        }
        let along = self.along(from, s);
        self.differences_at(false, Some(&along), problem)
    }

    /// Gradients at the current point; a coordinate that cannot be moved ends the run.
    pub(super) fn differentiate(
        &mut self,
        central: bool,
        problem: &mut Problem<'_>,
    ) -> Result<Option<Status>, Interrupt> {
        self.differences_at(central, None, problem)
    }

    fn differences_at(
        &mut self,
        central: bool,
        known: Option<&Along>,
        problem: &mut Problem<'_>,
    ) -> Result<Option<Status>, Interrupt> {
        let central = central || self.noise.is_some();
        let share = match (&self.noise, central) {
            (Some(_), _) => self.noise_distance(),
            (None, true) => CENTRAL,
            (None, false) => ONE_SIDED,
        };
        let bounds = &self.shape.bounds;
        let distance = |i: usize, (x, s): (&f64, &f64)| {
            let h = share * x.abs().max(SMALL * s);
            let room = (x - bounds.lower(i)).min(bounds.upper(i) - x);
            match self.noise.is_none() && room > 0.0 {
                true => h.min((BESIDE_BOUND * room).max(LEAST * s)),
                false => h,
            }
        };
        let x = self.point.x.iter().zip(&self.size).enumerate();
        let h: Vec<f64> = x.map(|(i, x)| distance(i, x)).collect();
        let sample = self.unscaled(&self.point);
        let found = differences(problem, &self.point.x, &sample, &h, central, known)?;
        let blind = found.blind;
        self.accept(found);
        self.estimate_error(&h);
        Ok(blind.map(|coordinate| Stall::Domain { coordinate }.status()))
    }

    /// Rounding or noise over the distance, and what the curvature makes of it on one side.
    pub(super) fn estimate_error(&mut self, h: &[f64]) {
        let rounding = f64::EPSILON * self.point.f.abs();
        let value = self.noise.as_ref().map_or(rounding, |noise| noise[0]);
        let bends = self.hessian.diagonal();
        let error = |(h, bend): (&f64, &f64)| match self.accuracy {
            Accuracy::Exact => f64::EPSILON * self.slope(),
            Accuracy::OneSided | Accuracy::Spared => 2.0 * value / h + 0.5 * h * bend,
            Accuracy::Central => value / h + 0.5 * h * h * bend,
        };
        self.gradient_error = h.iter().zip(&bends).map(error).collect();
    }

    /// How far differences go where there is noise.
    pub(super) fn noise_distance(&self) -> f64 {
        self.noise_share().cbrt().clamp(NOISY.0, NOISY.1)
    }
}
