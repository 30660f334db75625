//! Objectives that are means over batches: one step for each batch.

use crate::error::require;
use crate::evaluator::{Cause, DifferenceFailure, Evaluator, GradientFailure};
use crate::gradient_descent::tutorial;
use crate::minimize::{check_start, check_unknowns};
use crate::rate::{Rule, Schedule};
use crate::{Error, Method, Record, Status, Trajectory};
use ndarray::{Array, ArrayRef, ArrayView, Dimension};
use numdiff_core::{FiniteDifference, Outcome, Outputs, Workspace};
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
/// use ndarray::{ArrayRef1, array};
/// use numdiff_optim::{Method, stochastic};
/// // A straight line through noisy points, five at a time, twenty times around.
/// let points: Vec<(f64, f64)> = (0..20).map(|i| (0.1 * i as f64, 1.0 + 0.2 * i as f64)).collect();
/// let loss = |p: &ArrayRef1<f64>, batch: &Vec<(f64, f64)>| {
///     batch.iter().map(|(t, y)| (p[0] + p[1] * t - y).powi(2)).sum::<f64>() / batch.len() as f64
/// };
/// let batches = (0..400).map(|k| (0..5).map(|j| points[(7 * (5 * k + j)) % 20]).collect::<Vec<_>>());
/// let end = stochastic(loss, &array![0.0, 0.0], batches).method(Method::adam(0.05)).run()?;
/// println!("errors: {:e} {:e}", end.x[0] - 1.0, end.x[1] - 2.0);
/// assert!((end.x[0] - 1.0).abs() < 0.1 && (end.x[1] - 2.0).abs() < 0.1);
/// # Ok::<(), numdiff_optim::Error>(())
/// ```
pub fn stochastic<'a, F, R, D, B, I>(
    f: F,
    x0: &ArrayRef<f64, D>,
    batches: I,
) -> Stochastic<'a, F, D, B, I::IntoIter>
where
    F: FnMut(&ArrayRef<f64, D>, &B) -> R,
    R: Outcome<f64>,
    D: Dimension,
    I: IntoIterator<Item = B>,
{
    Stochastic {
        f,
        x0: x0.to_owned(),
        batches: batches.into_iter(),
        method: Method::adam(1e-3),
        schedule: Schedule::Constant,
        given: None,
        difference: FiniteDifference::central(),
        max_evaluations: usize::MAX,
        record: false,
        observer: None,
        resumed: None,
    }
}

type Given<'a, D, B> =
    Box<dyn FnMut(&ArrayRef<f64, D>, &B, &mut Vec<f64>) -> Result<(), Cause> + 'a>;
type Observer<'a, D> = Box<dyn FnMut(&BatchStep<'_, D>) -> ControlFlow<()> + 'a>;

/// A stochastic minimization being set up: see [`stochastic()`].
#[must_use = "nothing happens before run()"]
pub struct Stochastic<'a, F, D: Dimension, B, I> {
    f: F,
    x0: Array<f64, D>,
    batches: I,
    method: Method,
    schedule: Schedule,
    given: Option<Given<'a, D, B>>,
    difference: FiniteDifference,
    max_evaluations: usize,
    record: bool,
    observer: Option<Observer<'a, D>>,
    resumed: Option<StochasticCheckpoint>,
}

/// The whole state of a stochastic run between two batches: what [`Stochastic::resume`] takes. Opaque; `Serialize`
/// and `Deserialize` with the feature `serde`, to the last bit in any format. The batches are the caller's.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StochasticCheckpoint {
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    x: Vec<f64>,
    rule: Rule,
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    rate: f64,
    schedule: Schedule,
    steps: usize,
    evaluations: usize,
    gradient_evaluations: usize,
}

impl StochasticCheckpoint {
    /// Steps made: as many batches were used.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Evaluations of f made.
    pub fn evaluations(&self) -> usize {
        self.evaluations
    }

    /// x in row-major order.
    pub fn x(&self) -> &[f64] {
        &self.x
    }
}

/// One batch's step, as an observer sees it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BatchStep<'i, D: Dimension> {
    /// Steps so far, this one included.
    pub step: usize,
    /// x after the step.
    pub x: ArrayView<'i, f64, D>,
    /// f of this batch before the step.
    pub value: f64,
    /// Euclidean norm of this batch's gradient.
    pub gradient_norm: f64,
    /// Evaluations of f so far.
    pub evaluations: usize,
    state: &'i StochasticCheckpoint,
}

impl<D: Dimension> BatchStep<'_, D> {
    /// The whole state, to be saved and resumed with the batches that follow.
    pub fn checkpoint(&self) -> StochasticCheckpoint {
        self.state.clone()
    }
}

/// The end of a stochastic run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StochasticMinimum<D: Dimension> {
    /// The last point, of the start's shape.
    pub x: Array<f64, D>,
    /// f of the last batch before its step; NaN when there was none.
    pub value: f64,
    /// [`Status::OutOfIterations`] when the batches ended.
    pub status: Status,
    /// Steps made.
    pub iterations: usize,
    /// Evaluations of f, difference probes included.
    pub evaluations: usize,
    /// Evaluations of a given gradient.
    pub gradient_evaluations: usize,
    /// Every step, if asked for; values are those of the batches.
    pub trajectory: Trajectory,
    /// The state to resume from with further batches. A batch that the budget cut short made no step: begin with it.
    pub checkpoint: StochasticCheckpoint,
}

impl<'a, F, R, D, B, I> Stochastic<'a, F, D, B, I>
where
    F: FnMut(&ArrayRef<f64, D>, &B) -> R,
    R: Outcome<f64>,
    D: Dimension,
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
        G: FnMut(&ArrayRef<f64, D>, &B) -> O + 'a,
        O: Outputs<f64>,
    {
        self.given = Some(Box::new(move |x, batch, out| {
            gradient(x, batch).push(out).map_err(Into::into)
        }));
        self
    }

    /// The difference; central with automatic steps by default.
    pub fn difference(mut self, difference: FiniteDifference) -> Self {
        self.difference = difference;
        self
    }

    /// The tutorial's difference: central, step 1e-4, nominal divisor.
    pub fn tutorial_difference(self) -> Self {
        self.difference(tutorial())
    }

    /// At most this many evaluations of f: never exceeded. No limit by default.
    pub fn max_evaluations(mut self, evaluations: usize) -> Self {
        self.max_evaluations = evaluations;
        self
    }

    /// Records every step.
    pub fn record(mut self) -> Self {
        self.record = true;
        self
    }

    /// Calls `observer` after each step; `ControlFlow::Break(())` ends the run.
    pub fn on_step<O>(mut self, observer: O) -> Self
    where
        O: FnMut(&BatchStep<'_, D>) -> ControlFlow<()> + 'a,
    {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Goes on from a saved state with the same bits, when the batches given here are those that follow: with the
    /// limits, observer and differences given here, and the method and schedule of the saved run.
    pub fn resume(mut self, checkpoint: StochasticCheckpoint) -> Self {
        self.resumed = Some(checkpoint);
        self
    }

    /// Takes a step for each batch.
    ///
    /// # Errors
    /// A start that is empty or not finite; settings out of range; a method without a learning rate; f or a given
    /// gradient that fails; a difference that cannot be taken; a checkpoint of another number of unknowns.
    pub fn run(self) -> Result<StochasticMinimum<D>, Error> {
        let x: Vec<f64> = self.x0.iter().copied().collect();
        check_start(&x)?;
        self.method.validate()?;
        self.schedule.validate()?;
        require(
            self.max_evaluations > 0,
            "max_evaluations",
            0.0,
            "at least 1",
        )?;
        let (Some(rule), Some(rate)) = (
            Rule::new(&self.method, x.len()),
            self.method.learning_rate(),
        ) else {
            return Err(Error::Conflict {
                setting: "a method without a learning rate",
                other: "batches",
                advice: "take Method::Adam or another method with a learning rate",
            });
        };
        let n = x.len();
        let mut state = StochasticCheckpoint {
            x,
            rule,
            rate,
            schedule: self.schedule,
            steps: 0,
            evaluations: 0,
            gradient_evaluations: 0,
        };
        if let Some(saved) = self.resumed {
            check_unknowns(saved.x.len(), n)?;
            state = saved;
        }
        let shape = self.x0.raw_dim();
        let is_given = self.given.is_some();
        let mut calls = BatchCalls {
            f: self.f,
            given: self.given,
            point: self.x0.clone(),
            scratch: self.x0.clone(),
            workspace: Workspace::new(),
            batch: None,
        };
        let (mut value, mut status) = (f64::NAN, Status::OutOfIterations);
        let mut trajectory = Trajectory::default();
        let mut gradient = vec![0.0; n];
        let mut observer = self.observer;
        for batch in self.batches {
            calls.batch = Some(batch);
            if state.evaluations == self.max_evaluations {
                status = Status::OutOfEvaluations;
                break;
            }
            state.evaluations += 1;
            value = calls.value(&state.x).map_err(|source| Error::Function {
                function: "f",
                evaluation: state.evaluations,
                source,
            })?;
            let at = state
                .rule
                .ahead(&state.x)
                .unwrap_or_else(|| state.x.clone());
            if is_given {
                state.gradient_evaluations += 1;
                match calls.gradient(&at, &mut gradient) {
                    Some(Err(GradientFailure::Cause(source))) => {
                        let evaluation = state.gradient_evaluations;
                        return Err(Error::Function {
                            function: "the gradient",
                            evaluation,
                            source,
                        });
                    }
                    Some(Err(GradientFailure::Length(found))) => {
                        return Err(Error::Elements {
                            function: "the gradient",
                            found,
                            expected: n,
                        });
                    }
                    Some(Ok(())) | None => {}
                }
            } else {
                let room = self.max_evaluations - state.evaluations;
                let evaluations = &mut state.evaluations;
                let run = calls.difference(&self.difference, &at, &mut gradient, room, &mut |_| {
                    *evaluations += 1
                });
                match run {
                    Err(DifferenceFailure::Room) => {
                        status = Status::OutOfEvaluations;
                        break;
                    }
                    Err(DifferenceFailure::Error(error)) => return Err(error.into()),
                    Ok(_) => {}
                }
            }
            let before = state.x.clone();
            let rate = state.rate * state.schedule.factor(state.steps);
            state.rule.step(rate, &mut state.x, &gradient);
            state.steps += 1;
            if state.x.iter().any(|x| !x.is_finite()) {
                state.x = before;
                let cause = crate::Divergence::NotFinite;
                status = Status::Diverged {
                    iteration: state.steps,
                    cause,
                };
                break;
            }
            let gradient_norm = crate::matrix::norm(&gradient);
            if self.record {
                trajectory.records.push(Record {
                    iteration: state.steps,
                    x: state.x.clone(),
                    value,
                    gradient_norm,
                    step: crate::matrix::norm(&crate::matrix::difference(&state.x, &before)),
                    evaluations: state.evaluations,
                });
            }
            if let Some(observer) = observer.as_mut() {
                let step = BatchStep {
                    step: state.steps,
                    x: crate::evaluator::view(&shape, &state.x),
                    value,
                    gradient_norm,
                    evaluations: state.evaluations,
                    state: &state,
                };
                if observer(&step).is_break() {
                    status = Status::Stopped;
                    break;
                }
            }
        }
        let mut x = self.x0;
        x.iter_mut().zip(&state.x).for_each(|(slot, x)| *slot = *x);
        Ok(StochasticMinimum {
            x,
            value,
            status,
            iterations: state.steps,
            evaluations: state.evaluations,
            gradient_evaluations: state.gradient_evaluations,
            trajectory,
            checkpoint: state,
        })
    }
}

/// f and the gradient on the batch at hand.
struct BatchCalls<'a, F, D: Dimension, B> {
    f: F,
    given: Option<Given<'a, D, B>>,
    point: Array<f64, D>,
    scratch: Array<f64, D>,
    workspace: Workspace,
    batch: Option<B>,
}

impl<F, R, D, B> BatchCalls<'_, F, D, B>
where
    F: FnMut(&ArrayRef<f64, D>, &B) -> R,
    R: Outcome<f64>,
    D: Dimension,
{
    /// One f, in which the batch is fixed, for the code that knows functions of x alone.
    fn with<T>(&mut self, call: impl FnOnce(&mut dyn Evaluator) -> T) -> T {
        let Some(batch) = &self.batch else {
            unreachable!("a batch is set before every call")
        };
        let (f, given) = (&mut self.f, &mut self.given);
        let given: Option<crate::evaluator::Given<'_, D>> = match given {
            Some(given) => Some(Box::new(move |x, out| given(x, batch, out))),
            None => None,
        };
        let mut door = crate::evaluator::Door {
            f: |x: &ArrayRef<f64, D>| f(x, batch).outcome(),
            threads: None,
        };
        let mut closures = crate::evaluator::Closures {
            objective: &mut door,
            point: std::mem::take(&mut self.point),
            given,
            driver: crate::evaluator::Driver::Serial,
            workspace: std::mem::take(&mut self.workspace),
            scratch: std::mem::take(&mut self.scratch),
            buffer: Vec::new(),
        };
        let result = call(&mut closures);
        self.point = closures.point;
        self.workspace = closures.workspace;
        self.scratch = closures.scratch;
        result
    }

    fn value(&mut self, x: &[f64]) -> Result<f64, Cause> {
        self.with(|calls| calls.value(x))
    }

    fn gradient(&mut self, x: &[f64], out: &mut [f64]) -> Option<Result<(), GradientFailure>> {
        self.with(|calls| calls.gradient(x, out))
    }

    fn difference(
        &mut self,
        method: &FiniteDifference,
        x: &[f64],
        out: &mut [f64],
        room: usize,
        each: &mut dyn FnMut(f64),
    ) -> Result<Option<usize>, DifferenceFailure> {
        self.with(|calls| calls.difference(method, x, out, room, each))
    }
}
