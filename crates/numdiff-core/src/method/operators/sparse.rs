//! Sparse operators of every method value.

use super::{Adaptive, EstimateOf, FiniteDifference, Method, pose, square};
use crate::answer::Out;
use crate::evaluate::{self, adapter, serial};
use crate::operators::{ListedHessian, Operator, SparseEntries};
use crate::plan::AskTell;
use crate::scheme::{Rule, Scheme};
use crate::sparse::{
    OnPattern, Origin, PatternCheck, Probe, SparseHessian, SparseJacobian, SparseMatrix,
};
use crate::survey::finite;
use crate::workspace::Workspace;
use crate::{Answers, Error, Estimate, Outcome, Outputs, Real, Status, Step, Written};
use ndarray::{ArrayRef, Dimension, Ix1};

/// Implements the sparse operators for a method; `$out` is what values are written to.
macro_rules! sparse_operators {
    ($method:ident, $out:ident) => {
        impl<T: Real> $method<T> {
            /// The Jacobian of a vector function on a sparsity pattern, from one line for each
            /// color of the pattern. Rows are f's outputs, columns x's coordinates, both in
            /// row-major order. Each column keeps the step it has alone: where the pattern holds,
            /// values and error bars are those of [`jacobian`](Self::jacobian), bit for bit.
            ///
            /// An entry that the pattern misses is added to other entries of its row;
            /// [`verify_pattern`](Self::verify_pattern) tells whether that happens.
            ///
            /// # Errors
            /// As [`jacobian`](Self::jacobian); [`Error::PatternShape`] when x or f's output has
            /// another length than the pattern.
            pub fn sparse_jacobian<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,
                structure: &SparseJacobian,
            ) -> Result<<Self as Answers>::Answer<SparseMatrix<T>>, Error>
            where
                F: FnMut(&ArrayRef<T, D>) -> R,
                R: Outputs<T>,
                D: Dimension,
            {
                let mut workspace = Workspace::<T>::new();
                let operator = run!(
                    self,
                    SparseEntries(structure.compression.clone()),
                    x.iter().copied(),
                    &[],
                    workspace,
                    adapter::Vector::new(f, x.raw_dim(), &mut workspace.point)
                );
                answer!(
                    operator,
                    OnPattern(structure.compression.clone()),
                    workspace
                )
            }

            /// [`sparse_jacobian`](Self::sparse_jacobian) without allocation: f writes its outputs
            /// to its second argument, and `out` takes the values in the structure's order.
            pub fn sparse_jacobian_into<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,
                structure: &SparseJacobian,
                out: &mut $out<T, Ix1>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: FnMut(&ArrayRef<T, D>, &mut ArrayRef<T, Ix1>) -> R,
                R: Written,
                D: Dimension,
            {
                let operator = run!(
                    self,
                    SparseEntries(structure.compression.clone()),
                    x.iter().copied(),
                    &[],
                    workspace,
                    adapter::InPlace::new(
                        f,
                        x.raw_dim(),
                        &mut workspace.point,
                        &mut workspace.outputs,
                        structure.pattern().rows()
                    )
                );
                write!(operator, out, workspace)
            }

            /// [`sparse_jacobian`](Self::sparse_jacobian) as a plan; see [`AskTell`].
            pub fn plan_sparse_jacobian<D: Dimension>(
                &self,
                x: &ArrayRef<T, D>,
                structure: &SparseJacobian,
            ) -> Result<AskTell<Self, SparseEntries, OnPattern, T>, Error> {
                let compression = &structure.compression;
                let form = OnPattern(compression.clone());
                self.plan(SparseEntries(compression.clone()), form, x, Vec::new())
            }

            /// The Hessian of a scalar function on a sparsity pattern, from values of f: a second
            /// difference along each coordinate and one along each pair i < j of the pattern. The
            /// entries of [`hessian`](Self::hessian), bit for bit; both triangles are the same
            /// numbers.
            ///
            /// # Errors
            /// As [`hessian`](Self::hessian); [`Error::PatternShape`] when x has another length
            /// than the pattern.
            pub fn sparse_hessian<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,
                structure: &SparseHessian,
            ) -> Result<<Self as Answers>::Answer<SparseMatrix<T>>, Error>
            where
                F: FnMut(&ArrayRef<T, D>) -> R,
                R: Outcome<T>,
                D: Dimension,
            {
                let mut workspace = Workspace::<T>::new();
                let operator = run!(
                    self,
                    ListedHessian::of(structure),
                    x.iter().copied(),
                    &[],
                    workspace,
                    adapter::Scalar::new(f, x.raw_dim(), &mut workspace.point)
                );
                answer!(
                    operator,
                    OnPattern(structure.compression.clone()),
                    workspace
                )
            }

            /// [`sparse_hessian`](Self::sparse_hessian) without allocation: `out` takes the values
            /// in the structure's order.
            pub fn sparse_hessian_into<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,
                structure: &SparseHessian,
                out: &mut $out<T, Ix1>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: FnMut(&ArrayRef<T, D>) -> R,
                R: Outcome<T>,
                D: Dimension,
            {
                let operator = run!(
                    self,
                    ListedHessian::of(structure),
                    x.iter().copied(),
                    &[],
                    workspace,
                    adapter::Scalar::new(f, x.raw_dim(), &mut workspace.point)
                );
                write!(operator, out, workspace)
            }

            /// [`sparse_hessian`](Self::sparse_hessian) as a plan; see [`AskTell`].
            pub fn plan_sparse_hessian<D: Dimension>(
                &self,
                x: &ArrayRef<T, D>,
                structure: &SparseHessian,
            ) -> Result<AskTell<Self, ListedHessian, OnPattern, T>, Error> {
                let form = OnPattern(structure.compression.clone());
                self.plan(ListedHessian::of(structure), form, x, Vec::new())
            }

            /// The Hessian on a sparsity pattern from a gradient that is given: one line for each
            /// color. Both triangles are the same numbers: each entry is read once, in its row or
            /// in its column, or found by substitution.
            ///
            /// # Errors
            /// As [`hessian_from_gradient`](Self::hessian_from_gradient);
            /// [`Error::PatternShape`] when x has another length than the pattern.
            pub fn sparse_hessian_from_gradient<G, R, D>(
                &self,
                gradient: G,
                x: &ArrayRef<T, D>,
                structure: &SparseHessian,
            ) -> Result<<Self as Answers>::Answer<SparseMatrix<T>>, Error>
            where
                G: FnMut(&ArrayRef<T, D>) -> R,
                R: Outputs<T>,
                D: Dimension,
            {
                let mut workspace = Workspace::<T>::new();
                let operator = run!(
                    self,
                    SparseEntries(structure.compression.clone()),
                    x.iter().copied(),
                    &[],
                    workspace,
                    adapter::Vector::new(gradient, x.raw_dim(), &mut workspace.point)
                );
                if structure.pattern().nnz() > 0 {
                    square(&workspace.results, x.len())?;
                }
                answer!(
                    operator,
                    OnPattern(structure.compression.clone()),
                    workspace
                )
            }

            /// [`sparse_hessian_from_gradient`](Self::sparse_hessian_from_gradient) without
            /// allocation: the gradient is written, in row-major order, to the closure's second
            /// argument, and `out` takes the values in the structure's order.
            pub fn sparse_hessian_from_gradient_into<G, R, D>(
                &self,
                gradient: G,
                x: &ArrayRef<T, D>,
                structure: &SparseHessian,
                out: &mut $out<T, Ix1>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                G: FnMut(&ArrayRef<T, D>, &mut ArrayRef<T, Ix1>) -> R,
                R: Written,
                D: Dimension,
            {
                let operator = run!(
                    self,
                    SparseEntries(structure.compression.clone()),
                    x.iter().copied(),
                    &[],
                    workspace,
                    adapter::InPlace::new(
                        gradient,
                        x.raw_dim(),
                        &mut workspace.point,
                        &mut workspace.outputs,
                        x.len()
                    )
                );
                write!(operator, out, workspace)
            }

            /// [`sparse_hessian_from_gradient`](Self::sparse_hessian_from_gradient) as a plan,
            /// told the gradient's entries; see [`AskTell`].
            pub fn plan_sparse_hessian_from_gradient<D: Dimension>(
                &self,
                x: &ArrayRef<T, D>,
                structure: &SparseHessian,
            ) -> Result<AskTell<Self, SparseEntries, OnPattern, T>, Error> {
                let compression = &structure.compression;
                let form = OnPattern(compression.clone());
                self.plan(SparseEntries(compression.clone()), form, x, Vec::new())
            }
        }
    };
}

sparse_operators!(FiniteDifference, ArrayRef);
sparse_operators!(Adaptive, EstimateOf);

impl<T: Real> FiniteDifference<T> {
    /// Whether the pattern of a sparse Jacobian at x misses an entry, and in which rows, for two
    /// evaluations of f (four when it does).
    ///
    /// f's change along a random direction is compared with the Jacobian's product with it. An
    /// entry is found when its term exceeds about 1e-6 of the row's terms (more where the method's
    /// steps are larger than automatic ones) and the rounding of f's output over those steps; `seed`
    /// draws the direction. Noise in f is known from [`Step::Noise`] and [`Step::Balanced`], or to
    /// [`Adaptive::verify_pattern`].
    ///
    /// # Errors
    /// [`Error::PatternShape`]; [`Error::Function`] when f fails.
    ///
    /// # Example
    /// ```
    /// use ndarray::{Array1, ArrayRef1};
    /// use numdiff_core::{FiniteDifference, SparseJacobian, SparsityPattern};
    /// let f = |x: &ArrayRef1<f64>| {
    ///     Array1::from_shape_fn(6, |i| x[i].sin() + if i == 4 { x[0] } else { 0.0 })
    /// };
    /// let (x, method) = (Array1::ones(6), FiniteDifference::central());
    /// let diagonal = SparseJacobian::new(SparsityPattern::banded(6, 6, 0, 0)?);
    /// let jacobian = method.sparse_jacobian(f, &x, &diagonal)?;
    /// let check = method.verify_pattern(f, &x, &jacobian, 1)?;
    /// assert_eq!(check.missing_in_rows, [4]);
    /// # Ok::<(), numdiff_core::Error>(())
    /// ```
    pub fn verify_pattern<F, R, D>(
        &self,
        f: F,
        x: &ArrayRef<T, D>,
        jacobian: &SparseMatrix<T>,
        seed: u64,
    ) -> Result<PatternCheck, Error>
    where
        F: FnMut(&ArrayRef<T, D>) -> R,
        R: Outputs<T>,
        D: Dimension,
    {
        verify(Method::<T>::scheme(self)?, f, x, jacobian, None, seed)
    }
}

impl<T: Real> Adaptive<T> {
    /// [`FiniteDifference::verify_pattern`] with the error bars and the noise that came with the
    /// Jacobian taken into account.
    ///
    /// # Errors
    /// As [`FiniteDifference::verify_pattern`].
    pub fn verify_pattern<F, R, D>(
        &self,
        f: F,
        x: &ArrayRef<T, D>,
        jacobian: &Estimate<SparseMatrix<T>>,
        seed: u64,
    ) -> Result<PatternCheck, Error>
    where
        F: FnMut(&ArrayRef<T, D>) -> R,
        R: Outputs<T>,
        D: Dimension,
    {
        let noise = match jacobian.status {
            Status::NoiseLimited { level } => level,
            _ => 0.0,
        };
        let scheme = Method::<T>::scheme(self)?;
        verify(
            scheme,
            f,
            x,
            &jacobian.value,
            Some((&jacobian.error, noise)),
            seed,
        )
    }
}

fn verify<T: Real, F, R, D>(
    scheme: &Scheme,
    f: F,
    x: &ArrayRef<T, D>,
    jacobian: &SparseMatrix<T>,
    bars: Option<(&SparseMatrix<T>, f64)>,
    seed: u64,
) -> Result<PatternCheck, Error>
where
    F: FnMut(&ArrayRef<T, D>) -> R,
    R: Outputs<T>,
    D: Dimension,
{
    let pattern = jacobian.pattern();
    pattern.expect_shape("the function", pattern.rows(), x.len())?;
    let base: Vec<f64> = x.iter().map(|v| v.widen()).collect();
    finite("x", &base)?;
    if let Some(bounds) = &scheme.bounds {
        bounds.validate(&base)?;
    }
    let origin = match (&scheme.rule, bars) {
        (_, Some((bars, noise))) => Origin::Bars(bars, noise),
        (Rule::Fixed(fixed), None) => {
            fixed.validate(1, base.len())?;
            let factor = fixed.factor(T::EPSILON, 1);
            let step = |(j, &x): (usize, &f64)| fixed.step.at(factor, fixed.typical, j, x);
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
    let mut point = Default::default();
    let mut f = adapter::Vector::new(f, x.raw_dim(), &mut point);
    evaluate::detect::verify(&mut f, &base, probe, pattern.rows())
}
