//! The way down: from a first step to the first window whose levels fall.

use super::constants::{
    ALIKE, DESCENT, FAR_LOOKS, FAR_NOISE, GROWING, LOOKS, NATURAL, STEEP, VANISHES, WIDEST_DETOUR,
};
use super::fit::Fit;
use super::noise::{Deep, look_deep};
use super::power::exponent;
use super::roughness::{Descent, Roughness, rough_at_x};
use super::sampling::{Miss, Node};
use super::state::{Kind, Search, State};
use crate::line::Samples;

/// What one look found.
enum Look {
    Converged(Fit),
    Undefined(i32),
    Failed {
        node: Node,
        lowest: i32,
        fit: Option<Fit>,
    },
}

impl<S: Samples> Search<'_, '_, S> {
    /// Looks for a window that converged, going down from `start`.
    pub(super) fn descend(&mut self, start: i32) -> Result<State, Miss> {
        Ok(match self.first_converged(start)? {
            Some(fit) => {
                self.fit = Some(fit);
                self.checked = None;
                self.contradiction = None;
                State::Extend
            }
            None if self.rough.is_some() => State::Explain(Kind::NotSmooth),
            None if self.fit.is_none() => State::Explain(Kind::Unreliable),
            // What was there before stands.
            None => State::Explain(Kind::Good),
        })
    }

    /// The first fit that converged, going down from `start`; `None` when there is none.
    pub(super) fn first_converged(&mut self, start: i32) -> Result<Option<Fit>, Miss> {
        let needed = self.task.needed() as i32;
        let floor = self.line.lowest + needed - 1;
        let mut start = start.min(self.ceiling - 1).max(floor);
        let mut gap = DESCENT;
        let mut looks = [Node::default(); LOOKS];
        let mut looked = 0;
        let mut descent = Descent::default();
        let mut first_noise = None;
        for _ in 0..LOOKS {
            let mut undefined = false;
            let mut structure = None;
            let above = looks[..looked].last().copied();
            let lowest = match self.look(start, needed, above)? {
                Look::Converged(fit) => match self.steps_above(&fit, &looks[..looked])? {
                    Some(level) => return self.again_in_noise(level),
                    None => return Ok(Some(fit)),
                },
                Look::Undefined(at) => {
                    self.ceiling = self.ceiling.min(at);
                    undefined = true;
                    at
                }
                Look::Failed { node, lowest, fit } => {
                    self.ceiling = self.ceiling.min(start);
                    descent.add(&node);
                    let far = looks[..looked]
                        .iter()
                        .rfind(|above| above.exponent - node.exponent >= FAR_LOOKS);
                    if let Some(far) = far {
                        match rough_at_x(self.line, &self.task, far, &node)? {
                            Roughness::Rough(rough) => {
                                self.rough = Some(rough);
                                return Ok(None);
                            }
                            Roughness::Structure(exponent) => structure = Some(exponent),
                            Roughness::Smooth => {}
                        }
                    }
                    self.failed = fit.or(self.failed);
                    if let Some(fit) = fit
                        && structure.is_none()
                    {
                        match self.same_noise(&fit, start, &mut first_noise)? {
                            Some((Deep::Noise, above)) => {
                                if let Some(fit) = self.run_around(above, needed as usize) {
                                    return Ok(Some(fit));
                                }
                            }
                            Some((Deep::Jump, _)) => {
                                self.jump(&fit);
                                return Ok(None);
                            }
                            Some((Deep::Structure(exponent), _)) => structure = Some(exponent),
                            Some((Deep::Smooth, _)) | None => {}
                        }
                    }
                    looks[looked] = node;
                    looked += 1;
                    lowest
                }
            };
            if start <= floor {
                break;
            }
            start = match structure {
                // What is bent or stepped above is neither there: the structure lies in between.
                Some(exponent) => ((lowest + exponent) / 2).min(start - 1),
                None => self.next_start(lowest, gap, undefined),
            };
            start = start.max(floor);
            gap += GROWING;
        }
        if self.task.order == 1 {
            self.vanishing = descent.limit();
        }
        Ok(None)
    }

    /// Whether the noise that a failed look shows is that of the first which failed, far above: then what is
    /// there far below, and where the first was.
    fn same_noise(
        &mut self,
        fit: &Fit,
        start: i32,
        first: &mut Option<(i32, f64)>,
    ) -> Result<Option<(Deep, i32)>, Miss> {
        let level = fit.excess * fit.sigma;
        let Some((above, other)) = *first else {
            *first = Some((start, level));
            return Ok(None);
        };
        let alike = level < ALIKE * other && other < ALIKE * level;
        if above - start < FAR_NOISE || !alike {
            return Ok(None);
        }
        let deep = look_deep(self.line, &self.task, fit, level, fit.lowest())?;
        if deep == Deep::Noise {
            self.noise = level.max(other).max(self.noise);
        }
        Ok(Some((deep, above)))
    }

    /// The longest run of nodes around `exponent`, at most `most`, the larger steps first.
    fn run_around(&self, exponent: i32, most: usize) -> Option<Fit> {
        let (mut lowest, mut highest) = (exponent, exponent);
        let mut count = 1;
        while count < most && highest + 1 < self.ceiling && self.line.node(highest + 1).is_some() {
            highest += 1;
            count += 1;
        }
        while count < most && self.line.node(lowest - 1).is_some() {
            lowest -= 1;
            count += 1;
        }
        self.window(lowest, highest)
    }

    /// From the top again: steps that failed for the noise in them are open.
    fn again_in_noise(&mut self, level: f64) -> Result<Option<Fit>, Miss> {
        self.noise = level;
        self.ceiling = self.line.highest + 1;
        self.first_converged(self.start())
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
    fn look(&mut self, start: i32, needed: i32, above: Option<Node>) -> Result<Look, Miss> {
        let mut first = Node::default();
        let lowest = start - needed + 1;
        for j in (lowest..=start).rev() {
            let node = match self.line.sample(j) {
                Ok(node) => node,
                Err(Miss::Undefined) => return Ok(Look::Undefined(j)),
                Err(miss) => return Err(miss),
            };
            if j < start {
                continue;
            }
            first = node;
            if let Some(above) = above
                && needed == 2
            {
                let nodes = [node, above];
                let fit = Fit::through(&nodes, &self.task, self.least_noise(), self.line.center);
                if fit.converged && fit.nodes > fit.next {
                    return Ok(Look::Converged(fit));
                }
            }
            // Twice as bent as steep: out of scale, or a stationary point; the next start tells.
            if self.task.order == 1
                && node.bend.abs() > STEEP * node.slope.abs()
                && lowest > self.line.lowest
            {
                return Ok(Look::Failed {
                    node,
                    lowest: start,
                    fit: None,
                });
            }
        }
        let mut lowest = lowest;
        let fit = self.window(lowest, start);
        if let Some(fit) = fit.filter(|fit| !fit.converged)
            && fit.leading <= VANISHES * fit.level[fit.next.min(fit.nodes - 1)]
        {
            // The levels up to the target vanish: one more node tells whether those above fall.
            match self.line.sample(lowest - 1) {
                Ok(_) => lowest -= 1,
                // The look has failed without it.
                Err(Miss::Undefined | Miss::Spent) => {}
                Err(Miss::Pending) => return Err(Miss::Pending),
            }
            if let Some(more) = self.window(lowest, start).filter(|more| more.converged) {
                return Ok(Look::Converged(more));
            }
        }
        Ok(match fit {
            Some(fit) if fit.converged => Look::Converged(fit),
            fit => Look::Failed {
                node: first,
                lowest,
                fit,
            },
        })
    }
}
