//! The way down: from the first step to the first window whose levels fall.

use super::constants::DESCENT;
use super::fit::Fit;
use super::noise::{Deep, look_deep};
use super::power::exponent;
use super::roughness::{Descent, Roughness, rough_at_x};
use super::sampling::{Miss, Node};
use super::search::Search;
use crate::line::Samples;

/// Most looks on one way down: with the growing strides they span more than the exponents of f64.
const LOOKS: usize = 14;

/// Octaves between two looks that are compared: what a smooth f or a pole shows at both has changed
/// by far more than the tolerance of the comparison.
const FAR: i32 = 8;

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
    /// The first fit that converged, going down from `start`; `None` when there is none.
    pub(super) fn probe(&mut self, start: i32) -> Result<Option<Fit>, Miss> {
        let needed = self.task.needed() as i32;
        let floor = self.line.lowest + needed - 1;
        let mut start = start.min(self.ceiling - 1).max(floor);
        let mut gap = DESCENT;
        let mut failed: Option<Node> = None;
        let mut looks = [Node::default(); LOOKS];
        let mut looked = 0;
        let mut first_noise: Option<(i32, f64)> = None;
        let mut descent = Descent::default();
        for _ in 0..LOOKS {
            let mut undefined = false;
            let mut below = None;
            let mut mild = false;
            let lowest = match self.look(start, needed, failed)? {
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
                    mild = failed.is_none() && node.bend.abs() <= 2.0 * node.slope.abs();
                    let far = looks[..looked]
                        .iter()
                        .rfind(|above| above.exponent - node.exponent >= FAR);
                    if let Some(first) = far {
                        match rough_at_x(self.line, &self.task, first, &node)? {
                            Roughness::Rough(rough) => {
                                self.rough = Some(rough);
                                return Ok(None);
                            }
                            Roughness::Structure(exponent) => below = Some(exponent),
                            Roughness::Smooth => {}
                        }
                    }
                    if let Some(fit) = fit {
                        self.last = Some(fit);
                        let level = fit.excess * fit.sigma;
                        match first_noise {
                            None => first_noise = Some((start, level)),
                            Some((above, first)) => {
                                let alike = level < 5.0 * first && first < 5.0 * level;
                                if above - start >= 14 && alike && below.is_none() {
                                    match look_deep(
                                        self.line,
                                        &self.task,
                                        &fit,
                                        level,
                                        fit.lowest(),
                                    )? {
                                        Deep::Noise => {
                                            self.noise = level.max(first).max(self.noise);
                                            if let Some(fit) = self.run(above, needed as usize) {
                                                return Ok(Some(fit));
                                            }
                                        }
                                        Deep::Jump => {
                                            self.jump(&fit);
                                            return Ok(None);
                                        }
                                        Deep::Structure(exponent) => below = Some(exponent),
                                        Deep::Smooth => {}
                                    }
                                }
                            }
                        }
                    }
                    failed = Some(node);
                    looks[looked] = node;
                    looked += 1;
                    lowest
                }
            };
            if start <= floor {
                break;
            }
            start = match below {
                // What is bent or stepped above is neither there: the structure lies in between.
                Some(exponent) => ((lowest + exponent) / 2).min(start - 1).max(floor),
                // Nearly straight: the scale of f is not far below.
                None if mild => (lowest - gap).max(floor),
                None => self.next_start(lowest, gap, undefined).max(floor),
            };
            gap += 2;
        }
        if self.task.order == 1 {
            self.vanishing = descent.limit();
        }
        Ok(None)
    }

    /// From the top again: steps that failed for the noise in them are open.
    fn again_in_noise(&mut self, level: f64) -> Result<Option<Fit>, Miss> {
        self.noise = level;
        self.ceiling = i32::MAX;
        self.probe(self.start())
    }

    /// Where to look next below `lowest`: the natural scales, then in growing strides.
    fn next_start(&self, lowest: i32, gap: i32, undefined: bool) -> i32 {
        let next = lowest - gap;
        let place = &self.line.place;
        // Domains end at 0, functions vary with log x, or another unit was meant.
        let natural = [place.typical, place.position]
            .into_iter()
            .filter(|scale| *scale > 0.0)
            .map(|scale| exponent(scale) - 4)
            .filter(|natural| *natural < lowest - 2)
            .max();
        match natural {
            Some(natural) if undefined || natural > next - 8 * gap => natural,
            _ => next,
        }
    }

    /// Samples what a first fit at `start` needs, no more than it takes to see that it fails.
    fn look(&mut self, start: i32, needed: i32, failed: Option<Node>) -> Result<Look, Miss> {
        let mut first = Node::default();
        let mut lowest = start;
        for j in (start - needed + 1..=start).rev() {
            let node = match self.line.sample(j) {
                Ok(node) => node,
                Err(Miss::Undefined) => return Ok(Look::Undefined(j)),
                Err(miss) => return Err(miss),
            };
            lowest = j;
            if j == start {
                first = node;
                if let Some(above) = failed
                    && needed == 2
                {
                    let fit = Fit::through(
                        &[node, above],
                        &self.task,
                        self.noise.max(self.floor),
                        self.line.center,
                    );
                    if fit.converged && fit.nodes > fit.next {
                        return Ok(Look::Converged(fit));
                    }
                }
                // Twice as bent as steep: out of scale, or a stationary point; the next start tells.
                if self.task.order == 1
                    && node.bend.abs() > 0.5 * node.slope.abs()
                    && start - needed + 1 > self.line.lowest
                {
                    return Ok(Look::Failed {
                        node,
                        lowest,
                        fit: None,
                    });
                }
            }
        }
        let Some(fit) = self.fit(lowest, start) else {
            return Ok(Look::Failed {
                node: first,
                lowest,
                fit: None,
            });
        };
        if fit.converged {
            return Ok(Look::Converged(fit));
        }
        if fit.leading <= 1e-3 * fit.level[fit.next.min(fit.nodes - 1)] {
            match self.line.sample(lowest - 1) {
                Ok(_) => lowest -= 1,
                // The look has failed without it.
                Err(Miss::Undefined | Miss::Spent) => {}
                Err(Miss::Pending) => return Err(Miss::Pending),
            }
            if let Some(more) = self.fit(lowest, start).filter(|more| more.converged) {
                return Ok(Look::Converged(more));
            }
        }
        Ok(Look::Failed {
            node: first,
            lowest,
            fit: Some(fit),
        })
    }
}
