//! Node perturbation: pre-activations are moved instead of weights.
//!
//! One central difference for each unit and sample, then dW = x^T dA: units x samples
//! evaluations of what lies behind a layer, instead of twice its weights. The product with
//! x is the derivative of an affine layer, so this algorithm does not check that derivative
//! independently: a program that got dW = x^T dA wrong would agree with itself here.

use super::chain::{Affine, Chain};
use super::reach::Reach;
use super::rows::Kinks;
use super::suffix::{LossMoved, Moving, Scratch};
use super::units::Units;
use crate::GradientMethod;
use crate::movement::Sides;
use crate::simd::{Isa, Kernel, LANES, Lanes, each};

/// Adds the gradient of the mean loss for layer `l` to `out`, from pre-activations moved by the step.
/// `None` when it is too large for this arithmetic.
pub(crate) fn gradient(
    chain: &Chain<'_>,
    l: usize,
    method: &GradientMethod,
    out: &mut [f64],
) -> Option<Kinks> {
    Reach::new(chain, l).movement(method.step)?;
    let layer = &chain.layers[l];
    let outputs = layer.outputs;
    let mut nodes = vec![0.0; chain.samples * outputs];
    let mut kinked = vec![0.0; nodes.len()];
    let mut rows: Vec<_> = nodes
        .chunks_exact_mut(outputs)
        .zip(kinked.chunks_exact_mut(outputs))
        .collect();
    let work = (2 * chain.samples * outputs.div_ceil(LANES)) as f64 * chain.depth(l);
    each(&mut rows, method.threads, work, |n, (out, kinks)| {
        let units = Units::From(0);
        method.simd_level().run(Nodes {
            moving: Moving { chain, l, n, units },
            h: method.step,
            out,
            kinks,
        });
    });
    let scale = method.scale(chain.samples);
    nodes.iter_mut().for_each(|node| *node *= scale);
    layer.add_products(out, &nodes, method);
    Some(fed(layer, &kinked))
}

/// (input, unit) of the parameters that move a kinked value: those whose input is not 0.
fn fed(layer: &Affine<'_>, kinked: &[f64]) -> Kinks {
    let mut found = Vec::new();
    for k in 0..layer.outputs {
        let kinks = kinked[k..].iter().step_by(layer.outputs);
        let rows = layer.x.chunks_exact(layer.inputs).zip(kinks);
        let samples: Vec<&[f64]> = rows
            .filter(|(_, kink)| **kink != 0.0)
            .map(|s| s.0)
            .collect();
        if samples.is_empty() {
            continue;
        }
        // The bias, behind the last input, has the input 1.
        let moves = |i: &usize| samples.iter().any(|x| x.get(*i) != Some(&0.0));
        found.extend((0..layer.rows()).filter(moves).map(|i| (i, k)));
    }
    found
}

struct Nodes<'a, 'o> {
    moving: Moving<'a>,
    h: f64,
    out: &'o mut [f64],
    kinks: &'o mut [f64],
}

impl Kernel for Nodes<'_, '_> {
    type Output = ();
    #[inline(always)]
    fn run<I: Isa>(self) {
        let (h, chain) = (Lanes::splat(self.h), self.moving.chain);
        let mut scratch = Scratch::<I, Sides<I, false>>::new(chain);
        for start in (0..self.out.len()).step_by(LANES) {
            let range = start..(start + LANES).min(self.out.len());
            scratch.kinks = Lanes::splat(0.0);
            let moving = Moving {
                units: Units::From(start),
                ..self.moving
            };
            let dz = moving.through_curve(Sides::new(h, -h), &mut scratch.kinks);
            let moved = I::outline(LossMoved {
                moving,
                dz,
                scratch: &mut scratch,
            });
            (moved.up - moved.down).store(&mut self.out[range.clone()]);
            scratch.kinks.store(&mut self.kinks[range]);
        }
    }
}
