//! The check point: one evaluation that the window has not seen.

use super::bar::Checked;
use super::constants::{DESCENT, FAR_BEYOND, NOISE_FACTOR, SURPRISE};
use super::fit::{Fit, Task};
use super::noise::{Deep, look_deep};
use super::power::{exponent, power_of_two};
use super::sampling::{Line, Miss, Sides};
use super::search::{Search, between};
use crate::line::Samples;

/// Half of cot(pi / 5): a full mantissa, so that no power of two times it lies on the
/// grid of the nodes, and no period of f that fits the grid fits the check point.
pub(super) const OFF: f64 = 0.688_190_960_235_586_8;

impl<S: Samples> Search<'_, '_, S> {
    /// One evaluation that the window did not see, at a distance no dyadic grid contains.
    pub(super) fn check(
        &mut self,
        window: &Fit,
        fit: &mut Fit,
        checked: &mut Option<Checked>,
    ) -> Result<bool, Miss> {
        let low = window.lowest();
        let distance = OFF * power_of_two(low + 1);
        let side = match self.line.sides {
            Sides::One(side) => side,
            Sides::Both => {
                if self.line.undefined_side == 0.0 {
                    1.0
                } else {
                    -self.line.undefined_side
                }
            }
        };
        let difference = match residual_at(self.line, window, &self.task, side * distance) {
            Ok(difference) => difference,
            Err(Miss::Undefined) => {
                *checked = Some(Checked {
                    lowest: low,
                    highest: window.highest(),
                    residual: f64::INFINITY,
                });
                return Ok(true);
            }
            Err(miss) => return Err(miss),
        };
        let mut residual = difference * self.task.factorial();
        for _ in 0..self.task.order {
            residual /= distance;
        }
        // Stands unless a better window is found.
        *checked = Some(Checked {
            lowest: low,
            highest: window.highest(),
            residual,
        });
        let error = self.error(window, fit, 0.0, false);
        // More than the noise assumed and the truncation explain: f is noisier than its rounding.
        let explained =
            SURPRISE * (window.noise * window.excess_if_noise() + window.expected_truncation());
        if residual > explained && residual <= 1e3 * error && self.raised < 2 {
            self.raised += 1;
            self.floor = self.floor.max(window.sigma * (residual / window.noise));
            if let Some(again) = self.fit(fit.lowest(), fit.highest()) {
                *fit = again;
                return Ok(false);
            }
        }
        if residual <= 100.0 * error || !error.is_finite() {
            let error = self.error(window, fit, residual, true);
            let noise = NOISE_FACTOR * window.noise * window.excess_if_noise();
            if self.strict < 3
                && self.misses(window, error)
                && (window.nodes == 2 || noise < 0.5 * error)
            {
                self.strict += 1;
                return Ok(false);
            }
            return self.far_beyond(window, fit, checked);
        }
        // An alias or a kink, unless it is there at every distance.
        let deep = if self.raised < 2 {
            look_deep(self.line, &self.task, window, difference, low)?
        } else {
            Deep::Smooth
        };
        if deep == Deep::Jump {
            self.jump(window);
            return Ok(true);
        }
        if deep == Deep::Noise {
            self.raised += 1;
            self.floor = self.floor.max(difference);
            if let Some(again) = self.fit(fit.lowest(), fit.highest()) {
                *fit = again;
                return Ok(false);
            }
        }
        let start = match deep {
            Deep::Structure(below) => between(low, below),
            _ => low - DESCENT,
        };
        self.below(low, start, fit, checked)
    }
}

impl<S: Samples> Search<'_, '_, S> {
    /// Where f changes by far more than f(x) over the window, one more evaluation where it should
    /// have changed by f(x): steps far above the scale of f see its behavior far away, which may well
    /// be a line, but not the slope at x. True when the answer stands.
    fn far_beyond(
        &mut self,
        window: &Fit,
        fit: &mut Fit,
        checked: &mut Option<Checked>,
    ) -> Result<bool, Miss> {
        let center = self.line.center.abs();
        if self.task.order != 1 || window.size < FAR_BEYOND * center {
            return Ok(true);
        }
        let noise = window.sigma * window.excess_if_noise();
        if self.noise >= 1e-3 * center || noise >= 1e-3 * center && noise <= 1e3 * center {
            // Of the size of f(x) itself: one value decides nothing. Where it is far above, it is the
            // rounding of values far larger than those at x.
            return Ok(true);
        }
        let distance = 0.5 * center / window.derivative.abs();
        let lowest = power_of_two(self.line.lowest);
        if !(distance >= lowest && distance < 0.25 * power_of_two(window.lowest())) {
            return Ok(true);
        }
        let side = match self.line.sides {
            Sides::One(side) => side,
            Sides::Both => 1.0,
        };
        let apart = match residual_at(self.line, window, &self.task, side * distance) {
            Ok(apart) => apart,
            Err(Miss::Undefined | Miss::Spent) => return Ok(true),
            Err(Miss::Pending) => return Err(Miss::Pending),
        };
        if apart <= 1e-2 * center {
            return Ok(true);
        }
        // Should the budget end below.
        let stands = checked.replace(Checked {
            lowest: window.lowest(),
            highest: window.highest(),
            residual: apart / distance,
        });
        let nothing = self.below(window.lowest(), exponent(distance), fit, checked)?;
        if nothing {
            // Not smooth there either: one value of noise contradicts nothing.
            *checked = stands;
        }
        Ok(nothing)
    }

    /// From `start` on, since all from `ceiling` up is too large.
    fn below(
        &mut self,
        ceiling: i32,
        start: i32,
        fit: &mut Fit,
        checked: &mut Option<Checked>,
    ) -> Result<bool, Miss> {
        self.ceiling = self.ceiling.min(ceiling);
        let Some(found) = self.probe(start)? else {
            return Ok(true);
        };
        *fit = found;
        *checked = None;
        Ok(false)
    }
}

/// |f - interpolant| at displacement t.
fn residual_at<S: Samples>(
    line: &mut Line<'_, S>,
    window: &Fit,
    task: &Task,
    t: f64,
) -> Result<f64, Miss> {
    let value = line.value(t)?;
    let t = line.moved(t);
    let r = t.abs() / power_of_two(window.highest());
    let u = if task.power == 2 { r * r } else { r };
    let (mut odd, mut even) = (0.0, 0.0);
    for k in (0..window.nodes).rev() {
        odd = odd * u + window.odd[k];
        even = even * u + window.even[k];
    }
    Ok((value - line.center - t * (odd + t.signum() * r * even)).abs())
}
