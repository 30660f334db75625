//! The Jacobian where x is, and the displacements it is taken by.

use super::{LevenbergMarquardt, TYPICAL};
use crate::least_squares::calls::Calls;
use crate::oracle::Halt;
use crate::scale::{self, Seen, Size};
use crate::status::{Stall, Status};

impl LevenbergMarquardt {
    /// J at x; the scale of each coordinate grows with its column (Moré 1978, section 6).
    pub(super) fn differentiate(&mut self, calls: &mut Calls<'_>) -> Result<(), Halt> {
        let steps = self.steps();
        self.jacobian = calls.jacobian(&self.x, &self.residuals, self.central, steps)?;
        for (d, c) in self.scale.iter_mut().zip(self.jacobian.column_norms()) {
            *d = d.max(c);
        }
        let most = self.scale.iter().copied().fold(0.0, f64::max);
        for d in &mut self.scale {
            // A column of zeros: its coordinate does not matter here.
            if *d == 0.0 {
                *d = if most > 0.0 { most } else { 1.0 };
            }
        }
        self.updates = 0;
        Ok(())
    }

    /// J anew at an x that stays; where r is not known around it, that is the end.
    pub(super) fn renew(&mut self, calls: &mut Calls<'_>) -> Result<Option<Status>, Halt> {
        match self.differentiate(calls) {
            Ok(()) => Ok(None),
            Err(halt) => {
                let coordinate = domain(halt)?;
                let cause = Stall::Domain { coordinate };
                Ok(Some(Status::Stalled { cause }))
            }
        }
    }

    /// From here on J on both sides, as far as r is known on both.
    pub(super) fn recenter(&mut self, calls: &mut Calls<'_>) -> Result<(), Halt> {
        self.central = true;
        match self.differentiate(calls) {
            Ok(()) => Ok(()),
            Err(halt) => domain(halt).map(|_| ()),
        }
    }

    /// MINPACK's: the root of the rounding (the cube root on both sides) of x's size; wider under noise.
    pub(super) fn steps(&self) -> Vec<f64> {
        let relative = match self.central {
            true => f64::EPSILON.cbrt(),
            false => f64::EPSILON.sqrt(),
        };
        let relative = relative * self.widening;
        let sizes = self.x.iter().zip(&self.typical);
        sizes.map(|(x, t)| relative * x.abs().max(*t)).collect()
    }

    /// Looks for the size of each unknown, smaller than is assumed, whose displacement changed the residuals by much: see
    /// [`scale`](crate::scale). A Jacobian for each hundredth.
    pub(super) fn find_scale(&mut self, calls: &mut Calls<'_>) -> Result<(), Halt> {
        if calls.is_given {
            return Ok(());
        }
        let size = self.value.sqrt();
        let mut known = self.seen();
        let mut open: Vec<usize> = (0..known.len())
            .filter(|&i| self.x[i].abs() < self.typical[i] && known[i].is_large(size))
            .collect();
        for round in 0..scale::ROUNDS {
            if open.is_empty() {
                return Ok(());
            }
            open.iter().for_each(|&i| self.typical[i] *= scale::SHRINK);
            self.scale.fill(0.0);
            match self.differentiate(calls) {
                Err(Halt::Difference(_)) => break,
                done => done?,
            }
            let now = self.seen();
            open.retain(|&i| {
                let verdict = now[i].after(&known[i], round == 0, size);
                match verdict {
                    Size::AsAssumed => self.typical[i] = TYPICAL,
                    Size::Found(size) => self.typical[i] = size,
                    Size::Smaller => {}
                }
                verdict == Size::Smaller
            });
            known = now;
        }
        if open.is_empty() {
            return Ok(());
        }
        // A jump: no displacement is short enough.
        open.iter().for_each(|&i| self.typical[i] = TYPICAL);
        self.scale.fill(0.0);
        self.differentiate(calls)
    }

    /// The slopes of the residuals along the coordinates, and the displacements over which they were taken.
    pub(super) fn seen(&self) -> Vec<Seen> {
        let columns = self.jacobian.column_norms().into_iter();
        let steps = self.steps().into_iter();
        let seen = columns.zip(steps).map(|(slope, step)| Seen { slope, step });
        seen.collect()
    }
}

/// The coordinate in which r is not known around x; any other reason for there being no J is passed on.
pub(super) fn domain(halt: Halt) -> Result<usize, Halt> {
    use numdiff_core::Error::{Function, NonFiniteValue};
    match halt {
        Halt::Difference(NonFiniteValue { coordinate, .. } | Function { coordinate, .. }) => {
            Ok(coordinate)
        }
        halt => Err(halt),
    }
}
