//! The derivative of a function of one variable at many points.

use super::kinds::Univariate;
use super::run::Run;
use super::{Differences, Method};
use crate::evaluate::adapter::{Copied, of_number, scalar_closure};
use crate::evaluate::workspace::Buffers;
use crate::operators::AtPoints;
use crate::{Error, Outcome, Point, Real};

impl<K, T: Real> Differences<K, T>
where
    Self: Method<Number = T>,
{
    /// The derivatives of order `order` of a function of one variable at each number of `x`, in its shape.
    /// With error bars: values, bars and steps of each, evaluations of all, and the least trustworthy status.
    ///
    /// Cost: that of [`nth_derivative`](Self::nth_derivative) for each.
    ///
    /// # Errors
    /// Those of [`nth_derivative`](Self::nth_derivative), where the coordinate named is the number of the point;
    /// x that is empty.
    ///
    /// # Example
    /// ```
    /// use numdiff_core::FiniteDifference;
    /// let slopes = FiniteDifference::central().derivatives(|x: f64| x.powi(3), &[0.0, 1.0, 2.0], 1)?;
    /// assert!(slopes.iter().zip([0.0, 3.0, 12.0]).all(|(s, exact)| (s - exact).abs() < 1e-8));
    /// # Ok::<(), numdiff_core::Error>(())
    /// ```
    /// ```
    /// use ndarray::Array1;
    /// use numdiff_core::Adaptive;
    /// let x = Array1::linspace(0.0, 3.0, 7);
    /// let curvature = Adaptive::new().derivatives(f64::sin, &x, 2)?;
    /// let errors = &curvature.value + &x.mapv(f64::sin);
    /// assert!(errors.iter().zip(&curvature.error).all(|(e, bar)| e.abs() <= *bar));
    /// # Ok::<(), numdiff_core::Error>(())
    /// ```
    pub fn derivatives<F, R, X>(
        &self,
        f: F,
        x: &X,
        order: usize,
    ) -> Result<<Self as Method>::Answer<X::Like>, Error>
    where
        X: Point<T> + ?Sized,
        F: FnMut(T) -> R,
        R: Outcome<T>,
    {
        let points = x.numbers().count().max(1);
        let operator = AtPoints { points, order };
        let run: Run<_, _, _, Univariate<X::Like>> = self.plan().run(operator, x, &[]);
        let (first, buffers) = (x.numbers().next(), &mut Buffers::default());
        let first = first.unwrap_or_else(T::zero);
        let f = &mut scalar_closure(of_number(f), &first, Copied::default());
        run.question.lines(f, buffers)?;
        let found = buffers.found(&run.question.operator);
        Self::answer(found, |_, numbers| x.like(numbers))
    }
}
