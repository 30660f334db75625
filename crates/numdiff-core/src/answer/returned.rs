//! The result of a plan by its type alone, for plans that are read from bytes.

use super::{Found, Shaped};
use crate::{Error, Estimate};

/// The result of a plan: its values, or an estimate of them.
pub(crate) trait Returned: Sized {
    fn returned(found: Found<'_>) -> Result<Self, Error>;
    /// What saved plans call it.
    fn name() -> String;
}

impl<V: Shaped> Returned for V {
    fn returned(found: Found<'_>) -> Result<Self, Error> {
        found.values(|size, numbers| V::shaped(found.operator, size, numbers))
    }
    fn name() -> String {
        V::name()
    }
}

impl<V: Shaped> Returned for Estimate<V> {
    fn returned(found: Found<'_>) -> Result<Self, Error> {
        found.estimate(|size, numbers| V::shaped(found.operator, size, numbers))
    }
    fn name() -> String {
        format!("Estimate<{}>", V::name())
    }
}
