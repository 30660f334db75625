//! What is claimed of the end of a fit.

use super::linear::unit_columns;
use super::{LevenbergMarquardt, Model, Point};
use crate::flat::{movable, unmoved};
use crate::interrupt::Interrupt;
use crate::matrix::{difference, dot, norm};
use crate::problem::Problem;
use crate::status::{Stall, Status, Test};
use crate::svd::Svd;

/// Claims that the checks may refuse.
pub(super) const RECHECKS: u32 = 8;
/// How far the checks go, relative to the size of the parameter that moves the most.
pub(super) const CAP: f64 = 0.5;
pub(super) const LEAST: f64 = 1e-4;
/// Directions that are looked along.
pub(super) const DIRECTIONS: usize = 3;
/// A column of the Jacobian below this share of what the residuals are made of vanishes.
const LEVEL: f64 = 1e-13;
/// The least relative error of a column.
const EXACT: f64 = 1e-12;
/// Above this many parameters the singular values are not computed.
const LARGE: usize = 200;

/// A line through x.
pub(super) struct Line {
    pub direction: Vec<f64>,
    /// |J direction|.
    pub slope: f64,
    /// The decrease that the model promises along it.
    pub promise: f64,
}

impl Line {
    /// How far a step of length 1 moves the parameter that it moves the most, in units of its size.
    pub fn reach(&self, sizes: &[f64]) -> f64 {
        let shares = self.direction.iter().zip(sizes).map(|(d, s)| d.abs() / s);
        shares.fold(0.0, f64::max)
    }
}

/// What the residuals are beside x.
enum Beside {
    /// Lower in sum: the run goes on there.
    Lower,
    /// The same everywhere.
    Level,
    /// The same on one side, or lower again and again.
    OneSided,
    Other,
}

impl LevenbergMarquardt {
    /// The claim of a minimum after checks: that every parameter moves the residuals, and that the sum rises on both
    /// sides along the directions that are known the least.
    pub(super) fn claim(
        &mut self,
        problem: &mut Problem<'_>,
        test: Test,
    ) -> Result<Option<Status>, Interrupt> {
        let model = self.model();
        let free = self.free(problem, &model.pull());
        let norms = model.jacobian.column_norms();
        let (magnitude, sizes) = (self.magnitude(), self.sizes());
        let level = |j: &usize| free[*j] && norms[*j] <= LEVEL * magnitude / sizes[*j];
        let (mut flat, mut away) = (Vec::new(), Vec::new());
        for j in (0..free.len()).filter(level) {
            match self.look_along(problem, j)? {
                Beside::Lower => return Ok(None),
                Beside::Level => flat.push(j),
                Beside::OneSided => away.push(j),
                Beside::Other => {}
            }
        }
        if !away.is_empty() {
            let cause = Stall::Runaway { coordinates: away };
            return self.try_again(problem, Status::Stalled { cause });
        }
        if let Some(status) = unmoved(&flat, movable(&problem.bounds, free.len())) {
            return self.try_again(problem, status);
        }
        if let Some(end) = self.weak_directions(problem, &model, &free)? {
            return Ok(end);
        }
        let noise = 2.0 * self.value.sqrt() * self.noise;
        let elsewhere = self.value < 0.1 * self.noise_at && self.noise_measured < 4;
        if self.noise > 0.0 && self.fit.noise.is_none() && elsewhere {
            // The noise of a point whose terms were others.
            self.failures = 0;
            self.measure_noise(problem)?;
            return Ok(None);
        }
        if noise > 1e-10 * self.value {
            return Ok(Some(Status::NoiseLimited { level: noise }));
        }
        Ok(Some(self.converged(problem, test, &free)))
    }

    /// The decrease that the model promises without a radius: along all directions that its accuracy tells from none.
    pub(super) fn promised(&self, model: &Model, free: &[bool]) -> f64 {
        match self.promises(model, free) {
            Some(lines) => lines.iter().map(|line| line.promise).sum(),
            None => {
                let norms = model.jacobian.column_norms();
                let step = model
                    .jacobian
                    .damped_step(&model.residuals, 0.0, &norms, free);
                model.predicted(&step)
            }
        }
    }

    /// The singular directions along which the model tells what it promises, the largest promise first; `None` for
    /// sparse and for large Jacobians.
    pub(super) fn promises(&self, model: &Model, free: &[bool]) -> Option<Vec<Line>> {
        let (mut lines, least) = self.singular_lines(model, free)?;
        lines.retain(|line| line.slope > least);
        lines.sort_by(|a, b| b.promise.total_cmp(&a.promise));
        Some(lines)
    }

    /// The lines along the singular directions, the steepest first, and the slope below which the accuracy of the
    /// Jacobian does not tell it from none; `None` for sparse and for large Jacobians.
    pub(super) fn singular_lines(&self, model: &Model, free: &[bool]) -> Option<(Vec<Line>, f64)> {
        let norms = model.jacobian.column_norms();
        let seen = |j: &usize| free[*j] && norms[*j] > 0.0;
        let index: Vec<usize> = (0..free.len()).filter(seen).collect();
        let columns = model.jacobian.columns().filter(|_| index.len() <= LARGE)?;
        let unit = unit_columns(columns, &index, &norms);
        let pull: Vec<f64> = unit.iter().map(|u| dot(u, &model.residuals)).collect();
        let svd = Svd::of(&unit);
        let least = self.column_error(&norms) * svd.values.first().copied().unwrap_or(0.0);
        let line = |(&slope, v): (&f64, &Vec<f64>)| {
            let mut direction = vec![0.0; norms.len()];
            let entries = index.iter().zip(v);
            entries.for_each(|(&j, v)| direction[j] = v / norms[j]);
            let promise = (dot(v, &pull) / slope).powi(2);
            Line {
                direction,
                slope,
                promise,
            }
        };
        let pairs = svd.values.iter().zip(&svd.vectors);
        Some((pairs.map(line).collect(), least))
    }

    /// What the sum itself says of the promises along singular directions, where the model may be wrong because the
    /// residuals bend: a parabola through two points beside x. `None` where a lower point was gone to; else the
    /// decrease that is left.
    pub(super) fn verified(
        &mut self,
        problem: &mut Problem<'_>,
        promises: Vec<Line>,
    ) -> Result<Option<f64>, Interrupt> {
        let (sizes, rounding) = (self.sizes(), self.rounding());
        let mut left = 0.0;
        for (k, line) in promises.into_iter().enumerate() {
            let (promise, direction) = (line.promise, &line.direction);
            if promise <= 10.0 * rounding || k >= DIRECTIONS {
                left += promise;
                continue;
            }
            let far = LEAST / line.reach(&sizes);
            let mut sides = [f64::NAN; 2];
            for (value, sign) in sides.iter_mut().zip([1.0, -1.0]) {
                let x = problem.bounds.along(&self.x, direction, sign * far);
                *value = self.evaluate(problem, x)?.map_or(f64::NAN, |at| at.value);
            }
            let odd = 0.5 * (sides[0] - sides[1]);
            let even = 0.5 * (sides[0] - self.value) + 0.5 * (sides[1] - self.value);
            if !(even > rounding) {
                left += promise;
                continue;
            }
            let gain = 0.25 * odd * (odd / even);
            if gain > 10.0 * rounding && self.rechecks < RECHECKS {
                let least = -0.5 * odd / even * far;
                let x = problem.bounds.along(&self.x, direction, least);
                if let Some(lower) = self.lower(problem, x)? {
                    self.go_on_from(problem, lower)?;
                    return Ok(None);
                }
            }
            left += gain;
        }
        Ok(Some(left))
    }

    /// The largest relative error of a column of the Jacobian: directions with smaller singular values are not seen.
    pub fn column_error(&self, norms: &[f64]) -> f64 {
        let errors = (0..norms.len()).map(|j| self.error_of_column(j, norms[j]));
        errors.fold(EXACT, f64::max)
    }

    fn error_of_column(&self, j: usize, norm: f64) -> f64 {
        let reach = norm * self.steps.get(j).copied().unwrap_or(0.0);
        match reach > 0.0 {
            true => (self.blur() / reach).clamp(EXACT, 1e-2),
            false => EXACT,
        }
    }

    /// Relative to the largest, singular values below this, parameter by parameter as they are in the direction, may be
    /// zero: ten times the error of the column; under noise, which is another in each residual, three of its standard
    /// deviations.
    pub fn singular_errors(&self) -> Vec<f64> {
        let times = match self.noise > 0.0 {
            true => 3.0 / (self.residuals.len() as f64).sqrt(),
            false => 10.0,
        };
        let norms = self.jacobian.column_norms().into_iter().enumerate();
        norms
            .map(|(j, norm)| times * self.error_of_column(j, norm))
            .collect()
    }

    /// The residuals beside x along a coordinate whose column of the Jacobian vanishes, near and far.
    fn look_along(&mut self, problem: &mut Problem<'_>, j: usize) -> Result<Beside, Interrupt> {
        let (size, blur, rounding) = (self.sizes()[j], self.blur(), self.rounding());
        let mut moved = [false; 4];
        for (moved, distance) in moved.iter_mut().zip([CAP, -CAP, 1e-3, -1e-3]) {
            let mut x = self.x.clone();
            x[j] = problem.bounds.moved(j, x[j], distance * size);
            let Some(beside) = self.evaluate(problem, x)? else {
                *moved = true;
                continue;
            };
            if beside.value < self.value - rounding {
                if self.rechecks >= RECHECKS {
                    return Ok(Beside::OneSided);
                }
                self.go_on_from(problem, beside)?;
                return Ok(Beside::Lower);
            }
            *moved = norm(&difference(&beside.residuals, &self.residuals)) > 10.0 * blur;
        }
        Ok(match moved {
            [false, false, false, false] => Beside::Level,
            [true, true, ..] => Beside::Other,
            _ => Beside::OneSided,
        })
    }

    pub(super) fn go_on_from(
        &mut self,
        problem: &mut Problem<'_>,
        point: Point,
    ) -> Result<(), Interrupt> {
        self.rechecks += 1;
        let way = difference(&point.x, &self.x);
        self.move_to(point);
        self.differentiate(problem, false)?;
        self.radius = self.radius.max(norm(&self.weighted(&way)));
        self.failures = 0;
        Ok(())
    }
}
