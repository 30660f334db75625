//! What is asked of every fit of a line.

use super::constants::FACTORIAL;
use super::power::power_of_two;
use super::sampling::Sides;
use super::shape::MOST;
use crate::line::Place;

/// What is asked of every fit of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Task {
    pub order: usize,
    /// Powers of h from level to level: 2 central, 1 one-sided.
    pub power: usize,
    /// The level that holds the derivative.
    pub level: usize,
    /// Whether it is in the even part.
    pub even: bool,
    /// n!, the derivative per unit of its Taylor coefficient.
    pub factorial: f64,
    /// Nodes that a first look needs.
    pub needed: usize,
    /// Most nodes of a window.
    pub most: usize,
    /// Relative rounding of f.
    pub epsilon: f64,
    /// Noise of f per unit of its slope, by the rounding of the points.
    pub shift: f64,
    /// Sign of the derivative in the series in |t|.
    pub sign: f64,
}

impl Task {
    pub(super) fn new(order: usize, sides: Sides, place: &Place) -> Task {
        let odd = order % 2 == 1;
        let (power, level, sign) = match sides {
            Sides::Both => (2, (order - 1) / 2, 1.0),
            Sides::One(side) => (1, order - 1, if odd { 1.0 } else { side }),
        };
        let central = power == 2;
        Task {
            order,
            power,
            level,
            even: central && !odd,
            factorial: FACTORIAL[order],
            needed: level + if central && odd { 2 } else { 3 },
            most: if central { MOST.min(level + 6) } else { MOST },
            epsilon: place.epsilon,
            shift: place.rounding_of_points,
            sign,
        }
    }

    /// The derivative per unit of its level in a window whose largest step is 2^`highest`.
    pub(super) fn unit(&self, highest: i32) -> f64 {
        let octaves = highest * (self.order as i32 - 1);
        self.factorial * power_of_two(-octaves.clamp(-1022, 1022))
    }
}
