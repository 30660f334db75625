//! Kinks and jumps at x, and derivatives that fall to zero like a power of h.

use super::power::{exponent, power_of_two};
use super::sampling::{Line, Miss, Node};
use super::task::Task;
use crate::line::Samples;

/// f has a kink or a jump at x.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rough {
    /// The middle of the two one-sided slopes of a kink.
    pub slope: f64,
    /// Half their difference; infinite at a jump.
    pub error: f64,
    pub exponent: i32,
}

/// What two looks say.
pub(super) enum Roughness {
    Smooth,
    Rough(Rough),
    /// Bent or stepped at both, but no longer at the smallest step, whose exponent this is.
    Structure(i32),
}

/// Two looks far apart that agree on a bend or a step which a smooth f can't keep, and a third
/// at the smallest step that can tell it from rounding.
///
/// At a kink the even part over h stays (smooth: falls like h); at a jump the differences
/// themselves stay.
pub(super) fn rough_at_x<S: Samples>(
    line: &mut Line<'_, S>,
    task: &Task,
    above: &Node,
    below: &Node,
) -> Result<Roughness, Miss> {
    let rounding = task.epsilon * below.size;
    let h = power_of_two(below.exponent);
    // Below 1 % in common nothing is claimed.
    let kink = alike(above.bend, below.bend, 0.2)
        && below.bend.abs() * h > 64.0 * rounding
        && below.bend.abs() > 1e-6 * below.slope.abs();
    let step = |node: &Node| {
        let h = power_of_two(node.exponent);
        (node.slope * h, node.bend * h)
    };
    let (above_step, below_step) = (step(above), step(below));
    let jump = together(above_step, below_step, 0.2)
        && below_step.0.abs().max(below_step.1.abs()) > 64.0 * rounding;
    if !(kink || jump) || above.exponent - below.exponent < 2 {
        return Ok(Roughness::Smooth);
    }
    // Where the bend is 2^8 times the rounding: 1 % survives.
    let smallest = if jump {
        line.lowest
    } else {
        let wanted = rounding * 256.0 / below.bend.abs();
        exponent(wanted.max(f64::MIN_POSITIVE)) + 1
    };
    // 60 octaves below the scale of x nothing that is seen is taken for structure; 0 has no scale.
    let octaves = if line.place.position > 0.0 { 60 } else { 400 };
    let scale = exponent(line.place.position.max(line.place.typical)) - octaves;
    let smallest = smallest.max(line.lowest).max(scale).min(below.exponent - 1);
    let node = match line.sample(smallest) {
        Ok(node) => node,
        Err(Miss::Undefined) => return Ok(Roughness::Smooth),
        Err(miss) => return Err(miss),
    };
    if kink && alike(below.bend, node.bend, 0.1) {
        let (slope, error) = (node.slope, node.bend.abs());
        return Ok(Roughness::Rough(Rough {
            slope,
            error,
            exponent: smallest,
        }));
    }
    if jump && together(below_step, step(&node), 0.1) {
        let error = f64::INFINITY;
        return Ok(Roughness::Rough(Rough {
            slope: node.slope,
            error,
            exponent: smallest,
        }));
    }
    Ok(Roughness::Structure(smallest))
}

fn alike(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * a.abs().max(b.abs())
}

fn together(a: (f64, f64), b: (f64, f64), tolerance: f64) -> bool {
    let size = a.0.abs().max(a.1.abs()).max(b.0.abs()).max(b.1.abs());
    (a.0 - b.0).abs() <= tolerance * size && (a.1 - b.1).abs() <= tolerance * size
}

/// Whether a value beside `t` is off by the same `jump` from the line of this slope.
pub(super) fn jump_again<S: Samples>(
    line: &mut Line<'_, S>,
    slope: f64,
    t: f64,
    jump: f64,
) -> Result<bool, Miss> {
    let t = 1.7 * t;
    match line.value(t) {
        Ok(value) => {
            let again = value - line.center - slope * line.moved(t);
            Ok((again - jump).abs() <= 1e-2 * jump.abs())
        }
        Err(Miss::Undefined | Miss::Spent) => Ok(false),
        Err(Miss::Pending) => Err(Miss::Pending),
    }
}

/// How the differences fell from look to look.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Descent {
    first: Option<Node>,
    last: Option<Node>,
    looks: usize,
    broken: bool,
}

impl Descent {
    pub(super) fn add(&mut self, node: &Node) {
        let size = |node: &Node| node.slope.abs().max(node.bend.abs());
        if let Some(last) = &self.last {
            // 0.4 octaves per octave: |x|^1.4 and smoother.
            let fall = 0.4 * f64::from(last.exponent - node.exponent);
            self.broken |= size(node) > size(last) * (-fall).exp2();
        } else {
            self.first = Some(*node);
        }
        self.last = Some(*node);
        self.looks += 1;
    }

    /// The last look when every one fell and they span 16 octaves or more.
    pub(super) fn limit(&self) -> Option<Node> {
        let (first, last) = (self.first?, self.last?);
        let spans = first.exponent - last.exponent >= 16;
        (self.looks >= 3 && !self.broken && spans).then_some(last)
    }
}
