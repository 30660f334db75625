//! How far from x f may be evaluated, beside the bounds.

use crate::Error;
use crate::bounds::Bound;
use crate::error::expect;

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
        self.typical.expect_length("typical x", n)?;
        for v in (0..n).map(|i| self.typical.at(i)) {
            let fits = v > 0.0 && v.is_finite();
            expect(fits, "typical x", v, "positive and finite")?;
        }
        let (argument, allowed) = ("max step", "positive, or infinite for no limit");
        let Some(steps) = &self.max_step else {
            return Ok(());
        };
        steps.expect_length(argument, n)?;
        let mut steps = (0..n).map(|i| steps.at(i));
        steps.try_for_each(|v| expect(v > 0.0, argument, v, allowed))
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
