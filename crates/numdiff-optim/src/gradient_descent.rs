//! The tutorial's gradient descent.

use crate::Error;
use crate::error::positive;
use crate::evaluator::CallerPoint;
use crate::input::check_start;
use ndarray::{Array2, aview1};
use numdiff_core::{FiniteDifference, Outcome, Point, Step, Workspace};

/// The tutorial's difference: (f(x + h) - f(x - h)) / (2h) with h = 1e-4 in every coordinate.
pub(crate) fn tutorial() -> FiniteDifference {
    FiniteDifference::central()
        .with_step(Step::Absolute(1e-4))
        .with_nominal_divisor()
}

/// Gradient descent exactly as in the tutorial: `steps` updates x <- x - `learning_rate` g(x), with g
/// the central difference of step 1e-4, divided by twice the step asked for. It never stops early.
///
/// Returns the last x, of the start's shape, and the path: `steps` + 1 rows, the start first, each
/// the elements of x in row-major order. Costs 2n evaluations of f a step.
///
/// A learning rate that is too large or too small shows in the path alone. For a loop that says
/// what happened, use [`minimize()`](crate::minimize()).
///
/// # Errors
/// A learning rate that is not positive and finite; a start that is empty or not finite; f that
/// fails or returns a value that is not finite; an iterate that overflows.
///
/// # Example
/// ```
/// use ndarray::array;
/// let f = |x: &ndarray::Array1<f64>| x[0].powi(2) + x[1].powi(2);
/// let (x, path) = numdiff_optim::gradient_descent(f, &array![-3.0, 4.0], 0.1, 20)?;
/// assert_eq!(path.dim(), (21, 2));
/// println!("distance from the minimum: {:e}", x.dot(&x).sqrt());
/// assert!((x.dot(&x).sqrt() - 5.0 * 0.8f64.powi(20)).abs() < 1e-9);
/// # Ok::<(), numdiff_optim::Error>(())
/// ```
pub fn gradient_descent<F, R, X>(
    mut f: F,
    x0: &X,
    learning_rate: f64,
    steps: usize,
) -> Result<(X::Like, Array2<f64>), Error>
where
    F: FnMut(&X::Seen) -> R,
    R: Outcome<f64>,
    X: Point<f64> + ?Sized,
{
    positive("learning rate", learning_rate)?;
    let mut seen = CallerPoint::new(x0);
    let mut x = seen.numbers();
    check_start(&x)?;
    let method = tutorial();
    let mut workspace = Workspace::new();
    let mut gradient = vec![0.0; x.len()];
    let mut path = Array2::zeros((steps + 1, x.len()));
    path.row_mut(0).assign(&aview1(&x));
    for step in 1..=steps {
        method.gradient_into(
            |x| f(seen.at(x)).outcome(),
            &x,
            &mut gradient,
            &mut workspace,
        )?;
        for (x, g) in x.iter_mut().zip(&gradient) {
            *x -= learning_rate * g;
        }
        path.row_mut(step).assign(&aview1(&x));
    }
    Ok((x0.like(x), path))
}
