//! The lines through x along which an operator differentiates.

use super::Direction;
use super::pairs::pair;
use crate::Error;
use crate::error::expect_length;
use crate::sparse::{Compression, Pairs};
use crate::step::power_of_two;
use std::sync::Arc;

/// Which lines.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum LineKind {
    /// Line i along coordinate i.
    #[default]
    Coordinates,
    /// The same for this many points, which stand one after the other in x.
    Points(usize),
    /// The coordinates, then e_i + e_j for i < j, row by row.
    Pairs,
    /// Lines 2i and 2i + 1 along e_i + v and e_i - v, where v is the one explicit line.
    Polarized,
    /// The explicit lines.
    Directions,
    /// Line g moves the columns of color g, each by its unit.
    Groups,
    /// The coordinates, then e_i + e_j for the pairs i < j of a sparse pattern.
    PatternPairs,
}

impl LineKind {
    /// Whether lines along pairs follow the coordinates.
    pub fn has_pairs(self) -> bool {
        matches!(self, LineKind::Pairs | LineKind::PatternPairs)
    }
}

/// x, and lines through it. A line's point at t moves coordinate i by t times its entry.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct LineSet {
    pub x: Vec<f64>,
    /// f's outputs at x, where the caller has them.
    pub given: Vec<f64>,
    pub kind: LineKind,
    /// Order of the derivative along each line.
    pub order: usize,
    /// The displacement of coordinate i at t = 1 in lines that are not along a coordinate.
    pub unit: Vec<f64>,
    /// Entries (coordinate, displacement at t = 1) of the explicit lines, one after the other.
    pub entries: Vec<(usize, f64)>,
    /// End of each explicit line in `entries`.
    pub ends: Vec<usize>,
    /// Relative rounding of the number type that f takes.
    pub epsilon: f64,
    /// What f's outputs are contracted with (vector-Jacobian products); empty where they are not.
    pub weights: Vec<f64>,
    /// Of each explicit line that is a caller's direction: v = p s (the line's entries), powers of
    /// two, in two factors since their product may overflow.
    pub factors: Vec<[f64; 2]>,
    /// The pattern of lines along groups of columns.
    pub compression: Option<Arc<Compression>>,
    /// The pairs of a sparse pattern.
    pub pairs: Option<Arc<Pairs>>,
    /// How many explicit lines, the last ones, are looked along only to see whether the others fit together:
    /// the witnesses.
    pub witnesses: usize,
    /// The displacement t at which f is evaluated along witnesses, and that which served the other lines.
    pub glance: f64,
    pub served: f64,
}

impl LineSet {
    /// Takes x, in row-major order, and forgets the lines of the last use. Keeps the buffers.
    pub fn begin(
        &mut self,
        x: impl Iterator<Item = f64>,
        epsilon: f64,
        kind: LineKind,
        order: usize,
    ) -> Result<(), Error> {
        self.x.clear();
        self.x.extend(x);
        self.given.clear();
        self.unit.clear();
        self.entries.clear();
        self.ends.clear();
        self.weights.clear();
        self.factors.clear();
        (self.compression, self.pairs) = (None, None);
        (self.witnesses, self.glance, self.served) = (0, 0.0, 0.0);
        (self.kind, self.order, self.epsilon) = (kind, order, epsilon);
        if self.x.is_empty() {
            return Err(Error::Empty { argument: "x" });
        }
        if let LineKind::Points(points) = kind {
            let whole = self.x.len().next_multiple_of(points);
            expect_length("x", self.x.len(), whole)?;
        }
        finite("x", &self.x)
    }

    /// How many coordinates a point has.
    pub fn coordinates(&self) -> usize {
        self.x.len() / self.points()
    }

    /// Whether x is several points.
    pub fn has_several_points(&self) -> bool {
        self.points() > 1
    }

    /// How many points x is.
    pub fn points(&self) -> usize {
        match self.kind {
            LineKind::Points(points) => points,
            _ => 1,
        }
    }

    /// The number of the point through which line `line` goes.
    #[inline]
    pub fn point_of(&self, line: usize) -> usize {
        if self.has_several_points() {
            line / self.coordinates()
        } else {
            0
        }
    }

    /// Point number `point`.
    pub fn point(&self, point: usize) -> &[f64] {
        let n = self.coordinates();
        &self.x[point * n..(point + 1) * n]
    }

    /// How many lines there are.
    pub fn lines(&self) -> usize {
        self.first_witness() + self.witnesses
    }

    /// The first witness, after all other lines.
    pub fn first_witness(&self) -> usize {
        let n = self.x.len();
        match self.kind {
            LineKind::Coordinates | LineKind::Points(_) => n,
            LineKind::Pairs => n * (n + 1) / 2,
            LineKind::Polarized => 2 * n,
            LineKind::Directions => self.ends.len() - self.witnesses,
            LineKind::Groups => self.compression.as_ref().map_or(0, |c| c.coloring.colors()),
            LineKind::PatternPairs => n + self.pairs.as_ref().map_or(0, |p| p.list.len()),
        }
    }

    /// The first line that rests on the results of those before it; the number of lines if none.
    pub fn barrier(&self) -> usize {
        if self.kind.has_pairs() {
            self.x.len()
        } else {
            self.first_witness()
        }
    }

    /// The entries of explicit line `line`.
    pub fn explicit(&self, line: usize) -> &[(usize, f64)] {
        let start = if line == 0 { 0 } else { self.ends[line - 1] };
        &self.entries[start..self.ends[line]]
    }

    /// The entries of this witness.
    pub fn witness(&self, witness: usize) -> &[(usize, f64)] {
        self.explicit(self.ends.len() - self.witnesses + witness)
    }

    /// Adds a witness that moves every coordinate by these parts of its unit.
    pub fn add_witness(&mut self, parts: impl Iterator<Item = f64>) {
        let parts = parts.zip(&self.unit).enumerate();
        self.entries
            .extend(parts.map(|(i, (part, unit))| (i, part * unit)));
        self.ends.push(self.entries.len());
        self.witnesses += 1;
    }

    /// How many estimates lines along groups of columns keep; none for other lines, which keep those of
    /// all outputs.
    pub fn compressed_entries(&self) -> Option<usize> {
        (self.kind == LineKind::Groups).then(|| {
            self.compression
                .as_ref()
                .map_or(0, |c| c.compressed_entries())
        })
    }

    /// Line `k`.
    #[inline]
    pub fn direction(&self, k: usize) -> Direction<'_> {
        if self.witnesses > 0 && k >= self.first_witness() {
            return Direction::Entries(self.witness(k - self.first_witness()));
        }
        match self.kind {
            LineKind::Coordinates | LineKind::Points(_) => Direction::Coordinate(k),
            LineKind::Pairs | LineKind::PatternPairs if k < self.x.len() => {
                Direction::Coordinate(k)
            }
            LineKind::Pairs | LineKind::PatternPairs => {
                let (n, k) = (self.x.len(), k - self.x.len());
                let (i, j) = self
                    .pairs
                    .as_ref()
                    .map_or_else(|| pair(n, k), |p| p.list[k]);
                Direction::Pair([(i, self.unit[i]), (j, self.unit[j])])
            }
            LineKind::Groups => Direction::Group(
                self.compression
                    .as_ref()
                    .map_or(&[], |c| c.coloring.group(k)),
            ),
            LineKind::Polarized => {
                let (i, sign) = (k / 2, if k.is_multiple_of(2) { 1.0 } else { -1.0 });
                Direction::Offset((i, self.unit[i]), sign, self.explicit(0))
            }
            LineKind::Directions => Direction::Entries(self.explicit(k)),
        }
    }

    /// Whether units are the very steps that lines along coordinates have.
    pub fn has_steps_for_units(&self) -> bool {
        self.kind == LineKind::Groups && !self.compression.as_ref().is_some_and(|c| c.substitutes())
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
        if moved != 0.0 { moved } else { h }
    }

    /// Adds the line along `v`, scaled so that its largest entry is about one unit. The units are
    /// set. Any norm of v from 1e-300 to 1e300 serves: the scale is taken out as a power of two.
    pub fn add_direction(&mut self, argument: &'static str, v: &[f64]) -> Result<(), Error> {
        if v.is_empty() {
            return Err(Error::Empty { argument });
        }
        expect_length(argument, v.len(), self.x.len())?;
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
        if !self.weights.is_empty() {
            let outputs = &values[at..];
            let (argument, found) = ("u (weights of f's outputs)", self.weights.len());
            expect_length(argument, found, outputs.len())?;
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

/// The power of two nearest to the scale of x_i.
pub(crate) fn scale(x: f64, typical: f64) -> f64 {
    power_of_two(x.abs().max(typical))
}
