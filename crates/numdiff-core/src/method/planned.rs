//! The operators as ask/tell plans.

use super::operators::every_operator;
use super::{Method, widened};
use crate::answer::Shaped;
use crate::operators::*;
use crate::plan::lines::LinePlan;
use crate::sparse::{SparseHessian, SparseJacobian, SparseMatrix};
use crate::{AskTell, Error, Point, Real};
use ndarray::{Array1, Array2};

/// A method whose operators are plans: which points to evaluate, for the caller to evaluate them; made by
/// [`planned`](crate::FiniteDifference::planned).
///
/// Results and counts of evaluations are those of the serial method to the last bit. A plan does not keep
/// x as it was passed: a gradient is an `Array1` of numbers in the order of x's, a matrix an `Array2`.
///
/// # Example
/// ```
/// use numdiff_core::ndarray::{Array1, array};
/// use numdiff_core::{AskTell, FiniteDifference, Error};
///
/// struct Study {
///     plan: AskTell<Array1<f64>>,
/// }
/// let mut study = Study { plan: FiniteDifference::central().planned().gradient(&array![3.0, 4.0])? };
/// for job in study.plan.ask()? {
///     let x = job.point(study.plan.x());
///     study.plan.tell(job.id, [x[0] * x[1]])?;
/// }
/// println!("{:.6}", study.plan.finish()?);
/// # Ok::<(), Error>(())
/// ```
/// ```text
/// [4.000000, 3.000000]
/// ```
#[derive(Clone, Debug)]
pub struct Planned<M> {
    pub(super) method: M,
}

/// The plan of an entry of `every_operator!`.
macro_rules! planned {
    (
        $method:ident $kind:ident
        {
            $(#[$doc:meta])*
            fn $name:ident, $into:ident(
                $function:ident, $x:ident $(, $extra:ident: $type:ty)*
            ) -> $result:ident $(($structure:ident))?
            returned: [$($returned:tt)*],
            operator: $operator:expr,
            vector: $vector:expr,
            $(outputs: $words:literal $outputs:expr,)?
        }
    ) => {
        $(#[$doc])*
        pub fn $name<X: Point<T> + ?Sized>(
            &self,
            $x: &X,
            $($extra: $type,)*
        ) -> Result<AskTell<M::Answer<$($returned)*>>, Error> {
            plan::<_, _, _, _, $($returned)*>(&self.method, $operator, $x, $vector)
        }
    };
}

impl<M: Method<Number = T>, T: Real> Planned<M> {
    /// The derivative of order `order` of a function of one variable.
    ///
    /// # Errors
    /// x that is not finite; an order of 0, or one above the method's range; settings that
    /// make no sense.
    pub fn nth_derivative(
        &self,
        x: impl Point<T, Scratch = T>,
        order: usize,
    ) -> Result<AskTell<M::Answer<T>>, Error> {
        plan::<_, _, _, _, T>(&self.method, Derivative(order), &x, [])
    }

    every_operator!(planned M);
}

fn plan<M, T, O, X, V>(
    method: &M,
    operator: O,
    x: &X,
    vector: impl IntoIterator<Item = T>,
) -> Result<AskTell<M::Answer<V>>, Error>
where
    M: Method<Number = T>,
    T: Real,
    O: Into<AnyOperator>,
    X: Point<T> + ?Sized,
    V: Shaped<Number = T>,
{
    let plan = LinePlan::new(method.scheme(), operator, x, widened(vector))?;
    Ok(AskTell::new(plan, |operator, line_set, results| {
        let shape = |size, numbers| V::shaped(operator, size, numbers);
        M::answer(operator, shape, line_set, results)
    }))
}
