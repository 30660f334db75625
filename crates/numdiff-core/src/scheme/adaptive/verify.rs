//! One evaluation that the window has not seen, and what it says of it.

use super::constants::{
    CHECK_OCTAVE, CONDITION, DESCENT, EXPLAINED, FAR_BEYOND, FEW_NODES_CHECK_OCTAVE, GROSS,
    LARGE_CONDITION, LIKE_F, NOISE_FACTOR, OFF_GRID, OFF_GRID_BESIDE, RAISED, SURPRISE,
    WORTH_A_POINT,
};
use super::fit::Fit;
use super::noise::{Deep, look_deep};
use super::power::{exponent, power_of_two};
use super::sampling::{Miss, Sides};
use super::state::{Checked, Kind, Search, State, midway};
use crate::line::Samples;

/// How often a check point may raise the noise assumed, and a missed tolerance tighten the plan: each
/// costs evaluations, and what they did not mend more of them do not.
const NOISE_RAISES: u32 = 2;
const TOLERANCE_MISSES: u32 = 3;

impl<S: Samples> Search<'_, '_, S> {
    /// The side of a single point beside x: where f is defined.
    fn free_side(&self) -> f64 {
        match self.line.sides {
            Sides::One(side) => side,
            Sides::Both if self.line.undefined_side != 0.0 => -self.line.undefined_side,
            Sides::Both => 1.0,
        }
    }

    /// f where no dyadic grid has a node; NaN where it is not defined there.
    fn check(&mut self, window: &Fit) -> Result<Checked, Miss> {
        let octave = if window.nodes == 2 && self.tolerance.is_some() {
            FEW_NODES_CHECK_OCTAVE
        } else {
            CHECK_OCTAVE
        };
        let t = self.free_side() * OFF_GRID * power_of_two(window.lowest() + octave);
        let value = match self.line.value(t) {
            Err(Miss::Undefined) => f64::NAN,
            value => value?,
        };
        Ok(Checked {
            lowest: window.lowest(),
            highest: window.highest(),
            value,
            t: self.line.moved(t),
        })
    }

    /// What a check point says against the window.
    pub(super) fn verify(&mut self, window: &Fit, fit: &Fit) -> Result<State, Miss> {
        let checked = self.check(window)?;
        self.checked = Some(checked);
        if checked.value.is_nan() {
            return Ok(State::Explain(Kind::Good));
        }
        let deviation = window.deviation(&self.task, self.line.center, checked.t, checked.value);
        let residual = self.residual(window, &checked);
        let error = self.error(window, fit, 0.0, false);
        // More than the noise assumed and the truncation explain: f is noisier than its rounding.
        let explained =
            SURPRISE * (window.noise * window.excess_if_noise() + window.expected_truncation());
        if residual > explained && residual <= RAISED * error && self.noise_raises < NOISE_RAISES {
            self.noise_raises += 1;
            let level = window.sigma * (residual / window.noise);
            self.noise_floor = self.noise_floor.max(level);
            if self.fit_again(fit.lowest(), fit.highest()) {
                return Ok(State::Extend);
            }
        }
        if residual <= EXPLAINED * error || !error.is_finite() {
            let error = self.error(window, fit, residual, true);
            let noise = NOISE_FACTOR * window.noise * window.excess_if_noise();
            let helps = window.nodes == 2 || noise < 0.5 * error;
            if self.tolerance_misses < TOLERANCE_MISSES && helps && self.misses(window, error) {
                self.tolerance_misses += 1;
                return Ok(State::Extend);
            }
            if let Some(start) = self.structure_below(window, error)? {
                return Ok(self.descend_below(window.lowest(), start));
            }
            return self.look_where_f_changes_by_itself(window);
        }
        self.contradicted(window, fit, deviation)
    }

    /// Where to look for structure that a tolerance was grossly missed for: the knots of a table look like noise on
    /// steps above them.
    fn structure_below(&mut self, window: &Fit, error: f64) -> Result<Option<i32>, Miss> {
        let gross = error > GROSS * window.derivative.abs() && self.misses(window, error);
        if self.noise > 0.0 || !gross {
            return Ok(None);
        }
        let level = window.noise_behind(error);
        let lowest = window.lowest();
        Ok(
            match look_deep(self.line, &self.task, window, level, lowest) {
                Ok(Deep::Structure(below)) => Some(midway(lowest, below)),
                Ok(_) | Err(Miss::Undefined | Miss::Spent) => None,
                Err(Miss::Pending) => return Err(Miss::Pending),
            },
        )
    }

    /// Where f changes by far more than f(x) over the window, one more evaluation where it should have
    /// changed by f(x): steps far above the scale of f see its behavior far away, which may well be a line,
    /// but not the slope at x.
    fn look_where_f_changes_by_itself(&mut self, window: &Fit) -> Result<State, Miss> {
        let stands = Ok(State::Explain(Kind::Good));
        let center = self.line.center.abs();
        if self.task.order != 1 || window.size < FAR_BEYOND * center {
            return stands;
        }
        let noise = window.sigma * window.excess_if_noise();
        let like_f = noise >= center / LIKE_F && noise <= LIKE_F * center;
        if self.noise >= center / LIKE_F || like_f {
            // One value decides nothing. Noise far above f(x) is the rounding of far larger values.
            return stands;
        }
        let distance = 0.5 * center / window.derivative.abs();
        let lowest = power_of_two(self.line.lowest);
        if !(distance >= lowest && distance < 0.25 * power_of_two(window.lowest())) {
            return stands;
        }
        let t = self.free_side() * distance;
        let value = match self.line.value(t) {
            Ok(value) => value,
            Err(Miss::Undefined | Miss::Spent) => return stands,
            Err(Miss::Pending) => return Err(Miss::Pending),
        };
        let t = self.line.moved(t);
        if window.deviation(&self.task, self.line.center, t, value) <= 1e-2 * center {
            return stands;
        }
        self.contradiction = Some(Checked {
            lowest: window.lowest(),
            highest: window.highest(),
            t,
            value,
        });
        Ok(self.descend_below(window.lowest(), exponent(distance)))
    }

    /// The check point is off by more than anything explains: an alias or a kink, unless it is noise, which
    /// is there at every distance.
    fn contradicted(&mut self, window: &Fit, fit: &Fit, deviation: f64) -> Result<State, Miss> {
        let lowest = window.lowest();
        let deep = if self.noise_raises < NOISE_RAISES {
            look_deep(self.line, &self.task, window, deviation, lowest)?
        } else {
            Deep::Smooth
        };
        let start = match deep {
            Deep::Jump => return Ok(self.jump(window)),
            Deep::Noise => {
                self.noise_raises += 1;
                self.noise_floor = self.noise_floor.max(deviation);
                if self.fit_again(fit.lowest(), fit.highest()) {
                    return Ok(State::Extend);
                }
                lowest - DESCENT
            }
            Deep::Structure(below) => midway(lowest, below),
            Deep::Smooth => lowest - DESCENT,
        };
        Ok(self.descend_below(lowest, start))
    }

    /// Error of the derivative that the check point suggests for `fit`; infinite where f is not defined
    /// there.
    pub(super) fn residual(&self, fit: &Fit, checked: &Checked) -> f64 {
        if checked.value.is_nan() {
            return f64::INFINITY;
        }
        let deviation = fit.deviation(&self.task, self.line.center, checked.t, checked.value);
        let mut residual = deviation * self.task.factorial();
        for _ in 0..self.task.order {
            residual /= checked.t.abs();
        }
        residual
    }

    /// Before the answer: a check point for a fit that none has seen, and samples of the noise where f(x)
    /// itself counts and no level shows any.
    pub(super) fn verify_last(&mut self, fit: &Fit) -> Result<(), Miss> {
        if let Some(seen) = self.checked
            && fit.converged
            && seen.t.abs() > power_of_two(fit.highest())
            && self.whole(fit).error > WORTH_A_POINT * self.error(fit, fit, 0.0, false)
        {
            self.checked_fit = Some(self.check(fit)?);
        }
        self.sample_noise(fit)
    }

    /// |x f'(x) / f(x)|, by which f multiplies the rounding of its argument and of what it computes from it.
    pub(super) fn condition(&self, fit: &Fit) -> f64 {
        self.line.place.position * fit.odd[0].abs() / self.line.center.abs()
    }

    /// Two values of f so close to x that only its noise can set them off from the fit: where f has a large
    /// condition number |x f'(x) / f(x)| the rounding inside f is above that of its value.
    fn sample_noise(&mut self, fit: &Fit) -> Result<(), Miss> {
        let (unseen, higher) = (!fit.noise_seen().is_any(), self.task.order > 1);
        let least = if unseen && higher {
            CONDITION
        } else {
            LARGE_CONDITION
        };
        let helps = higher || unseen && self.tolerance.is_none();
        if !(fit.converged && helps && self.condition(fit) > least) {
            return Ok(());
        }
        let sides = match self.line.sides {
            Sides::One(side) => [side, 1.7 * side],
            // Other distances: an argument that both move by whole units of its last place is rounded alike.
            Sides::Both => [1.0, -1.7],
        };
        for (k, side) in sides.into_iter().enumerate() {
            let t = side * OFF_GRID_BESIDE * power_of_two(self.line.lowest);
            let value = self.line.value(t)?;
            let t = self.line.moved(t);
            let deviation = fit.deviation(&self.task, self.line.center, t, value);
            // The noise of two values, that of f(x) in both.
            self.beside[k] = Some(deviation * std::f64::consts::FRAC_1_SQRT_2);
        }
        Ok(())
    }

    /// Whether the tolerance asks for more than this error.
    pub(super) fn misses(&self, fit: &Fit, error: f64) -> bool {
        self.tolerance
            .is_some_and(|tolerance| error > tolerance * fit.derivative.abs())
    }
}
