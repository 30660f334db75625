//! Is every layer's backward right? Analytic against numeric, entry by entry.

mod inputs;
mod locate;
mod mixing;
mod report;

pub use report::{BlockCheck, Control, Finding, NetworkCheck, Suspect, Verdict};

use crate::block::locate as block_of;
use crate::gradient::{adjoint, backpropagated};
use crate::{Batch, Error, GradientMethod, Network, Rung};
use numdiff_core::Real;

/// The step of the differences: the truncation h^2 f'''/6 and the rounding ulp(loss)/(2h) are both
/// near 1e-12 for a network whose loss is of order 1.
const STEP: f64 = 1e-4;

/// Rounding of the numeric value in units of noise/(2h). Two naive implementations with different
/// sums differ by 6 (measured); 8 leaves room.
const ROUNDING: f64 = 8.0;

/// D(h) is off by (D(2h) - D(h))/3 to leading order; 10 % for what comes after.
const TRUNCATION: f64 = 1.1 / 3.0;

/// Rounding of a backward pass in `f32`, in last places of the block's largest entry: sums of some
/// thousand terms.
const SINGLE: f64 = 64.0;

/// The relative error that the negative control plants in the largest entry of each block.
const PLANTED: f64 = 1e-3;

/// Checks the backward pass of every layer: every entry of every parameter block against a central
/// difference, with a tolerance that calibrates itself.
///
/// An entry passes when |analytic - D(h)| <= 8 noise/(2h) + 1.1 |D(2h) - D(h)|/3 with h = 1e-4; the
/// differences are those of [`Rung::IncrementAlgebra`]. One that does not is examined: is there a
/// kink, is the step too coarse, does a plain difference of two forward passes agree with either
/// side? Then each layer's backward is tested alone, to say which one is wrong. Since the fast
/// differences come from the layers themselves, they are held against forward passes too, block by
/// block, in a direction that moves every parameter. The derivative by the network's inputs, which no
/// parameter of the first layer needs, is held against forward passes as well, and so is every
/// layer's word that samples do not meet in it.
///
/// In every block a wrong gradient is planted (a factor 1.001 on its largest entry) that must be
/// found: [`BlockCheck::control`].
///
/// An `f32` network is checked in `f64`, where a wrong formula is not hidden by rounding, unless a
/// layer exists in `f32` alone ([`Layer::wide`](crate::Layer::wide)).
///
/// Cost: about four gradients by increments, a dozen forward passes per block, and as many for the
/// inputs.
///
/// ```
/// # use ndarray::array;
/// # use numdiff_nn::{Activation, Batch, Dense, Network, Targets, check_network};
/// let weights: Vec<f64> = (0..22).map(|i| (i as f64).sin()).collect();
/// let network = Network::builder()
///     .layer(Dense::new(2, 4)).layer(Activation::Tanh).layer(Dense::new(4, 2))
///     .weights(&weights)?;
/// let batch = Batch::new(array![[0.1, 0.2], [0.3, -0.4]], Targets::labels(&[0, 1]))?;
/// let report = check_network(&network, &batch)?;
/// assert!(report.passed(), "{report}");
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
///
/// # Errors
/// A batch that does not fit, a loss that is not finite, a layer without `backward` or one that
/// returns arrays of the wrong shape.
pub fn check_network<T: Real>(
    network: &Network<T>,
    batch: &Batch<T>,
) -> Result<NetworkCheck, Error> {
    if T::EPSILON > f64::EPSILON
        && let Some(wide) = network.widened()
    {
        return check_network(&wide, &batch.widened());
    }
    let mut report = examine(network, batch)?;
    if !report.passed() {
        report.suspects = locate::suspects(network, batch, &report)?;
    }
    Ok(report)
}

/// What an entry is judged by.
#[derive(Clone, Copy)]
struct Numeric {
    value: f64,
    tolerance: f64,
    kink: bool,
}

impl Numeric {
    /// A NaN is never close.
    fn accepts(&self, analytic: f64) -> bool {
        (analytic - self.value).abs() <= self.tolerance
    }
}

fn examine<T: Real>(network: &Network<T>, batch: &Batch<T>) -> Result<NetworkCheck, Error> {
    let (analytic, by_inputs) = backpropagated(network, batch)?;
    let single = backward_rounding::<T>();
    let (loss, noise) = noise(network, batch)?;
    let at = |h: f64| {
        network.gradient(
            batch,
            GradientMethod::new(Rung::IncrementAlgebra).with_step(h),
        )
    };
    let (fine, coarse) = (at(STEP)?, at(2.0 * STEP)?);
    let floor = ROUNDING * noise / (2.0 * STEP);
    let mut report = NetworkCheck {
        loss,
        noise,
        step: STEP,
        floor,
        blocks: vec![],
        findings: vec![],
        suspects: vec![],
        inputs: inputs::agree(network, batch, &by_inputs, noise)?,
        mixing: mixing::untold(network, batch)?,
    };
    for block in network.blocks.iter() {
        let largest = analytic[block.range.clone()]
            .iter()
            .fold(0.0f64, |m, g| g.abs().max(m));
        let range = block.range.clone();
        let mut numeric: Vec<Numeric> = range
            .clone()
            .map(|i| Numeric {
                value: fine.flat()[i],
                tolerance: floor
                    + TRUNCATION * (coarse.flat()[i] - fine.flat()[i]).abs()
                    + single * largest,
                kink: fine.kinks().contains(&i) || coarse.kinks().contains(&i),
            })
            .collect();
        for (i, numeric) in range.clone().zip(&mut numeric) {
            if !numeric.accepts(analytic[i]) {
                let finding = explain(network, batch, i, analytic[i], *numeric, noise)?;
                numeric.kink |= finding.verdict == Verdict::Kink;
                report.findings.push(finding);
            }
        }
        let here: Vec<&Finding> = report
            .findings
            .iter()
            .filter(|f| f.block == block.name)
            .collect();
        let count = |verdict: Verdict| here.iter().filter(|f| f.verdict == verdict).count();
        report.blocks.push(BlockCheck {
            name: block.name.clone(),
            entries: range.len(),
            bugs: count(Verdict::Backward) + count(Verdict::Increment) + count(Verdict::Both),
            kinks: count(Verdict::Kink),
            truncations: count(Verdict::Truncation),
            largest_error: errors(&analytic[range.clone()], &numeric),
            control: control(&analytic[range.clone()], &numeric),
            forward: forward_agrees(network, batch, range, &numeric, noise)?,
        });
    }
    Ok(report)
}

fn errors(analytic: &[f64], numeric: &[Numeric]) -> f64 {
    analytic
        .iter()
        .zip(numeric)
        .fold(0.0, |m, (a, n)| (a - n.value).abs().max(m))
}

/// Plants a wrong gradient in a block and tells whether it is found.
fn control(analytic: &[f64], numeric: &[Numeric]) -> Control {
    let smooth = analytic.iter().zip(numeric).filter(|(_, n)| !n.kink);
    let Some((planted, judge)) = smooth.max_by(|a, b| a.1.value.abs().total_cmp(&b.1.value.abs()))
    else {
        return Control::Blind {
            smallest: f64::INFINITY,
        };
    };
    let smallest = judge.tolerance / judge.value.abs();
    // Planted in the numeric value: it must be found whether or not the analytic one is right.
    let wrong = judge.value + (1.0 + PLANTED) * (*planted - judge.value) + PLANTED * judge.value;
    if judge.accepts(judge.value * (1.0 + PLANTED))
        || judge.accepts(*planted) && judge.accepts(wrong)
    {
        Control::Blind { smallest }
    } else {
        Control::Found { smallest }
    }
}

/// The loss, and its rounding noise carried to it by numerical adjoints: no backward is trusted here.
fn noise<T: Real>(network: &Network<T>, batch: &Batch<T>) -> Result<(f64, f64), Error> {
    let trace = network.trace(batch)?;
    let loss = trace.finite_loss(network, batch)?;
    let method = GradientMethod::new(Rung::NodePerturbation).with_step(STEP);
    let mut squares = 0.0;
    for l in 0..network.layers.len() {
        let dy = adjoint(network, &trace, batch, &method, l + 1)?.dy;
        squares += dy
            .iter()
            .zip(trace.at(network, l).y)
            .map(|(d, y)| (d * y.widen()).powi(2))
            .sum::<f64>();
    }
    Ok((
        loss,
        f64::EPSILON * loss.abs() + T::EPSILON * squares.sqrt(),
    ))
}

/// The loss with other parameters.
fn loss_at<T: Real>(
    network: &Network<T>,
    batch: &Batch<T>,
    moves: impl Fn(usize, f64) -> f64,
) -> Result<f64, Error> {
    let moved = network
        .parameters
        .iter()
        .enumerate()
        .map(|(i, p)| T::round_from(moves(i, p.widen())));
    let outputs = network.forward(&moved.collect::<Vec<T>>(), batch.x())?;
    Ok(network.loss.mean(&outputs, batch.targets()))
}

/// Says why an entry does not agree.
fn explain<T: Real>(
    network: &Network<T>,
    batch: &Batch<T>,
    i: usize,
    analytic: f64,
    numeric: Numeric,
    noise: f64,
) -> Result<Finding, Error> {
    let (block, index) = block_of(&network.blocks, i);
    let loss = |by: f64| loss_at(network, batch, |j, p| if j == i { p + by } else { p });
    let plain = |h: f64| -> Result<f64, Error> { Ok((loss(h)? - loss(-h)?) / (2.0 * h)) };
    let (fine, coarse) = (plain(STEP)?, plain(2.0 * STEP)?);
    let judge = Numeric {
        value: fine,
        tolerance: 2.0 * ROUNDING * noise / (2.0 * STEP) + TRUNCATION * (coarse - fine).abs(),
        kink: numeric.kink,
    };
    let verdict = if numeric.kink || jumps(&loss, noise)? {
        Verdict::Kink
    } else if !judge.accepts(numeric.value) {
        if judge.accepts(analytic) {
            Verdict::Increment
        } else {
            Verdict::Both
        }
    } else if converges(network, batch, i, analytic, noise)? {
        Verdict::Truncation
    } else {
        Verdict::Backward
    };
    Ok(Finding {
        block: block.name.clone(),
        index: unravel(index, &block.shape),
        analytic,
        numeric: numeric.value,
        forward: fine,
        tolerance: numeric.tolerance,
        verdict,
    })
}

/// Whether the slopes on the two sides differ by a jump: for a smooth loss their difference is
/// h f'', a sixteenth of it for a sixteenth of h; at a kink it stays. The steps are finer than the
/// check's own, which may have been too coarse to tell.
fn jumps(loss: &impl Fn(f64) -> Result<f64, Error>, noise: f64) -> Result<bool, Error> {
    let middle = loss(0.0)?;
    let jump = |h: f64| -> Result<f64, Error> { Ok((loss(h)? - 2.0 * middle + loss(-h)?) / h) };
    let (coarse, fine) = (jump(STEP / 16.0)?, jump(STEP / 256.0)?);
    // Rounding of four values over the finer step.
    let rounding = ROUNDING * 4.0 * noise / (STEP / 256.0);
    Ok(fine.abs() > rounding && fine.abs() > 0.5 * coarse.abs())
}

/// Whether finer steps lead to the analytic value: the disagreement was the step's.
fn converges<T: Real>(
    network: &Network<T>,
    batch: &Batch<T>,
    i: usize,
    analytic: f64,
    noise: f64,
) -> Result<bool, Error> {
    let trace = network.trace(batch)?;
    let difference = |h: f64| -> Result<f64, Error> {
        let side = |by: f64| {
            crate::gradient::increment_of_one(network, &trace, batch, i, T::round_from(by))
        };
        Ok((side(h)? - side(-h)?) / (2.0 * h))
    };
    for h in [STEP / 8.0, STEP / 64.0] {
        let (fine, coarse) = (difference(h)?, difference(2.0 * h)?);
        let tolerance = ROUNDING * noise / (2.0 * h) + TRUNCATION * (coarse - fine).abs();
        if (fine - analytic).abs() <= tolerance && tolerance < 0.1 * analytic.abs() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the derivative along a direction that moves every parameter of the block, but those at a
/// kink, is the same by forward passes and by the layers' increments.
fn forward_agrees<T: Real>(
    network: &Network<T>,
    batch: &Batch<T>,
    range: std::ops::Range<usize>,
    numeric: &[Numeric],
    noise: f64,
) -> Result<bool, Error> {
    let unit = 1.0 / (range.len() as f64).sqrt();
    for pattern in 0..2u64 {
        let sign = |i: usize| match scramble(i as u64 + (pattern << 40)) & 1 {
            _ if numeric[i - range.start].kink => 0.0,
            0 => unit,
            _ => -unit,
        };
        let moved = |h: f64| {
            loss_at(network, batch, |i, p| {
                if range.contains(&i) {
                    p + h * sign(i)
                } else {
                    p
                }
            })
        };
        let at = |h: f64| -> Result<f64, Error> { Ok((moved(h)? - moved(-h)?) / (2.0 * h)) };
        // Rounding and truncation of the entries add up at worst.
        let signs = || range.clone().map(sign).zip(numeric);
        let along: f64 = signs().map(|(sign, n)| n.value * sign).sum();
        let entries: f64 = signs().map(|(sign, n)| n.tolerance * sign.abs()).sum();
        if !holds(|h| Ok((at(h)?, along)), entries, noise)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a slope by forward passes is what is said of it, to within `allowed` and what the passes
/// themselves err by. `slopes(h)` gives both.
fn holds(
    slopes: impl Fn(f64) -> Result<(f64, f64), Error>,
    allowed: f64,
    noise: f64,
) -> Result<bool, Error> {
    let mut holds = false;
    // A kink in the way: finer steps pass it, and their tolerance grows.
    for h in [STEP, STEP / 8.0, STEP / 64.0] {
        let ((fine, said), (coarse, _)) = (slopes(h)?, slopes(2.0 * h)?);
        let rounding = 2.0 * ROUNDING * noise / (2.0 * h);
        let tolerance = allowed + rounding + TRUNCATION * (coarse - fine).abs();
        holds |= (said - fine).abs() <= tolerance;
    }
    Ok(holds)
}

/// Rounding of a backward pass, relative to its entries: of `f32` only, as that of `f64` is far
/// below everything else.
fn backward_rounding<T: Real>() -> f64 {
    if T::EPSILON > f64::EPSILON {
        SINGLE * T::EPSILON
    } else {
        0.0
    }
}

/// The mixer of splitmix64 (Steele, Lea and Flood 2014): signs without a pattern, without a generator.
fn scramble(i: u64) -> u64 {
    let z = i.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Index of an element along each axis.
fn unravel(mut index: usize, shape: &[usize]) -> Vec<usize> {
    let mut axes: Vec<usize> = shape
        .iter()
        .rev()
        .map(|&n| (index % n, index /= n).0)
        .collect();
    axes.reverse();
    axes
}
