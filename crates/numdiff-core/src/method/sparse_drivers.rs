//! Sparse operators on threads and in batches.

use super::Method;
#[cfg(feature = "rayon")]
use super::Parallel;
use super::{Answers, Batched};
#[cfg(feature = "rayon")]
use crate::Outcome;
use crate::operators::{ListedHessian, SparseEntries};
use crate::sparse::{OnPattern, SparseHessian, SparseJacobian, SparseMatrix};
use crate::{Error, Outputs, Real};
use ndarray::{ArrayRef, Dimension, Ix2};

#[cfg(feature = "rayon")]
#[allow(private_bounds)]
impl<M: Answers + Sync> Parallel<M> {
    /// The Jacobian on a sparsity pattern. As the serial
    /// [`sparse_jacobian`](crate::FiniteDifference::sparse_jacobian).
    ///
    /// # Errors
    /// As the serial operator.
    pub fn sparse_jacobian<T, F, R, D>(
        &self,
        f: F,
        x: &ArrayRef<T, D>,
        structure: &SparseJacobian,
    ) -> Result<M::Answer<SparseMatrix<T>>, Error>
    where
        M: Method<T>,
        T: Real,
        F: Fn(&ArrayRef<T, D>) -> R + Sync,
        R: Outputs<T>,
        D: Dimension,
    {
        let operator = SparseEntries(structure.compression.clone());
        let form = OnPattern(structure.compression.clone());
        self.vector(operator, form, f, x, &[], None)
    }

    /// The Hessian on a sparsity pattern from a gradient that is given. As the serial
    /// [`sparse_hessian_from_gradient`](crate::FiniteDifference::sparse_hessian_from_gradient).
    ///
    /// # Errors
    /// As the serial operator.
    pub fn sparse_hessian_from_gradient<T, F, R, D>(
        &self,
        f: F,
        x: &ArrayRef<T, D>,
        structure: &SparseHessian,
    ) -> Result<M::Answer<SparseMatrix<T>>, Error>
    where
        M: Method<T>,
        T: Real,
        F: Fn(&ArrayRef<T, D>) -> R + Sync,
        R: Outputs<T>,
        D: Dimension,
    {
        let operator = SparseEntries(structure.compression.clone());
        let form = OnPattern(structure.compression.clone());
        self.vector(
            operator,
            form,
            f,
            x,
            &[],
            (structure.pattern().nnz() > 0).then_some(x.len()),
        )
    }

    /// The Hessian on a sparsity pattern from values of f. As the serial
    /// [`sparse_hessian`](crate::FiniteDifference::sparse_hessian).
    ///
    /// # Errors
    /// As the serial operator.
    pub fn sparse_hessian<T, F, R, D>(
        &self,
        f: F,
        x: &ArrayRef<T, D>,
        structure: &SparseHessian,
    ) -> Result<M::Answer<SparseMatrix<T>>, Error>
    where
        M: Method<T>,
        T: Real,
        F: Fn(&ArrayRef<T, D>) -> R + Sync,
        R: Outcome<T>,
        D: Dimension,
    {
        let form = OnPattern(structure.compression.clone());
        self.scalar(ListedHessian::of(structure), form, f, x, &[])
    }
}

#[allow(private_bounds)]
impl<M: Answers> Batched<M> {
    /// The Jacobian on a sparsity pattern. As the serial
    /// [`sparse_jacobian`](crate::FiniteDifference::sparse_jacobian).
    ///
    /// # Errors
    /// As the serial operator.
    pub fn sparse_jacobian<T, F, R, D>(
        &self,
        f: F,
        x: &ArrayRef<T, D>,
        structure: &SparseJacobian,
    ) -> Result<M::Answer<SparseMatrix<T>>, Error>
    where
        M: Method<T>,
        T: Real,
        F: FnMut(&ArrayRef<T, Ix2>) -> R,
        R: Outputs<T>,
        D: Dimension,
    {
        let operator = SparseEntries(structure.compression.clone());
        let form = OnPattern(structure.compression.clone());
        self.run(operator, form, f, x, &[], None)
    }

    /// The Hessian on a sparsity pattern from a gradient that is given. As the serial
    /// [`sparse_hessian_from_gradient`](crate::FiniteDifference::sparse_hessian_from_gradient).
    ///
    /// # Errors
    /// As the serial operator.
    pub fn sparse_hessian_from_gradient<T, F, R, D>(
        &self,
        f: F,
        x: &ArrayRef<T, D>,
        structure: &SparseHessian,
    ) -> Result<M::Answer<SparseMatrix<T>>, Error>
    where
        M: Method<T>,
        T: Real,
        F: FnMut(&ArrayRef<T, Ix2>) -> R,
        R: Outputs<T>,
        D: Dimension,
    {
        let operator = SparseEntries(structure.compression.clone());
        let form = OnPattern(structure.compression.clone());
        self.run(
            operator,
            form,
            f,
            x,
            &[],
            (structure.pattern().nnz() > 0).then_some(x.len()),
        )
    }

    /// The Hessian on a sparsity pattern from values of f. As the serial
    /// [`sparse_hessian`](crate::FiniteDifference::sparse_hessian).
    ///
    /// # Errors
    /// As the serial operator.
    pub fn sparse_hessian<T, F, R, D>(
        &self,
        f: F,
        x: &ArrayRef<T, D>,
        structure: &SparseHessian,
    ) -> Result<M::Answer<SparseMatrix<T>>, Error>
    where
        M: Method<T>,
        T: Real,
        F: FnMut(&ArrayRef<T, Ix2>) -> R,
        R: Outputs<T>,
        D: Dimension,
    {
        let form = OnPattern(structure.compression.clone());
        self.run(ListedHessian::of(structure), form, f, x, &[], None)
    }
}
