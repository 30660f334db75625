//! How far from x f may be evaluated, beside the bounds.

use crate::Error;
use crate::bounds::Bound;

/// The typical size of each coordinate, and the largest step where the caller gave one.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Reach {
    /// Floor of the scale of each coordinate.
    pub typical: Bound,
    /// The largest |t - x_i|; `None` for the scale of x_i.
    pub max_step: Option<Bound>,
}

impl Reach {
    /// Checks the numbers against the size of x.
    pub fn validate(&self, n: usize) -> Result<(), Error> {
        let typical = "positive and finite";
        check("typical x", &self.typical, n, typical, |v| {
            v > 0.0 && v.is_finite()
        })?;
        match &self.max_step {
            None => Ok(()),
            Some(steps) => check(
                "max step",
                steps,
                n,
                "positive, or infinite for no limit",
                |v| v > 0.0,
            ),
        }
    }

    /// The largest distance from `x`, coordinate `i`.
    #[inline]
    pub fn of(&self, i: usize, x: f64) -> f64 {
        match &self.max_step {
            Some(steps) => steps.at(i),
            None => x.abs().max(self.typical.at(i)),
        }
    }
}

fn check(
    argument: &'static str,
    numbers: &Bound,
    n: usize,
    expected: &'static str,
    accepts: fn(f64) -> bool,
) -> Result<(), Error> {
    if let Some(found) = numbers.length().filter(|&found| found != n) {
        return Err(Error::Length {
            argument,
            found,
            expected: n,
        });
    }
    match (0..n).map(|i| numbers.at(i)).find(|&v| !accepts(v)) {
        None => Ok(()),
        Some(value) => Err(Error::OutOfRange {
            argument,
            value,
            expected,
        }),
    }
}
