//! What a constraint returns.

use ndarray::{ArrayBase, Data, Dimension};
use std::error::Error as StdError;

/// What a constraint may return: an `f64`, an ndarray array, a `Vec`, an array `[f64; M]`, or a `Result` of one of
/// these.
#[diagnostic::on_unimplemented(
    message = "a constraint can't return `{Self}`",
    label = "neither a number nor several",
    note = "return an `f64`, an ndarray array, a `Vec<f64>`, an array `[f64; M]`, or a `Result` of one of these"
)]
pub trait ConstraintValues {
    /// Appends the numbers to `values`, in order.
    ///
    /// # Errors
    /// The error that the constraint returned.
    fn push_to(self, values: &mut Vec<f64>) -> Result<(), Box<dyn StdError + Send + Sync>>;
}

impl ConstraintValues for f64 {
    fn push_to(self, values: &mut Vec<f64>) -> Result<(), Box<dyn StdError + Send + Sync>> {
        values.push(self);
        Ok(())
    }
}

impl ConstraintValues for Vec<f64> {
    fn push_to(self, values: &mut Vec<f64>) -> Result<(), Box<dyn StdError + Send + Sync>> {
        values.extend(self);
        Ok(())
    }
}

impl<const M: usize> ConstraintValues for [f64; M] {
    fn push_to(self, values: &mut Vec<f64>) -> Result<(), Box<dyn StdError + Send + Sync>> {
        values.extend(self);
        Ok(())
    }
}

impl<S: Data<Elem = f64>, D: Dimension> ConstraintValues for ArrayBase<S, D> {
    fn push_to(self, values: &mut Vec<f64>) -> Result<(), Box<dyn StdError + Send + Sync>> {
        values.extend(self.iter());
        Ok(())
    }
}

impl<V: ConstraintValues, E: Into<Box<dyn StdError + Send + Sync>>> ConstraintValues
    for Result<V, E>
{
    fn push_to(self, values: &mut Vec<f64>) -> Result<(), Box<dyn StdError + Send + Sync>> {
        self.map_err(Into::into)?.push_to(values)
    }
}
