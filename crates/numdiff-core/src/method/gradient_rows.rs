//! The gradients at many points: not one operator, but one for each row.

use super::signatures::{answer, written};
use super::{Adaptive, FiniteDifference, Method, serial};
use crate::answer::WriteRow;
use crate::operators::{Gradient, Operator};
use crate::workspace::Workspace;
use crate::{Error, Estimate, Outcome, Real};
use ndarray::{Array, ArrayRef, Ix1, Ix2};

/// As `operator!`.
macro_rules! gradient_rows {
    (
        $method:ident
        $return:path: [$($f:tt)*] -> [$($result:tt)*],
        $write:path: [$($writer:tt)*] -> [$($done:tt)*], $how:literal
    ) => {
        /// The gradients at many points: row i of the result is the gradient at row i of `xs`.
        ///
        /// # Errors
        /// As [`gradient`](Self::gradient); no rows.
        pub fn gradient_rows<F, R>(
            &self,
            f: F,
            xs: &ArrayRef<T, Ix2>,
        ) -> Result<answer!($method Array<T, Ix2>), Error>
        where
            F: $($f)*,
            R: $($result)*,
        {
            let mut answer = <answer!($method Array<T, Ix2>)>::zeros(xs.raw_dim());
            let out: &mut written!($method Array<T, Ix2>) = &mut answer;
            $return(self, f, xs, out, &mut Workspace::new())?;
            Ok(answer)
        }

        #[doc = concat!("[`gradient_rows`](Self::gradient_rows) ", $how, ".")]
        ///
        /// # Errors
        /// As [`gradient_rows`](Self::gradient_rows); `out` of another shape than `xs`.
        pub fn gradient_rows_into<F, R>(
            &self,
            f: F,
            xs: &ArrayRef<T, Ix2>,
            out: &mut written!($method Array<T, Ix2>),
            workspace: &mut Workspace<T>,
        ) -> Result<(), Error>
        where
            F: $($writer)*,
            R: $($done)*,
        {
            $write(self, f, xs, out, workspace)
        }
    };
}

macro_rules! drivers {
    ($method:ident) => {
        impl<T: Real> $method<T> {
            gradient_rows! {
                $method
                one_by_one: [FnMut(&ArrayRef<T, Ix1>) -> R] -> [Outcome<T>],
                one_by_one: [FnMut(&ArrayRef<T, Ix1>) -> R] -> [Outcome<T>],
                "without allocation"
            }
        }
    };
}

drivers!(FiniteDifference);
drivers!(Adaptive);

fn one_by_one<M, T, F, R, U>(
    method: &M,
    mut f: F,
    xs: &ArrayRef<T, Ix2>,
    out: &mut U,
    workspace: &mut Workspace<T>,
) -> Result<(), Error>
where
    M: Method<T>,
    T: Real,
    F: FnMut(&ArrayRef<T, Ix1>) -> R,
    R: Outcome<T>,
    U: WriteRow<T> + ?Sized,
{
    if xs.is_empty() {
        return Err(Error::Empty { argument: "xs" });
    }
    out.begin_rows(xs.raw_dim())?;
    let scheme = method.scheme()?;
    for (i, x) in xs.outer_iter().enumerate() {
        serial::evaluate_scalar(scheme, &Gradient, &mut f, &x, [], workspace)?;
        let (survey, results) = (&workspace.survey, &workspace.results);
        out.write_row(i, results, |k| Gradient.entry(survey, results, k))?;
    }
    Ok(())
}
