//! What the caller's f returns.

use super::ConstraintValues;
use crate::interrupt::Cause;
use numdiff_core::Outputs;

/// What f may return: an `f64`; a tuple (f, h, g) of f and its constraints; or a `Result` of one of these. h has to be
/// 0 and g must not be negative; each is one number or several ([`ConstraintValues`](crate::ConstraintValues)), `[0.0;
/// 0]` for none.
#[diagnostic::on_unimplemented(
    message = "f can't return `{Self}`",
    label = "neither a number nor (f, h, g)",
    note = "return an `f64`, a tuple (f, h, g) with the constraints, or a `Result` of one of these"
)]
pub trait Simulated {
    /// Whether f returns constraints as well.
    const CONSTRAINED: bool;

    /// Returns f. Appends the numbers that have to be 0 to `h`, and those that must not be negative to `g`.
    ///
    /// # Errors
    /// The error that f returned.
    fn push_to(self, h: &mut Vec<f64>, g: &mut Vec<f64>) -> Result<f64, Cause>;
}

impl Simulated for f64 {
    const CONSTRAINED: bool = false;

    fn push_to(self, _: &mut Vec<f64>, _: &mut Vec<f64>) -> Result<f64, Cause> {
        Ok(self)
    }
}

impl<E: Into<Cause>> Simulated for Result<f64, E> {
    const CONSTRAINED: bool = false;

    fn push_to(self, _: &mut Vec<f64>, _: &mut Vec<f64>) -> Result<f64, Cause> {
        self.map_err(Into::into)
    }
}

impl<H: ConstraintValues, G: ConstraintValues> Simulated for (f64, H, G) {
    const CONSTRAINED: bool = true;

    fn push_to(self, h: &mut Vec<f64>, g: &mut Vec<f64>) -> Result<f64, Cause> {
        self.1.push_to(h)?;
        self.2.push_to(g)?;
        Ok(self.0)
    }
}

impl<H: ConstraintValues, G: ConstraintValues, E: Into<Cause>> Simulated
    for Result<(f64, H, G), E>
{
    const CONSTRAINED: bool = true;

    fn push_to(self, h: &mut Vec<f64>, g: &mut Vec<f64>) -> Result<f64, Cause> {
        self.map_err(Into::into)?.push_to(h, g)
    }
}

/// The same, without its type.
#[derive(Clone, Debug, Default)]
pub(crate) struct Own {
    pub f: f64,
    /// Equalities and inequalities that came with f.
    pub constraints: [Vec<f64>; 2],
    /// The residuals of a fit, whose squares are f.
    pub residuals: Vec<f64>,
}

/// What the caller's function returns, as a `T` that does not depend on its type.
pub(crate) trait Returned<T> {
    fn untyped(self) -> Result<T, Cause>;
}

impl<R: Simulated> Returned<Own> for R {
    fn untyped(self) -> Result<Own, Cause> {
        let [mut h, mut g] = [Vec::new(), Vec::new()];
        let f = self.push_to(&mut h, &mut g)?;
        Ok(Own {
            f,
            constraints: [h, g],
            residuals: Vec::new(),
        })
    }
}

/// Residuals.
impl<R: Outputs<f64>> Returned<Vec<f64>> for R {
    fn untyped(self) -> Result<Vec<f64>, Cause> {
        let mut residuals = Vec::new();
        self.push_to(&mut residuals).map_err(Into::into)?;
        Ok(residuals)
    }
}
