//! The derivative of a function of one variable at many points.

use super::{Adaptive, FiniteDifference};
use crate::{Error, Estimate, Point, Real};

macro_rules! at_each_point {
    ($point:ident, $derivative:expr) => {{
        let mut found = Vec::new();
        for (k, x) in $point.numbers().enumerate() {
            found.push($derivative(x).map_err(|error| at(error, k))?);
        }
        if found.is_empty() {
            return Err(Error::Empty { argument: "x" });
        }
        found
    }};
}

impl<T: Real> FiniteDifference<T> {
    /// The derivatives of order `order` of a function of one variable at each number of `x`, in its shape.
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
    pub fn derivatives<F, R, X>(&self, mut f: F, x: &X, order: usize) -> Result<X::Like, Error>
    where
        X: Point<T> + ?Sized,
        F: FnMut(T) -> R,
        R: crate::Outcome<T>,
    {
        let found = at_each_point!(x, |x| self.nth_derivative(&mut f, x, order));
        Ok(x.like(found))
    }
}

impl<T: Real> Adaptive<T> {
    /// The derivatives of order `order` of a function of one variable at each number of `x`, in its shape:
    /// values, error bars and steps of each, evaluations of all, and the least trustworthy status.
    ///
    /// Cost: that of [`nth_derivative`](Self::nth_derivative) for each.
    ///
    /// # Errors
    /// Those of [`nth_derivative`](Self::nth_derivative), where the coordinate named is the number of the point;
    /// x that is empty.
    ///
    /// # Example
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
    ) -> Result<Estimate<X::Like>, Error>
    where
        X: Point<T> + ?Sized,
        F: FnMut(T) -> R,
        R: crate::Outcome<T>,
    {
        let found = at_each_point!(x, |x| self.nth_derivative(&mut f, x, order));
        let all = |of: fn(&Estimate<T>) -> T| x.like(found.iter().map(of).collect());
        Ok(Estimate {
            value: all(|e| e.value),
            error: all(|e| e.error),
            step: all(|e| e.step),
            evaluations: found.iter().map(|e| e.evaluations).sum(),
            status: found
                .iter()
                .fold(found[0].status, |worst, e| worst.worse(e.status)),
            statuses: found.iter().map(|e| e.status).collect(),
            counts: found.iter().map(|e| e.evaluations).collect(),
        })
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
