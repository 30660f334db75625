//! The way down: from a first step to the first window whose levels fall.

use super::constants::*;
use super::fit::Fit;
use super::power::exponent;
use super::roughness::vanishing;
use super::sampling::{Miss, Node, if_defined, if_there};
use super::state::{Search, State, answer, midway};
use crate::Status;

/// Why a look found no window that converged.
enum Unfit {
    Undefined(i32),
    /// Its largest node, and the smallest step that was looked at.
    Failed(Node, i32),
}

impl Search<'_, '_> {
    /// Looks for a window that converged, going down from `start`; without one what was there before stands.
    pub(super) fn descend(&mut self, start: i32) -> Result<State, Miss> {
        let found = self.first_converged(start)?;
        if found.is_some() {
            self.fit = found;
            self.checked = None;
            return Ok(State::Extend);
        }
        if let Some(fit) = &self.fit {
            // What keeps windows from converging at every step is noise.
            self.noise = self.noise.max(fit.sigma * fit.excess_if_noise());
        }
        Ok(State::Explain)
    }

    /// The first fit that converged, going down from `start`; `None` when there is none.
    pub(super) fn first_converged(&mut self, start: i32) -> Result<Option<Fit>, Miss> {
        let needed = self.task.needed as i32;
        let floor = self.line.lowest + needed - 1;
        let mut start = start.min(self.ceiling - 1).max(floor);
        let mut gap = DESCENT;
        let mut looks = [Node::default(); LOOKS];
        let mut looked = 0;
        for _ in 0..LOOKS {
            let above = &looks[..looked];
            let next = match self.look(start, needed, above.last())? {
                Ok(fit) => {
                    if let Some(level) = self.steps_above(&fit, above)? {
                        // From the top again: steps that failed for the noise in them are open.
                        self.noise = level;
                        self.ceiling = self.line.highest + 1;
                        return self.first_converged(self.start());
                    }
                    return Ok(Some(fit));
                }
                Err(Unfit::Undefined(at)) => {
                    self.ceiling = self.ceiling.min(at);
                    self.next_start(at, gap, true)
                }
                Err(Unfit::Failed(node, lowest)) => {
                    self.ceiling = self.ceiling.min(start);
                    let mut above = above.iter();
                    let far = above.rfind(|above| above.exponent - start >= FAR_LOOKS);
                    let structure = match far {
                        Some(far) => self.rough_at_x(far, &node)?,
                        None => None,
                    };
                    looks[looked] = node;
                    looked += 1;
                    match structure {
                        // What is bent or stepped above is neither there: the structure lies in between.
                        Some(exponent) => midway(lowest, exponent).min(start - 1),
                        None => self.next_start(lowest, gap, false),
                    }
                }
            };
            if start <= floor {
                break;
            }
            start = next.max(floor);
            gap += GROWING;
        }
        if self.task.order == 1
            && let Some(node) = vanishing(&looks[..looked])
        {
            // The values fall with h: the limit lies within a few of the last.
            let error = 4.0 * node.slope.abs().max(node.bend.abs());
            self.fallback = Some(answer(node.slope, error, node.exponent, Status::Converged));
        }
        Ok(None)
    }

    /// Where to look next below `lowest`: the natural scales, then in growing strides.
    fn next_start(&self, lowest: i32, gap: i32, undefined: bool) -> i32 {
        let next = lowest - gap;
        let place = &self.line.place;
        // Domains end at 0, functions vary with log x, or another unit was meant.
        let natural = [place.typical, place.position]
            .into_iter()
            .filter(|scale| *scale > 0.0)
            .map(|scale| exponent(scale) - NATURAL)
            .filter(|natural| *natural < lowest - 2)
            .max();
        match natural {
            Some(natural) if undefined || natural > next - WIDEST_DETOUR * gap => natural,
            _ => next,
        }
    }

    /// Samples what a first fit at `start` needs, no more than it takes to see that it fails.
    fn look(
        &mut self,
        start: i32,
        needed: i32,
        above: Option<&Node>,
    ) -> Result<Result<Fit, Unfit>, Miss> {
        let mut lowest = start - needed + 1;
        let Some(node) = if_defined(self.line.sample(start))? else {
            return Ok(Err(Unfit::Undefined(start)));
        };
        if let Some(above) = above.filter(|above| above.exponent - start <= FAR_APART)
            && needed == 2
        {
            let fit = self.fit_through(&[node, *above]);
            if fit.converged {
                return Ok(Ok(fit));
            }
        }
        // Twice as bent as steep: out of scale, or a stationary point; the next start tells.
        let bent = node.bend.abs() > STEEP * node.slope.abs();
        if self.task.order == 1 && bent && lowest > self.line.lowest {
            return Ok(Err(Unfit::Failed(node, start)));
        }
        for j in (lowest..start).rev() {
            if if_defined(self.line.sample(j))?.is_none() {
                return Ok(Err(Unfit::Undefined(j)));
            }
        }
        let mut fit = self.window(lowest, start);
        let vanishes = |fit: &Fit| fit.leading <= VANISHES * fit.levels[fit.next].size;
        if fit.is_some_and(|fit| !fit.converged && vanishes(&fit)) {
            // The levels up to the target vanish: one more node tells whether those above fall. The look has
            // failed without it.
            if if_there(self.line.sample(lowest - 1))?.is_some() {
                lowest -= 1;
            }
            let more = self.window(lowest, start);
            fit = more.filter(|more| more.converged).or(fit);
        }
        if let Some(fit) = fit {
            if fit.converged {
                return Ok(Ok(fit));
            }
            let (value, highest) = (fit.derivative, fit.highest());
            let last = answer(value, f64::INFINITY, highest, Status::Unreliable);
            self.fallback = Some(last);
        }
        Ok(Err(Unfit::Failed(node, lowest)))
    }
}
