//! Families of functions drawn at random, with their derivatives in closed form, and how the error
//! bars of [`Adaptive`] hold on each.
//!
//! Every family is drawn from its own seed, so that a table can be made again to the last digit.

mod directions;
mod noisy;
mod nonsmooth;
mod smooth;

use numdiff_core::{Adaptive, Error, Estimate, Status};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::cell::Cell;

/// The seed from which every family's own is made.
pub const SEED: u64 = 17;

/// A family: its name and what draws one case.
pub struct Family {
    /// As it stands in the table.
    pub name: &'static str,
    /// Whether its functions are smooth on both sides of x.
    pub smooth: bool,
    draw: fn(&mut Draw) -> Trial,
}

/// Every family.
pub fn families() -> Vec<Family> {
    [
        smooth::FAMILIES,
        directions::FAMILIES,
        nonsmooth::FAMILIES,
        noisy::FAMILIES,
    ]
    .into_iter()
    .flatten()
    .copied()
    .map(|(name, smooth, draw)| Family { name, smooth, draw })
    .collect()
}

/// Name, whether smooth, and what draws a case.
type Entry = (&'static str, bool, fn(&mut Draw) -> Trial);

impl Family {
    /// What the method makes of `cases` functions.
    pub fn tally(&self, cases: usize) -> Tally {
        Tally::of(&self.trials(cases))
    }

    /// The cases one by one.
    pub fn trials(&self, cases: usize) -> Vec<Trial> {
        let own = self.name.bytes().fold(SEED, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut draw = Draw(ChaCha8Rng::seed_from_u64(own));
        (0..cases).map(|_| (self.draw)(&mut draw)).collect()
    }
}

/// Random numbers.
struct Draw(ChaCha8Rng);

impl Draw {
    fn uniform(&mut self, low: f64, high: f64) -> f64 {
        let unit = (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        low + (high - low) * unit
    }

    /// Uniform in the logarithm.
    fn spread(&mut self, low: f64, high: f64) -> f64 {
        self.uniform(low.ln(), high.ln()).exp().clamp(low, high)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.0.next_u64() % n as u64) as usize
    }

    fn sign(&mut self) -> f64 {
        if self.below(2) == 0 { 1.0 } else { -1.0 }
    }

    /// -1 to 1, both signs, not a power of two.
    fn entry(&mut self) -> f64 {
        self.uniform(-1.0, 1.0)
    }
}

/// One case measured.
#[derive(Clone, Debug)]
pub struct Trial {
    /// How the function was drawn.
    pub what: String,
    /// The derivative found; NaN for an error.
    pub value: f64,
    /// Its error bar.
    pub bar: f64,
    /// Every value from here...
    pub lowest: f64,
    /// ...to here is right.
    pub highest: f64,
    /// Evaluations of f.
    pub evaluations: usize,
    /// Why the method stopped; `Unreliable` for an error.
    pub status: Status,
    /// The largest |t - x| / max(|x|, 1) at which f was evaluated; NaN if not watched.
    pub reach: f64,
}

impl Trial {
    /// Distance from the right values.
    pub fn error(&self) -> f64 {
        if self.value.is_nan() {
            return f64::INFINITY;
        }
        (self.lowest - self.value)
            .max(self.value - self.highest)
            .max(0.0)
    }

    fn new(found: Result<Estimate<f64>, Error>, truth: (f64, f64), what: String) -> Trial {
        let (value, bar, evaluations, status) = match found {
            Ok(found) => (found.value, found.error, found.evaluations, found.status),
            Err(_) => (f64::NAN, f64::INFINITY, 0, Status::Unreliable),
        };
        Trial {
            what,
            value,
            bar,
            lowest: truth.0.min(truth.1),
            highest: truth.0.max(truth.1),
            evaluations,
            status,
            reach: f64::NAN,
        }
    }
}

/// The derivative of a function of one variable, with the reach watched.
fn scalar(
    method: &Adaptive,
    f: impl Fn(f64) -> f64,
    x: f64,
    order: usize,
    truth: (f64, f64),
    what: String,
) -> Trial {
    let farthest = Cell::new(0.0_f64);
    let watched = |t: f64| {
        farthest.set(farthest.get().max((t - x).abs()));
        f(t)
    };
    let found = method.nth_derivative(watched, x, order);
    Trial {
        reach: farthest.get() / x.abs().max(1.0),
        ..Trial::new(found, truth, what)
    }
}

/// A family summed up. Shares are of all cases.
#[derive(Clone, Debug)]
pub struct Tally {
    /// Cases drawn.
    pub cases: usize,
    /// |value - truth| > bar while the status is to be trusted.
    pub outside: f64,
    /// |value - truth| > 2 bars while `Converged`.
    pub beyond: f64,
    /// Status `Converged`.
    pub converged: f64,
    /// Status `NotSmooth`.
    pub not_smooth: f64,
    /// Within 2 bars, whatever the status.
    pub within: f64,
    /// Median bar over error, where there is an error.
    pub tightness: f64,
    /// Median bar over |value|.
    pub width: f64,
    /// Median of the evaluations.
    pub evaluations: f64,
    /// Largest reach.
    pub reach: f64,
}

impl Tally {
    fn of(trials: &[Trial]) -> Tally {
        let share = |holds: &dyn Fn(&Trial) -> bool| {
            trials.iter().filter(|t| holds(t)).count() as f64 / trials.len() as f64
        };
        let median = |number: &dyn Fn(&Trial) -> f64| {
            let mut all: Vec<f64> = trials.iter().map(number).filter(|v| !v.is_nan()).collect();
            all.sort_by(f64::total_cmp);
            all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
        };
        let converged = |t: &Trial| t.status == Status::Converged;
        Tally {
            cases: trials.len(),
            outside: share(&|t| t.status.is_trusted() && t.error() > t.bar),
            beyond: share(&|t| converged(t) && t.error() > 2.0 * t.bar),
            converged: share(&converged),
            not_smooth: share(&|t| t.status == Status::NotSmooth),
            within: share(&|t| t.error() <= 2.0 * t.bar),
            tightness: median(&|t| {
                if t.error() > 0.0 {
                    t.bar / t.error()
                } else {
                    f64::NAN
                }
            }),
            width: median(&|t| t.bar / t.value.abs()),
            evaluations: median(&|t| t.evaluations as f64),
            reach: trials.iter().map(|t| t.reach).fold(f64::NAN, f64::max),
        }
    }
}
