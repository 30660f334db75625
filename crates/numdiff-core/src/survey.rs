//! The lines through x along which an operator differentiates.

use crate::bounds::Bounds;
use crate::line::Place;
use crate::sparse::{Compression, Pairs};
use crate::step::power_of_two;
use crate::{Error, Moves};
use std::sync::Arc;

/// Which lines.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Kind {
    /// Line i along coordinate i.
    Coordinates,
    /// The coordinates, then e_i + e_j for i < j, row by row.
    Pairs,
    /// Lines 2i and 2i + 1 along e_i + v and e_i - v, where v is the one explicit line.
    Against,
    /// The explicit lines.
    Explicit,
    /// Line g moves the columns of color g, each by its unit.
    Groups,
    /// The coordinates, then e_i + e_j for the pairs i < j of a sparse pattern.
    Listed,
}

impl Kind {
    /// Whether lines along pairs follow the coordinates.
    pub fn has_pairs(self) -> bool {
        matches!(self, Kind::Pairs | Kind::Listed)
    }
}

/// x, and lines through it. A line's point at t moves coordinate i by t times its entry.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Survey {
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    pub x: Vec<f64>,
    pub kind: Kind,
    /// Order of the derivative along each line.
    pub order: usize,
    /// The displacement of coordinate i at t = 1 in lines that are not along a coordinate.
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    pub unit: Vec<f64>,
    /// Entries (coordinate, displacement at t = 1) of the explicit lines, one after the other.
    pub entries: Vec<(usize, f64)>,
    /// End of each explicit line in `entries`.
    pub ends: Vec<usize>,
    /// Relative rounding of the number type that f takes.
    pub epsilon: f64,
    /// Whether f's outputs are contracted with `weights` (vector-Jacobian products).
    pub contracted: bool,
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    pub weights: Vec<f64>,
    /// Of each explicit line that is a caller's direction: v = p s (the line's entries), powers of
    /// two, in two factors since their product may overflow.
    pub factors: Vec<[f64; 2]>,
    /// The pattern of lines along groups of columns.
    pub compression: Option<Arc<Compression>>,
    /// The pairs of a sparse pattern.
    pub pairs: Option<Arc<Pairs>>,
}

/// One line.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Line<'a> {
    Coordinate(usize),
    Pair([(usize, f64); 2]),
    /// An entry of its own, plus a factor times the explicit entries.
    Offset((usize, f64), f64, &'a [(usize, f64)]),
    Entries(&'a [(usize, f64)]),
    /// Coordinates that all move by their units.
    Group(&'a [usize]),
}

impl Default for Survey {
    fn default() -> Self {
        Survey {
            x: Vec::new(),
            kind: Kind::Coordinates,
            order: 1,
            unit: Vec::new(),
            entries: Vec::new(),
            ends: Vec::new(),
            epsilon: f64::EPSILON,
            contracted: false,
            weights: Vec::new(),
            factors: Vec::new(),
            compression: None,
            pairs: None,
        }
    }
}

impl Survey {
    /// Takes x, in row-major order, and forgets the lines of the last use. Keeps the buffers.
    pub fn begin(
        &mut self,
        x: impl Iterator<Item = f64>,
        epsilon: f64,
        kind: Kind,
        order: usize,
    ) -> Result<(), Error> {
        self.x.clear();
        self.x.extend(x);
        self.unit.clear();
        self.entries.clear();
        self.ends.clear();
        self.weights.clear();
        self.factors.clear();
        self.contracted = false;
        (self.compression, self.pairs) = (None, None);
        (self.kind, self.order, self.epsilon) = (kind, order, epsilon);
        if self.x.is_empty() {
            return Err(Error::Empty { argument: "x" });
        }
        finite("x", &self.x)
    }

    /// How many lines there are.
    pub fn lines(&self) -> usize {
        let n = self.x.len();
        match self.kind {
            Kind::Coordinates => n,
            Kind::Pairs => n * (n + 1) / 2,
            Kind::Against => 2 * n,
            Kind::Explicit => self.ends.len(),
            Kind::Groups => self.compression.as_ref().map_or(0, |c| c.coloring.colors()),
            Kind::Listed => n + self.pairs.as_ref().map_or(0, |p| p.list.len()),
        }
    }

    /// The first line that rests on the results of those before it; the number of lines if none.
    pub fn barrier(&self) -> usize {
        if self.kind.has_pairs() {
            self.x.len()
        } else {
            self.lines()
        }
    }

    /// The estimates that are read from lines along groups of columns; none for other lines, whose
    /// outputs are all read.
    pub fn reads(&self) -> Option<usize> {
        (self.kind == Kind::Groups).then(|| self.compression.as_ref().map_or(0, |c| c.reads()))
    }

    /// Line `k`.
    #[inline]
    pub fn line(&self, k: usize) -> Line<'_> {
        match self.kind {
            Kind::Coordinates => Line::Coordinate(k),
            Kind::Pairs | Kind::Listed if k < self.x.len() => Line::Coordinate(k),
            Kind::Pairs => {
                let (i, j) = pair(self.x.len(), k - self.x.len());
                Line::Pair([(i, self.unit[i]), (j, self.unit[j])])
            }
            Kind::Listed => {
                let (i, j) = self
                    .pairs
                    .as_ref()
                    .map_or((0, 0), |p| p.list[k - self.x.len()]);
                Line::Pair([(i, self.unit[i]), (j, self.unit[j])])
            }
            Kind::Groups => Line::Group(
                self.compression
                    .as_ref()
                    .map_or(&[], |c| c.coloring.group(k)),
            ),
            Kind::Against => {
                let (i, sign) = (k / 2, if k.is_multiple_of(2) { 1.0 } else { -1.0 });
                Line::Offset((i, self.unit[i]), sign, &self.entries)
            }
            Kind::Explicit => {
                let start = if k == 0 { 0 } else { self.ends[k - 1] };
                Line::Entries(&self.entries[start..self.ends[k]])
            }
        }
    }

    /// Whether units are the very steps that lines along coordinates have.
    pub fn has_steps_for_units(&self) -> bool {
        self.kind == Kind::Groups && !self.compression.as_ref().is_some_and(|c| c.substitutes())
    }

    /// x_i moved by `d`, rounded to the number type of f.
    #[inline(always)]
    pub fn moved_to(&self, i: usize, d: f64) -> f64 {
        let moved = self.x[i] + d;
        if self.epsilon == f64::EPSILON {
            moved
        } else {
            f64::from(moved as f32)
        }
    }

    /// Distance between neighboring numbers of f's number type near x_i.
    pub fn spacing(&self, i: usize) -> f64 {
        spacing(self.x[i], self.epsilon)
    }

    /// The displacement `h`, changed to one that x_i + h holds without rounding.
    pub fn representable(&self, i: usize, h: f64) -> f64 {
        let moved = self.moved_to(i, h) - self.x[i];
        if moved > 0.0 { moved } else { h }
    }

    /// Adds the line along `v`, scaled so that its largest entry is about one unit. The units are
    /// set. Any norm of v from 1e-300 to 1e300 serves: the scale is taken out as a power of two.
    pub fn add_direction(&mut self, argument: &'static str, v: &[f64]) -> Result<(), Error> {
        if v.is_empty() {
            return Err(Error::Empty { argument });
        }
        if v.len() != self.x.len() {
            return Err(Error::Length {
                argument,
                found: v.len(),
                expected: self.x.len(),
            });
        }
        finite(argument, v)?;
        let largest = v.iter().fold(0.0f64, |m, v| m.max(v.abs()));
        let norm = if largest > 0.0 {
            power_of_two(largest)
        } else {
            1.0
        };
        let ratio = v
            .iter()
            .zip(&self.unit)
            .fold(0.0f64, |m, (v, u)| m.max(v.abs() / norm / u.abs()));
        let scale = if ratio > 0.0 && ratio.is_finite() {
            power_of_two(ratio)
        } else {
            1.0
        };
        for (i, &v) in v.iter().enumerate() {
            let d = v / norm / scale;
            if d != 0.0 {
                self.entries.push((i, d));
            }
        }
        self.ends.push(self.entries.len());
        self.factors.push([norm, scale]);
        Ok(())
    }

    /// A derivative of this order along explicit line `line`, turned into one along the caller's v.
    pub fn unscale(&self, line: usize, order: usize, d: f64) -> f64 {
        let [norm, scale] = self.factors[line];
        (0..order).fold(d, |d, _| {
            if scale > 1.0 {
                d * norm * scale
            } else {
                d * scale * norm
            }
        })
    }

    /// A displacement along explicit line `line` as a multiple of the caller's v.
    pub fn rescale(&self, line: usize, t: f64) -> f64 {
        let [norm, scale] = self.factors[line];
        t / norm / scale
    }

    /// Replaces f's outputs by their contraction where the operator asks for it.
    pub fn contract(&self, values: &mut Vec<f64>, at: usize) -> Result<(), Error> {
        if self.contracted {
            let outputs = &values[at..];
            if outputs.len() != self.weights.len() {
                return Err(Error::Length {
                    argument: "u (weights of f's outputs)",
                    found: self.weights.len(),
                    expected: outputs.len(),
                });
            }
            let sum = outputs.iter().zip(&self.weights).map(|(v, u)| v * u).sum();
            values.truncate(at);
            values.push(sum);
        }
        Ok(())
    }
}

/// Distance between neighboring numbers near x, for this relative rounding.
pub(crate) fn spacing(x: f64, epsilon: f64) -> f64 {
    let smallest = if epsilon == f64::EPSILON {
        f64::from_bits(1)
    } else {
        f64::from(f32::from_bits(1))
    };
    // The exponent alone: epsilon times the power of two below x.
    (f64::from_bits(x.abs().to_bits() & 0x7ff0_0000_0000_0000) * epsilon).max(smallest)
}

/// Checks that every element is finite.
pub(crate) fn finite(argument: &'static str, values: &[f64]) -> Result<(), Error> {
    match values.iter().position(|v| !v.is_finite()) {
        None => Ok(()),
        Some(index) => Err(Error::NotFinite {
            argument,
            index,
            value: values[index],
        }),
    }
}

/// Pair number `k` of the pairs i < j below n, row by row: (0, 1), (0, 2), …, (1, 2), …
pub(crate) fn pair(n: usize, k: usize) -> (usize, usize) {
    let start = |i: usize| i * (2 * n - i - 1) / 2;
    let b = 2.0 * n as f64 - 1.0;
    let mut i = ((b - (b * b - 8.0 * k as f64).max(0.0).sqrt()) / 2.0) as usize;
    i = i.min(n.saturating_sub(2));
    while start(i) > k {
        i -= 1;
    }
    while i + 2 < n && start(i + 1) <= k {
        i += 1;
    }
    (i, i + 1 + k - start(i))
}

/// A line with everything that does not depend on f's values.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'a> {
    pub survey: &'a Survey,
    pub bounds: Option<&'a Bounds>,
    pub line: Line<'a>,
    /// The step of a fixed scheme along this line, in units of t.
    pub step: f64,
    /// The floor of the scale of x.
    pub typical: f64,
}

impl<'a> Frame<'a> {
    /// Calls `visit` with each coordinate and its displacement at t = 1, in ascending order of the
    /// line's own entries.
    #[inline]
    fn each(&self, mut visit: impl FnMut(usize, f64)) {
        match self.line {
            Line::Coordinate(i) => visit(i, 1.0),
            Line::Pair(two) => two.iter().for_each(|&(i, d)| visit(i, d)),
            Line::Entries(entries) => entries.iter().for_each(|&(i, d)| visit(i, d)),
            Line::Group(columns) => columns
                .iter()
                .filter(|&&j| !self.holds(j))
                .for_each(|&j| visit(j, self.survey.unit[j])),
            Line::Offset((own, d), factor, entries) => {
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

    /// The point at `t`, as moves from x. `buffer` holds them where there is more than one.
    #[inline]
    pub fn moves<'b>(&self, t: f64, buffer: &'b mut Vec<(usize, f64)>) -> Moves<'b> {
        if t == 0.0 {
            return Moves::None;
        }
        if let Line::Coordinate(i) = self.line {
            return Moves::One(i, self.survey.moved_to(i, t));
        }
        buffer.clear();
        if matches!(self.line, Line::Group(_)) && !self.is_joint() {
            // A column that would leave its bounds at t asks for other points: it stays.
            self.each(|i, d| {
                let to = self.survey.moved_to(i, t * d);
                if self.admits(i, to) {
                    buffer.push((i, to));
                }
            });
            return Moves::Many(buffer);
        }
        self.each(|i, d| buffer.push((i, self.survey.moved_to(i, t * d))));
        Moves::Many(buffer)
    }

    /// The first coordinate of the line and its displacement at t, for messages.
    pub fn first(&self, t: f64) -> (usize, f64) {
        match self.line {
            Line::Coordinate(i) => (i, t),
            Line::Pair([(i, d), _]) | Line::Offset((i, d), ..) => (i, t * d),
            Line::Entries(entries) => entries.first().map_or((0, t), |&(i, d)| (i, t * d)),
            Line::Group(columns) => columns
                .first()
                .map_or((0, t), |&j| (j, t * self.survey.unit[j])),
        }
    }

    /// The displacement really made, in units of t.
    #[inline]
    pub fn moved(&self, t: f64) -> f64 {
        match self.line {
            Line::Coordinate(i) => self.survey.moved_to(i, t) - self.survey.x[i],
            _ => t,
        }
    }

    /// Whether the rounded point is finite and lies within the bounds.
    #[inline]
    pub fn inside(&self, t: f64) -> bool {
        let mut inside = true;
        self.each(|i, d| inside &= self.admits(i, self.survey.moved_to(i, t * d)));
        inside
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
    pub fn is_fixed(&self) -> bool {
        let Some(bounds) = self.bounds else {
            return false;
        };
        let mut fixed = false;
        self.each(|i, d| fixed |= d != 0.0 && bounds.lower.at(i) == bounds.upper.at(i));
        fixed
    }

    /// Whether the line is along a coordinate.
    pub fn is_coordinate(&self) -> bool {
        matches!(self.line, Line::Coordinate(_))
    }

    /// Whether estimates along a group belong to all of its columns together.
    fn is_joint(&self) -> bool {
        self.survey
            .compression
            .as_ref()
            .is_some_and(|c| c.substitutes())
    }

    /// Whether the line does not leave x.
    pub fn is_still(&self) -> bool {
        match self.line {
            Line::Entries(entries) => entries.is_empty(),
            // e_i against a direction along e_i.
            Line::Offset(..) => {
                let mut still = true;
                self.each(|_, d| still &= d == 0.0);
                still
            }
            _ => false,
        }
    }

    /// Where x lies on the line.
    pub fn place(&self) -> Place {
        let survey = self.survey;
        let epsilon = survey.epsilon;
        match self.line {
            Line::Coordinate(i) => Place {
                position: survey.x[i].abs(),
                typical: self.typical,
                spacing: survey.spacing(i),
                epsilon,
            },
            _ => {
                // A coordinate that hardly moves on its own scale is rounded by no more than its
                // last place at any t, which f's own rounding stands for: 2^-12 of the largest move
                // and less does not keep the others from small steps.
                let part = |i: usize, d: f64| d.abs() / survey.unit[i].abs();
                let mut largest = 0.0f64;
                self.each(|i, d| largest = largest.max(part(i, d)));
                let mut spacing = 0.0f64;
                self.each(|i, d| {
                    if d != 0.0 && part(i, d) >= HARDLY * largest {
                        spacing = spacing.max(survey.spacing(i) / d.abs());
                    }
                });
                Place {
                    position: 1.0,
                    typical: 1.0,
                    spacing,
                    // The points of the line are rounded in every coordinate, other than along one
                    // axis, where steps are exact: noise as large again as the rounding of f.
                    epsilon: 2.0 * epsilon,
                }
            }
        }
    }
}

/// The share of the largest move below which a coordinate hardly moves: 2^-12.
const HARDLY: f64 = 1.0 / 4096.0;

/// The power of two nearest to the scale of x_i.
pub(crate) fn scale(x: f64, typical: f64) -> f64 {
    power_of_two(x.abs().max(typical))
}

#[cfg(test)]
mod tests {
    use super::pair;

    #[test]
    fn pairs_row_by_row() {
        for n in 2..40 {
            let mut k = 0;
            for i in 0..n {
                for j in i + 1..n {
                    assert_eq!(pair(n, k), (i, j));
                    k += 1;
                }
            }
        }
        // Far out, where the square root rounds.
        let n = 1_000_000;
        for k in [0, n - 2, n - 1, n * (n - 1) / 2 - 1] {
            let (i, j) = pair(n, k);
            assert_eq!(i * (2 * n - i - 1) / 2 + j - i - 1, k);
            assert!(i < j && j < n);
        }
    }
}
