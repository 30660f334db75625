//! Whether a saved run is resumed with the function that it was saved with.

use crate::Error;
use crate::interrupt::Interrupt;

/// Another order of summation changes f by so much of it.
const ROUNDING: f64 = 1e3 * f64::EPSILON;
/// Standard deviations of measured noise that are chance.
const CHANCE: f64 = 10.0;
/// Noise that was not measured is seen in two values at one x. They may be near each other by chance: with 1000 times
/// their difference one noisy f in some thousand is refused.
const UNMEASURED: f64 = 1e3;

/// Refuses an f that differs from `saved`, its value at the same x in the saved run, by more than its `noise`. One
/// evaluation; a second where the first differs, which tells noise that was never measured from another function.
pub(crate) fn check_same_function(
    saved: f64,
    noise: f64,
    mut value: impl FnMut() -> Result<f64, Interrupt>,
) -> Result<(), Interrupt> {
    let found = value()?;
    let change = (found - saved).abs();
    if change <= (CHANCE * noise).max(ROUNDING * saved.abs()) {
        return Ok(());
    }
    let spread = (value()? - found).abs();
    if change <= UNMEASURED * spread {
        return Ok(());
    }
    Err(Error::AnotherFunction { saved, found }.into())
}
