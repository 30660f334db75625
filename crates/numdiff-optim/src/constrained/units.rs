//! Values and gradients in the units of the method.

use super::derivatives::{Accuracy, Differences, differences};
use super::point::Point;
use super::problem::Functions;
use super::sqp::Sqp;
use super::status::End;
use crate::constraint::Sample;

/// Distances of one-sided and of central differences: near the square and the cube root of the rounding.
const ONE_SIDED: f64 = 1e-7;
const CENTRAL: f64 = 1e-5;
/// Central differences over noise are taken at the cube root of the noise, within these.
const NOISY: (f64, f64) = (1e-5, 0.05);
/// An unknown below this share of its size is differenced as if it were there.
const SMALL: f64 = 0.1;

impl Sqp {
    /// Scales of the constraints: what their gradients make of them over the size of x, or their values.
    pub(super) fn choose_scales(&mut self, sample: &Sample, found: &Differences) {
        let user = self.shape.equality.len();
        for (j, scale) in self.row_scale.iter_mut().enumerate() {
            let (value, row) = match j.checked_sub(user) {
                None => (sample.c[j].abs(), &found.rows[j + 1]),
                Some(k) => (0.0, &self.shape.linear[k].normal),
            };
            let slopes = row.iter().zip(&self.size).map(|(a, s)| (a * s).abs());
            let most = slopes.fold(value, f64::max);
            if most > 0.0 && most.is_finite() {
                // A power of two, which rounds nothing.
                *scale = (1.0 / most).log2().floor().exp2();
            }
        }
    }

    /// Values in the units of the method.
    pub(super) fn scaled(&self, x: Vec<f64>, sample: Sample) -> Point {
        let linear = self.shape.linear.iter().map(|row| row.residual(&x));
        let all = sample.c.into_iter().chain(linear);
        let c = all.zip(&self.row_scale).map(|(c, s)| c * s).collect();
        Point { x, f: sample.f, c }
    }

    /// The values in the caller's units.
    fn unscaled(&self, point: &Point) -> Sample {
        let user = self.shape.equality.len();
        let own = point.c[..user].iter().zip(&self.row_scale);
        Sample {
            f: point.f,
            c: own.map(|(c, s)| c / s).collect(),
        }
    }

    /// Takes gradients over into the units of the method.
    pub(super) fn accept(&mut self, found: Differences) {
        if let Some(rows) = &found.curvature {
            self.bends = Some(rows[0].clone());
        }
        let (multipliers, scales) = (&self.multipliers, &self.row_scale);
        self.curvature = found.curvature.map(|rows| {
            let lagrangian = |i: usize| {
                let tail = rows[1..].iter().zip(multipliers).zip(scales);
                rows[0][i] - tail.map(|((row, l), s)| l * s * row[i]).sum::<f64>()
            };
            (0..self.size.len()).map(lagrangian).collect()
        });
        let mut rows = found.rows.into_iter();
        self.g = rows.next().unwrap_or_default();
        let linear = self.shape.linear.iter().map(|row| row.normal.clone());
        self.normals = rows.chain(linear).collect();
        for (row, s) in self.normals.iter_mut().zip(&self.row_scale) {
            row.iter_mut().for_each(|a| *a *= s);
        }
        self.accuracy = found.accuracy;
        for (slot, row) in self.rounding[self.shape.equality.len()..]
            .iter_mut()
            .zip(&self.shape.linear)
        {
            *slot = row.rounding(&self.point.x);
        }
        for (slot, s) in self.rounding[self.shape.equality.len()..]
            .iter_mut()
            .zip(&self.row_scale[self.shape.equality.len()..])
        {
            *slot *= s;
        }
    }

    pub(super) fn evaluate<F: Functions>(
        &self,
        x: Vec<f64>,
        functions: &mut F,
    ) -> Result<Point, F::Interrupt> {
        let sample = functions.at(&x)?;
        Ok(self.scaled(x, sample))
    }

    /// Gradients at the current point; a coordinate that cannot be moved ends the run.
    pub(super) fn differentiate<F: Functions>(
        &mut self,
        central: bool,
        functions: &mut F,
    ) -> Result<Option<End>, F::Interrupt> {
        let central = central || self.noise.is_some();
        let share = match (&self.noise, central) {
            (Some(_), _) => self.noise_distance(),
            (None, true) => CENTRAL,
            (None, false) => ONE_SIDED,
        };
        let x = self.point.x.iter().zip(&self.size);
        let h: Vec<f64> = x.map(|(x, s)| share * x.abs().max(SMALL * s)).collect();
        let sample = self.unscaled(&self.point);
        let bounds = &self.shape.bounds;
        let found = differences(functions, bounds, &self.point.x, &sample, &h, central)?;
        let blind = found.blind;
        self.accept(found);
        self.estimate_error(&h);
        Ok(blind.map(|coordinate| End::Blind { coordinate }))
    }

    /// Rounding or noise over the distance, and what the curvature makes of it on one side.
    pub(super) fn estimate_error(&mut self, h: &[f64]) {
        let rounding = f64::EPSILON * self.point.f.abs();
        let value = self.noise.as_ref().map_or(rounding, |noise| noise[0]);
        let bends = self.hessian.diagonal();
        let error = |(h, bend): (&f64, &f64)| match self.accuracy {
            Accuracy::Exact => f64::EPSILON * self.slope(),
            Accuracy::OneSided => 2.0 * value / h + 0.5 * h * bend,
            Accuracy::Central => value / h + 0.5 * h * h * bend,
        };
        self.gradient_error = h.iter().zip(&bends).map(error).collect();
    }

    /// How far differences go where there is noise.
    pub(super) fn noise_distance(&self) -> f64 {
        self.noise_share().cbrt().clamp(NOISY.0, NOISY.1)
    }
}
