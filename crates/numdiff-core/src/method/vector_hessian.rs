//! The Hessians of a vector function.

use super::destination::Made;
use super::{Differences, Method, serial};
use crate::answer::Size;
use crate::operators::VectorHessian;
use crate::workspace::Workspace;
use crate::{Error, Outputs, Point, Real};
use ndarray::Array3;

impl<K, T: Real> Differences<K, T>
where
    Self: Method<Number = T>,
{
    /// The Hessians of a vector function, outputs x coordinates x coordinates: element (k, i, j) is
    /// the second derivative of output k by coordinates i and j, each symmetric to the last bit.
    ///
    /// Cost: that of one Hessian, n (n + 1) / 2 lines, whatever the number of outputs: n^2 + n + 1
    /// evaluations by central differences.
    ///
    /// # Errors
    /// Those of [`jacobian`](Self::jacobian).
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use numdiff_core::FiniteDifference;
    /// let f = |x: &ndarray::Array1<f64>| [x[0] * x[0] * x[1], x[1].powi(3)];
    /// let h = FiniteDifference::central().vector_hessian(f, &array![1.0, 2.0])?;
    /// let exact = array![[[4.0, 2.0], [2.0, 0.0]], [[0.0, 0.0], [0.0, 12.0]]];
    /// assert!((h - exact).iter().all(|error| error.abs() < 1e-5));
    /// # Ok::<(), numdiff_core::Error>(())
    /// ```
    pub fn vector_hessian<F, R, X>(
        &self,
        f: F,
        x: &X,
    ) -> Result<<Self as Method>::Answer<Array3<T>>, Error>
    where
        X: Point<T> + ?Sized,
        F: FnMut(&X::Seen) -> R,
        R: Outputs<T>,
    {
        serial::vector(
            self,
            VectorHessian,
            f,
            x,
            [],
            Made::new(stacked),
            &mut Workspace::new(),
        )
    }
}

/// A square matrix for each output, from the rows of all.
fn stacked<T>((rows, columns): Size, numbers: Vec<T>) -> Array3<T> {
    match Array3::from_shape_vec((rows / columns, columns, columns), numbers) {
        Ok(array) => array,
        Err(_) => unreachable!("as many numbers as the shape has"),
    }
}
