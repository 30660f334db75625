//! The tutorial's gradient descent.

use crate::bounds::Bounds;
use crate::error::positive;
use crate::evaluator::{Callback, Driver, GradientSource};
use crate::first_order::{BatchDescent, UpdateRule};
use crate::gradients::tutorial_difference;
use crate::input::check_start;
use crate::interrupt::Cause;
use crate::problem::Problem;
use crate::run::run;
use crate::settings::Settings;
use crate::solver::Solver;
use crate::{Error, Method, Schedule, Status};
use ndarray::{Array2, aview1};
use numdiff_core::{Outcome, Point};

/// Runs the tutorial's gradient descent: `steps` updates x <- x - `learning_rate` g(x). g is the central difference of
/// step h = 1e-4, (f(x + h e_i) - f(x - h e_i)) / (2h) in each coordinate, with an error of order h^2.
///
/// It returns the last x, as the same type of point as x0, and the path: `steps` + 1 rows, x0 first, with the n numbers
/// of x in row-major order. The cost is 2n evaluations of f for each step.
///
/// It never stops early, and only the path shows whether the learning rate was too large or too small.
/// [`minimize()`](crate::minimize()) with [`Method::GradientDescent`] takes the same steps until it ends, and reports
/// why.
///
/// # Errors
/// - The learning rate is not positive and finite.
/// - x0 is empty or not finite.
/// - f fails or returns a value that is not finite.
/// - x overflows.
///
/// # Example
/// ```
/// use ndarray::array;
/// let f = |x: &ndarray::Array1<f64>| x[0].powi(2) + x[1].powi(2);
/// let (x, path) = numdiff_optim::gradient_descent(f, &array![-3.0, 4.0], 0.1, 20)?;
/// assert_eq!(path.dim(), (21, 2));
/// println!("distance from the minimum {:.4}", x.dot(&x).sqrt());
/// assert!((x.dot(&x).sqrt() - 5.0 * 0.8f64.powi(20)).abs() < 1e-9);
/// # Ok::<(), numdiff_optim::Error>(())
/// ```
/// ```text
/// distance from the minimum 0.0576
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
    let returned = |x: &X::Seen| f(x).outcome().map_err(Into::<Cause>::into);
    let mut callback = Callback::new(returned, x0, Driver::Serial);
    let x = callback.x0();
    check_start(&x)?;
    let mut path = Array2::zeros((steps + 1, x.len()));
    let source = GradientSource::Fixed(Box::new(tutorial_difference()));
    let limits = Settings::default().limits(usize::MAX);
    let mut problem = Problem::new(&mut callback, source, Bounds::default(), limits);
    let method = Method::GradientDescent { learning_rate };
    let Some(rule) = UpdateRule::new(&method, Schedule::Constant, x.len()) else {
        unreachable!("it has a learning rate")
    };
    let mut solver = Solver::Batches(Box::new(BatchDescent::new(x, rule, false)));
    let end = run(&mut solver, &mut problem, steps, |solver, _| {
        let state = solver.snapshot();
        path.row_mut(state.iteration).assign(&aview1(state.x));
        false
    });
    match end.or_else(|interrupt| interrupt.status(f64::NAN))? {
        Status::Diverged { .. } => Err(Error::Setting {
            setting: "learning rate",
            value: learning_rate,
            expected: "small enough that x stays finite; lower it",
        }),
        _ => Ok((x0.like(solver.snapshot().x.to_vec()), path)),
    }
}
