//! Fixed stencils: nodes that do not depend on f's values, and the formula on them.

use super::balance::Balance;
use super::formula::Formula;
use crate::error::{expect, expect_length};
use crate::line::{Direction, Line};
use crate::stencil::MAX_NODES;
use crate::step::Pace;
use crate::{Error, Step};

/// On which side of x the nodes lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Side {
    Forward,
    Backward,
    Central,
}

/// A fixed scheme: side, accuracy, step and divisor.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Fixed {
    pub side: Side,
    /// Order of the truncation error.
    pub accuracy: usize,
    pub step: Step,
    /// Floor of the scale of x for steps that are relative to it, where the caller gave one.
    pub typical: Option<f64>,
    /// Divide by the step asked for instead of the distance really moved.
    pub nominal: bool,
}

/// The nodes along one line: consecutive multiples of the step, and whether it vanished in rounding.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nodes {
    /// The first multiple.
    first: i32,
    pub count: usize,
    /// Whether x itself is left out.
    skips_x: bool,
    pub step: f64,
    pub vanished: bool,
}

impl Nodes {
    /// Node `k` as a multiple of the step.
    #[inline(always)]
    pub fn multiple(&self, k: usize) -> f64 {
        let multiple = self.first + k as i32;
        f64::from(multiple + i32::from(self.skips_x && multiple >= 0))
    }

    /// The displacement asked for at node `k`.
    #[inline(always)]
    pub fn t(&self, k: usize) -> f64 {
        self.multiple(k) * self.step
    }

    /// The displacements of all nodes.
    pub fn displacements(&self) -> impl Iterator<Item = f64> + Clone + '_ {
        (0..self.count).map(|k| self.t(k))
    }

    /// Nodes first..=last; the middle one of a central scheme for an odd derivative has weight 0.
    fn new(first: i32, last: i32, step: f64, order: usize) -> Self {
        let skips_x = first == -last && order % 2 == 1;
        Nodes {
            first,
            count: (last - first) as usize + usize::from(!skips_x),
            skips_x,
            step,
            vanished: false,
        }
    }
}

impl Fixed {
    /// Automatic steps on this side.
    pub fn new(side: Side, accuracy: usize) -> Self {
        Fixed {
            side,
            accuracy,
            step: Step::Automatic,
            typical: None,
            nominal: false,
        }
    }

    /// Checks the settings against the order of the derivative and the length of x.
    #[inline]
    pub fn validate(&self, order: usize, length: usize) -> Result<(), Error> {
        expect(self.accuracy > 0, "accuracy", 0.0, "at least 1")?;
        expect(order > 0, "order", 0.0, "at least 1")?;
        let sum = order.saturating_add(self.accuracy);
        let fits = sum <= MAX_NODES - 2;
        expect(fits, "order + accuracy", sum as f64, "at most 22")?;
        if let Some(typical) = self.typical {
            let fits = typical > 0.0 && typical.is_finite();
            expect(fits, "typical x", typical, "positive and finite")?;
        }
        self.step.validate()?;
        match &self.step {
            Step::PerCoordinate(steps) => {
                expect_length("steps per coordinate", steps.len(), length)
            }
            _ => Ok(()),
        }
    }

    /// What the steps of all coordinates have in common.
    #[inline]
    pub fn pace(&self, epsilon: f64, order: usize) -> Pace {
        if let Step::Balanced { noise, derivative } = self.step {
            return Pace::constant(self.balance(order).step(noise, derivative));
        }
        let accuracy = self.effective_accuracy();
        self.step.pace(epsilon, order, accuracy, self.typical)
    }

    /// What it makes of noise and of truncation, for the derivative of this order, without bounds.
    pub fn balance(&self, order: usize) -> Balance {
        let unbounded = self.unbounded(order);
        let mut nodes = [0.0; MAX_NODES];
        for (slot, t) in nodes.iter_mut().zip(unbounded.displacements()) {
            *slot = t;
        }
        Balance::of(&nodes[..unbounded.count], order, self.effective_accuracy())
    }

    /// The accuracy in force: a central scheme has an even one.
    pub fn effective_accuracy(&self) -> usize {
        match self.side {
            Side::Central => self.accuracy.next_multiple_of(2),
            _ => self.accuracy,
        }
    }

    /// First and last multiple of the step, without bounds.
    pub fn window(&self, order: usize) -> (i32, i32) {
        let p = self.effective_accuracy();
        match self.side {
            Side::Central => {
                let half = (order.div_ceil(2) - 1 + p / 2) as i32;
                (-half, half)
            }
            Side::Forward => (0, (order + p - 1) as i32),
            Side::Backward => (-((order + p - 1) as i32), 0),
        }
    }

    /// The nodes for a step of one, without bounds.
    pub fn unbounded(&self, order: usize) -> Nodes {
        let (first, last) = self.window(order);
        Nodes::new(first, last, 1.0, order)
    }

    /// Chooses the nodes along a line.
    pub fn nodes(&self, line: &Line<'_>) -> Result<Nodes, Error> {
        let (line_set, step) = (line.line_set, line.step);
        if !step.is_finite() {
            // No number of halvings brings it inside any bounds.
            return Err(too_long(line, step));
        }
        let (first, last) = self.window(line_set.order);
        let mut nodes = Nodes::new(first, last, step, line_set.order);
        if line.bounds.is_some() && !nodes.displacements().all(|t| line.inside(t)) {
            nodes = self.nodes_within(line, first, last)?;
        }
        let width = nodes.t(nodes.count - 1) - nodes.t(0);
        let mut in_range = width.is_finite();
        let Direction::Coordinate(i) = line.direction else {
            in_range &= nodes.displacements().all(|t| line.inside(t));
            return if in_range {
                Ok(nodes)
            } else {
                Err(too_long(line, nodes.step))
            };
        };
        let (mut before, asked) = (f64::NAN, nodes);
        for t in asked.displacements() {
            let moved = line_set.moved_to(i, t) - line_set.x[i];
            in_range &= moved.is_finite();
            nodes.vanished |= moved == before || (self.nominal && t != 0.0 && moved == 0.0);
            before = moved;
        }
        if !in_range {
            Err(too_long(line, nodes.step))
        } else if nodes.vanished && !self.nominal {
            Err(Error::StepVanishes {
                coordinate: i,
                x: line_set.x[i],
                step: nodes.step,
                smallest: line_set.spacing(i),
            })
        } else {
            Ok(nodes)
        }
    }

    /// Same accuracy on the admissible points: the window nearest to the intended one, then smaller steps.
    fn nodes_within(&self, line: &Line<'_>, first: i32, last: i32) -> Result<Nodes, Error> {
        let (order, mut step) = (line.line_set.order, line.step);
        let width = (order + self.effective_accuracy() - 1) as i32;
        let center = (first + last - width).div_euclid(2);
        loop {
            let shifted = (0..=2 * width + 2)
                .map(|k| center + if k % 2 == 0 { k / 2 } else { -(k / 2 + 1) })
                .filter(|&a| a <= 0 && a + width >= 0)
                .map(|a| Nodes::new(a, a + width, step, order))
                .find(|candidate| candidate.displacements().all(|t| line.inside(t)));
            if let Some(found) = shifted {
                return Ok(found);
            }
            step *= 0.5;
            let (coordinate, moved) = line.first(step);
            if step == 0.0
                || line.line_set.moved_to(coordinate, moved) == line.line_set.x[coordinate]
            {
                return Err(no_room(line, width as usize + 1));
            }
        }
    }

    /// What turns f's values at the nodes into the derivative. `moved(t)` is the displacement really
    /// made.
    pub fn formula(&self, order: usize, nodes: &Nodes, moved: impl Fn(f64) -> f64) -> Formula {
        let (n, h) = (nodes.count, nodes.step);
        if n == 2 && order == 1 {
            let span = match self.nominal {
                true => (nodes.multiple(1) - nodes.multiple(0)) * h,
                false => moved(nodes.t(1)) - moved(nodes.t(0)),
            };
            return Formula::Quotient(span);
        }
        let mut scaled = [0.0; MAX_NODES];
        for (k, slot) in scaled[..n].iter_mut().enumerate() {
            // Exact for a power of two, whose multiples x holds: the integer comes back.
            *slot = match self.nominal {
                true => nodes.multiple(k),
                false => moved(nodes.t(k)) / h,
            };
        }
        Formula::weighted(order, &scaled[..n], h)
    }
}

fn too_long(line: &Line<'_>, step: f64) -> Error {
    let (coordinate, step) = line.first(step);
    Error::StepOverflows {
        coordinate,
        x: line.line_set.x[coordinate],
        step,
    }
}

fn no_room(line: &Line<'_>, nodes: usize) -> Error {
    let (coordinate, _) = line.first(0.0);
    let (lower, upper) = line.bounds.map_or((f64::NEG_INFINITY, f64::INFINITY), |b| {
        (b.lower.at(coordinate), b.upper.at(coordinate))
    });
    Error::NoRoom {
        coordinate,
        x: line.line_set.x[coordinate],
        lower,
        upper,
        nodes,
    }
}
