//! Values that were told, as a scheme sees them.

use crate::line::Pending;
use crate::line::{BASE, LineValues};
use crate::scheme::Source;

/// Answers a scheme from what was told.
pub(super) struct ToldValues<'a> {
    pub cache: &'a LineValues,
    pub base: &'a [f64],
    pub outputs: usize,
    pub settled: &'a mut Vec<bool>,
    pub wanted: &'a mut Vec<f64>,
}

impl ToldValues<'_> {
    fn find(&self, t: f64) -> Option<usize> {
        if t == 0.0 {
            (!self.base.is_empty()).then_some(BASE)
        } else {
            self.cache.find(t)
        }
    }

    fn want(&mut self, t: f64) {
        if !self.wanted.contains(&t) {
            self.wanted.push(t);
        }
    }
}

impl Source for ToldValues<'_> {
    fn fetch(&mut self, t: f64) -> Result<usize, Pending> {
        self.find(t).ok_or_else(|| {
            self.want(t);
            Pending
        })
    }

    fn announce(&mut self, ts: &[f64]) {
        for &t in ts {
            if self.find(t).is_none() {
                self.want(t);
            }
        }
    }

    fn get(&self, slot: usize, output: usize) -> f64 {
        if slot == BASE {
            self.base[output]
        } else {
            self.cache.values[slot * self.outputs + output]
        }
    }

    #[inline]
    fn all(&self, slot: usize) -> Option<&[f64]> {
        Some(if slot == BASE {
            self.base
        } else {
            &self.cache.values[slot * self.outputs..(slot + 1) * self.outputs]
        })
    }

    fn outputs(&self) -> usize {
        self.outputs
    }

    fn is_settled(&self, output: usize) -> bool {
        self.settled.get(output).copied().unwrap_or(false)
    }

    fn settle(&mut self, output: usize) {
        if self.settled.len() <= output {
            self.settled.resize(self.outputs, false);
        }
        self.settled[output] = true;
    }

    fn waits(&self) -> bool {
        true
    }
}
