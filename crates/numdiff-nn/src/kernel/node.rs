//! Node perturbation: pre-activations are moved instead of weights.
//!
//! One central difference for each unit and sample, then dW = x^T dA: units x samples
//! evaluations of what lies behind a layer, instead of twice its weights. The product with
//! x is the derivative of an affine layer, so this algorithm does not check that derivative
//! independently: a program that got dW = x^T dA wrong would agree with itself here.

use super::chain::Chain;
use super::reach::{LONGEST, Reach};
use super::setting::{Kinks, Setting};
use super::suffix::Scratch;
use super::units::Units;
use crate::movement::{Exact, Sides};
use crate::simd::{Isa, Kernel, LANES, Lanes, Slopes, each};

/// Adds the gradient of the mean loss for layer `l` to `out`, from pre-activations moved by the step.
/// `None` when it is too large for this arithmetic.
pub(crate) fn gradient(
    chain: &Chain<'_>,
    l: usize,
    setting: &Setting,
    out: &mut [f64],
) -> Option<Kinks> {
    let movement = Reach::new(chain, l).lambda * setting.step;
    if !movement.is_finite() || movement > LONGEST {
        return None;
    }
    let layer = &chain.layers[l];
    let outputs = layer.outputs;
    let mut nodes = vec![0.0; chain.samples * outputs];
    let mut kinked = vec![0.0; nodes.len()];
    let mut rows: Vec<_> = nodes
        .chunks_exact_mut(outputs)
        .zip(kinked.chunks_exact_mut(outputs))
        .collect();
    let work = (2 * chain.samples * outputs.div_ceil(LANES)) as f64 * chain.depth(l);
    each(&mut rows, setting.threads, work, |n, (out, kinks)| {
        setting.level.run(Nodes {
            chain,
            l,
            n,
            h: setting.step,
            out,
            kinks,
        });
    });
    let scale = setting.scale(chain.samples);
    nodes.iter_mut().for_each(|node| *node *= scale);
    let slopes = Slopes {
        values: &nodes,
        stride: outputs,
        outputs,
    };
    slopes.accumulate(
        out,
        layer.x,
        layer.inputs,
        1.0,
        setting.threads,
        setting.level,
    );
    Some(fed(chain, l, &kinked))
}

/// (input, unit) of the parameters that move a kinked value: those whose input is not 0.
fn fed(chain: &Chain<'_>, l: usize, kinked: &[f64]) -> Kinks {
    let layer = &chain.layers[l];
    let mut found = Vec::new();
    for k in 0..layer.outputs {
        let samples: Vec<usize> = (0..chain.samples)
            .filter(|n| kinked[n * layer.outputs + k] != 0.0)
            .collect();
        if samples.is_empty() {
            continue;
        }
        let moves = |i: usize| samples.iter().any(|n| layer.x[n * layer.inputs + i] != 0.0);
        // The bias has the input 1.
        found.extend(
            (0..layer.rows())
                .filter(|i| *i == layer.inputs || moves(*i))
                .map(|i| (i, k)),
        );
    }
    found
}

struct Nodes<'a, 'o> {
    chain: &'a Chain<'a>,
    l: usize,
    n: usize,
    h: f64,
    out: &'o mut [f64],
    kinks: &'o mut [f64],
}

impl Kernel for Nodes<'_, '_> {
    type Output = ();
    #[inline(always)]
    fn run<I: Isa>(self) {
        let Self {
            chain,
            l,
            n,
            h,
            out,
            kinks,
        } = self;
        let mut scratch = Scratch::<I, Sides<Exact<I>>>::new(chain);
        for start in (0..out.len()).step_by(LANES) {
            let range = start..(start + LANES).min(out.len());
            scratch.kinks = Lanes::splat(0.0);
            let sides = Sides {
                up: Exact(Lanes::splat(h)),
                down: Exact(Lanes::splat(-h)),
            };
            let moved = chain.loss(l, n, Units::From(start), sides, &mut scratch);
            (moved.up.0 - moved.down.0).store(&mut out[range.clone()]);
            scratch.kinks.store(&mut kinks[range]);
        }
    }
}
