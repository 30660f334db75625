//! Where the result of an operator goes: into an answer that is made, or where the caller wants it.

use super::Method;
use crate::Error;
use crate::answer::{self, Out, Size};
use crate::line::{LineResults, LineSet};
use crate::operators::Operator;
use num_traits::Zero;

pub(super) trait Destination<M: Method> {
    /// What the operator returns.
    type Done;
    /// What may be filled while f is evaluated, in row-major order; `None` where that does not serve.
    /// `size` is that of the result.
    fn values(&mut self, size: impl FnOnce() -> Size) -> Option<&mut [M::Number]>;
    /// Called when the values were filled.
    fn filled(self) -> Self::Done;
    /// Takes what was found along the lines.
    fn take(
        self,
        operator: &dyn Operator,
        line_set: &LineSet,
        results: &LineResults,
    ) -> Result<Self::Done, Error>;
}

/// An answer whose numbers are given their shape.
pub(super) struct Made<T, S> {
    numbers: Vec<T>,
    size: Size,
    shape: S,
}

impl<T, S> Made<T, S> {
    pub fn new<V>(shape: S) -> Self
    where
        S: Fn(Size, Vec<T>) -> V,
    {
        Made {
            numbers: Vec::new(),
            size: (0, 0),
            shape,
        }
    }
}

impl<M: Method, V, S: Fn(Size, Vec<M::Number>) -> V> Destination<M> for Made<M::Number, S> {
    type Done = M::Answer<V>;

    fn values(&mut self, size: impl FnOnce() -> Size) -> Option<&mut [M::Number]> {
        M::plain(())?;
        self.size = size();
        self.numbers = vec![M::Number::zero(); self.size.0 * self.size.1];
        Some(&mut self.numbers)
    }

    fn filled(self) -> M::Answer<V> {
        match M::plain((self.shape)(self.size, self.numbers)) {
            Some(answer) => answer,
            None => unreachable!("error bars are not filled while f is evaluated"),
        }
    }

    fn take(
        self,
        operator: &dyn Operator,
        line_set: &LineSet,
        results: &LineResults,
    ) -> Result<M::Answer<V>, Error> {
        M::answer(operator, self.shape, line_set, results)
    }
}

/// What the caller wants overwritten.
impl<M: Method, U: Out<M::Rule, M::Number> + ?Sized> Destination<M> for &mut U {
    type Done = ();

    #[inline]
    fn values(&mut self, _: impl FnOnce() -> Size) -> Option<&mut [M::Number]> {
        (**self).values()
    }

    fn filled(self) {}

    fn take(
        self,
        operator: &dyn Operator,
        line_set: &LineSet,
        results: &LineResults,
    ) -> Result<(), Error> {
        answer::write(operator, line_set, results, self)
    }
}
