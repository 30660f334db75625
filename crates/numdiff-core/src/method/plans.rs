//! The operators as ask/tell plans.

use super::operators::every_operator;
use super::{Adaptive, AskTell, FiniteDifference, Method, widened};
use crate::answer::{
    Dense, Form, OnPattern, OutputsByCoordinates, PerCoordinate, PerOutput, Scalar, Square,
};
use crate::operators::*;
use crate::plan::lines::LinePlan;
use crate::sparse::{SparseHessian, SparseJacobian};
use crate::{Error, Point, Real};

/// The form of a plan's result, by the word that its entry has for it.
macro_rules! plan_type {
    (number) => { Scalar };
    (like) => { PerCoordinate };
    (jacobian) => { OutputsByCoordinates<Dense<T>> };
    (square) => { Square<Dense<T>> };
    (outputs) => { PerOutput };
    (sparse) => { OnPattern };
}

macro_rules! plan_form {
    (number) => {
        Scalar
    };
    (like) => {
        PerCoordinate
    };
    (jacobian) => {
        OutputsByCoordinates::new()
    };
    (square) => {
        Square::new()
    };
    (outputs) => {
        PerOutput
    };
    (sparse $structure:ident) => {
        OnPattern($structure.compression.clone())
    };
}

/// The plan of an entry of `every_operator!`, whose values the caller tells.
macro_rules! plan {
    (
        $method:ident $kind:ident
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
        #[doc = concat!(
            "[`", stringify!($name), "`](Self::", stringify!($name), ") as a plan, told values of ",
            stringify!($function), "; see [`AskTell`]."
        )]
        ///
        /// # Errors
        /// x or other arguments that are not finite or of a wrong length; settings that make no
        /// sense.
        pub fn $plan<X: Point<T> + ?Sized>(
            &self,
            $x: &X,
            $($extra: $type,)*
        ) -> Result<AskTell<Self, $asked, plan_type!($result), T>, Error> {
            plan(self, $operator, plan_form!($result $($structure)?), $x.numbers(), $vector)
        }
    };
}

macro_rules! plans {
    ($method:ident) => {
        impl<T: Real> $method<T> {
            /// [`nth_derivative`](Self::nth_derivative) as a plan; see [`AskTell`].
            ///
            /// # Errors
            /// x that is not finite; an order of 0, or one above the method's range; settings that
            /// make no sense.
            pub fn plan_nth_derivative(
                &self,
                x: T,
                order: usize,
            ) -> Result<AskTell<Self, Derivative, Scalar, T>, Error> {
                plan(self, Derivative(order), Scalar, [x], [])
            }
            every_operator!(plan $method);
        }
    };
}

plans!(FiniteDifference);
plans!(Adaptive);

fn plan<M: Method<T>, T: Real, O: Operator, S: Form<T>>(
    method: &M,
    operator: O,
    form: S,
    x: impl IntoIterator<Item = T>,
    vector: impl IntoIterator<Item = T>,
) -> Result<AskTell<M, O, S, T>, Error> {
    let plan = LinePlan::new(
        method.scheme()?,
        operator,
        &widened(x),
        widened(vector),
        T::EPSILON,
    )?;
    Ok(AskTell::new(plan, form))
}
