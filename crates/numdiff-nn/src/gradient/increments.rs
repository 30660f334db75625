//! Two forward passes of what moved alone.

use super::naive::divisor;
use super::{Gradient, Task, workers};
use crate::loss::{Increment, Sum};
use crate::network::Trace;
use crate::{Batch, Change, Error, Form, GradientAlgorithm, Network, Targets};
use ndarray::s;
use numdiff_core::Real;
use std::ops::Range;

/// Differentiates by the parameters of these layers.
pub(super) fn all<T: Real>(
    task: &Task<'_, T>,
    layers: Range<usize>,
    out: &mut Gradient,
) -> Result<(), Error> {
    let (network, trace, batch) = (task.network, &task.trace, task.batch);
    let form = match task.method.algorithm {
        GradientAlgorithm::Incremental => Form::Subtract,
        _ => Form::Algebra,
    };
    let h = T::round_from(task.method.step);
    let range = network.offsets[layers.start]..network.offsets[layers.end];
    let entries = &mut out.flat[range.clone()];
    let (threads, losses) = (task.method.threads, || Losses::new(network, trace, batch));
    let kinks = workers::each(entries, threads, losses, |losses, i, entry| {
        let i = range.start + i;
        let w = network.parameters[i];
        let moves = match form {
            Form::Subtract => [(w + h) - w, (w - h) - w],
            Form::Algebra => [h, -h],
        };
        let (l, mut sides) = seed(network, trace, i, moves, form)?;
        let kink = push(network, trace, l + 1, &mut sides, form)?;
        let difference = losses.difference(&sides, form) / batch.len() as f64;
        *entry = difference / divisor(task, i, moves[0].widen() - moves[1].widen())?;
        Ok(kink)
    })?;
    out.kinks.extend(kinks.iter().map(|i| range.start + i));
    out.evaluations += 2 * range.len();
    Ok(())
}

/// How the mean loss moves when parameter `i` moves by `by`, without cancellation.
pub(crate) fn increment_of_one<T: Real>(
    network: &Network<T>,
    trace: &Trace<'_, T>,
    batch: &Batch<T>,
    i: usize,
    by: T,
) -> Result<f64, Error> {
    let (l, [mut moved]) = seed(network, trace, i, [by], Form::Algebra)?;
    for m in l + 1..network.layers.len() {
        step(network, trace, m, &mut moved, Form::Algebra)?;
    }
    // The second side stays where it is: its loss does not move.
    let sides = [moved, Change::none(batch.len())];
    let mut losses = Losses::new(network, trace, batch);
    Ok(losses.difference(&sides, Form::Algebra) / batch.len() as f64)
}

/// The layer of parameter `i`, and how its outputs move with it.
fn seed<T: Real, const N: usize>(
    network: &Network<T>,
    trace: &Trace<'_, T>,
    i: usize,
    moves: [T; N],
    form: Form,
) -> Result<(usize, [Change<T>; N]), Error> {
    let l = network.offsets.partition_point(|&offset| offset <= i) - 1;
    let (at, parameter) = (trace.at(network, l), i - network.offsets[l]);
    let sides = moves.map(|by| network.layers[l].seed(&at, parameter, by, form));
    for side in &sides {
        check(network, l, "seed", side, at.x.nrows())?;
    }
    Ok((l, sides))
}

/// Pushes both sides through the layers from `first` on; whether a kink lies between them.
pub(super) fn push<T: Real>(
    network: &Network<T>,
    trace: &Trace<'_, T>,
    first: usize,
    sides: &mut [Change<T>; 2],
    form: Form,
) -> Result<bool, Error> {
    let mut kink = false;
    for l in first..network.layers.len() {
        kink |= network.layers[l].kink(&trace.at(network, l), &sides[0], &sides[1]);
        for side in sides.iter_mut() {
            step(network, trace, l, side, form)?;
        }
    }
    Ok(kink)
}

/// Pushes one side through layer `l`.
fn step<T: Real>(
    network: &Network<T>,
    trace: &Trace<'_, T>,
    l: usize,
    side: &mut Change<T>,
    form: Form,
) -> Result<(), Error> {
    let rows = side.rows();
    if side.is_none() {
        return Ok(());
    }
    let change = std::mem::replace(side, Change::none(rows));
    *side = network.layers[l].push(&trace.at(network, l), change, form);
    check(network, l, "push", side, rows)
}

fn check<T: Real>(
    network: &Network<T>,
    l: usize,
    method: &'static str,
    change: &Change<T>,
    rows: usize,
) -> Result<(), Error> {
    let (width, end) = (network.widths[l + 1], change.columns().end);
    if change.rows() == rows && end <= width {
        return Ok(());
    }
    network.check_shape(l, method, (change.rows(), end), (rows, width))
}

/// Differences of losses, with their buffers.
pub(super) struct Losses<'a, T: Real> {
    network: &'a Network<T>,
    trace: &'a Trace<'a, T>,
    targets: &'a Targets,
    increment: Increment,
    c: Vec<f64>,
    d: [Vec<f64>; 2],
}

impl<'a, T: Real> Losses<'a, T> {
    pub(super) fn new(
        network: &'a Network<T>,
        trace: &'a Trace<'a, T>,
        batch: &'a Batch<T>,
    ) -> Self {
        let zeros = || vec![0.0; network.outputs()];
        Self {
            network,
            trace,
            targets: batch.targets(),
            increment: Increment::new(network.outputs()),
            c: zeros(),
            d: [zeros(), zeros()],
        }
    }

    /// Sum over the samples of the loss on the first side minus that on the second.
    pub(super) fn difference(&mut self, sides: &[Change<T>; 2], form: Form) -> f64 {
        let mut sum = Sum::default();
        for n in 0..self.trace.outputs().nrows() {
            sum.add(self.row(sides, form, n));
        }
        sum.value()
    }

    /// The loss of sample `n` on the first side minus that on the second.
    pub(super) fn row(&mut self, sides: &[Change<T>; 2], form: Form, n: usize) -> f64 {
        for (c, value) in self.c.iter_mut().zip(self.trace.outputs().row(n)) {
            *c = value.widen();
        }
        let (loss, target) = (self.network.loss, self.targets.row(n));
        for (d, side) in self.d.iter_mut().zip(sides) {
            d.fill(0.0);
            for (d, moved) in d[side.columns()].iter_mut().zip(side.d.slice(s![n, ..])) {
                *d = moved.widen();
            }
        }
        let [up, down] = &mut self.d;
        if form == Form::Algebra {
            return loss.row_difference(&self.c, [up, down], target, &mut self.increment);
        }
        let [up, down] = [up, down].map(|d| {
            d.iter_mut().zip(&self.c).for_each(|(d, c)| *d += c);
            loss.row(d, target)
        });
        up - down
    }
}
