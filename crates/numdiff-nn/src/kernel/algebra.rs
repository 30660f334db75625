//! Increment algebra: central differences of the loss without cancellation.
//!
//! Along the pre-activation of unit k the loss of sample n moves by G_nk(u), where the weight
//! (i, k) moved by h gives u = h x_ni and the bias u = h. Both sides of every difference are
//! points on these curves, so a layer needs samples x units series of G and then, because
//! the sum over the samples commutes with the powers and the even powers drop out,
//!
//! ```text
//! sum_n G_nk(h x_ni) - G_nk(-h x_ni) = 2 sum_(m odd) sum_n C_m[n, k] (h x_ni)^m,
//! C_m[n, k] = coefficient m of G_nk
//! ```
//!
//! one or two matrix products. The powers that are left out are below the rounding of those
//! that are kept (see [`super::reach`]). Where the series does not converge fast enough
//! (large steps) or does not exist (a kink within reach), G is evaluated at both points from
//! the same exact identities.

use super::chain::Chain;
use super::direct::Direct;
use super::reach::Reach;
use super::rows::Kinks;
use super::suffix::{LossMoved, Moving, Scratch};
use super::units::Units;
use crate::GradientMethod;
use crate::movement::{POWERS, Series};
use crate::simd::{Isa, Kernel, LANES, Slopes, each};

/// What may be left out, relative to the leading term: an eighth of the rounding that this
/// term carries anyway.
const NEGLIGIBLE: f64 = f64::EPSILON / 8.0;

/// Adds the gradient of the mean loss for layer `l` to `out`. `None` when the step is too large for
/// this arithmetic.
pub(crate) fn gradient(
    chain: &Chain<'_>,
    l: usize,
    method: &GradientMethod,
    out: &mut [f64],
) -> Option<Kinks> {
    let layer = &chain.layers[l];
    // The largest movement per sample; the bias has the input 1.
    let extent: Vec<f64> = layer
        .x
        .chunks_exact(layer.inputs)
        .map(|row| method.step * row.iter().fold(1f64, |top, x| top.max(x.abs())))
        .collect();
    let largest = extent.iter().copied().fold(0.0, f64::max);
    let reach = Reach::new(chain, l);
    let movement = reach.movement(largest)?;
    let direct = Direct {
        chain,
        l,
        method,
        movement,
        classes: Vec::new(),
    };
    let plan = Plan {
        chain,
        l,
        method,
        largest,
    };
    // Cauchy's estimate: what follows the power D, relative to the bound on the first term.
    let converges = |powers: i32| (2.0 * movement).powi(powers) <= NEGLIGIBLE;
    let Some(powers) = (3..=POWERS)
        .step_by(2)
        .find(|powers| converges(*powers as i32))
    else {
        let everywhere: Vec<usize> = (0..chain.samples).collect();
        return Some(direct.add(|_| &everywhere, out));
    };
    let kinks = reach.kinks(chain, l, &extent);
    plan.series(powers, &kinks, out);
    Some(direct.add(|k| &kinks[k], out))
}

struct Plan<'a> {
    chain: &'a Chain<'a>,
    l: usize,
    method: &'a GradientMethod,
    /// The largest h |x|.
    largest: f64,
}

impl Plan<'_> {
    /// Adds the derivatives to `out`, without the samples in `skip` (one list per unit).
    fn series(&self, powers: usize, skip: &[Vec<usize>], out: &mut [f64]) {
        let layer = &self.chain.layers[self.l];
        let (outputs, samples) = (layer.outputs, self.chain.samples);
        let mut series = vec![0.0; samples * powers * outputs];
        let work = (samples * outputs.div_ceil(LANES) * powers) as f64 * self.chain.depth(self.l);
        let mut rows: Vec<&mut [f64]> = series.chunks_exact_mut(powers * outputs).collect();
        each(&mut rows, self.method.threads, work, |n, out| {
            self.method.simd_level().run(Coefficients {
                plan: self,
                n,
                powers,
                out,
            });
        });
        for (k, skip) in skip.iter().enumerate() {
            for n in skip {
                for m in 0..powers {
                    series[(n * powers + m) * outputs + k] = 0.0;
                }
            }
        }
        // Against the first three powers of the same unit in the same sample: the derivative of a sample
        // that is nearly certain is far below that of others, and may be all that an input feeds.
        let negligible = |m: usize| {
            let by = self.largest.powi(m as i32 - 1);
            series.chunks_exact(powers * outputs).all(|rows| {
                (0..outputs).all(|k| {
                    let of = |m: usize| rows[(m - 1) * outputs + k].abs();
                    of(m) * by <= NEGLIGIBLE * of(1).max(of(2)).max(of(3))
                })
            })
        };
        let kept: Vec<usize> = (1..=powers)
            .step_by(2)
            .filter(|m| *m == 1 || !negligible(*m))
            .collect();
        // Of a mean, and of two sides. The coefficient of h x takes the step, the powers of h x have it.
        let step = self.method.step;
        let scale = 2.0 * self.method.scale(samples);
        for (m, row) in series.chunks_exact_mut(outputs).enumerate() {
            let scale = if m % powers == 0 { scale * step } else { scale };
            row.iter_mut().for_each(|c| *c *= scale);
        }
        for m in kept {
            let slopes = Slopes {
                values: &series[(m - 1) * outputs..],
                stride: powers * outputs,
                outputs,
            };
            // The input of the bias is 1.
            let raised: Vec<f64>;
            let (x, of_bias) = if m == 1 {
                (layer.x, 1.0)
            } else {
                raised = layer.x.iter().map(|x| (step * x).powi(m as i32)).collect();
                (&raised[..], step.powi(m as i32))
            };
            let workers = (self.method.threads, self.method.simd_level());
            slopes.accumulate(out, (x, layer.inputs), of_bias, workers);
        }
    }
}

/// The coefficients of all units in one sample: powers x units.
struct Coefficients<'a, 'o> {
    plan: &'a Plan<'a>,
    n: usize,
    powers: usize,
    out: &'o mut [f64],
}

impl Kernel for Coefficients<'_, '_> {
    type Output = ();
    #[inline(always)]
    fn run<I: Isa>(self) {
        let Plan { chain, l, .. } = *self.plan;
        let outputs = chain.layers[l].outputs;
        let mut scratch = Scratch::<I, Series<I>>::new(chain);
        for k in (0..outputs).step_by(LANES) {
            let (n, units) = (self.n, Units::From(k));
            let moving = Moving { chain, l, n, units };
            let u = Series::identity(self.powers);
            let dz = moving.through_curve(u, &mut scratch.kinks);
            let moved = I::outline(LossMoved {
                moving,
                dz,
                scratch: &mut scratch,
            });
            let lanes = LANES.min(outputs - k);
            for (m, c) in moved.coefficients().iter().enumerate() {
                c.store(&mut self.out[m * outputs + k..][..lanes]);
            }
        }
    }
}
