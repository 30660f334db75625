//! Kinks and jumps at x, and derivatives that fall to zero like a power of h.

use super::constants::*;
use super::power::{exponent, power_of_two};
use super::sampling::{Miss, Node, if_defined, if_there};
use super::state::{Search, not_smooth};

impl Search<'_, '_> {
    /// Two looks far apart that agree on a bend or a step which a smooth f can't keep, and a third at the
    /// smallest step that can tell it from rounding: f has a kink or a jump at x ([`Miss::Rough`]), or where
    /// it is gone structure above that step, whose exponent this is.
    ///
    /// At a kink the even part over h stays (smooth: falls like h); at a jump the differences
    /// themselves stay.
    pub(super) fn rough_at_x(&mut self, above: &Node, below: &Node) -> Result<Option<i32>, Miss> {
        let rounding = self.task.epsilon * below.size;
        // Below 1 % in common nothing is claimed.
        let kink = alike(above.bend, below.bend, AT_BOTH)
            && below.bend.abs() * power_of_two(below.exponent) > 64.0 * rounding
            && below.bend.abs() > WEAK_KINK * below.slope.abs();
        let [rise, curve] = differences(below);
        let jump = together(above, below, AT_BOTH) && rise.abs().max(curve.abs()) > 64.0 * rounding;
        if !(kink || jump) || above.exponent - below.exponent < 2 {
            return Ok(None);
        }
        let line = &mut self.line;
        // Where the bend is 2^8 times the rounding: 1 % survives.
        let smallest = if jump {
            line.lowest
        } else {
            exponent((rounding * 256.0 / below.bend.abs()).max(f64::MIN_POSITIVE)) + 1
        };
        // 60 octaves below the scale of x nothing that is seen is taken for structure; 0 has no scale.
        let octaves = if line.place.position > 0.0 { 60 } else { 400 };
        let scale = exponent(line.place.position.max(line.place.typical)) - octaves;
        let smallest = smallest.max(line.lowest).max(scale).min(below.exponent - 1);
        let Some(node) = if_defined(line.sample(smallest))? else {
            return Ok(None);
        };
        if kink && alike(below.bend, node.bend, AT_ALL) {
            return Err(not_smooth(node.slope, node.bend.abs(), smallest));
        }
        if jump && together(below, &node, AT_ALL) {
            return Err(not_smooth(node.slope, f64::INFINITY, smallest));
        }
        Ok(Some(smallest))
    }

    /// A value beside `t` is off by the same `jump` from the line of this slope: f jumps at x.
    pub(super) fn jump_again(&mut self, slope: f64, t: f64, jump: f64) -> Result<bool, Miss> {
        let t = ANOTHER * t;
        let value = if_there(self.line.value(t))?;
        Ok(value.is_some_and(|value| {
            let again = value - self.line.center - slope * self.line.moved(t);
            (again - jump).abs() <= 1e-2 * jump.abs()
        }))
    }
}

/// Differences of f at a node: odd and even.
fn differences(node: &Node) -> [f64; 2] {
    [node.slope, node.bend].map(|quotient| quotient * power_of_two(node.exponent))
}

fn alike(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * a.abs().max(b.abs())
}

/// Whether both differences are alike at two nodes, beside the largest of them.
fn together(a: &Node, b: &Node, tolerance: f64) -> bool {
    let ([a, c], [b, d]) = (differences(a), differences(b));
    let size = a.abs().max(b.abs()).max(c.abs()).max(d.abs());
    (a - b).abs() <= tolerance * size && (c - d).abs() <= tolerance * size
}

/// The last of the looks on the way down when the differences fell from look to look like |h|^1.4 or faster,
/// over 16 octaves or more.
pub(super) fn vanishing(looks: &[Node]) -> Option<Node> {
    let (first, last) = (looks.first()?, looks.last()?);
    let size = |node: &Node| node.slope.abs().max(node.bend.abs());
    let falls = looks.windows(2).all(|pair| {
        let fall = 0.4 * f64::from(pair[0].exponent - pair[1].exponent);
        size(&pair[1]) <= size(&pair[0]) * (-fall).exp2()
    });
    let spans = first.exponent - last.exponent >= 16;
    (looks.len() >= 3 && falls && spans).then_some(*last)
}
