//! Objectives that are means over batches: one step for each batch.

mod progress;
mod run;

use crate::evaluator::CallerPoint;
use crate::interrupt::Cause;
use crate::observer::{Iteration, Observer};
use crate::schedule::Schedule;
use crate::settings::Settings;
use crate::{Checkpoint, Error, Method};
use numdiff_core::{FiniteDifference, Outcome, Outputs, Point};
pub use progress::StochasticMinimum;
use std::ops::ControlFlow;

/// Minimizes the mean of f(x, batch) over batches of data, by a method with a learning rate. Each batch makes one step.
///
/// The gradient is that of the same batch throughout, so that differences between batches do not enter the differences.
/// A batch costs 2n + 1 evaluations of f for n unknowns: 2n for a central difference with automatic steps (error of
/// order h^2) and one for the value that is shown and recorded. With a given [`gradient`](Stochastic::gradient) it
/// costs one evaluation of f and one of the gradient.
///
/// The caller provides the batches in order and shuffled as needed: this crate draws no random numbers here. The run
/// ends with the batches; it has no convergence test.
///
/// # Example
/// ```
/// use ndarray::{Array1, array};
/// use numdiff_optim::{Method, stochastic};
/// // A straight line through noisy points, five at a time, twenty times around.
/// let points: Vec<(f64, f64)> = (0..20).map(|i| (0.1 * i as f64, 1.0 + 0.2 * i as f64)).collect();
/// let loss = |p: &Array1<f64>, batch: &Vec<(f64, f64)>| {
///     batch.iter().map(|(t, y)| (p[0] + p[1] * t - y).powi(2)).sum::<f64>() / batch.len() as f64
/// };
/// let batches = (0..400).map(|k| (0..5).map(|j| points[(7 * (5 * k + j)) % 20]).collect::<Vec<_>>());
/// let end = stochastic(loss, &array![0.0, 0.0], batches).method(Method::adam(0.05)).run()?;
/// println!("errors {:.1e} {:.1e}", end.x[0] - 1.0, end.x[1] - 2.0);
/// assert!((end.x[0] - 1.0).abs() < 0.1 && (end.x[1] - 2.0).abs() < 0.1);
/// # Ok::<(), numdiff_optim::Error>(())
/// ```
/// ```text
/// errors 4.7e-3 -4.2e-3
/// ```
pub fn stochastic<'a, F, R, X, B, I>(
    f: F,
    x0: &'a X,
    batches: I,
) -> Stochastic<'a, F, X, B, I::IntoIter>
where
    F: FnMut(&X::Seen, &B) -> R,
    R: Outcome<f64>,
    X: Point<f64> + ?Sized,
    I: IntoIterator<Item = B>,
{
    Stochastic {
        f,
        x0,
        batches: batches.into_iter(),
        given: None,
        difference: FiniteDifference::central(),
        settings: Settings {
            method: Method::adam(1e-3),
            ..Settings::default()
        },
        observer: None,
        resumed: None,
    }
}

/// A gradient of f(x, batch) over flat numbers.
type Given<'a, B> = Box<dyn FnMut(&[f64], &B, &mut Vec<f64>) -> Result<(), Cause> + 'a>;

/// A stochastic minimization being set up by [`stochastic()`]; [`run`](Self::run) starts it.
#[must_use = "nothing happens before run()"]
pub struct Stochastic<'a, F, X: ?Sized, B, I> {
    f: F,
    x0: &'a X,
    batches: I,
    given: Option<Given<'a, B>>,
    difference: FiniteDifference,
    settings: Settings,
    observer: Option<Observer<'a>>,
    resumed: Option<Checkpoint>,
}

impl<'a, F, R, X, B, I> Stochastic<'a, F, X, B, I>
where
    F: FnMut(&X::Seen, &B) -> R,
    R: Outcome<f64>,
    X: Point<f64> + ?Sized,
    I: Iterator<Item = B>,
{
    /// Sets the method, one with a learning rate; Adam with learning rate 1e-3 by default.
    pub fn method(mut self, method: Method) -> Self {
        self.settings.method = method;
        self
    }

    /// Sets how the learning rate changes from step to step; constant by default.
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.settings.schedule = schedule;
        self
    }

    /// Supplies the gradient of f(x, batch) with respect to x: n numbers in row-major order, as an array, a `Vec` or a
    /// `Result` of one.
    pub fn gradient<G, O>(mut self, mut gradient: G) -> Self
    where
        G: FnMut(&X::Seen, &B) -> O + 'a,
        O: Outputs<f64>,
    {
        let mut seen = CallerPoint::new(self.x0);
        self.given = Some(Box::new(move |x, batch, out| {
            gradient(seen.at(x), batch).push_to(out).map_err(Into::into)
        }));
        self
    }

    /// Sets the difference by which gradients are taken; central with automatic steps by default.
    pub fn difference(mut self, difference: FiniteDifference) -> Self {
        self.difference = difference;
        self
    }

    /// Limits the evaluations of f, those of the differences and those before a [`resume`](Self::resume) included. The
    /// limit is never exceeded. No limit by default.
    pub fn max_evaluations(mut self, evaluations: usize) -> Self {
        self.settings.evaluations = Some(evaluations);
        self
    }

    /// Records every step in [`trajectory`](StochasticMinimum::trajectory).
    pub fn record(mut self) -> Self {
        self.settings.record_every = Some(1);
        self
    }

    /// Calls `observer` after each step. `ControlFlow::Break(())` ends the run with
    /// [`Status::Stopped`](crate::Status::Stopped).
    pub fn on_iteration<O>(mut self, observer: O) -> Self
    where
        O: FnMut(&Iteration<'_, X::Seen>) -> ControlFlow<()> + 'a,
    {
        self.observer = Some(crate::observer::observer(observer, self.x0));
        self
    }

    /// Continues a saved run to the same bits as an uninterrupted run, if the batches given here are those that follow.
    /// The limits, the observer, f and the differences are those given here; the method and the schedule are those of
    /// the saved run. Whether f is the same cannot be checked.
    pub fn resume(mut self, checkpoint: Checkpoint) -> Self {
        self.resumed = Some(checkpoint);
        self
    }

    /// Takes one step for each batch.
    ///
    /// # Errors
    /// - x0 is empty or not finite.
    /// - A setting is out of range, or the method has no learning rate.
    /// - f fails, or is not finite where a difference is taken.
    /// - A given gradient fails, is not finite or has the wrong length.
    /// - The checkpoint is that of another kind of run, or has another number of unknowns.
    pub fn run(self) -> Result<StochasticMinimum<X::Like>, Error> {
        run::minimize(self)
    }
}
