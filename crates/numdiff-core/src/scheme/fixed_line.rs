//! The fixed scheme over every output of a line.

use super::fixed::Fixed;
use super::{LineError, Source};
use crate::Error;
use crate::line::Line;
use crate::line::LineEstimate;
use crate::line::LineResults;
use crate::stencil::MAX_NODES;

#[inline]
pub(super) fn run_fixed(
    fixed: &Fixed,
    line: &Line<'_>,
    k: usize,
    source: &mut dyn Source,
    results: &mut LineResults,
) -> Result<(), LineError> {
    let nodes = fixed.nodes(line)?;
    announce(nodes.displacements(), source);
    let mut slots = [0; MAX_NODES];
    for (slot, t) in slots.iter_mut().zip(nodes.displacements()) {
        *slot = source.fetch(t)?;
    }
    results.shape(source.outputs())?;
    if nodes.vanished {
        results.vanish(k);
    }
    let formula = fixed.formula(line.line_set.order, &nodes, |t| line.moved(t));
    let mut put = |output: usize, value: f64| {
        results.put(k, output, LineEstimate::without_bar(value, line.step));
        value.is_finite()
    };
    let mut finite = true;
    // Two nodes, all outputs side by side: several outputs at a time.
    if let (2, Some(low), Some(high)) = (nodes.count, source.all(slots[0]), source.all(slots[1])) {
        for (output, pair) in low.iter().zip(high).enumerate() {
            let value = formula.combine(|node| if node == 0 { *pair.0 } else { *pair.1 });
            finite &= put(output, value);
        }
    } else {
        for output in 0..source.outputs() {
            let value = formula.combine(|node| source.get(slots[node], output));
            finite &= put(output, value);
        }
    }
    if finite {
        return Ok(());
    }
    let value = |output: usize, node: usize| source.get(slots[node], output);
    let failed = |output: &usize| !formula.combine(|node| value(*output, node)).is_finite();
    let output = (0..source.outputs()).find(failed).unwrap_or(0);
    let error = explain(line, nodes.displacements(), output, |node| {
        value(output, node)
    });
    Err(LineError::Error(error))
}

/// Says that all of these will be fetched, where that helps.
pub(super) fn announce(displacements: impl Iterator<Item = f64>, source: &mut dyn Source) {
    if source.waits() {
        let mut all = [0.0; MAX_NODES];
        let mut count = 0;
        for t in displacements {
            all[count] = t;
            count += 1;
        }
        source.announce(&all[..count]);
    }
}

/// Why a combination is not finite: the first value that is not, or an overflow.
pub(crate) fn explain(
    line: &Line<'_>,
    displacements: impl Iterator<Item = f64>,
    output: usize,
    value: impl Fn(usize) -> f64,
) -> Error {
    for (node, t) in displacements.enumerate() {
        let value = value(node);
        if !value.is_finite() {
            let (coordinate, displacement) = line.first(t);
            return Error::NonFiniteValue {
                value,
                coordinate,
                displacement,
                output,
            };
        }
    }
    Error::Overflow {
        coordinate: line.first(0.0).0,
        output,
    }
}
