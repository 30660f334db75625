//! What is done where no search succeeds, and what is claimed of an end.

use super::{Accuracy, Check, QuasiNewton};
use crate::away::ran_away;
use crate::differences::{Sides, Slope};
use crate::flat::{movable, unmoved};
use crate::interrupt::Interrupt;
use crate::kink::{Bend, bend_at};
use crate::minimality_check::{MAX_RECHECKS, blind, claim};
use crate::problem::Problem;
use crate::status::{Stall, Status, Test};

/// Failed searches in a row that have a remedy each: noise is measured, the gradient is taken anew, the Hessian is.
pub(super) const REMEDIES: u32 = 3;

/// By so many times the decrease that counts the model may err after all remedies; beyond, something else is wrong.
const DOUBTFUL: f64 = 100.0;

impl QuasiNewton {
    /// No lower point along a direction that should have one: the noise is larger than assumed, the
    /// gradient is too inaccurate, or the Hessian is wrong. They are tried in this order.
    pub(super) fn after_failed_search(
        &mut self,
        problem: &mut Problem<'_>,
        direction: &[f64],
        predicted: f64,
    ) -> Result<Option<Status>, Interrupt> {
        self.failed_searches += 1;
        if problem.is_analytic() && self.steps() == 0 && self.failed_searches == 1 {
            self.curvature_along(problem, direction)?;
            return Ok(None);
        }
        if self.noise.is_stale(self.f) {
            let before = self.level();
            self.measure_noise(problem, direction)?;
            if self.noise.is_large(self.f) {
                self.renew_hessian(problem)?;
                return Ok(None);
            }
            if self.level() > before && !problem.is_analytic() {
                self.recenter(problem)?;
                return Ok(None);
            }
        }
        if self.accuracy == Accuracy::Improvable {
            self.recenter(problem)?;
            return Ok(None);
        }
        if self.failed_searches <= REMEDIES {
            self.renew_hessian(problem)?;
            return Ok(None);
        }
        if !(predicted <= DOUBTFUL * self.target_decrease()) {
            let quiet = !self.noise.is_large(self.f);
            let all = vec![quiet; self.x.len()];
            if self.looks_closer(problem, all)? || self.move_to_lower(problem)? {
                self.failed_searches = 0;
                return Ok(None);
            }
            return self.lost(problem, predicted).map(Some);
        }
        // Where more is left than counts, what was seen elsewhere says nothing.
        let more = predicted > self.target_decrease() && self.checks < MAX_RECHECKS;
        if self.check == Check::Due || more {
            self.check = Check::Done;
            self.checks += 1;
            // By values alone, a run that begins anew looks to both sides.
            if problem.is_analytic() {
                self.check_minimality(problem)?;
            }
            let all: Vec<usize> = (0..self.x.len()).collect();
            self.flat = self.flat_among(problem, &all)?;
            if self.move_to_lower(problem)? {
                self.failed_searches = 0;
                return Ok(None);
            }
            if let Some(status) = self.look_away(problem)? {
                return Ok(Some(status));
            }
            if self.move_to_lower(problem)? {
                self.failed_searches = 0;
                return Ok(None);
            }
        }
        if self.knows_lower(problem) {
            return self.lost(problem, predicted).map(Some);
        }
        let more = predicted > self.target_decrease() && !problem.is_analytic();
        if more && !self.attempt.afresh {
            self.begin_here(problem)?;
            return Ok(None);
        }
        self.claim(problem, Test::Rounding { predicted }).map(Some)
    }

    /// Whether f varies over less than some unknown is large: then the gradient is taken anew.
    pub(super) fn looks_closer(
        &mut self,
        problem: &mut Problem<'_>,
        open: Vec<bool>,
    ) -> Result<bool, Interrupt> {
        if problem.is_analytic() || !open.contains(&true) {
            return Ok(false);
        }
        let wide = self.wide_intervals().into_iter().zip(&open);
        let wide: Vec<f64> = wide.map(|(h, open)| if *open { h } else { 0.0 }).collect();
        let level = self.level();
        let seen = problem.differences(&self.x, self.f, &wide, Sides::Both)?;
        let slopes: Vec<Slope> = (0..wide.len()).map(|i| seen.slope(i, 0.0, level)).collect();
        let found = self.find_reach(problem, (&wide, &slopes), open)?;
        if found {
            self.last_step = f64::INFINITY;
        }
        Ok(found)
    }

    /// The end where no search finds what is `predicted`, or lower points are found again and again.
    pub(super) fn lost(
        &mut self,
        problem: &mut Problem<'_>,
        predicted: f64,
    ) -> Result<Status, Interrupt> {
        let lost = Stall::Search { predicted }.status();
        Ok(ran_away(self.runaway(problem)?).unwrap_or(lost))
    }

    /// The Hessian anew, and by differences the gradient with it.
    fn renew_hessian(&mut self, problem: &mut Problem<'_>) -> Result<(), Interrupt> {
        self.last_step = f64::INFINITY;
        if self.noise.is_large(self.f) && !problem.is_analytic() {
            return self.curvature_above_noise(problem);
        }
        self.restart_from_diagonal();
        match problem.is_analytic() {
            true => Ok(()),
            false => self.recenter(problem),
        }
    }

    /// The claim that the evidence allows.
    pub(super) fn claim(
        &mut self,
        problem: &mut Problem<'_>,
        test: Test,
    ) -> Result<Status, Interrupt> {
        if let Some(status) = blind(&self.error) {
            return Ok(status);
        }
        if let Some(status) = unmoved(&self.flat, movable(&problem.bounds, self.x.len())) {
            return Ok(status);
        }
        if self.away.is_empty() {
            self.away = self.runaway(problem)?;
        }
        if let Some(status) = ran_away(self.away.clone()) {
            return Ok(status);
        }
        let sizes = self.own_sizes();
        let (at, level) = ((&self.x[..], self.f), self.level());
        let bend = problem.around(|value, bounds| bend_at(value, bounds, at, &sizes, level))?;
        if bend == Bend::Kink {
            return Ok(Stall::Kink.status());
        }
        if bend != Bend::Parabola && !self.noise.is_known() {
            let everywhere = vec![0.0; self.x.len()];
            self.measure_noise(problem, &everywhere)?;
        }
        let active_bounds = problem.bounds.active(&self.x, &self.gradient);
        let size = self.f.abs() + self.bends(1.0);
        Ok(claim(test, active_bounds, self.level(), size))
    }
}
