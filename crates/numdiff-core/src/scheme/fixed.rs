//! Fixed stencils: the nodes do not depend on f's values.

use super::balance::Balance;
use crate::stencil::{MAX_NODES, symmetrize, weights_into};
use crate::survey::{Frame, Line};
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
    /// Floor of the scale of x for steps that are relative to it.
    pub typical: f64,
    /// Divide by the step asked for instead of the distance really moved.
    pub nominal: bool,
}

/// The nodes along one line, and whether a step vanished in rounding.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    pub count: usize,
    /// The displacement asked for: a multiple of the step.
    pub t: [f64; MAX_NODES],
    /// Multiples of the step.
    pub multiple: [f64; MAX_NODES],
    pub step: f64,
    pub vanished: bool,
}

impl Layout {
    pub fn nodes(&self) -> &[f64] {
        &self.t[..self.count]
    }
}

impl Fixed {
    /// Checks the settings against the order of the derivative and the length of x.
    #[inline]
    pub fn validate(&self, order: usize, length: usize) -> Result<(), Error> {
        let whole = |argument, value: usize, expected| Error::OutOfRange {
            argument,
            value: value as f64,
            expected,
        };
        if self.accuracy == 0 {
            return Err(whole("accuracy", 0, "at least 1"));
        }
        if order == 0 {
            return Err(whole("order", 0, "at least 1"));
        }
        let sum = order.saturating_add(self.accuracy);
        if sum > MAX_NODES - 2 {
            return Err(whole("order + accuracy", sum, "at most 22"));
        }
        if !(self.typical > 0.0 && self.typical.is_finite()) {
            return Err(Error::OutOfRange {
                argument: "typical x",
                value: self.typical,
                expected: "positive and finite",
            });
        }
        self.step.validate()?;
        match &self.step {
            Step::PerCoordinate(steps) if steps.len() != length => Err(Error::Length {
                argument: "steps per coordinate",
                found: steps.len(),
                expected: length,
            }),
            _ => Ok(()),
        }
    }

    /// The factor of the steps that is common to all coordinates.
    #[inline]
    pub fn factor(&self, epsilon: f64, order: usize) -> f64 {
        if let Step::Balanced { noise, derivative } = self.step {
            return Balance::of(self, order).step(noise, derivative);
        }
        self.step.factor(epsilon, order, self.effective_accuracy())
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
    pub fn unbounded(&self, order: usize) -> Layout {
        let (first, last) = self.window(order);
        self.place(first, last, 1.0, order)
    }

    /// The outer multiples of the step, where the formula is one of the two that need no weights
    /// when the steps are exact: a first derivative from two values, a second one from three.
    #[inline]
    pub fn outer(&self, order: usize) -> Option<[f64; 2]> {
        match (self.side, order, self.accuracy) {
            (Side::Central, 1 | 2, 1 | 2) => Some([-1.0, 1.0]),
            (Side::Forward, 1, 1) => Some([0.0, 1.0]),
            (Side::Backward, 1, 1) => Some([-1.0, 0.0]),
            _ => None,
        }
    }

    /// The distance by which a first derivative from two values is divided.
    #[inline(always)]
    pub fn span(&self, multiple: [f64; 2], step: f64, moved: [f64; 2]) -> f64 {
        if self.nominal {
            (multiple[1] - multiple[0]) * step
        } else {
            moved[1] - moved[0]
        }
    }

    /// Chooses the nodes along a line.
    pub fn layout(&self, frame: &Frame<'_>) -> Result<Layout, Error> {
        let order = frame.survey.order;
        let (first, last) = self.window(order);
        let mut step = frame.step;
        let mut layout = self.place(first, last, step, order);
        if !step.is_finite() {
            // No number of halvings brings it inside any bounds.
            return Err(too_long(frame, step));
        }
        if frame.bounds.is_some() && !layout.nodes().iter().all(|&t| frame.inside(t)) {
            // Same accuracy on the admissible points: the window nearest to the intended one, then
            // smaller steps.
            let width = (order + self.effective_accuracy() - 1) as i32;
            let center = (first + last - width).div_euclid(2);
            layout = loop {
                let shifted = (0..=2 * width + 2)
                    .map(|k| center + if k % 2 == 0 { k / 2 } else { -(k / 2 + 1) })
                    .filter(|&a| a <= 0 && a + width >= 0)
                    .map(|a| self.place(a, a + width, step, order))
                    .find(|candidate| candidate.nodes().iter().all(|&t| frame.inside(t)));
                if let Some(found) = shifted {
                    break found;
                }
                step *= 0.5;
                let (coordinate, moved) = frame.first(step);
                if step == 0.0
                    || frame.survey.moved_to(coordinate, moved) == frame.survey.x[coordinate]
                {
                    return Err(no_room(frame, width as usize + 1));
                }
            };
        }
        let nodes = layout.nodes();
        let width = nodes[nodes.len() - 1] - nodes[0];
        if !(width.is_finite() && nodes.iter().all(|&t| frame.inside(t))) {
            return Err(too_long(frame, layout.step));
        }
        self.check_distinct(frame, layout)
    }

    /// Nodes first..=last; the middle one of a central scheme for an odd derivative has weight 0.
    fn place(&self, first: i32, last: i32, step: f64, order: usize) -> Layout {
        let mut layout = Layout {
            count: 0,
            t: [0.0; MAX_NODES],
            multiple: [0.0; MAX_NODES],
            step,
            vanished: false,
        };
        for k in first..=last {
            if k == 0 && first == -last && order % 2 == 1 {
                continue;
            }
            let multiple = f64::from(k);
            layout.multiple[layout.count] = multiple;
            layout.t[layout.count] = multiple * step;
            layout.count += 1;
        }
        layout
    }

    fn check_distinct(&self, frame: &Frame<'_>, mut layout: Layout) -> Result<Layout, Error> {
        let Line::Coordinate(coordinate) = frame.line else {
            return Ok(layout);
        };
        for k in 1..layout.count {
            if frame.moved(layout.t[k]) == frame.moved(layout.t[k - 1]) {
                layout.vanished = true;
            }
        }
        if self.nominal {
            layout.vanished |= layout
                .nodes()
                .iter()
                .any(|&t| t != 0.0 && frame.moved(t) == 0.0);
        } else if layout.vanished {
            return Err(Error::StepVanishes {
                coordinate,
                x: frame.survey.x[coordinate],
                step: layout.step,
                smallest: frame.survey.spacing(coordinate),
            });
        }
        Ok(layout)
    }

    /// The derivative from f's values at the nodes. `moved(t)` is the displacement really made.
    #[inline]
    pub fn combine(
        &self,
        order: usize,
        layout: &Layout,
        moved: impl Fn(f64) -> f64,
        value: impl Fn(usize) -> f64,
    ) -> f64 {
        self.weigh(order, layout, moved).combine(value)
    }

    /// What all outputs along a line share.
    pub fn weigh(&self, order: usize, layout: &Layout, moved: impl Fn(f64) -> f64) -> Weights {
        let n = layout.count;
        let mut weights = Weights {
            order,
            count: n,
            weights: [0.0; MAX_NODES],
            h: layout.step,
            span: None,
        };
        if n == 2 && order == 1 {
            let multiple = [layout.multiple[0], layout.multiple[1]];
            let moved = [moved(layout.t[0]), moved(layout.t[1])];
            weights.span = Some(self.span(multiple, layout.step, moved));
            return weights;
        }
        let h = layout.step;
        let mut nodes = layout.multiple;
        if !self.nominal {
            for k in 0..n {
                // Exact for a power of two, whose multiples x holds: the integer comes back.
                nodes[k] = moved(layout.t[k]) / h;
            }
        }
        weights_into(order, &nodes[..n], &mut weights.weights[..n]);
        symmetrize(order, &nodes[..n], &mut weights.weights[..n]);
        weights
    }
}

/// The weights of a line's nodes.
pub(crate) struct Weights {
    order: usize,
    count: usize,
    weights: [f64; MAX_NODES],
    h: f64,
    /// Of two values, whose difference is divided by it.
    span: Option<f64>,
}

impl Weights {
    /// The derivative from f's values at the nodes.
    #[inline]
    pub fn combine(&self, value: impl Fn(usize) -> f64) -> f64 {
        if let Some(span) = self.span {
            return quotient(value(0), value(1), span);
        }
        let n = self.count;
        // The weights sum to zero: take the differences first, which cancel exactly where f varies
        // little, so that the rounding of a weight multiplies a difference and not a value.
        let reference = value(n / 2);
        let mut sum = 0.0;
        for k in 0..n {
            sum += self.weights[k] * (value(k) - reference);
        }
        // Divided one by one: h to the power of the order may underflow.
        (0..self.order).fold(sum, |sum, _| sum / self.h)
    }
}

/// The second derivative from f(x - h), f(x), f(x + h), in the order in which
/// [`combine`](Fixed::combine) adds up the weights 1, -2, 1.
#[inline(always)]
pub(crate) fn second(low: f64, base: f64, high: f64, h: f64) -> f64 {
    ((low - base) + (high - base)) / h / h
}

/// (b - a) / span, also where b - a overflows.
#[inline(always)]
pub(crate) fn quotient(a: f64, b: f64, span: f64) -> f64 {
    let difference = b - a;
    if difference.is_finite() {
        difference / span
    } else {
        (0.5 * b - 0.5 * a) / (0.5 * span)
    }
}

fn too_long(frame: &Frame<'_>, step: f64) -> Error {
    let (coordinate, step) = frame.first(step);
    Error::StepOverflows {
        coordinate,
        x: frame.survey.x[coordinate],
        step,
    }
}

fn no_room(frame: &Frame<'_>, nodes: usize) -> Error {
    let (coordinate, _) = frame.first(0.0);
    let (lower, upper) = frame
        .bounds
        .map_or((f64::NEG_INFINITY, f64::INFINITY), |b| {
            (b.lower.at(coordinate), b.upper.at(coordinate))
        });
    Error::NoRoom {
        coordinate,
        x: frame.survey.x[coordinate],
        lower,
        upper,
        nodes,
    }
}
