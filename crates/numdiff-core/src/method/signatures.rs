//! What an operator looks like, whatever the method and the driver.

/// What an operator of a method returns: values, or values with error bars.
macro_rules! answer {
    (FiniteDifference $($value:tt)*) => { $($value)* };
    (Adaptive $($value:tt)*) => { Estimate<$($value)*> };
}

/// The type of a result, by the word that its entry has for it.
macro_rules! result_type {
    (number) => { T };
    (like) => { X::Like };
    (jacobian) => { X::Matrix };
    (square) => { X::Matrix };
    (outputs) => { Array<T, Ix1> };
    (sparse) => { SparseMatrix<T> };
}

/// The form of a result.
macro_rules! result_form {
    ($x:ident number) => {
        Scalar
    };
    ($x:ident like) => {
        LikeX($x)
    };
    ($x:ident jacobian) => {
        OutputsByCoordinates::<X::Matrix>::new()
    };
    ($x:ident square) => {
        Square::<X::Matrix>::new()
    };
    ($x:ident outputs) => {
        PerOutput
    };
    ($x:ident sparse $structure:ident) => {
        OnPattern($structure.compression.clone())
    };
}

/// What an operator of a method writes its result to. That of a sparse matrix are its values.
macro_rules! written {
    (FiniteDifference number) => { T };
    (FiniteDifference $result:ident) => { (impl Buffer<T> + ?Sized) };
    (Adaptive number) => { Estimate<T> };
    (Adaptive $result:ident) => { Estimate<impl Buffer<T>> };
}

/// What a result is written through.
macro_rules! out {
    (FiniteDifference number $out:ident) => {
        &mut answer::Values(std::slice::from_mut($out))
    };
    (FiniteDifference $result:ident $out:ident) => {
        &mut answer::Values($out)
    };
    (Adaptive number $out:ident) => {
        &mut answer::One($out)
    };
    (Adaptive $result:ident $out:ident) => {
        $out
    };
}

/// The two methods of an entry of `every_operator!`. A driver says by `$return` and `$write` which of
/// its functions does the work, of an f of which type, which returns what, and what it asks of x.
macro_rules! operator {
    (
        $method:ident [$($x_bounds:tt)*]
        $return:path: [$($f:tt)*] -> [$($returned:tt)*],
        $write:path: [$($writer:tt)*] -> [$($done:tt)*], $how:literal
        {
            $(#[$doc:meta])*
            fn $name:ident, $into:ident, $plan:ident(
                $function:ident, $x:ident $(, $extra:ident: $type:ty)*
            ) -> $result:ident $(($structure:ident))?
            operator: $asked:ty = $operator:expr,
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
        ) -> Result<answer!($method result_type!($result)), Error>
        where
            X: $($x_bounds)* + ?Sized,
            F: $($f)*,
            R: $($returned)*,
        {
            let form = result_form!($x $result $($structure)?);
            $return(self, $operator, form, $function, $x, $vector)
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
        pub fn $into<F, R, X>(
            &self,
            $function: F,
            $x: &X,
            $($extra: $type,)*
            out: &mut written!($method $result),
            workspace: &mut Workspace<X::Scratch, T>,
        ) -> Result<(), Error>
        where
            X: $($x_bounds)* + ?Sized,
            F: $($writer)*,
            R: $($done)*,
        {
            let out = out!($method $result out);
            $write(self, $operator, $function, $x, $vector, $(($outputs)(&*out),)? out, workspace)
        }
    };
}

/// The derivatives of a function of one variable, which is no array; else as `operator!`.
macro_rules! univariate {
    (
        $method:ident
        $return:path: [$($f:tt)*] -> [$($result:tt)*],
        $write:path: [$($writer:tt)*] -> [$($done:tt)*], $how:literal
    ) => {
        /// f'(x) of a function of one variable.
        ///
        /// Cost: one line, two evaluations by central differences.
        ///
        /// # Errors
        /// x that is not finite; settings that make no sense; f that fails, or returns a
        /// non-finite value that the method can't do without.
        pub fn derivative<F, R>(&self, f: F, x: T) -> Result<answer!($method T), Error>
        where
            F: $($f)*,
            R: $($result)*,
        {
            self.nth_derivative(f, x, 1)
        }

        /// The derivative of order `order` of a function of one variable.
        ///
        /// Cost: one line; by fixed differences of accuracy p `order` + p evaluations on one side of x
        /// and `order` + p - 1 on both (p even then), f(x) among them but for odd orders on both.
        ///
        /// # Errors
        /// As [`derivative`](Self::derivative); an order of 0, or one above the method's range.
        pub fn nth_derivative<F, R>(
            &self,
            f: F,
            x: T,
            order: usize,
        ) -> Result<answer!($method T), Error>
        where
            F: $($f)*,
            R: $($result)*,
        {
            $return(self, Derivative(order), f, x)
        }

        #[doc = concat!("[`nth_derivative`](Self::nth_derivative) ", $how, ".")]
        ///
        /// # Errors
        /// As [`nth_derivative`](Self::nth_derivative). After an error `out` holds no result.
        pub fn nth_derivative_into<F, R>(
            &self,
            f: F,
            x: T,
            order: usize,
            out: &mut answer!($method T),
            workspace: &mut Workspace<T, T>,
        ) -> Result<(), Error>
        where
            F: $($writer)*,
            R: $($done)*,
        {
            let out = out!($method number out);
            $write(self, Derivative(order), f, x, out, workspace)
        }
    };
}

pub(super) use {answer, operator, out, result_form, result_type, univariate, written};
