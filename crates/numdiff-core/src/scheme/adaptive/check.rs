//! The check point: one evaluation that the window has not seen.

use super::bar::Checked;
use super::constants::{DESCENT, NOISE_FACTOR, SURPRISE};
use super::fit::{Fit, Task};
use super::noise::{Deep, look_deep};
use super::power::power_of_two;
use super::sampling::{Line, Miss, Sides};
use super::search::{Search, between};
use crate::line::Samples;

/// Half of cot(pi / 5): a full mantissa, so that no power of two times it lies on the
/// grid of the nodes, and no period of f that fits the grid fits the check point.
const OFF: f64 = 0.688_190_960_235_586_8;

impl<S: Samples> Search<'_, '_, S> {
    /// One evaluation that the window did not see, at a distance no dyadic grid contains.
    pub(super) fn check(
        &mut self,
        window: Fit,
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
        let difference = match residual_at(self.line, &window, &self.task, side * distance) {
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
        let error = self.error(&window, fit, 0.0, false);
        // More than the noise assumed and the truncation explain: f is noisier than its rounding.
        let explained =
            SURPRISE * (window.noise * window.excess_if_noise() + window.expected_truncation());
        if residual > explained && residual <= 1e3 * error && self.raised < 2 {
            self.raised += 1;
            self.floor = self.floor.max(window.sigma * (residual / window.noise));
            let (low, high) = (fit.lowest(), fit.highest());
            if let Some(again) = self.fit(low, high) {
                *fit = again;
                *checked = Some(Checked {
                    lowest: low,
                    highest: window.highest(),
                    residual,
                });
                return Ok(false);
            }
        }
        if residual <= 100.0 * error || !error.is_finite() {
            *checked = Some(Checked {
                lowest: low,
                highest: window.highest(),
                residual,
            });
            let error = self.error(&window, fit, residual, true);
            let noise = NOISE_FACTOR * window.noise * window.excess_if_noise();
            if self.strict < 3
                && self.misses(&window, error)
                && (window.nodes == 2 || noise < 0.5 * error)
            {
                self.strict += 1;
                return Ok(false);
            }
            return Ok(true);
        }
        // An alias or a kink, unless it is there at every distance.
        let deep = if self.raised < 2 {
            look_deep(self.line, &self.task, &window, difference, low)?
        } else {
            Deep::Smooth
        };
        if deep == Deep::Noise {
            self.raised += 1;
            self.floor = self.floor.max(difference);
            if let Some(again) = self.fit(fit.lowest(), fit.highest()) {
                *fit = again;
                *checked = Some(Checked {
                    lowest: low,
                    highest: window.highest(),
                    residual,
                });
                return Ok(false);
            }
        }
        *checked = None;
        self.ceiling = self.ceiling.min(low);
        let start = match deep {
            Deep::Structure(below) => between(low, below),
            _ => low - DESCENT,
        };
        match self.probe(start)? {
            Some(found) => *fit = found,
            None => return Ok(true),
        }
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
