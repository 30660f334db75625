//! The operators as methods of every method value.

/// Poses a question, runs it serially, and leaves the findings in the workspace.
macro_rules! run {
    ($self:ident, $operator:expr, $x:expr, $vector:expr, $workspace:ident, $function:expr) => {{
        let scheme = Method::<T>::scheme($self)?;
        let operator = $operator;
        pose(
            scheme,
            &operator,
            $x,
            $vector,
            T::EPSILON,
            &mut $workspace.survey,
        )?;
        serial::run(
            scheme,
            &mut $workspace.survey,
            &mut $function,
            &mut $workspace.scratch,
            &mut $workspace.results,
        )?;
        operator.conclude(&$workspace.survey, &mut $workspace.results);
        operator
    }};
}

/// Turns the findings into an owned answer.
macro_rules! answer {
    ($operator:expr, $form:expr, $workspace:ident) => {
        <Self as Method<T>>::answer(&$operator, &$form, &$workspace.survey, &$workspace.results)
    };
}

/// Writes the findings where the caller wants them.
macro_rules! write {
    ($operator:expr, $out:ident, $workspace:ident) => {{
        let (operator, survey, results) = ($operator, &$workspace.survey, &$workspace.results);
        let size = (operator.length(survey, results), operator.width(survey));
        Out::<T>::write($out, size, results, |row, column| {
            operator.at(survey, results, row, column)
        })
    }};
}

/// Implements every operator for a method, serially. `$answer` is what a result becomes, `$out` what
/// a result is written to.
macro_rules! operators {
    ($method:ident, $answer:ident, $number:ident, $out:ident) => {
        impl<T: Real> $method<T> {
            /// f'(x) of a function of one variable.
            ///
            /// # Errors
            /// x that is not finite; settings that make no sense; f that fails, or returns a
            /// non-finite value that the method can't do without.
            pub fn derivative<F, R>(&self, f: F, x: T) -> Result<$number<T>, Error>
            where
                F: FnMut(T) -> R,
                R: Outcome<T>,
            {
                self.nth_derivative(f, x, 1)
            }

            /// The derivative of order `order` of a function of one variable.
            ///
            /// # Errors
            /// As [`derivative`](Self::derivative); an order of 0, or one above the method's range.
            pub fn nth_derivative<F, R>(
                &self,
                f: F,
                x: T,
                order: usize,
            ) -> Result<$number<T>, Error>
            where
                F: FnMut(T) -> R,
                R: Outcome<T>,
            {
                let mut workspace = Workspace::<T>::new();
                let operator = run!(
                    self,
                    Derivative(order),
                    std::iter::once(x),
                    &[],
                    workspace,
                    Univariate::new(f, x)
                );
                answer!(operator, Scalar, workspace)
            }

            /// [`nth_derivative`](Self::nth_derivative) without allocation.
            pub fn nth_derivative_into<F, R>(
                &self,
                f: F,
                x: T,
                order: usize,
                out: &mut $number<T>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: FnMut(T) -> R,
                R: Outcome<T>,
            {
                let operator = run!(
                    self,
                    Derivative(order),
                    std::iter::once(x),
                    &[],
                    workspace,
                    Univariate::new(f, x)
                );
                write!(operator, out, workspace)
            }

            /// The gradient of a scalar function, of x's shape.
            ///
            /// # Errors
            /// x that is empty or not finite; settings that make no sense; f that fails, or
            /// returns a non-finite value that the method can't do without.
            pub fn gradient<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,
            ) -> Result<$answer<T, D>, Error>
            where
                F: FnMut(&ArrayRef<T, D>) -> R,
                R: Outcome<T>,
                D: Dimension,
            {
                let mut out = <$answer<T, D> as Blank<D>>::blank(x.raw_dim());
                self.gradient_into(f, x, &mut out, &mut Workspace::<T>::new())?;
                Ok(out)
            }

            /// [`gradient`](Self::gradient) without allocation.
            pub fn gradient_into<F, R, D>(
                &self,
                mut f: F,
                x: &ArrayRef<T, D>,
                out: &mut $out<T, D>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: FnMut(&ArrayRef<T, D>) -> R,
                R: Outcome<T>,
                D: Dimension,
            {
                let scheme = Method::<T>::scheme(self)?;
                let values = Out::<T>::values(out);
                if let Some(done) = stream::gradient(scheme, &mut f, x, values, workspace) {
                    return done;
                }
                let operator = run!(
                    self,
                    Gradient,
                    x.iter().copied(),
                    &[],
                    workspace,
                    adapter::Scalar::new(f, x.raw_dim(), &mut workspace.point)
                );
                write!(operator, out, workspace)
            }

            /// The Jacobian of a vector function: row i holds the derivatives of output i, column
            /// j those with respect to coordinate j, both in row-major order.
            ///
            /// # Errors
            /// As [`gradient`](Self::gradient); f that returns no outputs, or another number of
            /// outputs than before.
            pub fn jacobian<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,
            ) -> Result<$answer<T, Ix2>, Error>
            where
                F: FnMut(&ArrayRef<T, D>) -> R,
                R: Outputs<T>,
                D: Dimension,
            {
                let mut workspace = Workspace::<T>::new();
                let operator = run!(
                    self,
                    Jacobian,
                    x.iter().copied(),
                    &[],
                    workspace,
                    adapter::Vector::new(f, x.raw_dim(), &mut workspace.point)
                );
                answer!(operator, OutputsByCoordinates, workspace)
            }

            /// [`jacobian`](Self::jacobian) without allocation: f writes its outputs to its second
            /// argument, whose length is the number of rows of `out`.
            pub fn jacobian_into<F, R, D>(
                &self,
                mut f: F,
                x: &ArrayRef<T, D>,
                out: &mut $out<T, Ix2>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: FnMut(&ArrayRef<T, D>, &mut ArrayRef<T, Ix1>) -> R,
                R: Written,
                D: Dimension,
            {
                let scheme = Method::<T>::scheme(self)?;
                let values = Out::<T>::values(out);
                if let Some(done) = stream::jacobian(scheme, &mut f, x, values, workspace) {
                    return done;
                }
                let rows = Rows::count_rows(out);
                let operator = run!(
                    self,
                    Jacobian,
                    x.iter().copied(),
                    &[],
                    workspace,
                    adapter::InPlace::new(
                        f,
                        x.raw_dim(),
                        &mut workspace.point,
                        &mut workspace.outputs,
                        rows
                    )
                );
                write!(operator, out, workspace)
            }

            /// The Hessian of a scalar function, symmetric to the last bit; coordinates in
            /// row-major order.
            ///
            /// # Errors
            /// As [`gradient`](Self::gradient).
            pub fn hessian<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,
            ) -> Result<$answer<T, Ix2>, Error>
            where
                F: FnMut(&ArrayRef<T, D>) -> R,
                R: Outcome<T>,
                D: Dimension,
            {
                let shape = Ix2(x.len(), x.len());
                let mut out = <$answer<T, Ix2> as Blank<Ix2>>::blank(shape);
                self.hessian_into(f, x, &mut out, &mut Workspace::<T>::new())?;
                Ok(out)
            }

            /// [`hessian`](Self::hessian) without allocation.
            pub fn hessian_into<F, R, D>(
                &self,
                mut f: F,
                x: &ArrayRef<T, D>,
                out: &mut $out<T, Ix2>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: FnMut(&ArrayRef<T, D>) -> R,
                R: Outcome<T>,
                D: Dimension,
            {
                let scheme = Method::<T>::scheme(self)?;
                let values = Out::<T>::values(out);
                if let Some(done) = stream::hessian(scheme, &mut f, x, values, workspace) {
                    return done;
                }
                let operator = run!(
                    self,
                    Hessian,
                    x.iter().copied(),
                    &[],
                    workspace,
                    adapter::Scalar::new(f, x.raw_dim(), &mut workspace.point)
                );
                write!(operator, out, workspace)
            }

            /// The Hessian from a gradient that is given: its Jacobian, made symmetric.
            ///
            /// # Errors
            /// As [`jacobian`](Self::jacobian); a gradient of another length than x.
            pub fn hessian_from_gradient<G, R, D>(
                &self,
                gradient: G,
                x: &ArrayRef<T, D>,
            ) -> Result<$answer<T, Ix2>, Error>
            where
                G: FnMut(&ArrayRef<T, D>) -> R,
                R: Outputs<T>,
                D: Dimension,
            {
                let mut workspace = Workspace::<T>::new();
                let operator = run!(
                    self,
                    HessianFromGradient,
                    x.iter().copied(),
                    &[],
                    workspace,
                    adapter::Vector::new(gradient, x.raw_dim(), &mut workspace.point)
                );
                square(&workspace.results, x.len())?;
                answer!(operator, Square, workspace)
            }

            /// [`hessian_from_gradient`](Self::hessian_from_gradient) without allocation: the
            /// gradient is written, in row-major order, to the closure's second argument.
            pub fn hessian_from_gradient_into<G, R, D>(
                &self,
                gradient: G,
                x: &ArrayRef<T, D>,
                out: &mut $out<T, Ix2>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                G: FnMut(&ArrayRef<T, D>, &mut ArrayRef<T, Ix1>) -> R,
                R: Written,
                D: Dimension,
            {
                let operator = run!(
                    self,
                    HessianFromGradient,
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

            /// The diagonal of the Hessian, of x's shape.
            ///
            /// # Errors
            /// As [`gradient`](Self::gradient).
            pub fn hessian_diagonal<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,
            ) -> Result<$answer<T, D>, Error>
            where
                F: FnMut(&ArrayRef<T, D>) -> R,
                R: Outcome<T>,
                D: Dimension,
            {
                let mut workspace = Workspace::<T>::new();
                let operator = run!(
                    self,
                    HessianDiagonal,
                    x.iter().copied(),
                    &[],
                    workspace,
                    adapter::Scalar::new(f, x.raw_dim(), &mut workspace.point)
                );
                answer!(operator, Like(x.raw_dim()), workspace)
            }

            /// [`hessian_diagonal`](Self::hessian_diagonal) without allocation.
            pub fn hessian_diagonal_into<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,
                out: &mut $out<T, D>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: FnMut(&ArrayRef<T, D>) -> R,
                R: Outcome<T>,
                D: Dimension,
            {
                let operator = run!(
                    self,
                    HessianDiagonal,
                    x.iter().copied(),
                    &[],
                    workspace,
                    adapter::Scalar::new(f, x.raw_dim(), &mut workspace.point)
                );
                write!(operator, out, workspace)
            }

            /// The Laplacian: the sum of the second derivatives along the coordinates.
            ///
            /// # Errors
            /// As [`gradient`](Self::gradient).
            pub fn laplacian<F, R, D>(&self, f: F, x: &ArrayRef<T, D>) -> Result<$number<T>, Error>
            where
                F: FnMut(&ArrayRef<T, D>) -> R,
                R: Outcome<T>,
                D: Dimension,
            {
                let mut workspace = Workspace::<T>::new();
                let operator = run!(
                    self,
                    Laplacian,
                    x.iter().copied(),
                    &[],
                    workspace,
                    adapter::Scalar::new(f, x.raw_dim(), &mut workspace.point)
                );
                answer!(operator, Scalar, workspace)
            }

            /// [`laplacian`](Self::laplacian) without allocation.
            pub fn laplacian_into<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,
                out: &mut $number<T>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: FnMut(&ArrayRef<T, D>) -> R,
                R: Outcome<T>,
                D: Dimension,
            {
                let operator = run!(
                    self,
                    Laplacian,
                    x.iter().copied(),
                    &[],
                    workspace,
                    adapter::Scalar::new(f, x.raw_dim(), &mut workspace.point)
                );
                write!(operator, out, workspace)
            }

            /// The mixed partial derivative with respect to `coordinates` (row-major indices, each
            /// as often as f is differentiated with respect to it; up to four in all).
            ///
            /// With k coordinates it costs 2^(k-1) derivatives of order k along lines.
            ///
            /// # Errors
            /// As [`gradient`](Self::gradient); no coordinates, more than four, or one that x does
            /// not have.
            pub fn mixed_partial<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,
                coordinates: &[usize],
            ) -> Result<$number<T>, Error>
            where
                F: FnMut(&ArrayRef<T, D>) -> R,
                R: Outcome<T>,
                D: Dimension,
            {
                let mut workspace = Workspace::<T>::new();
                let operator = run!(
                    self,
                    Mixed::new(coordinates)?,
                    x.iter().copied(),
                    &[],
                    workspace,
                    adapter::Scalar::new(f, x.raw_dim(), &mut workspace.point)
                );
                answer!(operator, Scalar, workspace)
            }

            /// [`mixed_partial`](Self::mixed_partial) without allocation.
            pub fn mixed_partial_into<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,
                coordinates: &[usize],
                out: &mut $number<T>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: FnMut(&ArrayRef<T, D>) -> R,
                R: Outcome<T>,
                D: Dimension,
            {
                let operator = run!(
                    self,
                    Mixed::new(coordinates)?,
                    x.iter().copied(),
                    &[],
                    workspace,
                    adapter::Scalar::new(f, x.raw_dim(), &mut workspace.point)
                );
                write!(operator, out, workspace)
            }

            /// The derivative of a scalar function along `v`: v . gradient. Any norm of v from
            /// 1e-150 to 1e150 serves; v = 0 gives 0.
            ///
            /// # Errors
            /// As [`gradient`](Self::gradient); v that is not finite or of another length than x.
            pub fn directional<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,
                v: &ArrayRef<T, D>,
            ) -> Result<$number<T>, Error>
            where
                F: FnMut(&ArrayRef<T, D>) -> R,
                R: Outcome<T>,
                D: Dimension,
            {
                let mut workspace = Workspace::<T>::new();
                widen(v, &mut workspace.vector);
                let operator = run!(
                    self,
                    JacobianVector,
                    x.iter().copied(),
                    &workspace.vector,
                    workspace,
                    adapter::Scalar::new(f, x.raw_dim(), &mut workspace.point)
                );
                answer!(operator, Scalar, workspace)
            }

            /// [`directional`](Self::directional) without allocation.
            pub fn directional_into<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,
                v: &ArrayRef<T, D>,
                out: &mut $number<T>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: FnMut(&ArrayRef<T, D>) -> R,
                R: Outcome<T>,
                D: Dimension,
            {
                widen(v, &mut workspace.vector);
                let operator = run!(
                    self,
                    JacobianVector,
                    x.iter().copied(),
                    &workspace.vector,
                    workspace,
                    adapter::Scalar::new(f, x.raw_dim(), &mut workspace.point)
                );
                write!(operator, out, workspace)
            }

            /// The product of the Jacobian with `v`, one number for each output, along one line.
            ///
            /// # Errors
            /// As [`jacobian`](Self::jacobian) and [`directional`](Self::directional).
            pub fn jacobian_vector<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,
                v: &ArrayRef<T, D>,
            ) -> Result<$answer<T, Ix1>, Error>
            where
                F: FnMut(&ArrayRef<T, D>) -> R,
                R: Outputs<T>,
                D: Dimension,
            {
                let mut workspace = Workspace::<T>::new();
                widen(v, &mut workspace.vector);
                let operator = run!(
                    self,
                    JacobianVector,
                    x.iter().copied(),
                    &workspace.vector,
                    workspace,
                    adapter::Vector::new(f, x.raw_dim(), &mut workspace.point)
                );
                answer!(operator, PerOutput, workspace)
            }

            /// [`jacobian_vector`](Self::jacobian_vector) without allocation: f writes its outputs
            /// to its second argument, whose length is that of `out`.
            pub fn jacobian_vector_into<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,
                v: &ArrayRef<T, D>,
                out: &mut $out<T, Ix1>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: FnMut(&ArrayRef<T, D>, &mut ArrayRef<T, Ix1>) -> R,
                R: Written,
                D: Dimension,
            {
                widen(v, &mut workspace.vector);
                let rows = Rows::count_rows(out);
                let operator = run!(
                    self,
                    JacobianVector,
                    x.iter().copied(),
                    &workspace.vector,
                    workspace,
                    adapter::InPlace::new(
                        f,
                        x.raw_dim(),
                        &mut workspace.point,
                        &mut workspace.outputs,
                        rows
                    )
                );
                write!(operator, out, workspace)
            }

            /// The product of `u` with the Jacobian, of x's shape: the gradient of u . f(x). `u`
            /// has one entry for each output, in row-major order.
            ///
            /// # Errors
            /// As [`jacobian`](Self::jacobian); u that is not finite or of another length than f's
            /// outputs.
            pub fn vector_jacobian<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,
                u: &ArrayRef<T, Ix1>,
            ) -> Result<$answer<T, D>, Error>
            where
                F: FnMut(&ArrayRef<T, D>) -> R,
                R: Outputs<T>,
                D: Dimension,
            {
                let mut workspace = Workspace::<T>::new();
                widen(u, &mut workspace.vector);
                let operator = run!(
                    self,
                    VectorJacobian,
                    x.iter().copied(),
                    &workspace.vector,
                    workspace,
                    adapter::Vector::new(f, x.raw_dim(), &mut workspace.point)
                );
                answer!(operator, Like(x.raw_dim()), workspace)
            }

            /// [`vector_jacobian`](Self::vector_jacobian) without allocation: f writes its outputs
            /// to its second argument, whose length is that of `u`.
            pub fn vector_jacobian_into<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,
                u: &ArrayRef<T, Ix1>,
                out: &mut $out<T, D>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: FnMut(&ArrayRef<T, D>, &mut ArrayRef<T, Ix1>) -> R,
                R: Written,
                D: Dimension,
            {
                widen(u, &mut workspace.vector);
                let operator = run!(
                    self,
                    VectorJacobian,
                    x.iter().copied(),
                    &workspace.vector,
                    workspace,
                    adapter::InPlace::new(
                        f,
                        x.raw_dim(),
                        &mut workspace.point,
                        &mut workspace.outputs,
                        u.len()
                    )
                );
                write!(operator, out, workspace)
            }

            /// The product of the Hessian with `v` from f alone, of x's shape; two lines for each
            /// coordinate.
            ///
            /// # Errors
            /// As [`directional`](Self::directional).
            pub fn hessian_vector<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,
                v: &ArrayRef<T, D>,
            ) -> Result<$answer<T, D>, Error>
            where
                F: FnMut(&ArrayRef<T, D>) -> R,
                R: Outcome<T>,
                D: Dimension,
            {
                let mut workspace = Workspace::<T>::new();
                widen(v, &mut workspace.vector);
                let operator = run!(
                    self,
                    HessianVector,
                    x.iter().copied(),
                    &workspace.vector,
                    workspace,
                    adapter::Scalar::new(f, x.raw_dim(), &mut workspace.point)
                );
                answer!(operator, Like(x.raw_dim()), workspace)
            }

            /// [`hessian_vector`](Self::hessian_vector) without allocation.
            pub fn hessian_vector_into<F, R, D>(
                &self,
                f: F,
                x: &ArrayRef<T, D>,
                v: &ArrayRef<T, D>,
                out: &mut $out<T, D>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: FnMut(&ArrayRef<T, D>) -> R,
                R: Outcome<T>,
                D: Dimension,
            {
                widen(v, &mut workspace.vector);
                let operator = run!(
                    self,
                    HessianVector,
                    x.iter().copied(),
                    &workspace.vector,
                    workspace,
                    adapter::Scalar::new(f, x.raw_dim(), &mut workspace.point)
                );
                write!(operator, out, workspace)
            }

            /// The product of the Hessian with `v` from a gradient that is given, of x's shape:
            /// the derivative of the gradient along one line.
            ///
            /// # Errors
            /// As [`directional`](Self::directional); a gradient of another length than x.
            pub fn hessian_vector_from_gradient<G, R, D>(
                &self,
                gradient: G,
                x: &ArrayRef<T, D>,
                v: &ArrayRef<T, D>,
            ) -> Result<$answer<T, D>, Error>
            where
                G: FnMut(&ArrayRef<T, D>) -> R,
                R: Outputs<T>,
                D: Dimension,
            {
                let mut workspace = Workspace::<T>::new();
                widen(v, &mut workspace.vector);
                let operator = run!(
                    self,
                    JacobianVector,
                    x.iter().copied(),
                    &workspace.vector,
                    workspace,
                    adapter::Vector::new(gradient, x.raw_dim(), &mut workspace.point)
                );
                square(&workspace.results, x.len())?;
                answer!(operator, Like(x.raw_dim()), workspace)
            }

            /// [`hessian_vector_from_gradient`](Self::hessian_vector_from_gradient) without
            /// allocation: the gradient is written, in row-major order, to the closure's second
            /// argument.
            pub fn hessian_vector_from_gradient_into<G, R, D>(
                &self,
                gradient: G,
                x: &ArrayRef<T, D>,
                v: &ArrayRef<T, D>,
                out: &mut $out<T, D>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                G: FnMut(&ArrayRef<T, D>, &mut ArrayRef<T, Ix1>) -> R,
                R: Written,
                D: Dimension,
            {
                widen(v, &mut workspace.vector);
                let operator = run!(
                    self,
                    JacobianVector,
                    x.iter().copied(),
                    &workspace.vector,
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

            /// The gradients at many points: row i of the result is the gradient at row i of `xs`.
            ///
            /// # Errors
            /// As [`gradient`](Self::gradient); no rows.
            pub fn gradient_rows<F, R>(
                &self,
                f: F,
                xs: &ArrayRef<T, Ix2>,
            ) -> Result<$answer<T, Ix2>, Error>
            where
                F: FnMut(&ArrayRef<T, Ix1>) -> R,
                R: Outcome<T>,
            {
                let mut out = <$answer<T, Ix2> as Blank<Ix2>>::blank(xs.raw_dim());
                self.gradient_rows_into(f, xs, &mut out, &mut Workspace::<T>::new())?;
                Ok(out)
            }

            /// [`gradient_rows`](Self::gradient_rows) without allocation.
            pub fn gradient_rows_into<F, R>(
                &self,
                mut f: F,
                xs: &ArrayRef<T, Ix2>,
                out: &mut $out<T, Ix2>,
                workspace: &mut Workspace<T>,
            ) -> Result<(), Error>
            where
                F: FnMut(&ArrayRef<T, Ix1>) -> R,
                R: Outcome<T>,
            {
                if xs.is_empty() {
                    return Err(Error::Empty { argument: "xs" });
                }
                WriteRow::<T>::begin_rows(out, xs.raw_dim())?;
                for (i, x) in xs.outer_iter().enumerate() {
                    let operator = run!(
                        self,
                        Gradient,
                        x.iter().copied(),
                        &[],
                        workspace,
                        adapter::Scalar::new(&mut f, x.raw_dim(), &mut workspace.point)
                    );
                    let (survey, results) = (&workspace.survey, &workspace.results);
                    WriteRow::<T>::write_row(out, i, results, |k| {
                        operator.entry(survey, results, k)
                    })?;
                }
                Ok(())
            }
        }
    };
}

mod batches;
mod sparse;
#[cfg(feature = "rayon")]
mod threads;

use super::{Adaptive, FiniteDifference, Method};
use crate::answer::{
    Blank, Form, Like, Out, OutputsByCoordinates, PerOutput, Rows, Scalar, Square, WriteRow,
};
use crate::evaluate::adapter::{self, Univariate};
use crate::evaluate::{serial, stream};
use crate::operators::*;
use crate::plan::AskTell;
use crate::plan::lines::LinePlan;
use crate::results::Results;
use crate::scheme::Scheme;
use crate::survey::Survey;
use crate::workspace::Workspace;
use crate::{Error, Estimate, Outcome, Outputs, Real, Written};
use ndarray::{Array, ArrayRef, Dimension, Ix1, Ix2};

type Plain<T> = T;
type EstimateOf<T, D> = Estimate<Array<T, D>>;

operators!(FiniteDifference, Array, Plain, ArrayRef);
operators!(Adaptive, EstimateOf, Estimate, EstimateOf);

/// Puts x and the operator's lines into the survey, and checks the settings against them.
pub(crate) fn pose<T: Real, O: Operator>(
    scheme: &Scheme,
    operator: &O,
    x: impl Iterator<Item = T>,
    vector: &[f64],
    epsilon: f64,
    survey: &mut Survey,
) -> Result<(), Error> {
    let (kind, order) = operator.lines();
    survey.begin(x.map(Real::widen), epsilon, kind, order)?;
    scheme.validate(survey)?;
    operator.pose(vector, scheme, survey)
}

fn widen<T: Real, D: Dimension>(v: &ArrayRef<T, D>, into: &mut Vec<f64>) {
    into.clear();
    into.extend(v.iter().map(|v| v.widen()));
}

/// A vector argument as `f64` in the workspace's buffer, to be given back to it.
pub(crate) fn widen_into<T: Real>(
    vector: impl Iterator<Item = T>,
    workspace: &mut Workspace<T>,
) -> Vec<f64> {
    let mut buffer = std::mem::take(&mut workspace.vector);
    buffer.clear();
    buffer.extend(vector.map(Real::widen));
    buffer
}

/// Checks that a given gradient has as many entries as x.
pub(crate) fn square(results: &Results, expected: usize) -> Result<(), Error> {
    if results.outputs == expected {
        Ok(())
    } else {
        Err(Error::Length {
            argument: "the gradient",
            found: results.outputs,
            expected,
        })
    }
}

/// Implements the ask/tell plan of every operator for a method.
macro_rules! plans {
    ($method:ident) => {
        impl<T: Real> $method<T> {
            fn plan<O: Operator, S: Form<T>, D: Dimension>(
                &self,
                operator: O,
                form: S,
                x: &ArrayRef<T, D>,
                vector: Vec<f64>,
            ) -> Result<AskTell<Self, O, S, T>, Error> {
                let scheme = Method::<T>::scheme(self)?.clone();
                let mut point = Vec::new();
                widen(x, &mut point);
                Ok(AskTell::new(
                    LinePlan::new(scheme, operator, &point, vector, T::EPSILON)?,
                    form,
                ))
            }

            /// [`nth_derivative`](Self::nth_derivative) as a plan; see [`AskTell`].
            pub fn plan_nth_derivative(
                &self,
                x: T,
                order: usize,
            ) -> Result<AskTell<Self, Derivative, Scalar, T>, Error> {
                self.plan(Derivative(order), Scalar, &*ndarray::arr0(x), Vec::new())
            }

            /// [`gradient`](Self::gradient) as a plan; see [`AskTell`].
            pub fn plan_gradient<D: Dimension>(
                &self,
                x: &ArrayRef<T, D>,
            ) -> Result<AskTell<Self, Gradient, Like<D>, T>, Error> {
                self.plan(Gradient, Like(x.raw_dim()), x, Vec::new())
            }

            /// [`jacobian`](Self::jacobian) as a plan; see [`AskTell`].
            pub fn plan_jacobian<D: Dimension>(
                &self,
                x: &ArrayRef<T, D>,
            ) -> Result<AskTell<Self, Jacobian, OutputsByCoordinates, T>, Error> {
                self.plan(Jacobian, OutputsByCoordinates, x, Vec::new())
            }

            /// [`hessian`](Self::hessian) as a plan; see [`AskTell`].
            pub fn plan_hessian<D: Dimension>(
                &self,
                x: &ArrayRef<T, D>,
            ) -> Result<AskTell<Self, Hessian, Square, T>, Error> {
                self.plan(Hessian, Square, x, Vec::new())
            }

            /// [`hessian_from_gradient`](Self::hessian_from_gradient) as a plan, told the
            /// gradient's entries; see [`AskTell`].
            pub fn plan_hessian_from_gradient<D: Dimension>(
                &self,
                x: &ArrayRef<T, D>,
            ) -> Result<AskTell<Self, HessianFromGradient, Square, T>, Error> {
                self.plan(HessianFromGradient, Square, x, Vec::new())
            }

            /// [`hessian_diagonal`](Self::hessian_diagonal) as a plan; see [`AskTell`].
            pub fn plan_hessian_diagonal<D: Dimension>(
                &self,
                x: &ArrayRef<T, D>,
            ) -> Result<AskTell<Self, HessianDiagonal, Like<D>, T>, Error> {
                self.plan(HessianDiagonal, Like(x.raw_dim()), x, Vec::new())
            }

            /// [`laplacian`](Self::laplacian) as a plan; see [`AskTell`].
            pub fn plan_laplacian<D: Dimension>(
                &self,
                x: &ArrayRef<T, D>,
            ) -> Result<AskTell<Self, Laplacian, Scalar, T>, Error> {
                self.plan(Laplacian, Scalar, x, Vec::new())
            }

            /// [`mixed_partial`](Self::mixed_partial) as a plan; see [`AskTell`].
            pub fn plan_mixed_partial<D: Dimension>(
                &self,
                x: &ArrayRef<T, D>,
                coordinates: &[usize],
            ) -> Result<AskTell<Self, Mixed, Scalar, T>, Error> {
                self.plan(Mixed::new(coordinates)?, Scalar, x, Vec::new())
            }

            /// [`directional`](Self::directional) as a plan; see [`AskTell`].
            pub fn plan_directional<D: Dimension>(
                &self,
                x: &ArrayRef<T, D>,
                v: &ArrayRef<T, D>,
            ) -> Result<AskTell<Self, JacobianVector, Scalar, T>, Error> {
                self.plan(JacobianVector, Scalar, x, widened(v))
            }

            /// [`jacobian_vector`](Self::jacobian_vector) as a plan; see [`AskTell`].
            pub fn plan_jacobian_vector<D: Dimension>(
                &self,
                x: &ArrayRef<T, D>,
                v: &ArrayRef<T, D>,
            ) -> Result<AskTell<Self, JacobianVector, PerOutput, T>, Error> {
                self.plan(JacobianVector, PerOutput, x, widened(v))
            }

            /// [`vector_jacobian`](Self::vector_jacobian) as a plan; see [`AskTell`].
            pub fn plan_vector_jacobian<D: Dimension>(
                &self,
                x: &ArrayRef<T, D>,
                u: &ArrayRef<T, Ix1>,
            ) -> Result<AskTell<Self, VectorJacobian, Like<D>, T>, Error> {
                self.plan(VectorJacobian, Like(x.raw_dim()), x, widened(u))
            }

            /// [`hessian_vector`](Self::hessian_vector) as a plan; see [`AskTell`].
            pub fn plan_hessian_vector<D: Dimension>(
                &self,
                x: &ArrayRef<T, D>,
                v: &ArrayRef<T, D>,
            ) -> Result<AskTell<Self, HessianVector, Like<D>, T>, Error> {
                self.plan(HessianVector, Like(x.raw_dim()), x, widened(v))
            }

            /// [`hessian_vector_from_gradient`](Self::hessian_vector_from_gradient) as a plan, told
            /// the gradient's entries; see [`AskTell`].
            pub fn plan_hessian_vector_from_gradient<D: Dimension>(
                &self,
                x: &ArrayRef<T, D>,
                v: &ArrayRef<T, D>,
            ) -> Result<AskTell<Self, JacobianVector, Like<D>, T>, Error> {
                self.plan(JacobianVector, Like(x.raw_dim()), x, widened(v))
            }
        }
    };
}

/// The other drivers of a method.
macro_rules! drivers {
    ($method:ident) => {
        impl<T: Real> $method<T> {
            /// The same method with its evaluations on the threads of the current rayon pool.
            #[cfg(feature = "rayon")]
            pub fn parallel(&self) -> super::Parallel<Self> {
                super::Parallel::new(self.clone())
            }

            /// The same method for a function that takes many points at once.
            pub fn batched(&self) -> super::Batched<Self> {
                super::Batched::new(self.clone())
            }
        }
    };
}

drivers!(FiniteDifference);
drivers!(Adaptive);

plans!(FiniteDifference);
plans!(Adaptive);

pub(crate) fn widened<T: Real, D: Dimension>(v: &ArrayRef<T, D>) -> Vec<f64> {
    v.iter().map(|v| v.widen()).collect()
}
