//! Whether a sparsity pattern misses an entry at x.

use super::{Differences, Method, widened};
use crate::evaluate;
use crate::evaluate::adapter::{self, Copied};
use crate::line::finite;
use crate::scheme::Rule;
use crate::sparse::{Origin, PatternCheck, Probe, SparseMatrix};
use crate::{Error, Outputs, Point, Real, Status, Step};

impl<K, T: Real> Differences<K, T>
where
    Self: Method<Number = T>,
{
    /// Whether the pattern of a sparse Jacobian at x misses an entry, and in which rows, for two
    /// evaluations of f (four when it does).
    ///
    /// f's change along a random direction is compared with the Jacobian's product with it. An
    /// entry is found when its term exceeds about 1e-6 of the row's terms (more where the method's
    /// steps are larger than automatic ones) and the rounding of f's output over those steps; `seed`
    /// draws the direction. Noise in f is known from [`Step::Noise`] and [`Step::Balanced`]; it and
    /// the error bars that came with the Jacobian of an adaptive method are taken into account.
    ///
    /// # Errors
    /// [`Error::PatternShape`]; [`Error::Function`] when f fails.
    ///
    /// # Example
    /// ```
    /// use ndarray::Array1;
    /// use numdiff_core::{FiniteDifference, SparseJacobian, SparsityPattern};
    /// let f = |x: &Array1<f64>| {
    ///     Array1::from_shape_fn(6, |i| x[i].sin() + if i == 4 { x[0] } else { 0.0 })
    /// };
    /// let (x, method) = (Array1::ones(6), FiniteDifference::central());
    /// let diagonal = SparseJacobian::new(SparsityPattern::banded(6, 6, 0, 0)?);
    /// let jacobian = method.sparse_jacobian(f, &x, &diagonal)?;
    /// let check = method.verify_pattern(f, &x, &jacobian, 1)?;
    /// assert_eq!(check.missing_in_rows, [4]);
    /// # Ok::<(), numdiff_core::Error>(())
    /// ```
    pub fn verify_pattern<F, R, X>(
        &self,
        f: F,
        x: &X,
        jacobian: &<Self as Method>::Answer<SparseMatrix<T>>,
        seed: u64,
    ) -> Result<PatternCheck, Error>
    where
        F: FnMut(&X::Seen) -> R,
        R: Outputs<T>,
        X: Point<T> + ?Sized,
    {
        let scheme = self.scheme();
        let (jacobian, estimate) = Self::values(jacobian);
        let pattern = jacobian.pattern();
        let base = widened(x.numbers());
        pattern.expect_shape("the function", pattern.rows(), base.len())?;
        finite("x", &base)?;
        if let Some(bounds) = &scheme.bounds {
            bounds.validate(&base, base.len())?;
        }
        let origin = match (&scheme.rule, estimate) {
            (_, Some(estimate)) => {
                let noise = match estimate.status {
                    Status::NoiseLimited { level } => level,
                    _ => 0.0,
                };
                Origin::Bars(&estimate.error, noise)
            }
            (Rule::Fixed(fixed), None) => {
                fixed.validate(1, base.len())?;
                let pace = fixed.pace(T::EPSILON, 1);
                let step = |(j, &x): (usize, &f64)| fixed.step.at(pace, j, x);
                let noise = match fixed.step {
                    Step::Noise(noise) | Step::Balanced { noise, .. } => noise,
                    _ => 0.0,
                };
                let steps = base.iter().enumerate().map(step).collect();
                Origin::Steps(steps, fixed.effective_accuracy(), noise)
            }
            (Rule::Adaptive(_), None) => unreachable!("an adaptive Jacobian has bars"),
        };
        let probe = Probe::new(jacobian, origin, &base, scheme.bounds.as_ref(), seed);
        let mut f = adapter::vector_closure(f, x, Copied::default());
        evaluate::detect::verify(&mut f, &base, probe, pattern.rows())
    }
}
