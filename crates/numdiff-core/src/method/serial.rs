//! The operators as methods of every method value: f is evaluated on the calling thread, and the result
//! is returned.

use super::operators::{every_operator, result_type, serial};
use super::{Differences, Method};
use crate::sparse::{SparseHessian, SparseJacobian, SparseMatrix};
use crate::{Error, Outcome, Outputs, Point, Real};
use ndarray::{Array1, Array2, Array3, ArrayRef, Ix2};

impl<K, T: Real> Differences<K, T>
where
    Self: Method<Number = T>,
{
    /// f'(x) of a function of one variable.
    ///
    /// Cost: two evaluations by central differences; an error bar ([`Adaptive`](crate::Adaptive)) takes
    /// about ten.
    ///
    /// # Errors
    /// x that is not finite; settings that make no sense; f that fails, or returns a
    /// non-finite value that the method can't do without.
    pub fn derivative<F, R>(&self, f: F, x: T) -> Result<<Self as Method>::Answer<T>, Error>
    where
        F: FnMut(T) -> R,
        R: Outcome<T>,
    {
        self.nth_derivative(f, x, 1)
    }

    /// The derivative of order `order` of a function of one variable.
    ///
    /// Cost: by fixed differences of accuracy p `order` + p evaluations on one side of x
    /// and `order` + p - 1 on both (p even then), f(x) among them but for odd orders on both.
    ///
    /// # Errors
    /// Those of [`derivative`](Self::derivative); an order of 0, or one above the method's range.
    pub fn nth_derivative<F, R>(
        &self,
        f: F,
        x: T,
        order: usize,
    ) -> Result<<Self as Method>::Answer<T>, Error>
    where
        F: FnMut(T) -> R,
        R: Outcome<T>,
    {
        self.plan().nth_derivative(&x, order).serial(f)
    }

    /// The gradients at many points: row i of the result is the gradient at row i of `xs`.
    ///
    /// Cost: that of [`gradient`](Self::gradient) for each row.
    ///
    /// # Errors
    /// Those of [`gradient`](Self::gradient); no rows.
    pub fn gradient_rows<F, R>(
        &self,
        f: F,
        xs: &ArrayRef<T, Ix2>,
    ) -> Result<<Self as Method>::Answer<Array2<T>>, Error>
    where
        F: FnMut(&Array1<T>) -> R,
        R: Outcome<T>,
    {
        self.plan().gradient_rows(xs).serial(f)
    }

    every_operator!(serial);
}
