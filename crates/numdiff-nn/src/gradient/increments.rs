//! Two forward passes of what moved alone.

use super::naive::divisor;
use super::{Raw, workers};
use crate::loss::{Increment, Sum};
use crate::network::Trace;
use crate::{Batch, Change, Error, Form, GradientAlgorithm, GradientMethod, Network, Targets};
use ndarray::s;
use numdiff_core::Real;
use std::ops::Range;

/// Differentiates by the parameters of these layers.
pub(super) fn all<T: Real>(
    network: &Network<T>,
    trace: &Trace<'_, T>,
    batch: &Batch<T>,
    method: &GradientMethod,
    layers: Range<usize>,
    raw: &mut Raw,
) -> Result<(), Error> {
    let parameters = network.offsets[layers.end] - network.offsets[layers.start];
    raw.kinks
        .extend(fill(network, trace, batch, method, layers, &mut raw.flat)?);
    raw.evaluations += 2 * parameters;
    Ok(())
}

/// Differentiates by the parameters of these layers; `flat` is the whole gradient.
pub(super) fn fill<T: Real>(
    network: &Network<T>,
    trace: &Trace<'_, T>,
    batch: &Batch<T>,
    method: &GradientMethod,
    layers: Range<usize>,
    flat: &mut [f64],
) -> Result<Vec<usize>, Error> {
    let form = if method.algorithm == GradientAlgorithm::Incremental {
        Form::Subtract
    } else {
        Form::Algebra
    };
    let first = network.offsets[layers.start];
    workers::fill(
        &mut flat[first..network.offsets[layers.end]],
        first,
        method.threads,
        || Losses::new(network.outputs()),
        |losses, i| {
            let l = network.offsets.partition_point(|&offset| offset <= i) - 1;
            let w = network.parameters[i];
            let h = T::round_from(method.step);
            let (plus, minus) = match form {
                Form::Subtract => ((w + h) - w, (w - h) - w),
                Form::Algebra => (h, -h),
            };
            let at = trace.at(network, l);
            let mut sides = [plus, minus]
                .map(|by| network.layers[l].seed(&at, i - network.offsets[l], by, form));
            for side in &sides {
                check(network, l, "seed", side, batch.len())?;
            }
            let kink = push(network, trace, l + 1, &mut sides, form)?;
            let difference = losses.difference(network, trace, batch.targets(), &sides, form)
                / batch.len() as f64;
            Ok((
                difference / divisor(network, method, i, plus.widen() - minus.widen())?,
                kink,
            ))
        },
    )
}

/// How the mean loss moves when parameter `i` moves by `by`, without cancellation.
pub(crate) fn increment_of_one<T: Real>(
    network: &Network<T>,
    trace: &Trace<'_, T>,
    batch: &Batch<T>,
    i: usize,
    by: T,
) -> Result<f64, Error> {
    let l = network.offsets.partition_point(|&offset| offset <= i) - 1;
    let moved = network.layers[l].seed(
        &trace.at(network, l),
        i - network.offsets[l],
        by,
        Form::Algebra,
    );
    check(network, l, "seed", &moved, batch.len())?;
    let mut sides = [moved, Change::none(batch.len())];
    for m in l + 1..network.layers.len() {
        step(network, trace, m, &mut sides[0], Form::Algebra)?;
    }
    // The second side stays where it is: its loss does not move.
    let mut losses = Losses::new(network.outputs());
    Ok(
        losses.difference(network, trace, batch.targets(), &sides, Form::Algebra)
            / batch.len() as f64,
    )
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
    let width = network.widths[l + 1];
    if change.rows() == rows && change.columns().end <= width {
        return Ok(());
    }
    network.check_shape(
        l,
        method,
        (change.rows(), change.columns().end),
        (rows, width),
    )
}

/// Differences of losses, with their buffers.
pub(super) struct Losses {
    increment: Increment,
    c: Vec<f64>,
    d: [Vec<f64>; 2],
}

impl Losses {
    pub(super) fn new(outputs: usize) -> Self {
        Self {
            increment: Increment::new(outputs),
            c: vec![0.0; outputs],
            d: [vec![0.0; outputs], vec![0.0; outputs]],
        }
    }

    /// Sum over the samples of the loss on the first side minus that on the second.
    pub(super) fn difference<T: Real>(
        &mut self,
        network: &Network<T>,
        trace: &Trace<'_, T>,
        targets: &Targets,
        sides: &[Change<T>; 2],
        form: Form,
    ) -> f64 {
        let mut sum = Sum::default();
        for n in 0..trace.outputs().nrows() {
            sum.add(self.row(network, trace, targets, sides, form, n));
        }
        sum.value()
    }

    /// The loss of sample `n` on the first side minus that on the second.
    pub(super) fn row<T: Real>(
        &mut self,
        network: &Network<T>,
        trace: &Trace<'_, T>,
        targets: &Targets,
        sides: &[Change<T>; 2],
        form: Form,
        n: usize,
    ) -> f64 {
        for (c, value) in self.c.iter_mut().zip(trace.outputs().row(n)) {
            *c = value.widen();
        }
        let target = targets.row(n);
        for (d, side) in self.d.iter_mut().zip(sides) {
            d.fill(0.0);
            for (d, moved) in d[side.columns()].iter_mut().zip(side.d.slice(s![n, ..])) {
                *d = moved.widen();
            }
        }
        let [up, down] = &mut self.d;
        if form == Form::Algebra {
            return network
                .loss
                .row_difference(&self.c, [up, down], target, &mut self.increment);
        }
        let [up, down] = [up, down].map(|d| {
            d.iter_mut().zip(&self.c).for_each(|(d, c)| *d += c);
            network.loss.row(d, target)
        });
        up - down
    }
}
