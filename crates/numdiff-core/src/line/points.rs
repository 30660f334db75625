//! One line: where its points lie, and whether they may be evaluated.

use super::{Direction, LineSet, Place};
use crate::Moves;
use crate::bounds::Bounds;
use crate::reach::Reach;

/// A line with everything that does not depend on f's values.
#[derive(Clone, Copy)]
pub(crate) struct Line<'a> {
    pub line_set: &'a LineSet,
    pub bounds: Option<&'a Bounds>,
    pub direction: Direction<'a>,
    /// The step of a fixed scheme along this line, in units of t.
    pub step: f64,
    /// How far from x an adaptive scheme goes.
    pub reach: Option<&'a Reach>,
    /// The displacement at which a witness is looked along; `None` for other lines.
    pub glance: Option<f64>,
}

impl<'a> Line<'a> {
    /// Calls `visit` with each coordinate and its displacement at t = 1, in ascending order of the
    /// line's own entries.
    #[inline]
    fn each(&self, mut visit: impl FnMut(usize, f64)) {
        match self.direction {
            Direction::Coordinate(i) => visit(i, 1.0),
            Direction::Pair(two) => two.iter().for_each(|&(i, d)| visit(i, d)),
            Direction::Entries(entries) => entries.iter().for_each(|&(i, d)| visit(i, d)),
            Direction::Group(columns) => columns
                .iter()
                .filter(|&&j| !self.holds(j))
                .for_each(|&j| visit(j, self.line_set.unit[j])),
            Direction::Offset((own, d), factor, entries) => {
                let mut seen = false;
                for &(i, v) in entries {
                    if i == own {
                        seen = true;
                        visit(i, d + factor * v);
                    } else {
                        visit(i, factor * v);
                    }
                }
                if !seen {
                    visit(own, d);
                }
            }
        }
    }

    /// The point at `t`, as moves from x, of several points from the line's own. `buffer` holds them where there is
    /// more than one.
    #[inline]
    pub fn moves<'b>(&self, t: f64, buffer: &'b mut Vec<(usize, f64)>) -> Moves<'b> {
        if t == 0.0 {
            return Moves::None;
        }
        if let Direction::Coordinate(i) = self.direction {
            let to = self.line_set.moved_to(i, t);
            return match self.line_set.has_several_points() {
                true => Moves::One(i % self.line_set.coordinates(), to),
                false => Moves::One(i, to),
            };
        }
        buffer.clear();
        if matches!(self.direction, Direction::Group(_)) && !self.is_joint() {
            // A column that would leave its bounds at t asks for other points: it stays.
            self.each(|i, d| {
                let to = self.line_set.moved_to(i, t * d);
                if self.admits(i, to) {
                    buffer.push((i, to));
                }
            });
            return Moves::Many(buffer);
        }
        self.each(|i, d| buffer.push((i, self.line_set.moved_to(i, t * d))));
        Moves::Many(buffer)
    }

    /// The first coordinate of the line and its displacement at t, for messages.
    pub fn first(&self, t: f64) -> (usize, f64) {
        match self.direction {
            Direction::Coordinate(i) => (i, t),
            Direction::Pair([(i, d), _]) | Direction::Offset((i, d), ..) => (i, t * d),
            Direction::Entries(entries) => entries.first().map_or((0, t), |&(i, d)| (i, t * d)),
            Direction::Group(columns) => columns
                .first()
                .map_or((0, t), |&j| (j, t * self.line_set.unit[j])),
        }
    }

    /// The displacement really made, in units of t.
    #[inline]
    pub fn moved(&self, t: f64) -> f64 {
        match self.direction {
            Direction::Coordinate(i) => self.line_set.moved_to(i, t) - self.line_set.x[i],
            // One coordinate, however it is scaled: the displacement is known.
            Direction::Entries(&[(i, d)]) => {
                (self.line_set.moved_to(i, t * d) - self.line_set.x[i]) / d
            }
            _ => t,
        }
    }

    /// Whether the rounded point is finite and lies within the bounds.
    #[inline]
    pub fn inside(&self, t: f64) -> bool {
        if let Direction::Coordinate(i) = self.direction {
            return self.admits(i, self.line_set.moved_to(i, t));
        }
        let mut inside = true;
        self.each(|i, d| inside &= self.admits(i, self.line_set.moved_to(i, t * d)));
        inside
    }

    /// Whether every coordinate of the rounded point is within its reach.
    #[inline]
    pub fn reaches(&self, t: f64) -> bool {
        let Some(reach) = self.reach else { return true };
        let mut reaches = true;
        self.each(|i, d| {
            let x = self.line_set.x[i];
            reaches &= (self.line_set.moved_to(i, t * d) - x).abs() <= reach.of(i, x);
        });
        reaches
    }

    /// Whether coordinate `i` may be moved to `to`.
    #[inline]
    fn admits(&self, i: usize, to: f64) -> bool {
        to.is_finite()
            && self
                .bounds
                .is_none_or(|bounds| bounds.lower.at(i) <= to && to <= bounds.upper.at(i))
    }

    /// Whether equal bounds hold coordinate `i` in place.
    fn holds(&self, i: usize) -> bool {
        self.bounds
            .is_some_and(|bounds| bounds.lower.at(i) == bounds.upper.at(i))
    }

    /// Whether equal bounds hold a coordinate of the line in place.
    #[inline]
    pub fn is_fixed(&self) -> bool {
        let Some(bounds) = self.bounds else {
            return false;
        };
        let mut fixed = false;
        self.each(|i, d| fixed |= d != 0.0 && bounds.lower.at(i) == bounds.upper.at(i));
        fixed
    }

    /// Whether estimates along a group belong to all of its columns together.
    fn is_joint(&self) -> bool {
        self.line_set
            .compression
            .as_ref()
            .is_some_and(|c| c.substitutes())
    }

    /// Whether the line does not leave x.
    #[inline]
    pub fn is_still(&self) -> bool {
        match self.direction {
            Direction::Entries(entries) => entries.is_empty(),
            // e_i against a direction along e_i.
            Direction::Offset(..) => {
                let mut still = true;
                self.each(|_, d| still &= d == 0.0);
                still
            }
            _ => false,
        }
    }

    /// Standard deviation of f by the rounding of the line's points, in units of its slope along the
    /// line: the root of the sum of (ulp(x_i) / d_i)^2 / 12, each coordinate taken to contribute as
    /// much to f as the slope shows. One that hardly moves counts as if it moved by [`HARDLY`].
    fn rounding_of_points(&self) -> f64 {
        if let Direction::Entries(&[_]) = self.direction {
            // The displacement is known.
            return 0.0;
        }
        let largest = self.largest_part();
        let mut variance = 0.0;
        self.each(|i, d| {
            if d != 0.0 {
                let unit = self.line_set.unit[i].abs();
                let ratio = self.line_set.spacing(i) / d.abs().max(HARDLY * largest * unit);
                variance += ratio * ratio / 12.0;
            }
        });
        variance.sqrt()
    }

    /// The largest displacement of a coordinate at t = 1, in units of its scale.
    fn largest_part(&self) -> f64 {
        let mut largest = 0.0_f64;
        self.each(|i, d| largest = largest.max(d.abs() / self.line_set.unit[i].abs()));
        largest
    }

    /// The largest |t| at which every coordinate is within its reach.
    fn farthest(&self) -> f64 {
        let mut farthest = f64::INFINITY;
        if let Some(reach) = self.reach {
            self.each(|i, d| {
                if d != 0.0 {
                    farthest = farthest.min(reach.of(i, self.line_set.x[i]) / d.abs());
                }
            });
        }
        farthest
    }

    /// Where x lies on the line.
    pub fn place(&self) -> Place {
        let line_set = self.line_set;
        let place = Place {
            position: 1.0,
            typical: 1.0,
            reach: self.farthest(),
            reach_is_given: self.reach.is_some_and(|reach| reach.max_step.is_some()),
            spacing: 0.0,
            epsilon: line_set.epsilon,
            rounding_of_points: 0.0,
        };
        if let Direction::Coordinate(i) = self.direction {
            return Place {
                position: line_set.x[i].abs(),
                typical: self.reach.map_or(1.0, |reach| reach.typical.at(i)),
                spacing: line_set.spacing(i),
                ..place
            };
        }
        // Grid spacing along the line: the coarsest ulp(x_i) / |d_i|, leaving out coordinates
        // whose relative move is below 2^-12 of the largest.
        let part = |i: usize, d: f64| d.abs() / line_set.unit[i].abs();
        let largest = self.largest_part();
        let mut spacing = 0.0f64;
        self.each(|i, d| {
            if d != 0.0 && part(i, d) >= HARDLY * largest {
                spacing = spacing.max(line_set.spacing(i) / d.abs());
            }
        });
        Place {
            spacing,
            // The points of the line are rounded in every coordinate, other than along one
            // axis, where steps are exact: noise as large again as the rounding of f.
            epsilon: 2.0 * line_set.epsilon,
            rounding_of_points: self.rounding_of_points(),
            ..place
        }
    }
}

/// The share of the largest move below which a coordinate hardly moves: 2^-12.
const HARDLY: f64 = 1.0 / 4096.0;
