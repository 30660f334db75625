//! The result of a plan by its type alone, for plans that are read from bytes.

use super::{Shaped, estimate, values};
use crate::line::{LineResults, LineSet};
use crate::operators::AnyOperator;
use crate::{Error, Estimate};

/// The result of a plan: its values, or an estimate of them.
pub(crate) trait Returned: Sized {
    fn returned(
        operator: &AnyOperator,
        line_set: &LineSet,
        results: &LineResults,
    ) -> Result<Self, Error>;
    /// What saved plans call it.
    fn name() -> String;
}

impl<V: Shaped> Returned for V {
    fn returned(
        operator: &AnyOperator,
        line_set: &LineSet,
        results: &LineResults,
    ) -> Result<Self, Error> {
        let shape = |size, numbers| V::shaped(operator, size, numbers);
        values(operator, shape, line_set, results)
    }
    fn name() -> String {
        V::name()
    }
}

impl<V: Shaped> Returned for Estimate<V> {
    fn returned(
        operator: &AnyOperator,
        line_set: &LineSet,
        results: &LineResults,
    ) -> Result<Self, Error> {
        let shape = |size, numbers| V::shaped(operator, size, numbers);
        estimate(operator, shape, line_set, results)
    }
    fn name() -> String {
        format!("Estimate<{}>", V::name())
    }
}
