//! The fixed scheme over every output of a line.

use super::fixed::Fixed;
use super::{LineError, Source};
use crate::Error;
use crate::line::Line;
use crate::line::LineResults;
use crate::stencil::MAX_NODES;

#[inline]
pub(super) fn run_fixed<S: Source>(
    fixed: &Fixed,
    line: &Line<'_>,
    k: usize,
    source: &mut S,
    results: &mut LineResults,
) -> Result<(), LineError> {
    let nodes = fixed.nodes(line)?;
    let mut slots = [0; MAX_NODES];
    source.fetch_nodes(&nodes, &mut slots)?;
    results.shape(source.outputs())?;
    if nodes.vanished {
        results.vanish(k);
    }
    let formula = fixed.formula(line.line_set.order, &nodes, |t| line.moved(t));
    let found = results.values_of(k);
    let mut finite = true;
    // Two nodes, all outputs side by side: several outputs at a time.
    if let (2, Some(low), Some(high)) = (nodes.count, source.all(slots[0]), source.all(slots[1])) {
        for ((found, a), b) in found.iter_mut().zip(low).zip(high) {
            *found = formula.combine_in_range(|node| if node == 0 { *a } else { *b });
            finite &= found.is_finite();
        }
    } else {
        for (output, found) in found.iter_mut().enumerate() {
            *found = formula.combine_in_range(|node| source.get(slots[node], output));
            finite &= found.is_finite();
        }
    }
    if finite {
        return Ok(());
    }
    // Some are out of range, or no numbers.
    for (output, found) in found.iter_mut().enumerate() {
        let value = |node: usize| source.get(slots[node], output);
        *found = formula.combine(value);
        if !found.is_finite() {
            let error = explain(|t| line.first(t), nodes.displacements(), output, value);
            return Err(LineError::Error(error));
        }
    }
    Ok(())
}

/// Why a combination is not finite: the first value that is not, or an overflow.
/// `place` tells which coordinate is displaced first, and by how much.
pub(crate) fn explain(
    place: impl Fn(f64) -> (usize, f64),
    displacements: impl Iterator<Item = f64>,
    output: usize,
    value: impl Fn(usize) -> f64,
) -> Error {
    for (node, t) in displacements.enumerate() {
        let value = value(node);
        if !value.is_finite() {
            let (coordinate, displacement) = place(t);
            return Error::NonFiniteValue {
                value,
                coordinate,
                displacement,
                output,
            };
        }
    }
    Error::Overflow {
        coordinate: place(0.0).0,
        output,
    }
}
