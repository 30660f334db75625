//! The Jacobian where x is, the steps of its differences, and what becomes of it as x moves.

use super::difference::Differences;
use super::{Accuracy, COLUMN_DRIFT, LevenbergMarquardt, Model, PARAMETER_DRIFT};
use crate::interrupt::Interrupt;
use crate::matrix::{dot, norm};
use crate::problem::Problem;
use crate::scale;
use crate::status::{Stall, Status};

/// The size of a parameter that is smaller, until the residuals show its size.
pub(super) const TYPICAL: f64 = 1e-2;
/// A step of a parameter moves the residuals by at least this share of what they are made of, times the relative step.
const VISIBLE: f64 = 1e-3;
/// The largest relative step, squared, under noise.
const WIDEST: f64 = 1e-3;
/// Steps that change the residuals by less than this multiple of their rounding teach nothing about a central Jacobian.
const ROUNDED: f64 = 1e8;

impl LevenbergMarquardt {
    /// J at x; false where r is not known around it.
    pub(super) fn differentiate(
        &mut self,
        problem: &mut Problem<'_>,
        central: bool,
    ) -> Result<bool, Interrupt> {
        if let Some(entries) = problem.residual_jacobian(&self.x)? {
            let (m, n) = (self.residuals.len(), self.x.len());
            self.jacobian = self.fit.grouping.jacobian(m, n, entries);
            self.accuracy = Accuracy::Central;
        } else {
            let steps = self.step_sizes(central);
            let Ok(found) = self.differences(problem, &steps, central)? else {
                return Ok(false);
            };
            self.jacobian = found.jacobian;
            self.bends = found.bends;
            self.steps = found.steps;
            self.accuracy = match central {
                true => Accuracy::Central,
                false => Accuracy::OneSided,
            };
        }
        self.rescale(problem);
        self.origin = self.x.clone();
        self.updates = 0;
        Ok(true)
    }

    fn differences(
        &self,
        problem: &mut Problem<'_>,
        steps: &[f64],
        central: bool,
    ) -> Result<Result<Differences, usize>, Interrupt> {
        let grouping = &self.fit.grouping;
        grouping.differences(problem, &self.x, &self.residuals, steps, central)
    }

    /// The scale of each coordinate grows with its column (Moré 1978, section 6).
    pub(super) fn rescale(&mut self, problem: &Problem<'_>) {
        for (d, c) in self.scale.iter_mut().zip(self.jacobian.column_norms()) {
            *d = d.max(c);
        }
        let most = self.scale.iter().copied().fold(0.0, f64::max);
        for (j, d) in self.scale.iter_mut().enumerate() {
            // A column of zeros: its coordinate does not matter here.
            if *d == 0.0 && !problem.bounds.is_fixed(j) {
                *d = if most > 0.0 { most } else { 1.0 };
            }
        }
    }

    pub(super) fn first_jacobian(&mut self, problem: &mut Problem<'_>) -> Result<(), Interrupt> {
        if !self.differentiate(problem, false)? {
            // A parameter that is not 0 shows its unit, however small.
            for (t, x) in self.typical.iter_mut().zip(&self.x) {
                if *x != 0.0 {
                    *t = t.min(x.abs());
                }
            }
            let steps = self.step_sizes(false);
            if !self.differentiate(problem, false)? {
                let found = self.differences(problem, &steps, false)?;
                let coordinate = found.err().unwrap_or(0);
                return Err(Interrupt::from(numdiff_core::Error::NonFiniteValue {
                    value: f64::NAN,
                    coordinate,
                    displacement: steps[coordinate],
                    output: 0,
                }));
            }
        }
        if problem.has_jacobian() {
            return Ok(());
        }
        self.shorten(problem)?;
        let norms = self.jacobian.column_norms().into_iter().enumerate();
        let mut still = norms.filter(|(j, norm)| *norm == 0.0 && !problem.bounds.is_fixed(*j));
        if still.next().is_some() && !self.noise_known && self.value > 0.0 {
            self.measure_noise(problem)?;
        }
        Ok(())
    }

    /// Shorter steps for parameters that are far smaller than was assumed: one whose step moved the residuals by more
    /// than half their size.
    fn shorten(&mut self, problem: &mut Problem<'_>) -> Result<(), Interrupt> {
        if self.noise > 0.0 {
            return Ok(());
        }
        let size = norm(&self.residuals);
        // A parameter that is not 0 hints at its unit.
        let hints: Vec<bool> = self.x.iter().map(|x| *x != 0.0).collect();
        let share = |j: usize| if hints[j] { 0.1 } else { 0.5 };
        for _ in 0..scale::ROUNDS {
            let before = self.jacobian.column_norms();
            let large = |j: &usize| {
                size > 0.0
                    && before[*j] * self.steps[*j] > share(*j) * size
                    && self.x[*j].abs() < self.typical[*j]
            };
            let long: Vec<usize> = (0..self.x.len()).filter(large).collect();
            if long.is_empty() {
                return Ok(());
            }
            for j in long {
                // A parameter that is not 0 shows its unit.
                self.typical[j] = match self.x[j] == 0.0 {
                    true => self.typical[j] * scale::SHRINK,
                    false => self.x[j].abs(),
                };
            }
            self.scale.fill(0.0);
            // Sizes that the residuals show follow from columns that are right.
            self.steps.clear();
            if !self.differentiate(problem, false)? {
                return Ok(());
            }
            let after = self.jacobian.column_norms();
            let mut pairs = before.iter().zip(&after);
            if pairs.all(|(a, b)| (a - b).abs() <= 0.1 * a.abs()) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// From here on J on both sides, as far as r is known on both.
    pub(super) fn recenter(&mut self, problem: &mut Problem<'_>) -> Result<(), Interrupt> {
        if !self.differentiate(problem, true)? {
            self.accuracy = Accuracy::Central;
            return Ok(());
        }
        Ok(())
    }

    /// The end where r is not known around x.
    pub(super) fn outside(
        &mut self,
        problem: &mut Problem<'_>,
    ) -> Result<Option<Status>, Interrupt> {
        let steps = self.step_sizes(false);
        let found = self.differences(problem, &steps, false)?;
        let coordinate = found.err().unwrap_or(0);
        let cause = Stall::Domain { coordinate };
        Ok(Some(Status::Stalled { cause }))
    }

    /// The size of each parameter: |x_j|, or what moves the residuals by a thousandth of what they are made of.
    pub fn sizes(&self) -> Vec<f64> {
        let columns = self.jacobian.column_norms();
        let magnitude = self.magnitude();
        let floor = |j: usize| match !self.steps.is_empty() && columns[j] > 0.0 {
            true => self.typical[j].min(VISIBLE * magnitude / columns[j]),
            false => self.typical[j],
        };
        (0..self.x.len())
            .map(|j| self.x[j].abs().max(floor(j)))
            .collect()
    }

    /// The steps: the root of the relative noise, or its cube root for central differences, times the size.
    fn step_sizes(&self, central: bool) -> Vec<f64> {
        let columns = self.jacobian.column_norms();
        let noise = self.noise * (self.residuals.len() as f64).sqrt();
        let step = |(j, size): (usize, f64)| {
            let reach = size * columns.get(j).copied().unwrap_or(0.0);
            let relative = match noise > 0.0 {
                true if reach > 0.0 => (noise / reach).clamp(f64::EPSILON, WIDEST),
                true => 1e-6,
                false => f64::EPSILON,
            };
            size * if central {
                relative.cbrt()
            } else {
                relative.sqrt()
            }
        };
        self.sizes().into_iter().enumerate().map(step).collect()
    }

    /// The Jacobian after a step that leads to these residuals: by the second derivatives along the coordinates where
    /// they are known, the rest by Broyden's update, unless it is lost in rounding.
    pub(super) fn learn(&mut self, step: &[f64], new: &[f64]) {
        self.updates += 1;
        let linear = self.jacobian.times(step);
        let mut error: Vec<f64> = (0..new.len())
            .map(|i| new[i] - self.residuals[i] - linear[i])
            .collect();
        if self.accuracy == Accuracy::Central {
            // J changes along the step by twice what the prediction missed.
            for (i, e) in error.iter_mut().enumerate() {
                let bends = self.bends.iter().zip(step);
                *e = 2.0 * *e - bends.map(|(b, s)| b[i] * s * s).sum::<f64>();
            }
            self.jacobian.add_columns(&self.bends, step);
            if norm(&linear) <= ROUNDED * f64::EPSILON * self.magnitude() {
                return;
            }
        } else {
            self.accuracy = Accuracy::Updated;
        }
        self.jacobian.learn(&error, step, &self.scale);
    }

    /// Whether parameters or their errors are off because the Jacobian is that of a point nearby: by the rate at which
    /// Gauss and Newton's method converges, and by how much its columns change.
    pub(super) fn has_drifted(&self, model: &Model) -> bool {
        let norms = model.jacobian.column_norms();
        self.bends.iter().enumerate().any(|(j, bend)| {
            let moved = (self.x[j] - self.origin[j]).abs();
            if norms[j] == 0.0 || moved == 0.0 {
                return false;
            }
            let rate = dot(&model.residuals, bend).abs() / (norms[j] * norms[j]);
            rate * moved > PARAMETER_DRIFT * self.x[j].abs()
                || moved * norm(bend) > COLUMN_DRIFT * norms[j]
        })
    }
}
