//! The operators, each said once: name, arguments, result, documentation.
//!
//! `every_operator!(driver Method)` expands to `driver! { Method kind { entry } }` for each entry
//! below. The macro of the driver (`serial!`, `parallel!`, `batched!`, `planned!`: each in the file of that
//! name) says what f is to it and passes the entry to `operator!`, which writes the method that returns
//! its result and the `*_into` that writes it. So an operator more is an entry more.
//!
//! An entry of kind `scalar` is of an f that returns a number, one of kind `vector` of an f with
//! outputs. It reads
//!
//! - the documentation, in which `Self` is whatever method or driver it is shown for;
//! - `fn name, name_into(f, x, further arguments) -> result`, where the result is a `number`, `like` x,
//!   a `jacobian`, a `square` matrix, one number for each of f's `outputs`, or `sparse(structure)`:
//!   `result_type!` and `result_shape!` say what these are;
//! - `returned`, the type of the values that a plan returns, which does not keep x;
//! - `operator`, its value, of [`crate::operators`];
//! - `vector`, the numbers that the operator takes besides x: v or u;
//! - of vector functions `outputs`: how many outputs an f that writes them has, in words and from
//!   where the result is to be written.

macro_rules! every_operator {
    ($driver:ident $method:ident) => {
        $driver! { $method scalar {
            /// The gradient of a scalar function, of x's shape.
            ///
            /// Cost: 2n evaluations by central differences; an error bar
            /// ([`Adaptive`](crate::Adaptive)) takes about five times as many.
            ///
            /// # Errors
            /// x that is empty or not finite; settings that make no sense; f that fails, or
            /// returns a non-finite value that the method can't do without.
            fn gradient, gradient_into(f, x) -> like
            returned: [Array1<T>],
            operator: Gradient,
            vector: [],
        } }
        $driver! { $method scalar {
            /// The Hessian of a scalar function, symmetric to the last bit; coordinates in
            /// row-major order.
            ///
            /// Cost: n^2 + n + 1 evaluations by central differences; an error bar
            /// ([`Adaptive`](crate::Adaptive)) takes about five times as many.
            ///
            /// # Errors
            /// Those of [`gradient`](Self::gradient).
            fn hessian, hessian_into(f, x) -> square
            returned: [Array2<T>],
            operator: Hessian,
            vector: [],
        } }
        $driver! { $method scalar {
            /// The diagonal of the Hessian, of x's shape.
            ///
            /// Cost: 2n + 1 evaluations by central differences; an error bar
            /// ([`Adaptive`](crate::Adaptive)) takes about five times as many.
            ///
            /// # Errors
            /// Those of [`gradient`](Self::gradient).
            fn hessian_diagonal, hessian_diagonal_into(f, x) -> like
            returned: [Array1<T>],
            operator: HessianDiagonal,
            vector: [],
        } }
        $driver! { $method scalar {
            /// The Laplacian: the sum of the second derivatives along the coordinates.
            ///
            /// Cost: 2n + 1 evaluations by central differences; an error bar
            /// ([`Adaptive`](crate::Adaptive)) takes about five times as many.
            ///
            /// # Errors
            /// Those of [`gradient`](Self::gradient).
            fn laplacian, laplacian_into(f, x) -> number
            returned: [T],
            operator: Laplacian,
            vector: [],
        } }
        $driver! { $method scalar {
            /// The mixed partial derivative with respect to `coordinates` (row-major indices, each
            /// as often as f is differentiated with respect to it; up to four in all).
            ///
            /// Cost: that of derivatives of order k along 2^(k-1) directions for k coordinates, within
            /// bounds along 2^k - 1; along one where all k are the same.
            ///
            /// # Errors
            /// Those of [`gradient`](Self::gradient); no coordinates, more than four, or one that x does
            /// not have.
            fn mixed_partial, mixed_partial_into(
                f, x, coordinates: &[usize]
            ) -> number
            returned: [T],
            operator: Mixed::new(coordinates)?,
            vector: [],
        } }
        $driver! { $method scalar {
            /// The derivative of a scalar function along `v`: v . gradient. Any norm of v from
            /// 1e-150 to 1e150 serves; v = 0 gives 0.
            ///
            /// Cost: two evaluations by central differences; an error bar
            /// ([`Adaptive`](crate::Adaptive)) takes about five times as many.
            ///
            /// # Errors
            /// Those of [`gradient`](Self::gradient); v that is not finite or of another length than x.
            fn directional, directional_into(f, x, v: &(impl Point<T> + ?Sized)) -> number
            returned: [T],
            operator: JacobianVector(Of::Scalar),
            vector: v.numbers(),
        } }
        $driver! { $method scalar {
            /// The product of the Hessian with `v` from f alone, of x's shape.
            ///
            /// Cost: 4n + 1 evaluations by central differences; an error bar
            /// ([`Adaptive`](crate::Adaptive)) takes about five times as many.
            ///
            /// # Errors
            /// Those of [`directional`](Self::directional).
            fn hessian_vector, hessian_vector_into(
                f, x, v: &(impl Point<T> + ?Sized)
            ) -> like
            returned: [Array1<T>],
            operator: HessianVector,
            vector: v.numbers(),
        } }
        $driver! { $method vector {
            /// The Jacobian of a vector function: row i holds the derivatives of output i, column
            /// j those with respect to coordinate j, both in row-major order.
            ///
            /// Cost: 2n evaluations by central differences; an error bar
            /// ([`Adaptive`](crate::Adaptive)) takes about five times as many.
            ///
            /// # Errors
            /// Those of [`gradient`](Self::gradient); f that returns no outputs, or another number of
            /// outputs than before.
            fn jacobian, jacobian_into(f, x) -> jacobian
            returned: [Array2<T>],
            operator: Jacobian,
            vector: [],
            outputs: "one for each row of `out`" |out| answer::rows(out, x.numbers().count()),
        } }
        $driver! { $method vector {
            /// The product of the Jacobian with `v`, one number for each output.
            ///
            /// Cost: two evaluations by central differences; an error bar
            /// ([`Adaptive`](crate::Adaptive)) takes about five times as many.
            ///
            /// # Errors
            /// Those of [`jacobian`](Self::jacobian) and [`directional`](Self::directional).
            fn jacobian_vector, jacobian_vector_into(
                f, x, v: &(impl Point<T> + ?Sized)
            ) -> outputs
            returned: [Array1<T>],
            operator: JacobianVector(Of::Outputs),
            vector: v.numbers(),
            outputs: "one for each entry of `out`" |out| answer::room(out),
        } }
        $driver! { $method vector {
            /// The product of `u` with the Jacobian, of x's shape: the gradient of u . f(x). `u`
            /// has one entry for each output, in row-major order.
            ///
            /// Cost: 2n evaluations by central differences; an error bar
            /// ([`Adaptive`](crate::Adaptive)) takes about five times as many.
            ///
            /// # Errors
            /// Those of [`jacobian`](Self::jacobian); u that is not finite or of another length than f's
            /// outputs.
            fn vector_jacobian, vector_jacobian_into(
                f, x, u: &(impl Point<T> + ?Sized)
            ) -> like
            returned: [Array1<T>],
            operator: VectorJacobian,
            vector: u.numbers(),
            outputs: "one for each entry of `u`" |_| u.numbers().count(),
        } }
        $driver! { $method vector {
            /// The Hessian from a gradient that is given: its Jacobian, made symmetric.
            ///
            /// Cost: 2n evaluations of the gradient by central differences; an error bar
            /// ([`Adaptive`](crate::Adaptive)) takes about five times as many.
            ///
            /// # Errors
            /// Those of [`jacobian`](Self::jacobian); a gradient of another length than x.
            fn hessian_from_gradient, hessian_from_gradient_into(
                gradient, x
            ) -> square
            returned: [Array2<T>],
            operator: HessianFromGradient,
            vector: [],
            outputs: "the gradient" |_| x.numbers().count(),
        } }
        $driver! { $method vector {
            /// The product of the Hessian with `v` from a gradient that is given, of x's shape:
            /// the derivative of the gradient along one line.
            ///
            /// Cost: two evaluations of the gradient by central differences; an error bar
            /// ([`Adaptive`](crate::Adaptive)) takes about five times as many.
            ///
            /// # Errors
            /// Those of [`directional`](Self::directional); a gradient of another length than x.
            fn hessian_vector_from_gradient, hessian_vector_from_gradient_into(gradient, x, v: &(impl Point<T> + ?Sized)) -> like
            returned: [Array1<T>],
            operator: JacobianVector(Of::Gradient),
            vector: v.numbers(),
            outputs: "the gradient" |_| x.numbers().count(),
        } }
        $driver! { $method vector {
            /// The Jacobian of a vector function on a sparsity pattern. Rows are f's outputs,
            /// columns x's coordinates, both in row-major order. Each column keeps the step it has
            /// alone: where the pattern holds, values and error bars are those of
            /// [`jacobian`](Self::jacobian), bit for bit.
            ///
            /// An entry that the pattern misses is added to other entries of its row;
            /// [`verify_pattern`](crate::FiniteDifference::verify_pattern) tells whether that
            /// happens.
            ///
            /// Cost: two evaluations for each color of the pattern by central differences; an error
            /// bar ([`Adaptive`](crate::Adaptive)) takes about five times as many.
            ///
            /// # Errors
            /// Those of [`jacobian`](Self::jacobian); [`Error::PatternShape`] when x or f's output has
            /// another length than the pattern.
            fn sparse_jacobian, sparse_jacobian_into(
                f, x, structure: &SparseJacobian
            ) -> sparse(structure)
            returned: [SparseMatrix<T>],
            operator: CompressedJacobian(structure.compression.clone()),
            vector: [],
            outputs: "one for each row of the pattern" |_| structure.pattern().rows(),
        } }
        $driver! { $method scalar {
            /// The Hessian of a scalar function on a sparsity pattern, from values of f. The
            /// entries of [`hessian`](Self::hessian), bit for bit; both triangles are the same
            /// numbers.
            ///
            /// Cost: two evaluations for each coordinate and for each pair i < j of the pattern, and one.
            ///
            /// # Errors
            /// Those of [`hessian`](Self::hessian); [`Error::PatternShape`] when x has another length
            /// than the pattern.
            fn sparse_hessian, sparse_hessian_into(
                f, x, structure: &SparseHessian
            ) -> sparse(structure)
            returned: [SparseMatrix<T>],
            operator: SparseHessianFromValues::of(structure),
            vector: [],
        } }
        $driver! { $method vector {
            /// The Hessian on a sparsity pattern from a gradient that is given. Both triangles are
            /// the same numbers: each entry is read once, in its row or in its column, or found by
            /// substitution.
            ///
            /// Cost: two evaluations for each color of the pattern by central differences; an error
            /// bar ([`Adaptive`](crate::Adaptive)) takes about five times as many.
            ///
            /// # Errors
            /// Those of [`hessian_from_gradient`](Self::hessian_from_gradient);
            /// [`Error::PatternShape`] when x has another length than the pattern.
            fn sparse_hessian_from_gradient, sparse_hessian_from_gradient_into(gradient, x, structure: &SparseHessian)
                -> sparse(structure)
            returned: [SparseMatrix<T>],
            operator: CompressedJacobian(structure.compression.clone()),
            vector: [],
            outputs: "the gradient" |_| x.numbers().count(),
        } }
    };
}
pub(super) use every_operator;
