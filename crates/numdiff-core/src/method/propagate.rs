//! Covariance propagation.

use super::kinds::Vector;
use super::{Adaptive, Run};
use crate::error::{expect, expect_length};
use crate::line::finite;
use crate::operators::Jacobian;
use crate::{Error, Estimate, Outputs, Point, Real, Status};
use ndarray::{Array2, ArrayBase, Data, Ix2};

impl<T: Real> Adaptive<T> {
    /// The covariance J C Jᵀ of f's outputs, to first order, from the covariance C of x; J is the Jacobian
    /// at x. The error bar is what the bars of J make of it; what f bends within the spread of x is
    /// not in it.
    ///
    /// Cost: that of [`jacobian`](Self::jacobian).
    ///
    /// # Errors
    /// Those of [`jacobian`](Self::jacobian); C that is not n x n ([`Error::NotSquare`], [`Error::Length`]), not
    /// finite ([`Error::NotFinite`]), has a negative variance ([`Error::OutOfRange`]), or is not symmetric
    /// to rounding ([`Error::Asymmetric`]).
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use numdiff_core::Adaptive;
    /// // Radius and angle of a point (3, 4) whose coordinates are known to 0.1 and 0.2.
    /// let polar = |x: &ndarray::Array1<f64>| [x[0].hypot(x[1]), x[1].atan2(x[0])];
    /// let c = array![[0.01, 0.0], [0.0, 0.04]];
    /// let covariance = Adaptive::new().propagate(polar, &array![3.0, 4.0], &c)?;
    /// println!("deviations {:.4} {:.4}", covariance.value[(0, 0)].sqrt(), covariance.value[(1, 1)].sqrt());
    /// assert!((covariance.value[(0, 0)] - (0.36 * 0.01 + 0.64 * 0.04)).abs() <= covariance.error[(0, 0)]);
    /// # Ok::<(), numdiff_core::Error>(())
    /// ```
    /// ```text
    /// deviations 0.1709 0.0288
    /// ```
    pub fn propagate<F, R, X, S>(
        &self,
        f: F,
        x: &X,
        covariance: &ArrayBase<S, Ix2>,
    ) -> Result<Estimate<Array2<T>>, Error>
    where
        X: Point<T> + ?Sized,
        F: FnMut(&X::Seen) -> R,
        R: Outputs<T>,
        S: Data<Elem = T>,
    {
        let n = x.numbers().count();
        let c = covariance.mapv(Real::widen);
        validate(&c, n)?;
        let run: Run<_, _, _, Vector<Array2<T>>> = self.plan().run(Jacobian, x, &[]);
        let j = run.serial(f)?;
        let (value, error) = (j.value.mapv(Real::widen), j.error.mapv(Real::widen));
        let jc = value.dot(&c);
        let product = jc.dot(&value.t());
        // |d(J C Jᵀ)| <= E |C Jᵀ| + |J C| Eᵀ + E |C| Eᵀ, and rounding of the products.
        let magnitude = jc.mapv(f64::abs);
        let first = error.dot(&magnitude.t());
        let second = error.dot(&c.mapv(f64::abs)).dot(&error.t());
        let sizes = value
            .mapv(f64::abs)
            .dot(&c.mapv(f64::abs))
            .dot(&value.mapv(f64::abs).t());
        let rounding = sizes * (4.0 * T::EPSILON * n as f64);
        let bar = &first + &first.t() + second + rounding;
        if let Some(index) = product.iter().position(|v| !T::round_from(*v).is_finite()) {
            return Err(Error::ResultOverflows { index });
        }
        let row = |a: usize| a * n..(a + 1) * n;
        let step = j.step.iter().fold(T::zero(), |m, s| m.max(*s));
        Ok(Estimate {
            // Symmetric to the last bit.
            value: Array2::from_shape_fn(product.dim(), |(a, b)| {
                T::round_from(0.5 * product[(a, b)] + 0.5 * product[(b, a)])
            }),
            error: bar.mapv(T::round_from),
            step: Array2::from_elem(product.dim(), step),
            evaluations: j.evaluations,
            status: j.status,
            // Element (a, b) rests on the rows a and b of J.
            statuses: pairs(product.nrows(), |a, b| {
                row(a)
                    .chain(row(b))
                    .fold(Status::Converged, |s, k| s.worse(j.statuses[k]))
            }),
            counts: pairs(product.nrows(), |a, b| {
                row(a)
                    .chain(row(b).filter(|_| a != b))
                    .map(|k| j.counts[k])
                    .sum()
            }),
        })
    }
}

/// Something of each pair of so many outputs, row by row.
fn pairs<N>(outputs: usize, of: impl Fn(usize, usize) -> N) -> Vec<N> {
    (0..outputs * outputs)
        .map(|k| of(k / outputs, k % outputs))
        .collect()
}

/// Relative difference of mirrored elements that is left to rounding.
const ROUNDING: f64 = 1e-6;

fn validate(c: &Array2<f64>, n: usize) -> Result<(), Error> {
    let (rows, columns) = c.dim();
    if rows != columns {
        return Err(Error::NotSquare { rows, columns });
    }
    expect_length("each side of the covariance", rows, n)?;
    finite("the covariance", &c.iter().copied().collect::<Vec<_>>())?;
    for i in 0..n {
        let variance = c[(i, i)];
        expect(variance >= 0.0, "a variance", variance, "0 or more")?;
        for j in 0..i {
            let (a, b) = (c[(i, j)], c[(j, i)]);
            if (a - b).abs() > ROUNDING * a.abs().max(b.abs()) {
                return Err(Error::Asymmetric {
                    row: i,
                    column: j,
                    value: a,
                    mirror: b,
                });
            }
        }
    }
    Ok(())
}
