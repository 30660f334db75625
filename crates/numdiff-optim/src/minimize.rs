//! The door: `minimize(f, &x0)`, settings, `run()`.

use crate::error::require;
use crate::evaluator::{Batch, Closures, Door, Driver, Given, Objective, Threads, given};
use crate::machine::Machine;
use crate::matrix::norm;
use crate::observer::Iteration;
use crate::oracle::{Box1, Halt, Limits, Oracle};
use crate::rate::Schedule;
use crate::search::Search;
use crate::trajectory::{Record, Recording};
use crate::{Checkpoint, Error, Method, Minimum, Status, Trajectory};
use ndarray::{Array, ArrayRef, ArrayView, ArrayView2, Dimension};
use numdiff_core::{Bound, FiniteDifference, Outcome, Outputs};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// Minimizes a function of an array of any dimension, from function values alone unless
/// [`gradient`](Minimize::gradient) is given.
///
/// f returns `f64` or `Result<f64, E>`. NaN, infinities and errors at a trial point mean that the point
/// is infeasible: it is counted and backed away from. At the start they are returned.
///
/// # Example
/// ```
/// use ndarray::array;
/// let rosenbrock = |x: &ndarray::ArrayRef1<f64>| {
///     100.0 * (x[1] - x[0].powi(2)).powi(2) + (1.0 - x[0]).powi(2)
/// };
/// let best = numdiff_optim::minimize(rosenbrock, &array![-1.2, 1.0]).run()?;
/// println!("{} after {} evaluations", best.status, best.evaluations);
/// println!("errors: {:e} {:e}", best.x[0] - 1.0, best.x[1] - 1.0);
/// assert!(best.status.is_success() && best.value < 1e-15);
/// # Ok::<(), numdiff_optim::Error>(())
/// ```
pub fn minimize<'a, F, R, D>(f: F, x0: &ArrayRef<f64, D>) -> Minimize<'a, F, D>
where
    F: FnMut(&ArrayRef<f64, D>) -> R,
    R: Outcome<f64>,
    D: Dimension,
{
    Minimize {
        f,
        x0: x0.to_owned(),
        settings: Settings::default(),
        given: None,
        driver: Driver::Serial,
        threads: None,
        observer: None,
        difference: None,
        bounds: None,
        resumed: None,
    }
}

/// A minimization being set up: see [`minimize()`].
#[must_use = "nothing happens before run()"]
pub struct Minimize<'a, F, D: Dimension> {
    f: F,
    x0: Array<f64, D>,
    settings: Settings,
    given: Option<Given<'a, D>>,
    driver: Driver<'a>,
    threads: Option<Threads<F, D>>,
    observer: Option<Observer<'a, D>>,
    difference: Option<FiniteDifference>,
    bounds: Option<(Bound, Bound)>,
    resumed: Option<Checkpoint>,
}

type Observer<'a, D> = Box<dyn FnMut(&Iteration<'_, D>) -> ControlFlow<()> + 'a>;

#[derive(Clone, Debug)]
struct Settings {
    method: Method,
    search: Option<Search>,
    schedule: Schedule,
    iterations: Option<usize>,
    evaluations: Option<usize>,
    time: Option<Duration>,
    target: Option<f64>,
    tolerance: Option<f64>,
    recording: Recording,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            method: Method::Automatic,
            search: None,
            schedule: Schedule::Constant,
            iterations: None,
            evaluations: None,
            time: None,
            target: None,
            tolerance: None,
            recording: Recording::Off,
        }
    }
}

impl<'a, F, R, D> Minimize<'a, F, D>
where
    F: FnMut(&ArrayRef<f64, D>) -> R,
    R: Outcome<f64>,
    D: Dimension,
{
    /// The gradient, of x's shape (an array, a `Vec` in row-major order, or a `Result` of one).
    pub fn gradient<G, O>(mut self, gradient: G) -> Self
    where
        G: FnMut(&ArrayRef<f64, D>) -> O + 'a,
        O: Outputs<f64>,
    {
        self.given = Some(given(gradient));
        self
    }

    /// Only points with `lower` <= x <= `upper` are visited: a number for all coordinates, or an array
    /// (of any dimension, in row-major order) with one for each; infinities for none. Differences near a
    /// bound are one-sided.
    pub fn bounds(mut self, lower: impl Into<Bound>, upper: impl Into<Bound>) -> Self {
        self.bounds = Some((lower.into(), upper.into()));
        self
    }

    /// The method; [`Method::Automatic`] by default.
    pub fn method(mut self, method: Method) -> Self {
        self.settings.method = method;
        self
    }

    /// The search along a direction, for the methods that have a choice.
    pub fn search(mut self, search: Search) -> Self {
        self.settings.search = Some(search);
        self
    }

    /// How the learning rate changes; constant by default.
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.settings.schedule = schedule;
        self
    }

    /// Differences of a fixed kind instead of adapted ones. [`Method::GradientDescent`] by default takes
    /// the tutorial's: central, step 1e-4, nominal divisor.
    pub fn difference(mut self, difference: FiniteDifference) -> Self {
        self.difference = Some(difference);
        self
    }

    /// At most this many steps. 10,000 by default for methods with a learning rate, no limit for
    /// the others.
    pub fn max_iterations(mut self, iterations: usize) -> Self {
        self.settings.iterations = Some(iterations);
        self
    }

    /// At most this many evaluations of f, difference probes included: never exceeded. By default
    /// 1000 (n + 1), or no limit for methods with a learning rate.
    pub fn max_evaluations(mut self, evaluations: usize) -> Self {
        self.settings.evaluations = Some(evaluations);
        self
    }

    /// At most this long: no evaluation begins later.
    pub fn max_time(mut self, time: Duration) -> Self {
        self.settings.time = Some(time);
        self
    }

    /// Ends as soon as any evaluation is at or below this value.
    pub fn target(mut self, value: f64) -> Self {
        self.settings.target = Some(value);
        self
    }

    /// How little is worth going on for: for [`Method::Automatic`] the predicted decrease relative to |f|
    /// (2.2e-16 by default: the rounding of f; a hundredth of it relative to the decrease so far), for
    /// the other methods the relative gradient max |g_i| max(|x_i|, 1) / max(|f|, 1) (1e-8 by default).
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.settings.tolerance = Some(tolerance);
        self
    }

    /// Calls `observer` before the first iteration and after each; `ControlFlow::Break(())` ends the run.
    pub fn on_iteration<O>(mut self, observer: O) -> Self
    where
        O: FnMut(&Iteration<'_, D>) -> ControlFlow<()> + 'a,
    {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Records every iteration.
    pub fn record(self) -> Self {
        self.record_every(1)
    }

    /// Records the start, every `k`-th iteration, and the end.
    pub fn record_every(mut self, k: usize) -> Self {
        self.settings.recording = Recording::Every(k);
        self
    }

    /// Evaluates the probes of a gradient together: `batch` takes one point a row, elements in row-major
    /// order, and returns one value each (NaN where f failed). Trial points still go to f itself. For a
    /// vectorized f, a cluster, or MPI: the results are those of the serial run to the last bit, as far as
    /// `batch` returns the same values.
    pub fn batch<B>(mut self, batch: B) -> Self
    where
        B: FnMut(ArrayView2<'_, f64>) -> Vec<f64> + 'a,
    {
        let batch: Batch<'a> = Box::new(batch);
        self.driver = Driver::Batch(batch);
        self
    }

    /// Evaluates the probes of a gradient on rayon's threads: the same bits as serially. Needs the
    /// feature `rayon`.
    #[cfg(feature = "rayon")]
    pub fn threads(mut self) -> Self
    where
        F: Fn(&ArrayRef<f64, D>) -> R + Sync,
        D: Sync,
    {
        self.driver = Driver::Threads;
        self.threads = Some(crate::evaluator::by_threads::<F, R, D>);
        self
    }

    /// Goes on from a saved state: with the settings of limits, observer and recording given here, and
    /// the method of the saved run. The trajectory begins anew.
    pub fn resume(mut self, checkpoint: Checkpoint) -> Self {
        self.resumed = Some(checkpoint);
        self
    }

    /// Runs until it converges or can't go on; the status says why it ended.
    ///
    /// # Errors
    /// A start that is empty, not finite, outside the bounds, or where f fails or is not finite; bounds
    /// that are reversed or of another length; settings out of range or that do not go together; a
    /// given gradient that fails or has another length than x; a fixed difference that cannot be taken; a
    /// checkpoint of another number of unknowns, or whose point is outside the bounds.
    pub fn run(self) -> Result<Minimum<D>, Error> {
        let mut door = Door {
            f: self.f,
            threads: self.threads,
        };
        let question = Question {
            x0: self.x0,
            settings: self.settings,
            given: self.given,
            driver: self.driver,
            observer: self.observer,
            difference: self.difference,
            bounds: self.bounds,
            resumed: self.resumed,
        };
        question.run(&mut door)
    }
}

/// A minimization without the type of its f.
struct Question<'a, D: Dimension> {
    x0: Array<f64, D>,
    settings: Settings,
    given: Option<Given<'a, D>>,
    driver: Driver<'a>,
    observer: Option<Observer<'a, D>>,
    difference: Option<FiniteDifference>,
    bounds: Option<(Bound, Bound)>,
    resumed: Option<Checkpoint>,
}

impl<D: Dimension> Question<'_, D> {
    fn run(self, objective: &mut dyn Objective<D>) -> Result<Minimum<D>, Error> {
        let Question {
            x0,
            settings,
            given,
            driver,
            observer,
            difference,
            bounds,
            resumed,
        } = self;
        let n = x0.len();
        let x: Vec<f64> = x0.iter().copied().collect();
        check_start(&x)?;
        let x = match &resumed {
            Some(checkpoint) => {
                check_unknowns(checkpoint.x().len(), n)?;
                checkpoint.x().to_vec()
            }
            None => x,
        };
        let bounds = resolve(bounds, &x)?;
        settings.validate(&bounds)?;
        let has_rate = settings.method.learning_rate().is_some();
        let tutorial = matches!(settings.method, Method::GradientDescent { .. });
        // The tutorial's differences do not know bounds.
        let fixed = difference.or_else(|| {
            (tutorial && given.is_none() && bounds.is_none())
                .then(crate::gradient_descent::tutorial)
        });
        let limits = Limits {
            evaluations: settings.evaluations.unwrap_or(match has_rate {
                true => usize::MAX,
                false => n.saturating_add(1).saturating_mul(1000),
            }),
            deadline: settings
                .time
                .and_then(|time| Instant::now().checked_add(time)),
            target: settings.target,
        };
        let iterations = settings
            .iterations
            .unwrap_or(if has_rate { 10_000 } else { usize::MAX });
        let shape = x0.raw_dim();
        let is_given = given.is_some();
        let mut closures = Closures::new(objective, shape.clone(), given, driver);
        let mut oracle = Oracle::new(&mut closures, bounds, limits, is_given);
        oracle.fixed = fixed;
        let mut watch = Watch {
            shape: shape.clone(),
            observer,
            recording: settings.recording,
            trajectory: Trajectory::default(),
        };
        let (machine, status) =
            loop_of(&settings, x, resumed, iterations, &mut oracle, &mut watch)?;
        Ok(finish(x0, machine, status, &oracle, watch.trajectory))
    }
}

/// Observer and recorder.
struct Watch<'a, D: Dimension> {
    shape: D,
    observer: Option<Observer<'a, D>>,
    recording: Recording,
    trajectory: Trajectory,
}

impl<D: Dimension> Watch<'_, D> {
    /// Shows the state; true when the observer wants to stop.
    fn see(&mut self, machine: &Machine, oracle: &Oracle<'_>, last: bool) -> bool {
        let state = machine.state();
        if let Recording::Every(k) = self.recording {
            let known = self
                .trajectory
                .records
                .last()
                .is_some_and(|r| r.iteration == state.iteration);
            if !known && (state.iteration.is_multiple_of(k) || last) {
                self.trajectory.records.push(Record {
                    iteration: state.iteration,
                    x: state.x.to_vec(),
                    value: state.f,
                    gradient_norm: norm(state.gradient),
                    step: state.step,
                    evaluations: oracle.evaluations,
                });
            }
        }
        let Some(observer) = self.observer.as_mut().filter(|_| !last) else {
            return false;
        };
        let view = |v| match ArrayView::from_shape(self.shape.clone(), v) {
            Ok(view) => view,
            Err(_) => unreachable!("the state has as many elements as x"),
        };
        let iteration = Iteration {
            iteration: state.iteration,
            x: view(state.x),
            value: state.f,
            gradient: view(state.gradient),
            gradient_norm: norm(state.gradient),
            step: state.step,
            evaluations: oracle.evaluations,
            gradient_evaluations: oracle.gradients,
            machine,
            best: &oracle.best,
        };
        observer(&iteration).is_break()
    }
}

/// The loop that every method shares.
fn loop_of<D: Dimension>(
    settings: &Settings,
    x: Vec<f64>,
    resumed: Option<Checkpoint>,
    iterations: usize,
    oracle: &mut Oracle<'_>,
    watch: &mut Watch<'_, D>,
) -> Result<(Option<Machine>, Status), Error> {
    let mut machine = match resumed {
        Some(checkpoint) => {
            oracle.evaluations = checkpoint.evaluations;
            oracle.gradients = checkpoint.gradient_evaluations;
            oracle.best = checkpoint.best;
            checkpoint.machine
        }
        None => {
            let started = begin(settings, x, oracle)?;
            match started {
                Ok(machine) => machine,
                Err(halt) => return Ok((None, status_of(halt, oracle)?)),
            }
        }
    };
    if let Err(halt) = oracle.check_target() {
        return Ok((Some(machine), status_of(halt, oracle)?));
    }
    let mut seen = usize::MAX;
    let status = loop {
        let done = machine.state().iteration;
        // Some iterations prepare instead of moving; an observer sees each point once.
        if done != seen {
            seen = done;
            if watch.see(&machine, oracle, false) {
                break Status::Stopped;
            }
        }
        if done >= iterations {
            break Status::OutOfIterations;
        }
        match machine.iterate(oracle, iterations - done) {
            Ok(None) => {}
            Ok(Some(status)) => break status,
            Err(halt) => {
                break status_of(halt, oracle)?;
            }
        }
    };
    watch.see(&machine, oracle, true);
    Ok((Some(machine), status))
}

/// f at the start and the first gradient.
fn begin(
    settings: &Settings,
    x: Vec<f64>,
    oracle: &mut Oracle<'_>,
) -> Result<Result<Machine, Halt>, Error> {
    let f = match oracle.first(&x) {
        Err(halt) => return Ok(Err(halt)),
        Ok(Err(source)) => {
            return Err(Error::Function {
                function: "f",
                evaluation: 1,
                source,
            });
        }
        Ok(Ok(f)) => f,
    };
    if !f.is_finite() {
        return Err(Error::StartNotFinite { value: f });
    }
    if let Err(halt) = oracle.check_target() {
        return Ok(Err(halt));
    }
    let search = settings.search.unwrap_or_else(|| settings.method.search());
    Ok(Machine::start(
        &settings.method,
        search,
        settings.schedule,
        settings.tolerance,
        x,
        f,
        oracle,
    ))
}

/// A halt as a status, or as the error it is.
fn status_of(halt: Halt, oracle: &Oracle<'_>) -> Result<Status, Error> {
    match halt {
        Halt::Evaluations => Ok(Status::OutOfEvaluations),
        Halt::Time => Ok(Status::OutOfTime),
        Halt::Target => Ok(Status::TargetReached {
            value: oracle.best.1,
        }),
        Halt::Gradient(source) => Err(Error::Function {
            function: "the gradient",
            evaluation: oracle.gradients,
            source,
        }),
        Halt::Length(found) => Err(Error::Elements {
            function: "the gradient",
            found,
            expected: oracle.best.0.len(),
        }),
        Halt::Difference(error) => Err(Error::Difference(error)),
    }
}

/// The result: the last iterate, or the best point seen where the run was cut short or ran away.
fn finish<D: Dimension>(
    mut x: Array<f64, D>,
    machine: Option<Machine>,
    status: Status,
    oracle: &Oracle<'_>,
    trajectory: Trajectory,
) -> Minimum<D> {
    let like = |values: &[f64], x: &Array<f64, D>| {
        let mut array = x.clone();
        array
            .iter_mut()
            .zip(values)
            .for_each(|(slot, v)| *slot = *v);
        array
    };
    let cut_short = !matches!(
        status,
        Status::Converged { .. }
            | Status::NoiseLimited { .. }
            | Status::Diverged { .. }
            | Status::Stalled { .. }
    );
    let state = machine.as_ref().map(Machine::state);
    let unknown = vec![f64::NAN; x.len()];
    let (gradient, error) = state
        .as_ref()
        .map_or((&unknown[..], &unknown[..]), |state| {
            (state.gradient, state.error)
        });
    let (gradient, error) = (like(gradient, &x), like(error, &x));
    let (iterations, noise) = state.as_ref().map_or((0, None), |s| (s.iteration, s.noise));
    let value = match &state {
        Some(state) if !(cut_short && oracle.best.1 < state.f) => {
            x.iter_mut().zip(state.x).for_each(|(slot, v)| *slot = *v);
            state.f
        }
        _ => {
            x.iter_mut()
                .zip(&oracle.best.0)
                .for_each(|(slot, v)| *slot = *v);
            oracle.best.1
        }
    };
    let checkpoint = machine.map(|machine| Checkpoint {
        machine,
        evaluations: oracle.evaluations,
        gradient_evaluations: oracle.gradients,
        best: oracle.best.clone(),
    });
    Minimum {
        x,
        value,
        gradient,
        gradient_error: error,
        status,
        iterations,
        evaluations: oracle.evaluations,
        gradient_evaluations: oracle.gradients,
        noise,
        trajectory,
        checkpoint,
    }
}

/// Not empty, and finite.
pub(crate) fn check_start(x: &[f64]) -> Result<(), Error> {
    if x.is_empty() {
        return Err(numdiff_core::Error::Empty { argument: "x" }.into());
    }
    match x.iter().position(|x| !x.is_finite()) {
        Some(index) => Err(numdiff_core::Error::NotFinite {
            argument: "x",
            index,
            value: x[index],
        }
        .into()),
        None => Ok(()),
    }
}

/// A saved run has as many unknowns as the start.
pub(crate) fn check_unknowns(saved: usize, n: usize) -> Result<(), Error> {
    let expected = "the number of elements of x0; resume with a start of the saved run's shape";
    require(
        saved == n,
        "unknowns of the checkpoint",
        saved as f64,
        expected,
    )
}

/// The box, checked; none when every bound is infinite.
pub(crate) fn resolve(bounds: Option<(Bound, Bound)>, x: &[f64]) -> Result<Box1, Error> {
    let Some((lower, upper)) = bounds else {
        return Ok(Box1::default());
    };
    let (lower, upper) = Bound::around(&lower, &upper, x)?;
    let unbounded = lower.iter().chain(&upper).all(|b| b.is_infinite());
    Ok(if unbounded {
        Box1::default()
    } else {
        Box1::new(lower, upper)
    })
}

impl Settings {
    fn validate(&self, bounds: &Box1) -> Result<(), Error> {
        self.method.validate()?;
        self.method
            .conflicts(self.search, &self.schedule, !bounds.is_none())?;
        if let Some(evaluations) = self.evaluations {
            require(evaluations > 0, "max_evaluations", 0.0, "at least 1")?;
        }
        if let Some(target) = self.target {
            require(!target.is_nan(), "target", target, "a number")?;
        }
        if let Some(tolerance) = self.tolerance {
            let holds = tolerance >= 0.0 && tolerance.is_finite();
            require(holds, "tolerance", tolerance, "at least 0 and finite")?;
        }
        if let Recording::Every(k) = self.recording {
            require(k > 0, "record_every", 0.0, "at least 1")?;
        }
        Ok(())
    }
}
