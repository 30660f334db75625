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
use super::reach::{LONGEST, Reach};
use super::rows::{each_unit, lanes_of, unit_rows};
use super::setting::{Kinks, Setting};
use super::suffix::Scratch;
use super::units::Units;
use crate::movement::{Exact, POWERS, Series, Sides};
use crate::simd::{Isa, Kernel, LANES, Lanes, Slopes, each};

/// What may be left out, relative to the leading term: an eighth of the rounding that this
/// term carries anyway.
const NEGLIGIBLE: f64 = f64::EPSILON / 8.0;

/// Adds the gradient of the mean loss for layer `l` to `out`. `None` when the step is too large for
/// this arithmetic.
pub(crate) fn gradient(
    chain: &Chain<'_>,
    l: usize,
    setting: &Setting,
    out: &mut [f64],
) -> Option<Kinks> {
    let layer = &chain.layers[l];
    // The largest movement per sample; the bias has the input 1.
    let extent: Vec<f64> = layer
        .x
        .chunks_exact(layer.inputs)
        .map(|row| setting.step * row.iter().fold(1f64, |top, x| top.max(x.abs())))
        .collect();
    let largest = extent.iter().copied().fold(0.0, f64::max);
    let reach = Reach::new(chain, l);
    let movement = largest * reach.lambda;
    if !movement.is_finite() || movement > LONGEST {
        return None;
    }
    let plan = Plan {
        chain,
        l,
        setting,
        largest,
    };
    // Cauchy's estimate: what follows the power D, relative to the bound on the first term.
    let converges = |powers: i32| (2.0 * movement).powi(powers) <= NEGLIGIBLE;
    let Some(powers) = (3..=POWERS)
        .step_by(2)
        .find(|powers| converges(*powers as i32))
    else {
        let everywhere = vec![(0..chain.samples).collect(); layer.outputs];
        return Some(plan.direct(&everywhere, out));
    };
    let kinks = reach.kinks(chain, l, &extent);
    plan.series(powers, &kinks, out);
    Some(plan.direct(&kinks, out))
}

struct Plan<'a> {
    chain: &'a Chain<'a>,
    l: usize,
    setting: &'a Setting,
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
        each(&mut rows, self.setting.threads, work, |n, out| {
            self.setting.level.run(Coefficients {
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
        let step = self.setting.step;
        let scale = 2.0 * self.setting.scale(samples);
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
            let Setting { threads, level, .. } = *self.setting;
            slopes.accumulate(out, x, layer.inputs, of_bias, threads, level);
        }
    }

    /// Adds to `out` the derivatives of the loss of the samples in `list` (one list per unit), from
    /// evaluations at both points.
    fn direct(&self, list: &[Vec<usize>], out: &mut [f64]) -> Kinks {
        let layer = &self.chain.layers[self.l];
        let pairs: usize = list.iter().map(Vec::len).sum();
        if pairs == 0 {
            return Vec::new();
        }
        let width = layer.width();
        let x = unit_rows(layer);
        let work = (2 * pairs * (width / LANES)) as f64 * self.chain.depth(self.l);
        let scale = self.setting.scale(self.chain.samples);
        let shared = (self.setting.threads, work);
        each_unit(
            layer,
            shared,
            out,
            |_| scale,
            |k, out, kinks| {
                let samples = &list[k];
                self.setting.level.run(Direct {
                    plan: self,
                    k,
                    samples,
                    x: &x,
                    out,
                    kinks,
                });
            },
        )
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
            let moved = chain.loss(
                l,
                self.n,
                Units::From(k),
                Series::identity(self.powers),
                &mut scratch,
            );
            let lanes = LANES.min(outputs - k);
            for (m, c) in moved.coefficients().iter().enumerate() {
                c.store(&mut self.out[m * outputs + k..][..lanes]);
            }
        }
    }
}

/// Differences for the weights and the bias of one unit, over some samples.
struct Direct<'a, 'o> {
    plan: &'a Plan<'a>,
    k: usize,
    samples: &'a [usize],
    /// [`unit_rows`].
    x: &'a [f64],
    out: &'o mut [f64],
    kinks: &'o mut [f64],
}

impl Kernel for Direct<'_, '_> {
    type Output = ();
    #[inline(always)]
    fn run<I: Isa>(self) {
        let Plan {
            chain, l, setting, ..
        } = *self.plan;
        let width = self.out.len();
        let (up, down) = (Lanes::splat(setting.step), Lanes::splat(-setting.step));
        let mut scratch = Scratch::<I, Sides<Exact<I>>>::new(chain);
        for start in (0..width).step_by(LANES) {
            scratch.kinks = Lanes::splat(0.0);
            let mut sum = Lanes::<I>::load(&self.out[start..], 0.0);
            for &n in self.samples {
                let x = Lanes::load(&self.x[lanes_of(start, n, chain.samples)..], 0.0);
                let sides = Sides {
                    up: Exact(up * x),
                    down: Exact(down * x),
                };
                let moved = chain.loss(l, n, Units::Same(self.k), sides, &mut scratch);
                sum = sum + (moved.up.0 - moved.down.0);
            }
            sum.store(&mut self.out[start..]);
            scratch.kinks.store(&mut self.kinks[start..]);
        }
    }
}
