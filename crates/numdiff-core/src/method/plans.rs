//! The operators as ask/tell plans.

use super::operators::every_operator;
use super::{Adaptive, AskTell, FiniteDifference, Method, widened};
use crate::answer::{Form, Like, OnPattern, OutputsByCoordinates, PerOutput, Scalar, Square};
use crate::operators::*;
use crate::plan::lines::LinePlan;
use crate::sparse::{SparseHessian, SparseJacobian};
use crate::{Error, Real};
use ndarray::{ArrayRef, Dimension, Ix1};

/// The plan of an entry of `every_operator!`, whose values the caller tells.
macro_rules! plan {
    (
        $method:ident $kind:ident
        {
            $(#[$doc:meta])*
            fn $name:ident, $into:ident, $plan:ident(
                $function:ident, $x:ident $(, $extra:ident: $type:ty)*
            ) -> [$($value:tt)*]
            operator: $asked:ty = $operator:expr,
            form: $shape:ty = $form:expr,
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
        pub fn $plan<D: Dimension>(
            &self,
            $x: &ArrayRef<T, D>,
            $($extra: $type,)*
        ) -> Result<AskTell<Self, $asked, $shape, T>, Error> {
            plan(self, $operator, $form, $x, $vector)
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
                plan(self, Derivative(order), Scalar, &*ndarray::arr0(x), [])
            }
            every_operator!(plan $method);
        }
    };
}

plans!(FiniteDifference);
plans!(Adaptive);

fn plan<M: Method<T>, T: Real, O: Operator, S: Form<T>, D: Dimension>(
    method: &M,
    operator: O,
    form: S,
    x: &ArrayRef<T, D>,
    vector: impl IntoIterator<Item = T>,
) -> Result<AskTell<M, O, S, T>, Error> {
    let scheme = method.scheme()?.clone();
    let (x, vector) = (widened(x.iter().copied()), widened(vector));
    let plan = LinePlan::new(scheme, operator, &x, vector, T::EPSILON)?;
    Ok(AskTell::new(plan, form))
}
