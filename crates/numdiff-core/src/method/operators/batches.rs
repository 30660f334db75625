//! `*_into` of every operator in batches: f writes the values of many points at once.

use crate::answer::Rows;
use crate::method::Batched;
use crate::operators::*;
use crate::sparse::{SparseHessian, SparseJacobian};
use crate::{Adaptive, Error, Estimate, FiniteDifference, Real, Workspace, Written};
use ndarray::{Array, ArrayRef, Dimension, Ix1, Ix2};

type Plain<T> = T;
type EstimateOf<T, D> = Estimate<Array<T, D>>;

/// Implements them for a method; `$number` is what a number is written to, `$out` an array.
macro_rules! into_operators {
    ($method:ident, $number:ident, $out:ident) => {
        impl<T: Real> Batched<$method<T>> {
            /// [`gradient`](Self::gradient) without allocation: f writes the outputs of each point, one row for each, to
            /// its second argument.
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
                F: FnMut(&ArrayRef<T, Ix2>, &mut ArrayRef<T, Ix2>) -> R,
                R: Written,
                D: Dimension,
            {
                let rows = 1;
                self.rows_into(Gradient, f, x, std::iter::empty(), rows, out, workspace)
            }

            /// [`hessian`](Self::hessian) without allocation: f writes the outputs of each point, one row for each, to
            /// its second argument.
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
                F: FnMut(&ArrayRef<T, Ix2>, &mut ArrayRef<T, Ix2>) -> R,
                R: Written,
                D: Dimension,
            {
                let rows = 1;
                self.rows_into(Hessian, f, x, std::iter::empty(), rows, out, workspace)
            }

            /// [`hessian_diagonal`](Self::hessian_diagonal) without allocation: f writes the outputs of each point, one row for each, to
            /// its second argument.
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
                F: FnMut(&ArrayRef<T, Ix2>, &mut ArrayRef<T, Ix2>) -> R,
                R: Written,
                D: Dimension,
            {
                let rows = 1;
                self.rows_into(
                    HessianDiagonal,
                    f,
                    x,
                    std::iter::empty(),
                    rows,
                    out,
                    workspace,
                )
            }

            /// [`laplacian`](Self::laplacian) without allocation: f writes the outputs of each point, one row for each, to
            /// its second argument.
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
                F: FnMut(&ArrayRef<T, Ix2>, &mut ArrayRef<T, Ix2>) -> R,
                R: Written,
                D: Dimension,
            {
                let rows = 1;
                self.rows_into(Laplacian, f, x, std::iter::empty(), rows, out, workspace)
            }

            /// [`mixed_partial`](Self::mixed_partial) without allocation: f writes the outputs of each point, one row for each, to
            /// its second argument.
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
                F: FnMut(&ArrayRef<T, Ix2>, &mut ArrayRef<T, Ix2>) -> R,
                R: Written,
                D: Dimension,
            {
                let rows = 1;
                self.rows_into(
                    Mixed::new(coordinates)?,
                    f,
                    x,
                    std::iter::empty(),
                    rows,
                    out,
                    workspace,
                )
            }

            /// [`directional`](Self::directional) without allocation: f writes the outputs of each point, one row for each, to
            /// its second argument.
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
                F: FnMut(&ArrayRef<T, Ix2>, &mut ArrayRef<T, Ix2>) -> R,
                R: Written,
                D: Dimension,
            {
                let rows = 1;
                self.rows_into(
                    JacobianVector,
                    f,
                    x,
                    v.iter().copied(),
                    rows,
                    out,
                    workspace,
                )
            }

            /// [`hessian_vector`](Self::hessian_vector) without allocation: f writes the outputs of each point, one row for each, to
            /// its second argument.
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
                F: FnMut(&ArrayRef<T, Ix2>, &mut ArrayRef<T, Ix2>) -> R,
                R: Written,
                D: Dimension,
            {
                let rows = 1;
                self.rows_into(HessianVector, f, x, v.iter().copied(), rows, out, workspace)
            }

            /// [`jacobian`](Self::jacobian) without allocation: f writes the outputs of each point, one row for each, to
            /// its second argument.
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
                F: FnMut(&ArrayRef<T, Ix2>, &mut ArrayRef<T, Ix2>) -> R,
                R: Written,
                D: Dimension,
            {
                let rows = Rows::count_rows(out);
                self.rows_into(Jacobian, f, x, std::iter::empty(), rows, out, workspace)
            }

            /// [`hessian_from_gradient`](Self::hessian_from_gradient) without allocation: f writes the outputs of each point, one row for each, to
            /// its second argument.
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
                F: FnMut(&ArrayRef<T, Ix2>, &mut ArrayRef<T, Ix2>) -> R,
                R: Written,
                D: Dimension,
            {
                let rows = x.len();
                self.rows_into(
                    HessianFromGradient,
                    f,
                    x,
                    std::iter::empty(),
                    rows,
                    out,
                    workspace,
                )
            }

            /// [`jacobian_vector`](Self::jacobian_vector) without allocation: f writes the outputs of each point, one row for each, to
            /// its second argument.
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
                F: FnMut(&ArrayRef<T, Ix2>, &mut ArrayRef<T, Ix2>) -> R,
                R: Written,
                D: Dimension,
            {
                let rows = Rows::count_rows(out);
                self.rows_into(
                    JacobianVector,
                    f,
                    x,
                    v.iter().copied(),
                    rows,
                    out,
                    workspace,
                )
            }

            /// [`vector_jacobian`](Self::vector_jacobian) without allocation: f writes the outputs of each point, one row for each, to
            /// its second argument.
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
                F: FnMut(&ArrayRef<T, Ix2>, &mut ArrayRef<T, Ix2>) -> R,
                R: Written,
                D: Dimension,
            {
                let rows = u.len();
                self.rows_into(
                    VectorJacobian,
                    f,
                    x,
                    u.iter().copied(),
                    rows,
                    out,
                    workspace,
                )
            }

            /// [`hessian_vector_from_gradient`](Self::hessian_vector_from_gradient) without allocation: f writes the outputs of each point, one row for each, to
            /// its second argument.
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
                F: FnMut(&ArrayRef<T, Ix2>, &mut ArrayRef<T, Ix2>) -> R,
                R: Written,
                D: Dimension,
            {
                let rows = x.len();
                self.rows_into(
                    JacobianVector,
                    f,
                    x,
                    v.iter().copied(),
                    rows,
                    out,
                    workspace,
                )
            }

            /// [`sparse_jacobian`](Self::sparse_jacobian) without allocation: f writes the outputs of each point, one row for each, to
            /// its second argument.
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
                F: FnMut(&ArrayRef<T, Ix2>, &mut ArrayRef<T, Ix2>) -> R,
                R: Written,
                D: Dimension,
            {
                let rows = structure.pattern().rows();
                self.rows_into(
                    SparseEntries(structure.compression.clone()),
                    f,
                    x,
                    std::iter::empty(),
                    rows,
                    out,
                    workspace,
                )
            }

            /// [`sparse_hessian`](Self::sparse_hessian) without allocation: f writes the outputs of each point, one row for each, to
            /// its second argument.
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
                F: FnMut(&ArrayRef<T, Ix2>, &mut ArrayRef<T, Ix2>) -> R,
                R: Written,
                D: Dimension,
            {
                let rows = 1;
                self.rows_into(
                    ListedHessian::of(structure),
                    f,
                    x,
                    std::iter::empty(),
                    rows,
                    out,
                    workspace,
                )
            }

            /// [`sparse_hessian_from_gradient`](Self::sparse_hessian_from_gradient) without allocation: f writes the outputs of each point, one row for each, to
            /// its second argument.
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
                F: FnMut(&ArrayRef<T, Ix2>, &mut ArrayRef<T, Ix2>) -> R,
                R: Written,
                D: Dimension,
            {
                let rows = x.len();
                self.rows_into(
                    SparseEntries(structure.compression.clone()),
                    f,
                    x,
                    std::iter::empty(),
                    rows,
                    out,
                    workspace,
                )
            }

            /// [`nth_derivative`](Self::nth_derivative) without allocation; rows of one element.
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
                F: FnMut(&ArrayRef<T, Ix2>, &mut ArrayRef<T, Ix2>) -> R,
                R: Written,
            {
                let x = ndarray::ArrayView1::from(std::slice::from_ref(&x));
                self.rows_into(
                    Derivative(order),
                    f,
                    &x,
                    std::iter::empty(),
                    1,
                    out,
                    workspace,
                )
            }
        }
    };
}

into_operators!(FiniteDifference, Plain, ArrayRef);
into_operators!(Adaptive, Estimate, EstimateOf);
