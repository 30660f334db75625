//! `*_into` of every operator on threads: results without allocation for each evaluation.

use super::widen_into;
use crate::answer::{Out, Rows};
use crate::evaluate::adapter::{self, Point};
use crate::method::{Method, Parallel};
use crate::operators::*;
use crate::sparse::{SparseHessian, SparseJacobian};
use crate::{
    Adaptive, Answers, Error, Estimate, FiniteDifference, Outcome, Real, Workspace, Written,
};
use ndarray::{Array, ArrayRef, Dimension, Ix1, Ix2};

type Plain<T> = T;
type EstimateOf<T, D> = Estimate<Array<T, D>>;

/// Implements them for a method; `$number` is what a number is written to, `$out` an array.
macro_rules! into_operators {
    ($method:ident, $number:ident, $out:ident) => {
        impl<T: Real> Parallel<$method<T>> {
            /// [`gradient`](Self::gradient) without allocation for each evaluation.
            ///
            /// # Errors
            /// As the serial operator; `out` of another length than the result.
            pub fn gradient_into<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,

                out: &mut $out<T, D>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: Fn(&ArrayRef<T, D>) -> R + Sync,
                R: Outcome<T>,
                D: Dimension,
            {
                self.scalar_into(Gradient, f, x, std::iter::empty(), out, workspace)
            }

            /// [`hessian`](Self::hessian) without allocation for each evaluation.
            ///
            /// # Errors
            /// As the serial operator; `out` of another length than the result.
            pub fn hessian_into<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,

                out: &mut $out<T, Ix2>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: Fn(&ArrayRef<T, D>) -> R + Sync,
                R: Outcome<T>,
                D: Dimension,
            {
                self.scalar_into(Hessian, f, x, std::iter::empty(), out, workspace)
            }

            /// [`hessian_diagonal`](Self::hessian_diagonal) without allocation for each evaluation.
            ///
            /// # Errors
            /// As the serial operator; `out` of another length than the result.
            pub fn hessian_diagonal_into<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,

                out: &mut $out<T, D>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: Fn(&ArrayRef<T, D>) -> R + Sync,
                R: Outcome<T>,
                D: Dimension,
            {
                self.scalar_into(HessianDiagonal, f, x, std::iter::empty(), out, workspace)
            }

            /// [`laplacian`](Self::laplacian) without allocation for each evaluation.
            ///
            /// # Errors
            /// As the serial operator; `out` of another length than the result.
            pub fn laplacian_into<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,

                out: &mut $number<T>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: Fn(&ArrayRef<T, D>) -> R + Sync,
                R: Outcome<T>,
                D: Dimension,
            {
                self.scalar_into(Laplacian, f, x, std::iter::empty(), out, workspace)
            }

            /// [`mixed_partial`](Self::mixed_partial) without allocation for each evaluation.
            ///
            /// # Errors
            /// As the serial operator; `out` of another length than the result.
            pub fn mixed_partial_into<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,
                coordinates: &[usize],

                out: &mut $number<T>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: Fn(&ArrayRef<T, D>) -> R + Sync,
                R: Outcome<T>,
                D: Dimension,
            {
                self.scalar_into(
                    Mixed::new(coordinates)?,
                    f,
                    x,
                    std::iter::empty(),
                    out,
                    workspace,
                )
            }

            /// [`directional`](Self::directional) without allocation for each evaluation.
            ///
            /// # Errors
            /// As the serial operator; `out` of another length than the result.
            pub fn directional_into<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,
                v: &ArrayRef<T, D>,

                out: &mut $number<T>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: Fn(&ArrayRef<T, D>) -> R + Sync,
                R: Outcome<T>,
                D: Dimension,
            {
                self.scalar_into(JacobianVector, f, x, v.iter().copied(), out, workspace)
            }

            /// [`hessian_vector`](Self::hessian_vector) without allocation for each evaluation.
            ///
            /// # Errors
            /// As the serial operator; `out` of another length than the result.
            pub fn hessian_vector_into<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,
                v: &ArrayRef<T, D>,

                out: &mut $out<T, D>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: Fn(&ArrayRef<T, D>) -> R + Sync,
                R: Outcome<T>,
                D: Dimension,
            {
                self.scalar_into(HessianVector, f, x, v.iter().copied(), out, workspace)
            }

            /// [`jacobian`](Self::jacobian) without allocation for each evaluation; f writes its outputs to its
            /// second argument.
            ///
            /// # Errors
            /// As the serial operator; `out` of another length than the result.
            pub fn jacobian_into<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,

                out: &mut $out<T, Ix2>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: Fn(&ArrayRef<T, D>, &mut ArrayRef<T, Ix1>) -> R + Sync,
                R: Written,
                D: Dimension,
            {
                let rows = Rows::count_rows(out);
                self.vector_into(Jacobian, f, x, std::iter::empty(), rows, out, workspace)
            }

            /// [`hessian_from_gradient`](Self::hessian_from_gradient) without allocation for each evaluation; f writes its outputs to its
            /// second argument.
            ///
            /// # Errors
            /// As the serial operator; `out` of another length than the result.
            pub fn hessian_from_gradient_into<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,

                out: &mut $out<T, Ix2>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: Fn(&ArrayRef<T, D>, &mut ArrayRef<T, Ix1>) -> R + Sync,
                R: Written,
                D: Dimension,
            {
                let rows = x.len();
                self.vector_into(
                    HessianFromGradient,
                    f,
                    x,
                    std::iter::empty(),
                    rows,
                    out,
                    workspace,
                )
            }

            /// [`jacobian_vector`](Self::jacobian_vector) without allocation for each evaluation; f writes its outputs to its
            /// second argument.
            ///
            /// # Errors
            /// As the serial operator; `out` of another length than the result.
            pub fn jacobian_vector_into<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,
                v: &ArrayRef<T, D>,

                out: &mut $out<T, Ix1>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: Fn(&ArrayRef<T, D>, &mut ArrayRef<T, Ix1>) -> R + Sync,
                R: Written,
                D: Dimension,
            {
                let rows = Rows::count_rows(out);
                self.vector_into(
                    JacobianVector,
                    f,
                    x,
                    v.iter().copied(),
                    rows,
                    out,
                    workspace,
                )
            }

            /// [`vector_jacobian`](Self::vector_jacobian) without allocation for each evaluation; f writes its outputs to its
            /// second argument.
            ///
            /// # Errors
            /// As the serial operator; `out` of another length than the result.
            pub fn vector_jacobian_into<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,
                u: &ArrayRef<T, Ix1>,

                out: &mut $out<T, D>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: Fn(&ArrayRef<T, D>, &mut ArrayRef<T, Ix1>) -> R + Sync,
                R: Written,
                D: Dimension,
            {
                let rows = u.len();
                self.vector_into(
                    VectorJacobian,
                    f,
                    x,
                    u.iter().copied(),
                    rows,
                    out,
                    workspace,
                )
            }

            /// [`hessian_vector_from_gradient`](Self::hessian_vector_from_gradient) without allocation for each evaluation; f writes its outputs to its
            /// second argument.
            ///
            /// # Errors
            /// As the serial operator; `out` of another length than the result.
            pub fn hessian_vector_from_gradient_into<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,
                v: &ArrayRef<T, D>,

                out: &mut $out<T, D>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: Fn(&ArrayRef<T, D>, &mut ArrayRef<T, Ix1>) -> R + Sync,
                R: Written,
                D: Dimension,
            {
                let rows = x.len();
                self.vector_into(
                    JacobianVector,
                    f,
                    x,
                    v.iter().copied(),
                    rows,
                    out,
                    workspace,
                )
            }

            /// [`sparse_jacobian`](Self::sparse_jacobian) without allocation for each evaluation; f writes its outputs to its
            /// second argument.
            ///
            /// # Errors
            /// As the serial operator; `out` of another length than the result.
            pub fn sparse_jacobian_into<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,

                structure: &SparseJacobian,
                out: &mut $out<T, Ix1>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: Fn(&ArrayRef<T, D>, &mut ArrayRef<T, Ix1>) -> R + Sync,
                R: Written,
                D: Dimension,
            {
                let rows = structure.pattern().rows();
                self.vector_into(
                    SparseEntries(structure.compression.clone()),
                    f,
                    x,
                    std::iter::empty(),
                    rows,
                    out,
                    workspace,
                )
            }

            /// [`sparse_hessian`](Self::sparse_hessian) without allocation for each evaluation.
            ///
            /// # Errors
            /// As the serial operator; `out` of another length than the result.
            pub fn sparse_hessian_into<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,

                structure: &SparseHessian,
                out: &mut $out<T, Ix1>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: Fn(&ArrayRef<T, D>) -> R + Sync,
                R: Outcome<T>,
                D: Dimension,
            {
                self.scalar_into(
                    ListedHessian::of(structure),
                    f,
                    x,
                    std::iter::empty(),
                    out,
                    workspace,
                )
            }

            /// [`sparse_hessian_from_gradient`](Self::sparse_hessian_from_gradient) without allocation for each evaluation; f writes its outputs to its
            /// second argument.
            ///
            /// # Errors
            /// As the serial operator; `out` of another length than the result.
            pub fn sparse_hessian_from_gradient_into<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,

                structure: &SparseHessian,
                out: &mut $out<T, Ix1>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: Fn(&ArrayRef<T, D>, &mut ArrayRef<T, Ix1>) -> R + Sync,
                R: Written,
                D: Dimension,
            {
                let rows = x.len();
                self.vector_into(
                    SparseEntries(structure.compression.clone()),
                    f,
                    x,
                    std::iter::empty(),
                    rows,
                    out,
                    workspace,
                )
            }

            /// [`nth_derivative`](Self::nth_derivative) without allocation for each evaluation.
            ///
            /// # Errors
            /// As the serial operator.
            pub fn nth_derivative_into<F, R>(
                &self,
                f: F,
                x: T,
                order: usize,
                out: &mut $number<T>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: Fn(T) -> R + Sync,
                R: Outcome<T>,
            {
                let f = |x: &ArrayRef<T, Ix1>| f(x[0]);
                let x = ndarray::ArrayView1::from(std::slice::from_ref(&x));
                self.scalar_into(Derivative(order), f, &x, std::iter::empty(), out, workspace)
            }
        }
    };
}

into_operators!(FiniteDifference, Plain, ArrayRef);
into_operators!(Adaptive, Estimate, EstimateOf);

#[allow(private_bounds)]
impl<M: Answers + Sync> Parallel<M> {
    #[allow(clippy::too_many_arguments)]
    fn scalar_into<T, O, F, R, D, U>(
        &self,
        operator: O,
        f: F,
        x: &ArrayRef<T, D>,
        vector: impl Iterator<Item = T>,
        out: &mut U,
        workspace: &mut Workspace<T>,
    ) -> Result<(), Error>
    where
        M: Method<T>,
        T: Real,
        O: Operator,
        F: Fn(&ArrayRef<T, D>) -> R + Sync,
        R: Outcome<T>,
        D: Dimension,
        U: Out<T> + ?Sized,
    {
        let shape = x.raw_dim();
        let worker = || adapter::Scalar::new(&f, shape.clone(), Point::default());
        let mut vector = widen_into(vector, workspace);
        let done = self.run(operator, x, &mut vector, worker, workspace);
        workspace.vector = vector;
        put(done?, out, workspace)
    }

    #[allow(clippy::too_many_arguments)]
    fn vector_into<T, O, F, R, D, U>(
        &self,
        operator: O,
        f: F,
        x: &ArrayRef<T, D>,
        vector: impl Iterator<Item = T>,
        rows: usize,
        out: &mut U,
        workspace: &mut Workspace<T>,
    ) -> Result<(), Error>
    where
        M: Method<T>,
        T: Real,
        O: Operator,
        F: Fn(&ArrayRef<T, D>, &mut ArrayRef<T, Ix1>) -> R + Sync,
        R: Written,
        D: Dimension,
        U: Out<T> + ?Sized,
    {
        let shape = x.raw_dim();
        let worker =
            || adapter::InPlace::new(&f, shape.clone(), Point::default(), Vec::new(), rows);
        let mut vector = widen_into(vector, workspace);
        let done = self.run(operator, x, &mut vector, worker, workspace);
        workspace.vector = vector;
        put(done?, out, workspace)
    }
}

/// Writes the findings where the caller wants them.
fn put<T: Real, O: Operator, U: Out<T> + ?Sized>(
    operator: O,
    out: &mut U,
    workspace: &Workspace<T>,
) -> Result<(), Error> {
    let (survey, results) = (&workspace.survey, &workspace.results);
    let size = (operator.length(survey, results), operator.width(survey));
    out.write(size, results, |row, column| {
        operator.at(survey, results, row, column)
    })
}
