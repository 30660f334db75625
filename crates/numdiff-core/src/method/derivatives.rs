//! The derivative of a function of one variable at many points.

use super::{Differences, Method};
use crate::answer::Found;
use crate::evaluate::adapter::{Copied, of_number, scalar_closure};
use crate::evaluate::workspace::Buffers;
use crate::line::LineResults;
use crate::operators::Rows;
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
        mut f: F,
        x: &X,
        order: usize,
    ) -> Result<<Self as Method>::Answer<X::Like>, Error>
    where
        X: Point<T> + ?Sized,
        F: FnMut(T) -> R,
        R: Outcome<T>,
    {
        let (mut found, mut point, buffers) = (
            LineResults::default(),
            Copied::default(),
            &mut Buffers::default(),
        );
        for (k, x) in x.numbers().enumerate() {
            let run = self.plan().nth_derivative(&x, order);
            let f = &mut scalar_closure(of_number(&mut f), &x, &mut point);
            let done = run.question.lines(f, buffers);
            done.map_err(|error| at(error, k))?;
            found.append(&buffers.results);
        }
        if found.lines == 0 {
            return Err(Error::Empty { argument: "x" });
        }
        let shape = |_, numbers| x.like(numbers);
        let operator = &Rows((1, found.lines));
        Self::answer(Found::of(operator, &buffers.line_set, &found), shape)
    }
}

/// The error with the number of the point in the place of the only coordinate.
fn at(mut error: Error, point: usize) -> Error {
    match &mut error {
        Error::Function { coordinate, .. }
        | Error::NonFiniteValue { coordinate, .. }
        | Error::NoFiniteDifference { coordinate, .. }
        | Error::StepVanishes { coordinate, .. }
        | Error::StepOverflows { coordinate, .. }
        | Error::OutsideBounds { coordinate, .. }
        | Error::NoRoom { coordinate, .. }
        | Error::Overflow { coordinate, .. } => *coordinate = point,
        Error::NotFinite { index, .. } => *index = point,
        _ => {}
    }
    error
}
