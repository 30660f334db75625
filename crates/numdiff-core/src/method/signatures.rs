//! What an operator looks like, whatever the method and the driver: written for any method, which a
//! driver names.

/// The type of a result, by the word that its entry has for it.
macro_rules! result_type {
    (number) => { T };
    (like) => { X::Like };
    (jacobian) => { X::Matrix };
    (square) => { X::Matrix };
    (outputs) => { Array1<T> };
    (sparse) => { SparseMatrix<T> };
}

/// What gives the numbers of a result, row by row, their shape.
macro_rules! result_shape {
    ($x:ident number) => {
        |_, numbers: Vec<T>| numbers[0]
    };
    ($x:ident like) => {
        |_, numbers| $x.like(numbers)
    };
    ($x:ident jacobian) => {
        |(rows, columns), numbers| X::Matrix::from_rows(rows, columns, numbers)
    };
    ($x:ident square) => {
        |(rows, columns), numbers| X::Matrix::from_rows(rows, columns, numbers)
    };
    ($x:ident outputs) => {
        |_, numbers| Array1::from_vec(numbers)
    };
    ($x:ident sparse $structure:ident) => {
        |_, numbers| SparseMatrix::new($structure.compression.clone(), numbers)
    };
}

/// The two methods of an entry of `every_operator!`. A driver says for both how the work is done, of an f of
/// which type, which returns what, and what it asks of x.
macro_rules! operator {
    (
        $method:ident [$($x_bounds:tt)*]
        |$($return:ident),*| $returning:expr, [$($f:tt)*] -> [$($returned:tt)*],
        |$($write:ident),*| $writing:expr, [$($writer:tt)*] -> [$($done:tt)*], $how:literal
        {
            $(#[$doc:meta])*
            fn $name:ident, $into:ident(
                $function:ident, $x:ident $(, $extra:ident: $type:ty)*
            ) -> $result:ident $(($structure:ident))?
            returned: [$($plan:tt)*],
            operator: $operator:expr,
            vector: $vector:expr,
            $(outputs: $words:literal $outputs:expr,)?
        }
    ) => {
        $(#[$doc])*
        pub fn $name<F, R, X>(
            &self,
            $function: F,
            $x: &X,
            $($extra: $type,)*
        ) -> Result<<$method as Method>::Answer<result_type!($result)>, Error>
        where
            X: $($x_bounds)* + ?Sized,
            F: $($f)*,
            R: $($returned)*,
        {
            let made = Made::new(result_shape!($x $result $($structure)?));
            let ($($return),*) = (self, $operator, $function, $x, $vector, made, &mut Workspace::new());
            $returning
        }

        #[doc = concat!(
            "[`", stringify!($name), "`](Self::", stringify!($name), ") ", $how $(, ", ", $words)?, "."
        )]
        ///
        /// # Errors
        #[doc = concat!(
            "As [`", stringify!($name), "`](Self::", stringify!($name),
            "); `out` of another length than the result. After an error `out` may hold parts of one."
        )]
        pub fn $into<F, R, X, U>(
            &self,
            $function: F,
            $x: &X,
            $($extra: $type,)*
            out: &mut U,
            workspace: &mut Workspace<X::Scratch, T>,
        ) -> Result<(), Error>
        where
            X: $($x_bounds)* + ?Sized,
            F: $($writer)*,
            R: $($done)*,
            U: Out<<$method as Method>::Rule, T> + ?Sized,
        {
            let ($($write),*) =
                (self, $operator, $function, $x, $vector, $(($outputs)(&*out),)? out, workspace);
            $writing
        }
    };
}

/// The derivatives of a function of one variable, which is no array; else as `operator!`.
macro_rules! univariate {
    (
        $method:ident
        |$($return:ident),*| $returning:expr, [$($f:tt)*] -> [$($result:tt)*],
        |$($write:ident),*| $writing:expr, [$($writer:tt)*] -> [$($done:tt)*], $how:literal
    ) => {
        /// f'(x) of a function of one variable.
        ///
        /// Cost: two evaluations by central differences; an error bar ([`Adaptive`](crate::Adaptive)) takes
        /// about ten.
        ///
        /// # Errors
        /// x that is not finite; settings that make no sense; f that fails, or returns a
        /// non-finite value that the method can't do without.
        pub fn derivative<F, R>(
            &self,
            f: F,
            x: impl Point<T, Seen = T, Scratch = T> + Sync,
        ) -> Result<<$method as Method>::Answer<T>, Error>
        where
            F: $($f)*,
            R: $($result)*,
        {
            self.nth_derivative(f, x, 1)
        }

        /// The derivative of order `order` of a function of one variable.
        ///
        /// Cost: by fixed differences of accuracy p `order` + p evaluations on one side of x
        /// and `order` + p - 1 on both (p even then), f(x) among them but for odd orders on both.
        ///
        /// # Errors
        /// Those of [`derivative`](Self::derivative); an order of 0, or one above the method's range.
        pub fn nth_derivative<F, R>(
            &self,
            f: F,
            x: impl Point<T, Seen = T, Scratch = T> + Sync,
            order: usize,
        ) -> Result<<$method as Method>::Answer<T>, Error>
        where
            F: $($f)*,
            R: $($result)*,
        {
            let made = Made::new(|_, numbers: Vec<T>| numbers[0]);
            let ($($return),*) = (self, Derivative(order), f, &x, [], made, &mut Workspace::new());
            $returning
        }

        #[doc = concat!("[`nth_derivative`](Self::nth_derivative) ", $how, ".")]
        ///
        /// # Errors
        /// Those of [`nth_derivative`](Self::nth_derivative). After an error `out` holds no result.
        pub fn nth_derivative_into<F, R, U>(
            &self,
            f: F,
            x: impl Point<T, Seen = T, Scratch = T> + Sync,
            order: usize,
            out: &mut U,
            workspace: &mut Workspace<T, T>,
        ) -> Result<(), Error>
        where
            F: $($writer)*,
            R: $($done)*,
            U: Out<<$method as Method>::Rule, T> + ?Sized,
        {
            let ($($write),*) = (self, Derivative(order), f, &x, [], out, workspace);
            $writing
        }
    };
}

pub(super) use {operator, result_shape, result_type, univariate};
