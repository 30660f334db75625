//! The operators, each said once: name, arguments, result, documentation.
//!
//! `every_operator!(form)` expands to `form! { entry }` for each entry below: `serial!` writes the method
//! that takes f and returns the result, `planned!` the one that is a [`Run`](super::Run), for every other
//! way. So an operator more is an entry more. An entry reads
//!
//! - the documentation, in which `Self` is whatever it is shown for;
//! - `fn name(f, x, further arguments)`, where `along v` are numbers besides x;
//! - `of` what f is: `Scalar Outcome` returns a number, `Vector Outputs` outputs;
//! - `-> [the result]`: its shape, of [`destination`](super::destination);
//! - the operator, of [`crate::operators`].

/// The type of a result.
macro_rules! result_type {
    (Like) => { X::Like };
    (Dense) => { X::Matrix };
    ($($other:tt)*) => { $($other)* };
}

/// The method that takes f, and returns the result.
macro_rules! serial {
    (
        $(#[$doc:meta])*
        fn $name:ident($f:ident, $x:ident $(, $extra:ident: $type:ty)*) $(along $v:ident)?
            of $kind:ident $returned:ident -> [$($result:tt)*]
        = $value:expr
    ) => {
        $(#[$doc])*
        pub fn $name<F, R, X>(
            &self,
            $f: F,
            $x: &X,
            $($v: &(impl Point<T> + ?Sized),)?
            $($extra: $type,)*
        ) -> Result<<Self as Method>::Answer<result_type!($($result)*)>, Error>
        where
            X: Point<T> + ?Sized,
            F: FnMut(&X::Seen) -> R,
            R: $returned<T>,
        {
            self.plan().$name($x $(, $v)? $(, $extra)*).serial($f)
        }
    };
}

/// The method that is yet to be told f.
macro_rules! planned {
    (
        $(#[$doc:meta])*
        fn $name:ident($f:ident, $x:ident) along $v:ident
            of $kind:ident $returned:ident -> [$($result:tt)*]
        = $value:expr
    ) => {
        $(#[$doc])*
        pub fn $name<X, V>(
            &self,
            $x: &'a X,
            $v: &'a V,
        ) -> Run<'a, M, X, V, $kind<$($result)*>>
        where
            X: Point<T> + ?Sized,
            V: Point<T> + ?Sized,
        {
            self.run($value, $x, $v)
        }
    };
    (
        $(#[$doc:meta])*
        fn $name:ident($f:ident, $x:ident $(, $extra:ident: $type:ty)*)
            of $kind:ident $returned:ident -> [$($result:tt)*]
        = $value:expr
    ) => {
        $(#[$doc])*
        pub fn $name<X: Point<T> + ?Sized>(
            &self,
            $x: &'a X,
            $($extra: $type,)*
        ) -> Run<'a, M, X, [T; 0], $kind<$($result)*>> {
            self.run($value, $x, &[])
        }
    };
}

macro_rules! every_operator {
    ($form:ident) => {
        $form! {
            /// The gradient of a scalar function, of x's shape.
            ///
            /// Cost: 2n evaluations by central differences; an error bar
            /// ([`Adaptive`](crate::Adaptive)) takes about five times as many.
            ///
            /// # Errors
            /// x that is empty or not finite; settings that make no sense; f that fails, or
            /// returns a non-finite value that the method can't do without.
            fn gradient(f, x) of Scalar Outcome -> [Like]
            = Gradient
        }
        $form! {
            /// The Hessian of a scalar function, symmetric to the last bit; coordinates in
            /// row-major order.
            ///
            /// Cost: n^2 + n + 1 evaluations by central differences; an error bar
            /// ([`Adaptive`](crate::Adaptive)) takes about five times as many.
            ///
            /// # Errors
            /// Those of [`gradient`](Self::gradient).
            fn hessian(f, x) of Scalar Outcome -> [Dense]
            = Hessian(Of::Scalar)
        }
        $form! {
            /// The diagonal of the Hessian, of x's shape.
            ///
            /// Cost: 2n + 1 evaluations by central differences; an error bar
            /// ([`Adaptive`](crate::Adaptive)) takes about five times as many.
            ///
            /// # Errors
            /// Those of [`gradient`](Self::gradient).
            fn hessian_diagonal(f, x) of Scalar Outcome -> [Like]
            = HessianDiagonal
        }
        $form! {
            /// The Laplacian: the sum of the second derivatives along the coordinates.
            ///
            /// Cost: 2n + 1 evaluations by central differences; an error bar
            /// ([`Adaptive`](crate::Adaptive)) takes about five times as many.
            ///
            /// # Errors
            /// Those of [`gradient`](Self::gradient).
            fn laplacian(f, x) of Scalar Outcome -> [T]
            = Laplacian
        }
        $form! {
            /// The mixed partial derivative with respect to `coordinates` (row-major indices, each
            /// as often as f is differentiated with respect to it; up to four in all).
            ///
            /// Cost: that of derivatives of order k along 2^(k-1) directions for k coordinates, within
            /// bounds along 2^k - 1; along one where all k are the same.
            ///
            /// # Errors
            /// Those of [`gradient`](Self::gradient); no coordinates, more than four, or one that x does
            /// not have.
            fn mixed_partial(f, x, coordinates: &[usize]) of Scalar Outcome -> [T]
            = Mixed::new(coordinates)
        }
        $form! {
            /// The derivative of a scalar function along `v`: v . gradient. Any norm of v from
            /// 1e-150 to 1e150 serves; v = 0 gives 0.
            ///
            /// Cost: two evaluations by central differences; an error bar
            /// ([`Adaptive`](crate::Adaptive)) takes about five times as many.
            ///
            /// # Errors
            /// Those of [`gradient`](Self::gradient); v that is not finite or of another length than x.
            fn directional(f, x) along v of Scalar Outcome -> [T]
            = JacobianVector(Of::Scalar)
        }
        $form! {
            /// The product of the Hessian with `v` from f alone, of x's shape.
            ///
            /// Cost: 4n + 1 evaluations by central differences; an error bar
            /// ([`Adaptive`](crate::Adaptive)) takes about five times as many.
            ///
            /// # Errors
            /// Those of [`directional`](Self::directional).
            fn hessian_vector(f, x) along v of Scalar Outcome -> [Like]
            = HessianVector
        }
        $form! {
            /// The Jacobian of a vector function: row i holds the derivatives of output i, column
            /// j those with respect to coordinate j, both in row-major order.
            ///
            /// Cost: 2n evaluations by central differences; an error bar
            /// ([`Adaptive`](crate::Adaptive)) takes about five times as many.
            ///
            /// # Errors
            /// Those of [`gradient`](Self::gradient); f that returns no outputs, or another number of
            /// outputs than before.
            fn jacobian(f, x) of Vector Outputs -> [Dense]
            = Jacobian
        }
        $form! {
            /// The product of the Jacobian with `v`, one number for each output.
            ///
            /// Cost: two evaluations by central differences; an error bar
            /// ([`Adaptive`](crate::Adaptive)) takes about five times as many.
            ///
            /// # Errors
            /// Those of [`jacobian`](Self::jacobian) and [`directional`](Self::directional).
            fn jacobian_vector(f, x) along v of Vector Outputs -> [Array1<T>]
            = JacobianVector(Of::Outputs)
        }
        $form! {
            /// The product of `u` with the Jacobian, of x's shape: the gradient of u . f(x). `u`
            /// has one entry for each output, in row-major order.
            ///
            /// Cost: 2n evaluations by central differences; an error bar
            /// ([`Adaptive`](crate::Adaptive)) takes about five times as many.
            ///
            /// # Errors
            /// Those of [`jacobian`](Self::jacobian); u that is not finite or of another length than f's
            /// outputs.
            fn vector_jacobian(f, x) along u of Vector Outputs -> [Like]
            = VectorJacobian
        }
        $form! {
            /// The Hessian from a gradient that is given: its Jacobian, made symmetric.
            ///
            /// Cost: 2n evaluations of the gradient by central differences; an error bar
            /// ([`Adaptive`](crate::Adaptive)) takes about five times as many.
            ///
            /// # Errors
            /// Those of [`jacobian`](Self::jacobian); a gradient of another length than x.
            fn hessian_from_gradient(gradient, x) of Vector Outputs -> [Dense]
            = HessianFromGradient
        }
        $form! {
            /// The product of the Hessian with `v` from a gradient that is given, of x's shape:
            /// the derivative of the gradient along one line.
            ///
            /// Cost: two evaluations of the gradient by central differences; an error bar
            /// ([`Adaptive`](crate::Adaptive)) takes about five times as many.
            ///
            /// # Errors
            /// Those of [`directional`](Self::directional); a gradient of another length than x.
            fn hessian_vector_from_gradient(gradient, x) along v of Vector Outputs -> [Like]
            = JacobianVector(Of::Gradient)
        }
        $form! {
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
            /// Those of [`jacobian`](Self::jacobian); [`Error::PatternShape`](crate::Error::PatternShape) when x or f's
            /// output has another length than the pattern.
            fn sparse_jacobian(f, x, structure: &SparseJacobian) of Vector Outputs -> [SparseMatrix<T>]
            = CompressedJacobian(structure.compression.clone())
        }
        $form! {
            /// The Hessian of a scalar function on a sparsity pattern, from values of f. The
            /// entries of [`hessian`](Self::hessian), bit for bit; both triangles are the same
            /// numbers.
            ///
            /// Cost: two evaluations for each coordinate and for each pair i < j of the pattern, and one.
            ///
            /// # Errors
            /// Those of [`hessian`](Self::hessian); [`Error::PatternShape`](crate::Error::PatternShape) when x has
            /// another length than the pattern.
            fn sparse_hessian(f, x, structure: &SparseHessian) of Scalar Outcome -> [SparseMatrix<T>]
            = SparseHessianFromValues::of(structure)
        }
        $form! {
            /// The Hessian on a sparsity pattern from a gradient that is given. Both triangles are
            /// the same numbers: each entry is read once, in its row or in its column, or found by
            /// substitution.
            ///
            /// Cost: two evaluations for each color of the pattern by central differences; an error
            /// bar ([`Adaptive`](crate::Adaptive)) takes about five times as many.
            ///
            /// # Errors
            /// Those of [`hessian_from_gradient`](Self::hessian_from_gradient);
            /// [`Error::PatternShape`](crate::Error::PatternShape) when x has another length than the pattern.
            fn sparse_hessian_from_gradient(gradient, x, structure: &SparseHessian) of Vector Outputs -> [SparseMatrix<T>]
            = CompressedJacobian(structure.compression.clone())
        }
        $form! {
            /// The Hessians of a vector function, outputs x coordinates x coordinates: element (k, i, j) is
            /// the second derivative of output k by coordinates i and j, each symmetric to the last bit.
            ///
            /// Cost: that of one Hessian, n (n + 1) / 2 lines, whatever the number of outputs: n^2 + n + 1
            /// evaluations by central differences.
            ///
            /// # Errors
            /// Those of [`jacobian`](Self::jacobian).
            fn vector_hessian(f, x) of Vector Outputs -> [Array3<T>]
            = Hessian(Of::Outputs)
        }
    };
}
pub(super) use {every_operator, planned, result_type, serial};
