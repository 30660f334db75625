//! The fixed scheme over every output of a line.

use super::fixed::{self, Fixed};
use super::{Source, Stop};
use crate::line::LineEstimate;
use crate::results::Results;
use crate::stencil::MAX_NODES;
use crate::survey::Frame;
use crate::{Error, Status};

#[inline]
pub(super) fn run_fixed<S: Source>(
    fixed: &Fixed,
    frame: &Frame<'_>,
    k: usize,
    source: &mut S,
    results: &mut Results,
) -> Result<(), Stop> {
    if frame.bounds.is_none()
        && let Some(multiple) = fixed.outer(frame.survey.order)
        && run_outer(fixed, frame, multiple, k, source, results)?
    {
        return Ok(());
    }
    let layout = fixed.layout(frame)?;
    source.announce(layout.nodes());
    let mut slots = [0; MAX_NODES];
    for (slot, &t) in slots.iter_mut().zip(layout.nodes()) {
        *slot = source.fetch(t)?;
    }
    results.shape(source.outputs())?;
    if layout.vanished {
        results.vanish(k);
    }
    let weights = fixed.weigh(frame.survey.order, &layout, |t| frame.moved(t));
    for output in 0..results.outputs {
        let value = weights.combine(|node| source.get(slots[node], output));
        if !value.is_finite() {
            return Err(Stop::Error(explain(
                frame,
                layout.nodes(),
                output,
                |node| source.get(slots[node], output),
            )));
        }
        results.put(
            k,
            output,
            LineEstimate {
                value,
                error: f64::NAN,
                step: frame.step,
                status: Status::Converged,
            },
        );
    }
    Ok(())
}

/// The formulas without weights, as [`Fixed::combine`] computes them but without its preparations.
/// Returns whether it did: steps that round and values that are not finite are left to the general
/// way, which finds what was evaluated here.
#[inline]
fn run_outer<S: Source>(
    fixed: &Fixed,
    frame: &Frame<'_>,
    multiple: [f64; 2],
    k: usize,
    source: &mut S,
    results: &mut Results,
) -> Result<bool, Stop> {
    let (order, h) = (frame.survey.order, frame.step);
    let t = [multiple[0] * h, multiple[1] * h];
    let moved = [frame.moved(t[0]), frame.moved(t[1])];
    let still = |side: usize| t[side] != 0.0 && moved[side] == 0.0;
    let leaves = !frame.inside(t[0]) || !frame.inside(t[1]) || !(t[1] - t[0]).is_finite();
    if leaves || moved[0] == moved[1] || still(0) || still(1) || (order == 2 && moved != t) {
        return Ok(false);
    }
    let (low, base, high);
    if order == 1 {
        source.announce(&t);
        low = source.fetch(t[0])?;
        high = source.fetch(t[1])?;
        base = low;
    } else {
        source.announce(&[t[0], 0.0, t[1]]);
        low = source.fetch(t[0])?;
        base = source.fetch(0.0)?;
        high = source.fetch(t[1])?;
    }
    results.shape(source.outputs())?;
    let span = fixed.span(multiple, h, moved);
    let put = |results: &mut Results, output, a, base, b| {
        let value = if order == 1 {
            fixed::quotient(a, b, span)
        } else {
            fixed::second(a, base, b, h)
        };
        let estimate = LineEstimate {
            value,
            error: f64::NAN,
            step: h,
            status: Status::Converged,
        };
        results.put(k, output, estimate);
        value.is_finite()
    };
    let mut finite = true;
    let all = (source.all(low), source.all(base), source.all(high));
    if let (Some(low), Some(base), Some(high)) = all {
        for (output, ((&a, &base), &b)) in low.iter().zip(base).zip(high).enumerate() {
            finite &= put(results, output, a, base, b);
        }
    } else {
        for output in 0..results.outputs {
            let get = |slot| source.get(slot, output);
            finite &= put(results, output, get(low), get(base), get(high));
        }
    }
    Ok(finite)
}

/// Why a combination is not finite: the first value that is not, or an overflow.
pub(crate) fn explain(
    frame: &Frame<'_>,
    nodes: &[f64],
    output: usize,
    value: impl Fn(usize) -> f64,
) -> Error {
    for (node, &t) in nodes.iter().enumerate() {
        let value = value(node);
        if !value.is_finite() {
            let (coordinate, displacement) = frame.first(t);
            return Error::NonFiniteValue {
                value,
                coordinate,
                displacement,
                output,
            };
        }
    }
    Error::Overflow {
        coordinate: frame.first(0.0).0,
        output,
    }
}
