//! Pairs of evaluations around x, kept by the exponent of their step.

use super::power::{binade, exponent, power_of_two};
use super::settings::Settings;
use crate::line::{LineEstimate, Pending, Place};
use crate::scheme::OneOutput;

/// Most nodes kept; a budget of 2 * NODES + 2 evaluations is the largest that is of use.
pub(super) const NODES: usize = 40;

/// Why a value is not there, or nothing more is looked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Miss {
    /// The driver halted: return at once.
    Pending,
    /// f is not defined there, or the point lies outside the bounds.
    Undefined,
    /// The budget is spent.
    Spent,
    /// f has a kink or a jump at x: this is all there is to say.
    Rough(LineEstimate),
}

/// `None` where f is not defined.
pub(super) fn if_defined<T>(found: Result<T, Miss>) -> Result<Option<T>, Miss> {
    match found {
        Err(Miss::Undefined) => Ok(None),
        found => found.map(Some),
    }
}

/// `None` where f is not defined or the budget is spent: what a search can do without.
pub(super) fn if_there<T>(found: Result<T, Miss>) -> Result<Option<T>, Miss> {
    match found {
        Err(Miss::Spent) => Ok(None),
        found => if_defined(found),
    }
}

impl From<Pending> for Miss {
    fn from(_: Pending) -> Self {
        Miss::Pending
    }
}

/// What f says at distance h = 2^exponent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Node {
    pub exponent: i32,
    /// Odd part over h; one-sided: the difference quotient.
    pub slope: f64,
    /// (Even part - f(x)) over h; 0 one-sided.
    pub bend: f64,
    /// Largest |f| involved.
    pub size: f64,
    /// Its binade.
    pub binade: f64,
}

/// Where the points may lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sides {
    Both,
    /// The sign of the displacement.
    One(f64),
}

/// The line, with what is known of it.
pub(super) struct Line<'a> {
    samples: OneOutput<'a>,
    pub place: Place,
    pub sides: Sides,
    pub center: f64,
    nodes: [Node; NODES],
    count: usize,
    /// Smallest exponent used: nodes are then exact points.
    pub lowest: i32,
    /// Largest exponent that keeps within the reach.
    pub highest: i32,
    /// The side on which a point was last undefined; 0 for none.
    pub undefined_side: f64,
    /// The smallest exponent found undefined.
    pub undefined_from: i32,
    /// A difference of finite values was too large for its step.
    pub overflows: bool,
    asked: [f64; 2 * NODES + 4],
    asked_count: usize,
    budget: usize,
}

impl<'a> Line<'a> {
    pub(super) fn new(settings: &Settings, samples: OneOutput<'a>) -> Self {
        let place = samples.line.place();
        // 64 spacings: x +- h and the pairs of every larger power of two are points of the grid,
        // and the rounding of x + h is at most 1/128 of h where a binade ends in between.
        let lowest = (exponent(place.spacing) + 6).clamp(-1000, 1000);
        let mut highest = exponent(place.reach.min(f64::MAX)).min(1020);
        // x +- h is rounded: the distance made may be above h.
        let h = power_of_two(highest);
        if !(samples.line.reaches(h) && samples.line.reaches(-h)) {
            highest -= 1;
        }
        Line {
            samples,
            place,
            sides: Sides::Both,
            center: f64::NAN,
            nodes: [Node::default(); NODES],
            count: 0,
            lowest,
            highest,
            undefined_side: 0.0,
            undefined_from: i32::MAX,
            overflows: false,
            asked: [0.0; 2 * NODES + 4],
            asked_count: 0,
            budget: settings.max_evaluations.min(2 * NODES + 2),
        }
    }

    /// Forgets the nodes, to look at these sides; values asked for stay free.
    pub(super) fn look_at(&mut self, sides: Sides) {
        self.sides = sides;
        self.count = 0;
        self.undefined_from = i32::MAX;
        self.undefined_side = 0.0;
    }

    /// Evaluations asked for so far.
    pub(super) fn asked(&self) -> usize {
        self.asked_count
    }

    /// Evaluations that are left.
    pub(super) fn left(&self) -> usize {
        self.budget.saturating_sub(self.asked_count)
    }

    /// The only side on which a step of 2^exponent keeps within the bounds, if there is one only.
    pub(super) fn only_side_with_room(&self, exponent: i32) -> Option<f64> {
        let h = power_of_two(exponent);
        match (self.samples.line.inside(-h), self.samples.line.inside(h)) {
            (false, true) => Some(1.0),
            (true, false) => Some(-1.0),
            _ => None,
        }
    }

    /// Whether f may be evaluated at displacement t.
    fn admits(&self, t: f64) -> bool {
        let near = t.abs() <= power_of_two(self.highest);
        self.samples.line.inside(t) && (near || self.samples.line.reaches(t))
    }

    /// f at displacement t, counted.
    pub(super) fn value(&mut self, t: f64) -> Result<f64, Miss> {
        if self.admits(t) {
            self.admitted(t)
        } else {
            Err(Miss::Undefined)
        }
    }

    /// The same where it may be evaluated.
    fn admitted(&mut self, t: f64) -> Result<f64, Miss> {
        if !self.asked[..self.asked_count].contains(&t) {
            if self.left() == 0 {
                return Err(Miss::Spent);
            }
            self.asked[self.asked_count] = t;
            self.asked_count += 1;
        }
        let value = self.samples.value(t)?;
        if value.is_finite() {
            Ok(value)
        } else {
            Err(Miss::Undefined)
        }
    }

    /// The displacement really made.
    pub(super) fn moved(&self, t: f64) -> f64 {
        self.samples.line.moved(t)
    }

    /// What was sampled, smallest step first.
    pub(super) fn nodes(&self) -> &[Node] {
        &self.nodes[..self.count]
    }

    /// The node of this exponent, if it was sampled.
    pub(super) fn node(&self, exponent: i32) -> Option<&Node> {
        self.nodes().iter().find(|node| node.exponent == exponent)
    }

    /// The consecutive nodes `lowest..=highest`; `None` if one is missing.
    pub(super) fn run(&self, lowest: i32, highest: i32) -> Option<&[Node]> {
        let count = usize::try_from(highest - lowest + 1).ok()?;
        let run = self.run_below(highest, count);
        (run.len() == count).then_some(run)
    }

    /// The node of this exponent and the consecutive ones below it, `most` in all; empty if it is missing.
    pub(super) fn run_below(&self, highest: i32, most: usize) -> &[Node] {
        let nodes = self.nodes();
        let Some(last) = nodes.iter().rposition(|node| node.exponent == highest) else {
            return &[];
        };
        let mut first = last;
        while first > 0
            && last - first + 1 < most
            && nodes[first - 1].exponent == nodes[first].exponent - 1
        {
            first -= 1;
        }
        &nodes[first..=last]
    }

    /// How many of the nodes `lowest..=highest` are not sampled.
    #[inline]
    pub(super) fn missing(&self, lowest: i32, highest: i32) -> usize {
        let wanted = (highest - lowest) as u32;
        let mut missing = wanted as usize + 1;
        for node in self.nodes() {
            let above = node.exponent.wrapping_sub(lowest) as u32;
            missing -= usize::from(above <= wanted);
        }
        missing
    }

    /// Samples the node of this exponent; returns it at once if it is there.
    pub(super) fn sample(&mut self, exponent: i32) -> Result<Node, Miss> {
        if let Some(node) = self.node(exponent) {
            return Ok(*node);
        }
        if exponent >= self.undefined_from || exponent > self.highest {
            return Err(Miss::Undefined);
        }
        if self.count == NODES {
            return Err(Miss::Spent);
        }
        let quotients = self.quotients(power_of_two(exponent));
        if quotients == Err(Miss::Undefined) {
            self.undefined_from = exponent;
        }
        let [slope, bend, size] = quotients?;
        let node = Node {
            exponent,
            slope,
            bend,
            size,
            binade: binade(size),
        };
        let at = self
            .nodes()
            .partition_point(|other| other.exponent < exponent);
        self.nodes.copy_within(at..self.count, at + 1);
        self.nodes[at] = node;
        self.count += 1;
        Ok(node)
    }

    /// The odd and the even part over h, and the largest |f| involved.
    fn quotients(&mut self, h: f64) -> Result<[f64; 3], Miss> {
        // Halved before they are added: no overflow.
        let half = 0.5 * self.center;
        let [slope, bend, size] = if let Sides::One(side) = self.sides {
            let value = self.value(side * h)?;
            let slope = (0.5 * value - half) / (0.5 * self.moved(side * h));
            [slope, 0.0, value.abs()]
        } else {
            let [minus, plus] = self.pair(h)?;
            let (up, down) = (self.moved(h), -self.moved(-h));
            let slope = (0.5 * plus - 0.5 * minus) / (0.5 * (up + down));
            // The last term removes what the slope leaves in the even part where the two displacements differ by a
            // rounding.
            let even = (0.5 * plus - half) + (0.5 * minus - half) - slope * (0.5 * (up - down));
            [slope, even / h, plus.abs().max(minus.abs())]
        };
        if !(slope.is_finite() && bend.is_finite()) {
            self.overflows = true;
            return Err(Miss::Undefined);
        }
        Ok([slope, bend, size.max(self.center.abs())])
    }

    /// f at -h and at h.
    fn pair(&mut self, h: f64) -> Result<[f64; 2], Miss> {
        // The side that failed before, or else the one toward 0 of a positive x, goes first: a
        // pair that fails then costs one evaluation.
        let known = self.undefined_side != 0.0;
        let first = if known { self.undefined_side } else { -1.0 };
        let both = self.admits(h) && self.admits(-h);
        if self.count > 0 && !known && both && self.left() >= 2 {
            self.samples.source.announce(&[-h, h]);
        }
        let mut values = [0.0; 2];
        for side in [first, -first] {
            let value = match both {
                true => self.admitted(side * h),
                false => self.value(side * h),
            };
            if value == Err(Miss::Undefined) {
                self.undefined_side = side;
            }
            values[usize::from(side > 0.0)] = value?;
        }
        Ok(values)
    }

    /// Tells the driver which values come first.
    pub(super) fn announce_first(&mut self, exponent: i32) {
        let h = power_of_two(exponent);
        let t = match self.sides {
            Sides::Both => -h,
            Sides::One(side) => side * h,
        };
        if self.left() >= 2 && self.admits(t) {
            self.samples.source.announce(&[0.0, t]);
        }
    }
}
