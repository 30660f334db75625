//! Which layer's backward is wrong: each tested alone.

use super::{NetworkCheck, ROUNDING, SINGLE, Suspect, TRUNCATION};
use crate::gradient::adjoint;
use crate::{Batch, Error, GradientMethod, Network, Rung};
use ndarray::Array2;
use numdiff_core::Real;

/// Hands each layer the numerical derivative of the loss by its outputs; what its backward makes of
/// it must be the numerical derivative by its inputs, and by its parameters.
pub(super) fn suspects<T: Real>(
    network: &Network<T>,
    batch: &Batch<T>,
    report: &NetworkCheck,
) -> Result<Vec<Suspect>, Error> {
    // The step at which rounding and truncation balance, also where layers only subtract: finer than
    // the check's own, so that fewer kinks lie in the way.
    let step = T::EPSILON.cbrt();
    let trace = network.trace(batch)?;
    let noise = report.noise.max(T::EPSILON * report.loss.abs());
    let floor = ROUNDING * noise / (2.0 * step);
    let method = |h: f64, rung: Rung| GradientMethod::new(rung).with_step(h);
    // By the values that enter each layer, and by the outputs, for both steps.
    let mut adjoints = Vec::new();
    for l in 0..=network.layers.len() {
        let at = |h: f64| {
            adjoint(
                network,
                &trace,
                batch,
                &method(h, Rung::NodePerturbation),
                l,
            )
        };
        adjoints.push((at(step)?, at(2.0 * step)?));
    }
    let fine = network.gradient(batch, method(step, Rung::IncrementAlgebra))?;
    let coarse = network.gradient(batch, method(2.0 * step, Rung::IncrementAlgebra))?;
    let mut suspects = Vec::new();
    for (l, layer) in network.layers.iter().enumerate() {
        let at = trace.at(network, l);
        let parameters = network.offsets[l]..network.offsets[l + 1];
        let backward = |dy: &Array2<f64>| {
            let mut dp = vec![T::zero(); parameters.len()];
            let dx = layer
                .backward(&at, &dy.mapv(T::round_from), &mut dp)
                .ok_or_else(|| Error::NoBackward {
                    layer: l,
                    name: layer.name(),
                })?;
            Ok::<_, Error>((dx.mapv(T::widen), dp))
        };
        let ((dx, dp), (dx_coarse, dp_coarse)) = (
            backward(&adjoints[l + 1].0.dy)?,
            backward(&adjoints[l + 1].1.dy)?,
        );
        let largest = dx.iter().fold(0.0f64, |m, d| d.abs().max(m));
        // Both sides are differences with an error of the order h^2.
        let close = |a: f64, a_coarse: f64, b: f64, b_coarse: f64, largest: f64| {
            let truncation = TRUNCATION * ((a_coarse - a).abs() + (b_coarse - b).abs());
            (a - b).abs() <= floor + truncation + SINGLE * T::EPSILON * largest
        };
        let (numeric, numeric_coarse) = &adjoints[l];
        let after = &adjoints[l + 1];
        // A kink behind this layer spoils every derivative of its sample.
        let kinked = |n: usize| {
            after
                .0
                .kinked
                .row(n)
                .iter()
                .chain(after.1.kinked.row(n))
                .any(|&kink| kink)
        };
        let smooth = |n: usize, k: usize| {
            !numeric.kinked[[n, k]] && !numeric_coarse.kinked[[n, k]] && !kinked(n)
        };
        let inputs_wrong = dx.indexed_iter().any(|((n, k), &d)| {
            let (b, b_coarse) = (numeric.dy[[n, k]], numeric_coarse.dy[[n, k]]);
            smooth(n, k) && !close(d, dx_coarse[[n, k]], b, b_coarse, largest)
        });
        let any_kink = after
            .0
            .kinked
            .iter()
            .chain(&after.1.kinked)
            .any(|kink| *kink);
        for block in network.blocks.iter().filter(|block| block.layer == l) {
            let largest = fine.flat()[block.range.clone()]
                .iter()
                .fold(0.0f64, |m, d| d.abs().max(m));
            let wrong = block.range.clone().any(|i| {
                let local = i - parameters.start;
                let (a, a_coarse) = (dp[local].widen(), dp_coarse[local].widen());
                let kink = any_kink || fine.kinks().contains(&i) || coarse.kinks().contains(&i);
                !kink && !close(a, a_coarse, fine.flat()[i], coarse.flat()[i], largest)
            });
            if wrong {
                suspects.push(Suspect {
                    layer: l,
                    name: layer.name(),
                    block: Some(block.name.clone()),
                });
            }
        }
        if inputs_wrong {
            suspects.push(Suspect {
                layer: l,
                name: layer.name(),
                block: None,
            });
        }
    }
    Ok(suspects)
}
