//! Lines along groups of columns: each output is judged along the one coordinate that moves it.

use super::fixed::{Fixed, Nodes};
use super::fixed_line::explain;
use super::formula::Formula;
use super::{LineError, Rule, Scheme, Source};
use crate::line::LineResults;
use crate::line::{Direction, Line, LineSet};
use crate::line::{LineEstimate, Pending};
use crate::sparse::Compression;
use crate::stencil::MAX_NODES;
use crate::step::Pace;
use crate::{Error, Status};

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
        if compression.substitutes() {
            let (from, rows) = compression.entries_of(k);
            return if rows.is_empty() {
                Ok(())
            } else {
                self.run_part(line, k, from, rows, 1.0, source, results)
            };
        }
        if columns
            .iter()
            .all(|&j| compression.entries_of(j).1.is_empty())
        {
            return Ok(());
        }
        match &self.rule {
            Rule::Fixed(fixed) => {
                self.run_fixed_group(fixed, line, columns, compression, source, results)
            }
            Rule::Adaptive(_) => self.run_columns(line, k, columns, compression, source, results),
        }
    }

    /// Column by column, as many points as the columns ask for together.
    fn run_columns(
        &self,
        line: &Line<'_>,
        k: usize,
        columns: &[usize],
        compression: &Compression,
        source: &mut dyn Source,
        results: &mut LineResults,
    ) -> Result<(), LineError> {
        let mut is_pending = false;
        let pace = self.pace(line.line_set);
        for &j in columns {
            let (from, rows) = compression.entries_of(j);
            if rows.is_empty() {
                continue;
            }
            let column = self.column(line.line_set, j, pace);
            let unit = line.line_set.unit[j];
            match self.run_part(&column, k, from, rows, unit, source, results) {
                Err(LineError::Pending) if source.waits() => is_pending = true,
                other => other?,
            }
        }
        if is_pending {
            Err(LineError::Pending)
        } else {
            Ok(())
        }
    }

    /// The outputs `rows` alone, along `line`, whose displacements are `unit` times those of the
    /// group.
    #[allow(clippy::too_many_arguments)]
    fn run_part(
        &self,
        line: &Line<'_>,
        k: usize,
        from: usize,
        rows: &[usize],
        unit: f64,
        source: &mut dyn Source,
        results: &mut LineResults,
    ) -> Result<(), LineError> {
        if results.outputs == 0 {
            // The first value tells how many outputs there are.
            let first = match &self.rule {
                Rule::Fixed(fixed) => {
                    let nodes = fixed.nodes(line)?;
                    nodes.displacements().for_each(|t| source.announce(&[t]));
                    nodes.t(0)
                }
                Rule::Adaptive(_) => 0.0,
            };
            source.fetch(first)?;
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

    /// Fixed stencils: a column's points are multiples of its own step, by whole numbers, or by
    /// these over a power of two where bounds are near. Columns that share multiples share points.
    fn run_fixed_group(
        &self,
        fixed: &Fixed,
        line: &Line<'_>,
        columns: &[usize],
        compression: &Compression,
        source: &mut dyn Source,
        results: &mut LineResults,
    ) -> Result<(), LineError> {
        let line_set = line.line_set;
        let pace = self.pace(line_set);
        let columns = columns.iter().map(|&j| (j, compression.entries_of(j)));
        let columns = columns.filter(|(_, (_, rows))| !rows.is_empty());
        let mut points = Points::of(&fixed.unbounded(line_set.order), 1.0);
        if self.bounds.is_none() {
            source.announce(points.multiples());
        } else if source.waits() {
            // All that will be asked for, before the first value that is missing.
            for (j, _) in columns.clone() {
                let column = self.column(line_set, j, pace);
                if !column.is_fixed() {
                    source.announce(Points::of(&fixed.nodes(&column)?, column.step).multiples());
                }
            }
        }
        let plain =
            points.count == 2 && line_set.order == 1 && !fixed.nominal && self.bounds.is_none();
        for (j, (from, rows)) in columns {
            results.offset = from;
            let column = self.column(line_set, j, pace);
            let moved = |t: f64| line_set.moved_to(j, t) - line_set.x[j];
            if plain {
                points.fetch(source)?;
                learn_outputs(compression, source, results)?;
                let [low, high] = [0, 1].map(|node| moved(points.multiple[node] * column.step));
                if low != high && (high - low).is_finite() {
                    // What `Fixed::nodes` would find, without looking for it.
                    let formula = Formula::Quotient(high - low);
                    for (entry, &row) in rows.iter().enumerate() {
                        let value = formula.combine(|node| source.get(points.slot[node], row));
                        if !value.is_finite() {
                            return Err(points.explain(&column, row, source));
                        }
                        results.put(0, entry, LineEstimate::without_bar(value, column.step));
                    }
                    continue;
                }
            }
            if column.is_fixed() {
                if results.outputs == 0 {
                    source.fetch(0.0)?;
                }
                learn_outputs(compression, source, results)?;
                for entry in 0..rows.len() {
                    results.put(j, entry, LineEstimate::zero(Status::Fixed));
                }
                continue;
            }
            let nodes = fixed.nodes(&column)?;
            points.follow(&nodes, column.step);
            points.fetch(source)?;
            learn_outputs(compression, source, results)?;
            if nodes.vanished {
                results.vanish(j);
            }
            let formula = fixed.formula(line_set.order, &nodes, moved);
            for (entry, &row) in rows.iter().enumerate() {
                let value = formula.combine(|node| source.get(points.slot[node], row));
                if !value.is_finite() {
                    return Err(points.explain(&column, row, source));
                }
                results.put(0, entry, LineEstimate::without_bar(value, column.step));
            }
        }
        Ok(())
    }
}

/// Multiples of each column's step at which the group is evaluated, and where the values are.
struct Points {
    count: usize,
    multiple: [f64; MAX_NODES],
    slot: [usize; MAX_NODES],
    fetched: bool,
}

impl Points {
    fn of(nodes: &Nodes, step: f64) -> Self {
        let mut points = Points {
            count: 0,
            multiple: [0.0; MAX_NODES],
            slot: [0; MAX_NODES],
            fetched: false,
        };
        points.follow(nodes, step);
        points
    }

    /// Those of another column, whose step may have been halved a few times.
    fn follow(&mut self, nodes: &Nodes, step: f64) {
        let ratio = nodes.step / step;
        let multiple = |k: usize| nodes.multiple(k) * ratio;
        let same = |k: usize| multiple(k) == self.multiple[k];
        if self.count != nodes.count || !(0..nodes.count).all(same) {
            self.count = nodes.count;
            for (k, known) in self.multiple[..nodes.count].iter_mut().enumerate() {
                *known = multiple(k);
            }
            self.fetched = false;
        }
    }

    fn multiples(&self) -> &[f64] {
        &self.multiple[..self.count]
    }

    fn fetch(&mut self, source: &mut dyn Source) -> Result<(), Pending> {
        if !self.fetched {
            for node in 0..self.count {
                self.slot[node] = source.fetch(self.multiple[node])?;
            }
            self.fetched = true;
        }
        Ok(())
    }

    fn explain(&self, column: &Line<'_>, row: usize, source: &dyn Source) -> LineError {
        let displacements = self.multiples().iter().map(|m| m * column.step);
        let value = |node: usize| source.get(self.slot[node], row);
        LineError::Error(explain(column, displacements, row, value))
    }
}

/// Takes the number of outputs from the first value.
fn learn_outputs(
    compression: &Compression,
    source: &dyn Source,
    results: &mut LineResults,
) -> Result<(), Error> {
    if results.outputs == 0 {
        results.shape(source.outputs())?;
        check_outputs(compression, results.outputs)?;
    }
    Ok(())
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
    unit: f64,
}

impl Source for Part<'_> {
    // Units are powers of two where a scheme's displacements are not multiples of them: the
    // division is exact, and so is the product that undoes it.
    fn fetch(&mut self, t: f64) -> Result<usize, Pending> {
        self.source.fetch(t / self.unit)
    }

    fn announce(&mut self, ts: &[f64]) {
        for &t in ts {
            self.source.announce(&[t / self.unit]);
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
