//! Lines along groups of columns: each output is judged along the one coordinate that moves it.

use super::formula::Formula;
use super::{LineError, Rule, Scheme, Source};
use crate::Error;
use crate::line::{Direction, Line, LineResults, LineSet, Pending};
use crate::sparse::Compression;
use crate::step::Pace;

impl Scheme {
    /// Differentiates the compressed entries of group `k`. The same points, in the same arithmetic, as a
    /// line along each coordinate: an output that one column of the group moves can't tell the
    /// difference.
    pub(super) fn run_group(
        &self,
        line: &Line<'_>,
        k: usize,
        columns: &[usize],
        source: &mut dyn Source,
        results: &mut LineResults,
    ) -> Result<(), LineError> {
        let Some(compression) = line.line_set.compression.as_deref() else {
            return Ok(());
        };
        if results.outputs > 0 {
            check_outputs(compression, results.outputs)?;
        }
        let mut is_first = is_first(compression, k);
        if compression.substitutes() {
            let (from, rows) = compression.entries_of(k);
            return if rows.is_empty() {
                Ok(())
            } else {
                let unit = Unit::PowerOfTwo(1.0);
                self.run_part(line, (k, from, rows), unit, is_first, source, results)
            };
        }
        let pair = self.pair(line.line_set, columns, compression, source, results)?;
        // Column by column, as many points as the columns ask for together.
        let mut is_pending = false;
        let pace = self.pace(line.line_set);
        for &j in columns {
            let (from, rows) = compression.entries_of(j);
            if rows.is_empty() {
                continue;
            }
            let quotients = pair.is_some_and(|pair| {
                let found = &mut results.values[from..from + rows.len()];
                pair.combine(line.line_set, j, rows, source, found)
            });
            if quotients {
                continue;
            }
            let column = self.column(line.line_set, j, pace);
            let unit = line.line_set.unit[j];
            let unit = match &self.rule {
                Rule::Fixed(_) => Unit::Step(unit),
                Rule::Adaptive(_) => Unit::PowerOfTwo(unit),
            };
            match self.run_part(&column, (j, from, rows), unit, is_first, source, results) {
                Err(LineError::Pending) if source.waits() => is_pending = true,
                other => other?,
            }
            is_first = false;
        }
        if is_pending {
            Err(LineError::Pending)
        } else {
            Ok(())
        }
    }

    /// The values at the two points that all columns share where the stencil has two nodes and no bounds.
    fn pair(
        &self,
        line_set: &LineSet,
        columns: &[usize],
        compression: &Compression,
        source: &mut dyn Source,
        results: &mut LineResults,
    ) -> Result<Option<Pair>, LineError> {
        let Rule::Fixed(fixed) = &self.rule else {
            return Ok(None);
        };
        let nodes = fixed.unbounded(line_set.order);
        let is_plain = nodes.count == 2 && line_set.order == 1 && !fixed.nominal;
        let is_empty = |&j: &usize| compression.entries_of(j).1.is_empty();
        if !is_plain || self.bounds.is_some() || columns.iter().all(is_empty) {
            return Ok(None);
        }
        let multiples = [nodes.t(0), nodes.t(1)];
        source.announce(&multiples);
        let slots = [source.fetch(multiples[0])?, source.fetch(multiples[1])?];
        results.shape(source.outputs())?;
        check_outputs(compression, results.outputs)?;
        Ok(Some(Pair { multiples, slots }))
    }

    /// The outputs `rows` alone, along `line`, whose displacements are `unit` times those of the
    /// group; their estimates stand from `from` on.
    fn run_part(
        &self,
        line: &Line<'_>,
        (k, from, rows): (usize, usize, &[usize]),
        unit: Unit,
        is_first: bool,
        source: &mut dyn Source,
        results: &mut LineResults,
    ) -> Result<(), LineError> {
        if results.outputs == 0 {
            // The first value tells how many outputs there are.
            match &self.rule {
                Rule::Fixed(fixed) if !line.is_fixed() => {
                    let nodes = fixed.nodes(line)?;
                    let ts = nodes.displacements().map(|t| unit.part(t));
                    ts.for_each(|t| source.announce(&[t]));
                    source.fetch(unit.part(nodes.t(0)))?;
                }
                // As with lines along coordinates, the first one alone asks for f(x) to learn it.
                Rule::Fixed(_) if source.waits() && !is_first => return Err(LineError::Pending),
                _ => {
                    source.fetch(0.0)?;
                }
            }
            results.shape(source.outputs())?;
            if let Some(compression) = line.line_set.compression.as_deref() {
                check_outputs(compression, results.outputs)?;
            }
        }
        let outputs = results.outputs;
        (results.outputs, results.offset) = (rows.len(), from);
        let mut part = Part { source, rows, unit };
        let run = self.run_line(line, k, &mut part, results);
        results.outputs = outputs;
        run.map_err(|error| match error {
            LineError::Error(error) => LineError::Error(of_row(error, rows)),
            pending => pending,
        })
    }

    /// Column `j` as a line of its own.
    fn column<'a>(&'a self, line_set: &'a LineSet, j: usize, pace: Pace) -> Line<'a> {
        let step = match &self.rule {
            Rule::Fixed(fixed) => fixed.step.at(pace, j, line_set.x[j]),
            Rule::Adaptive(_) => 1.0,
        };
        Line {
            line_set,
            bounds: self.bounds.as_ref(),
            direction: Direction::Coordinate(j),
            step,
            reach: self.reach(),
            glance: None,
        }
    }
}

/// Two points of a group, as multiples of each column's step, and where the values are. With a cheap f the work
/// for each column is what a sparse Jacobian costs: it is the formula's alone.
#[derive(Clone, Copy)]
struct Pair {
    multiples: [f64; 2],
    slots: [usize; 2],
}

impl Pair {
    /// The quotients of a column; whether they are found: an answer that is not finite is left to the scheme,
    /// which says why.
    #[inline]
    fn combine(
        self,
        line_set: &LineSet,
        j: usize,
        rows: &[usize],
        source: &dyn Source,
        found: &mut [f64],
    ) -> bool {
        let moved = |m: f64| line_set.moved_to(j, m * line_set.unit[j]) - line_set.x[j];
        let span = moved(self.multiples[1]) - moved(self.multiples[0]);
        let formula = Formula::Quotient(span);
        let mut fine = span != 0.0 && span.is_finite();
        for (found, &row) in found.iter_mut().zip(rows) {
            *found = formula.combine(|node| source.get(self.slots[node], row));
            fine &= found.is_finite();
        }
        fine
    }
}

/// Whether no group before this one has an entry.
fn is_first(compression: &Compression, group: usize) -> bool {
    let is_empty = |list: usize| compression.entries_of(list).1.is_empty();
    (0..group).all(|group| match compression.substitutes() {
        true => is_empty(group),
        false => (compression.coloring.group(group).iter()).all(|&column| is_empty(column)),
    })
}

/// An error that names an output of a part, naming the output of f.
fn of_row(mut error: Error, rows: &[usize]) -> Error {
    if let Error::NonFiniteValue { output, .. }
    | Error::Overflow { output, .. }
    | Error::NoFiniteDifference { output, .. } = &mut error
    {
        *output = rows[*output];
    }
    error
}

/// Some outputs of a source, along a line whose displacements are scaled.
struct Part<'a> {
    source: &'a mut dyn Source,
    rows: &'a [usize],
    unit: Unit,
}

/// The displacement of a column where its group is displaced by 1.
#[derive(Clone, Copy)]
enum Unit {
    /// Dividing by it is exact, and so is the product that undoes it.
    PowerOfTwo(f64),
    /// The step of a fixed stencil, whose displacements are small integers times it, or these over a power of
    /// two where bounds are near. Columns that share multiples share points.
    Step(f64),
}

impl Unit {
    /// `t` as a multiple of the unit.
    fn part(self, t: f64) -> f64 {
        match self {
            Unit::PowerOfTwo(unit) => t / unit,
            Unit::Step(step) => {
                // Veltkamp's splitting: the quotient to 30 bits, of which a multiple has fewer.
                const SPLIT: f64 = ((1_u64 << 23) + 1) as f64;
                let quotient = t / step;
                let scaled = SPLIT * quotient;
                scaled - (scaled - quotient)
            }
        }
    }
}

impl Source for Part<'_> {
    fn fetch(&mut self, t: f64) -> Result<usize, Pending> {
        self.source.fetch(self.unit.part(t))
    }

    fn announce(&mut self, ts: &[f64]) {
        for &t in ts {
            self.source.announce(&[self.unit.part(t)]);
        }
    }

    fn get(&self, slot: usize, output: usize) -> f64 {
        self.source.get(slot, self.rows[output])
    }

    fn all(&self, _: usize) -> Option<&[f64]> {
        None
    }

    fn outputs(&self) -> usize {
        self.rows.len()
    }

    fn is_settled(&self, output: usize) -> bool {
        self.source.is_settled(self.rows[output])
    }

    fn settle(&mut self, output: usize) {
        self.source.settle(self.rows[output]);
    }

    fn waits(&self) -> bool {
        self.source.waits()
    }
}

fn check_outputs(compression: &Compression, outputs: usize) -> Result<(), Error> {
    let pattern = &compression.pattern;
    pattern.expect_shape("the function", outputs, pattern.columns())
}
