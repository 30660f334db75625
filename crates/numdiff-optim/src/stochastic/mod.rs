//! Objectives that are means over batches: one step for each batch.

mod progress;
mod run;

use crate::evaluator::CallerPoint;
use crate::interrupt::Cause;
use crate::observer::{Iteration, Observer};
use crate::schedule::Schedule;
use crate::settings::RunSettings;
use crate::{Checkpoint, Error, Method};
use numdiff_core::{FiniteDifference, Outcome, Outputs, Point};
pub use progress::StochasticMinimum;
use std::ops::ControlFlow;

/// Minimizes the mean of f(x, batch) over batches by a method with a learning rate: each batch makes one step, with
/// the gradient by differences of f on that same batch, so that the noise between batches does not enter a
/// difference. The order of the batches, shuffling included, is the caller's: this crate draws no random number.
///
/// The differences are central with automatic steps: 2n evaluations a batch, one more for the value that is
/// shown and recorded.
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
/// println!("errors: {:e} {:e}", end.x[0] - 1.0, end.x[1] - 2.0);
/// assert!((end.x[0] - 1.0).abs() < 0.1 && (end.x[1] - 2.0).abs() < 0.1);
/// # Ok::<(), numdiff_optim::Error>(())
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
        method: Method::adam(1e-3),
        schedule: Schedule::Constant,
        given: None,
        difference: FiniteDifference::central(),
        settings: RunSettings::default(),
        observer: None,
        resumed: None,
    }
}

/// A gradient of f(x, batch) over flat numbers.
type Given<'a, B> = Box<dyn FnMut(&[f64], &B, &mut Vec<f64>) -> Result<(), Cause> + 'a>;

/// A stochastic minimization being set up: see [`stochastic()`].
#[must_use = "nothing happens before run()"]
pub struct Stochastic<'a, F, X: ?Sized, B, I> {
    f: F,
    x0: &'a X,
    batches: I,
    method: Method,
    schedule: Schedule,
    given: Option<Given<'a, B>>,
    difference: FiniteDifference,
    settings: RunSettings,
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
    /// A method with a learning rate; Adam with 1e-3 by default.
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// How the learning rate changes with the steps.
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.schedule = schedule;
        self
    }

    /// The gradient of f(x, batch), of x's shape.
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

    /// The difference; central with automatic steps by default.
    pub fn difference(mut self, difference: FiniteDifference) -> Self {
        self.difference = difference;
        self
    }

    /// At most this many evaluations of f: never exceeded. No limit by default.
    pub fn max_evaluations(mut self, evaluations: usize) -> Self {
        self.settings.evaluations = Some(evaluations);
        self
    }

    /// Records every step.
    pub fn record(mut self) -> Self {
        self.settings.record_every = Some(1);
        self
    }

    /// Calls `observer` after each step; `ControlFlow::Break(())` ends the run.
    pub fn on_iteration<O>(mut self, observer: O) -> Self
    where
        O: FnMut(&Iteration<'_, X::Seen>) -> ControlFlow<()> + 'a,
    {
        self.observer = Some(crate::observer::observer(observer, self.x0));
        self
    }

    /// Goes on from a saved state with the same bits, when the batches given here are those that follow: with the
    /// limits, observer and differences given here, and the method and schedule of the saved run.
    pub fn resume(mut self, checkpoint: Checkpoint) -> Self {
        self.resumed = Some(checkpoint);
        self
    }

    /// Takes a step for each batch.
    ///
    /// # Errors
    /// A start that is empty or not finite; settings out of range; a method without a learning rate; f or a given
    /// gradient that fails; a difference that cannot be taken; a checkpoint of another number of unknowns.
    pub fn run(self) -> Result<StochasticMinimum<X::Like>, Error> {
        run::minimize(self)
    }
}
