//! One evaluation that the window has not seen, and what it says of it.

use super::constants::*;
use super::fit::Fit;
use super::noise::Deep;
use super::power::{exponent, power_of_two};
use super::sampling::{Miss, Sides, if_defined, if_there};
use super::state::{Checked, Search, State, midway};

impl Search<'_, '_> {
    /// What a check point says against the window of these exponents.
    pub(super) fn verify(&mut self, lowest: i32, highest: i32) -> Result<State, Miss> {
        let Some(fit) = self.fit else {
            return Ok(State::Explain);
        };
        let Some(window) = self.window_unless(&fit, lowest, highest) else {
            return Ok(State::Explain);
        };
        let (window, fit) = (&window, &fit);
        let checked = self.check(window)?;
        if checked.value.is_nan() {
            return Ok(State::Explain);
        }
        let residual = self.residual(window, &checked);
        let error = self.error(window, fit, 0.0, false);
        // More than the noise assumed and the truncation explain: f is noisier than its rounding.
        let noise = window.noise * window.excess_if_noise();
        let explained = SURPRISE * (noise + window.expected_truncation());
        if residual > explained && residual <= RAISED * error && self.noise_raises < NOISE_RAISES {
            self.noise_raises += 1;
            let level = window.sigma * (residual / window.noise);
            self.noise_floor = self.noise_floor.max(level);
            if self.fit_again(fit) {
                return Ok(State::Extend);
            }
        }
        if !(residual <= EXPLAINED * error) && error.is_finite() {
            let deviation = window.deviation(self.line.center, checked.t, checked.value);
            return self.contradicted(window, fit, deviation);
        }
        let error = self.error(window, fit, residual, true);
        let helps = window.nodes == 2 || NOISE_FACTOR * noise < 0.5 * error;
        if self.tolerance_misses < TOLERANCE_MISSES && helps && self.misses(window, error) {
            self.tolerance_misses += 1;
            return Ok(State::Extend);
        }
        if let Some(start) = self.structure_below(window, error)? {
            return Ok(self.descend_below(lowest, start));
        }
        if let Some(distance) = self.changes_by_itself_below(window)? {
            return Ok(self.descend_below(lowest, distance));
        }
        Ok(State::Explain)
    }

    /// f where no dyadic grid has a node: what counts from here on, unless it is not defined there and was at
    /// another such point.
    fn check(&mut self, window: &Fit) -> Result<Checked, Miss> {
        let octave = if window.nodes == 2 && self.tolerance.is_some() {
            FEW_NODES_CHECK_OCTAVE
        } else {
            CHECK_OCTAVE
        };
        let point = self.point(window, OFF_GRID * power_of_two(window.lowest() + octave))?;
        if self.checked.is_none() || !point.value.is_nan() {
            self.checked = Some(point);
        }
        Ok(point)
    }

    /// f at distance t of x, on the side where it is defined; NaN where it is not defined there.
    fn point(&mut self, window: &Fit, t: f64) -> Result<Checked, Miss> {
        let side = match self.line.sides {
            Sides::One(side) => side,
            Sides::Both if self.line.undefined_side > 0.0 => -1.0,
            Sides::Both => 1.0,
        };
        let value = if_defined(self.line.value(side * t))?;
        Ok(Checked {
            window: *window,
            t: self.line.moved(side * t),
            value: value.unwrap_or(f64::NAN),
        })
    }

    /// Where to look for structure that a tolerance was grossly missed for: the knots of a table look like noise on
    /// steps above them.
    fn structure_below(&mut self, window: &Fit, error: f64) -> Result<Option<i32>, Miss> {
        let gross = error > GROSS * window.derivative.abs() && self.misses(window, error);
        if self.noise > 0.0 || !gross {
            return Ok(None);
        }
        let deep = if_there(self.look_deep(window, window.noise_behind(error)))?;
        Ok(match deep {
            Some(Deep::Structure(below)) => Some(midway(window.lowest(), below)),
            _ => None,
        })
    }

    /// Where f changes by far more than f(x) over the window, one more evaluation where it should have
    /// changed by f(x): steps far above the scale of f see its behavior far away, which may well be a line,
    /// but not the slope at x. The exponent of that distance, if f is another there.
    fn changes_by_itself_below(&mut self, window: &Fit) -> Result<Option<i32>, Miss> {
        let center = self.line.center.abs();
        let distance = 0.5 * center / window.derivative.abs();
        let below = distance < 0.25 * power_of_two(window.lowest());
        // One value decides nothing in noise. That far above f(x) is the rounding of far larger values.
        let noise = window.sigma * window.excess_if_noise();
        let hidden = (center / LIKE_F..=center * LIKE_F).contains(&noise);
        if self.task.order != 1
            || window.size < FAR_BEYOND * center
            || self.noise >= center / LIKE_F
            || hidden
            || !below
            || distance < power_of_two(self.line.lowest)
        {
            return Ok(None);
        }
        let point = if_there(self.point(window, distance))?;
        let is_other = |point: &Checked| {
            window.deviation(self.line.center, point.t, point.value) > 1e-2 * center
        };
        let other = point.filter(is_other);
        // It counts in the bar should nothing better be found.
        self.checked = other.or(self.checked);
        Ok(other.map(|_| exponent(distance)))
    }

    /// The check point is off by more than anything explains: an alias or a kink, unless it is noise, which
    /// is there at every distance.
    fn contradicted(&mut self, window: &Fit, fit: &Fit, deviation: f64) -> Result<State, Miss> {
        let lowest = window.lowest();
        let mut start = lowest - DESCENT;
        if self.noise_raises < NOISE_RAISES {
            match self.look_deep(window, deviation)? {
                Deep::Noise => {
                    self.noise_raises += 1;
                    self.noise_floor = self.noise_floor.max(deviation);
                    if self.fit_again(fit) {
                        return Ok(State::Extend);
                    }
                }
                Deep::Structure(below) => start = midway(lowest, below),
                Deep::Smooth => {}
            }
        }
        Ok(self.descend_below(lowest, start))
    }

    /// Error of the derivative that the check point suggests for `fit`; infinite where f is not defined
    /// there.
    pub(super) fn residual(&self, fit: &Fit, checked: &Checked) -> f64 {
        if checked.value.is_nan() {
            return f64::INFINITY;
        }
        let deviation = fit.deviation(self.line.center, checked.t, checked.value);
        let orders = 0..self.task.order;
        orders.fold(deviation * self.task.factorial, |residual, _| {
            residual / checked.t.abs()
        })
    }

    /// Before the answer: a check point for a fit that none has seen, and samples of the noise where f(x)
    /// itself counts and no level shows any.
    pub(super) fn verify_last(&mut self, fit: &Fit) -> Result<(), Miss> {
        if let Some(seen) = self.checked
            && fit.converged
            && seen.t.abs() > power_of_two(fit.highest())
            && self.whole(fit).2 > WORTH_A_POINT * self.error(fit, fit, 0.0, false)
        {
            self.check(fit)?;
        }
        self.sample_noise(fit)
    }

    /// |x f'(x) / f(x)|, by which f multiplies the rounding of its argument and of what it computes from it.
    pub(super) fn condition(&self, fit: &Fit) -> f64 {
        self.line.place.position * fit.levels[0].odd.abs() / self.line.center.abs()
    }

    /// Two values of f so close to x that only its noise can set them off from the fit: where f has a large
    /// condition number |x f'(x) / f(x)| the rounding inside f is above that of its value.
    fn sample_noise(&mut self, fit: &Fit) -> Result<(), Miss> {
        let (unseen, higher) = (!fit.seen.is_any(), self.task.order > 1);
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
            Sides::One(side) => [side, ANOTHER * side],
            Sides::Both => [1.0, -ANOTHER],
        };
        for (k, side) in sides.into_iter().enumerate() {
            let t = side * OFF_GRID_BESIDE * power_of_two(self.line.lowest);
            let value = self.line.value(t)?;
            let deviation = fit.deviation(self.line.center, self.line.moved(t), value);
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
