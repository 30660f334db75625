//! Sums of squares from their residuals.

mod checkpoint;
mod evaluator;
mod levenberg_marquardt;
mod linear;

use crate::error::require;
use crate::evaluator::{Given, given};
use crate::matrix::dot;
use crate::minimize::{check_start, check_unknowns, resolve};
use crate::oracle::Halt;
use crate::{Error, Status};
pub use checkpoint::FitCheckpoint;
use evaluator::{Closures, by_rows};
use levenberg_marquardt::{LevenbergMarquardt, Meter};
use linear::Linear;
use ndarray::{Array, Array1, Array2, ArrayRef, Dimension};
use numdiff_core::{Bound, Outputs, SparsityPattern};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// Minimizes |r(x)|^2, the sum of the squares of residuals, by Levenberg and Marquardt's method: a trust
/// region with the scaling of Moré (Numerical Analysis, Dundee 1977, 105-116), the Jacobian by one-sided
/// differences, corrected by Broyden's update while the model predicts well, and taken on both sides before
/// convergence is claimed.
///
/// r returns an array of any dimension, a `Vec`, a fixed-size array, or a `Result` of one; always of the same
/// length. NaN, infinities and errors at a trial point mean that it is infeasible.
///
/// # Example
/// ```
/// use ndarray::{Array1, array};
/// // An exponential decay, four points.
/// let t = array![0.0, 1.0, 2.0, 3.0];
/// let y = array![2.0, 1.21, 0.74, 0.45];
/// let r = |p: &ndarray::ArrayRef1<f64>| t.mapv(|t| p[0] * f64::exp(-p[1] * t)) - &y;
/// let fit = numdiff_optim::least_squares(r, &array![1.0, 1.0]).run()?;
/// println!("{}: {} +- {:?}", fit.status, fit.x, fit.standard_errors());
/// assert!(fit.status.is_success() && (fit.x[1] - 0.5).abs() < 0.01);
/// # Ok::<(), numdiff_optim::Error>(())
/// ```
pub fn least_squares<'a, F, O, D>(r: F, x0: &ArrayRef<f64, D>) -> LeastSquares<'a, F, D>
where
    F: FnMut(&ArrayRef<f64, D>) -> O,
    O: Outputs<f64>,
    D: Dimension,
{
    LeastSquares {
        r,
        x0: x0.to_owned(),
        given: None,
        bounds: None,
        pattern: None,
        observer: None,
        max_evaluations: None,
        max_iterations: usize::MAX,
        time: None,
        target: None,
        tolerance: 1e-15,
        resumed: None,
    }
}

type Observer<'a> = Box<dyn FnMut(&FitIteration<'_>) -> ControlFlow<()> + 'a>;

/// A fit being set up: see [`least_squares()`].
#[must_use = "nothing happens before run()"]
pub struct LeastSquares<'a, F, D: Dimension> {
    r: F,
    x0: Array<f64, D>,
    given: Option<Given<'a, D>>,
    bounds: Option<(Bound, Bound)>,
    pattern: Option<SparsityPattern>,
    observer: Option<Observer<'a>>,
    max_evaluations: Option<usize>,
    max_iterations: usize,
    time: Option<Duration>,
    target: Option<f64>,
    tolerance: f64,
    resumed: Option<FitCheckpoint>,
}

/// The state of a fit between two iterations, as an observer sees it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct FitIteration<'i> {
    /// Steps taken so far; 0 at the start.
    pub iteration: usize,
    /// x in row-major order.
    pub x: &'i [f64],
    /// r(x) in row-major order.
    pub residuals: &'i [f64],
    /// |r(x)|^2.
    pub value: f64,
    /// Length of the last step; 0 at the start.
    pub step: f64,
    /// Evaluations of r so far, difference probes included.
    pub evaluations: usize,
    /// Evaluations of a given Jacobian so far.
    pub jacobian_evaluations: usize,
    state: &'i LevenbergMarquardt,
}

impl FitIteration<'_> {
    /// The whole state, to be saved and resumed.
    pub fn checkpoint(&self) -> FitCheckpoint {
        FitCheckpoint {
            state: self.state.clone(),
            evaluations: self.evaluations,
            jacobian_evaluations: self.jacobian_evaluations,
        }
    }
}

/// The end of a fit.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Fit<D: Dimension> {
    /// The point, of the start's shape.
    pub x: Array<f64, D>,
    /// r there, in row-major order.
    pub residuals: Array1<f64>,
    /// The sum of their squares.
    pub value: f64,
    /// The gradient of the sum, 2 J^T r, of x's shape.
    pub gradient: Array<f64, D>,
    /// The Jacobian as last known: m x n, row i for residual i. With a sparsity pattern, zeros outside it.
    pub jacobian: Array2<f64>,
    /// Why the run ended.
    pub status: Status,
    /// Accepted steps.
    pub iterations: usize,
    /// Evaluations of r, difference probes included.
    pub evaluations: usize,
    /// Evaluations of a given Jacobian.
    pub jacobian_evaluations: usize,
    /// The state to resume from; `None` when the run ended before its first Jacobian.
    pub checkpoint: Option<FitCheckpoint>,
}

impl<D: Dimension> Fit<D> {
    /// The covariance of the parameters by linear theory, s^2 (J^T J)^{-1} with s^2 = |r|^2 / (m - n); `None`
    /// when m <= n or the columns of J are dependent.
    pub fn covariance(&self) -> Option<Array2<f64>> {
        let (m, n) = self.jacobian.dim();
        let freedom = m.checked_sub(n).filter(|&d| d > 0)?;
        // Equilibrated columns: parameters of different sizes are no reason to fail.
        let norms: Vec<f64> = self
            .jacobian
            .columns()
            .into_iter()
            .map(|c| c.dot(&c).sqrt())
            .collect();
        let mut normal = crate::matrix::Matrix::zeros(n);
        for i in 0..n {
            for j in 0..n {
                let product = self.jacobian.column(i).dot(&self.jacobian.column(j));
                normal.set(i, j, product / (norms[i] * norms[j]));
            }
        }
        let factor = normal.cholesky()?;
        let variance = self.value / freedom as f64;
        let mut covariance = Array2::zeros((n, n));
        for j in 0..n {
            let unit: Vec<f64> = (0..n).map(|i| f64::from(u8::from(i == j))).collect();
            for (i, v) in factor.solve(&unit).into_iter().enumerate() {
                covariance[(i, j)] = variance * v / (norms[i] * norms[j]);
            }
        }
        Some(covariance)
    }

    /// The standard errors of the parameters: the roots of the diagonal of the covariance.
    pub fn standard_errors(&self) -> Option<Array1<f64>> {
        self.covariance().map(|c| c.diag().mapv(f64::sqrt))
    }
}

impl<'a, F, O, D> LeastSquares<'a, F, D>
where
    F: FnMut(&ArrayRef<f64, D>) -> O,
    O: Outputs<f64>,
    D: Dimension,
{
    /// The Jacobian, m x n in row-major order: row i holds the derivatives of residual i.
    pub fn jacobian<J, P>(mut self, jacobian: J) -> Self
    where
        J: FnMut(&ArrayRef<f64, D>) -> P + 'a,
        P: Outputs<f64>,
    {
        self.given = Some(given(jacobian));
        self
    }

    /// Which entries of the Jacobian can differ from zero: differences then take as many evaluations as the
    /// pattern needs colors, and the linear systems are solved by conjugate gradients.
    pub fn sparsity(mut self, pattern: SparsityPattern) -> Self {
        self.pattern = Some(pattern);
        self
    }

    /// Only points with `lower` <= x <= `upper` are visited.
    pub fn bounds(mut self, lower: impl Into<Bound>, upper: impl Into<Bound>) -> Self {
        self.bounds = Some((lower.into(), upper.into()));
        self
    }

    /// At most this many evaluations of r, difference probes included: never exceeded. 1000 (n + 1) by default.
    pub fn max_evaluations(mut self, evaluations: usize) -> Self {
        self.max_evaluations = Some(evaluations);
        self
    }

    /// At most this many steps; no limit by default.
    pub fn max_iterations(mut self, iterations: usize) -> Self {
        self.max_iterations = iterations;
        self
    }

    /// At most this long: no evaluation begins later.
    pub fn max_time(mut self, time: Duration) -> Self {
        self.time = Some(time);
        self
    }

    /// Ends as soon as |r|^2 at an accepted point is at or below this value.
    pub fn target(mut self, value: f64) -> Self {
        self.target = Some(value);
        self
    }

    /// The predicted decrease of |r|^2, relative to it, that is not worth going on for; 1e-15 by default.
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Calls `observer` before the first iteration and after each; `ControlFlow::Break(())` ends the run.
    pub fn on_iteration<W>(mut self, observer: W) -> Self
    where
        W: FnMut(&FitIteration<'_>) -> ControlFlow<()> + 'a,
    {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Goes on from a saved state with the same bits: with the limits, observer and Jacobian given here, and the
    /// tolerance of the saved run.
    pub fn resume(mut self, checkpoint: FitCheckpoint) -> Self {
        self.resumed = Some(checkpoint);
        self
    }

    /// Runs until it converges or can't go on; the status says why it ended.
    ///
    /// # Errors
    /// A start that is empty, not finite, outside the bounds, or where r fails, is empty or not finite; bounds
    /// that are reversed or of another length; settings out of range; a given Jacobian that fails or has the
    /// wrong number of entries; a Jacobian given together with a pattern; r that is not finite around x; a
    /// checkpoint of another number of unknowns, or whose point is outside the bounds.
    pub fn run(self) -> Result<Fit<D>, Error> {
        let mut r = self.r;
        let mut erased =
            |x: &ArrayRef<f64, D>, out: &mut Vec<f64>| r(x).push(out).map_err(Into::into);
        let n = self.x0.len();
        let x: Vec<f64> = self.x0.iter().copied().collect();
        check_start(&x)?;
        let x = match &self.resumed {
            Some(checkpoint) => {
                check_unknowns(checkpoint.state.x.len(), n)?;
                checkpoint.state.x.clone()
            }
            None => x,
        };
        let bounds = resolve(self.bounds, &x)?;
        if let Some(evaluations) = self.max_evaluations {
            require(evaluations > 0, "max_evaluations", 0.0, "at least 1")?;
        }
        let holds = self.tolerance >= 0.0 && self.tolerance.is_finite();
        require(holds, "tolerance", self.tolerance, "at least 0 and finite")?;
        if let Some(target) = self.target {
            require(!target.is_nan(), "target", target, "a number")?;
        }
        if self.given.is_some() && self.pattern.is_some() {
            return Err(Error::Conflict {
                setting: "sparsity",
                other: "a given Jacobian",
                advice: "drop one of them",
            });
        }
        let is_given = self.given.is_some();
        let mut closures = Closures {
            f: &mut erased,
            point: self.x0.clone(),
            given: self.given,
            structure: self.pattern.map(by_rows),
        };
        let mut meter = Meter {
            residuals: &mut closures,
            bounds,
            evaluations: 0,
            jacobians: 0,
            max_evaluations: self
                .max_evaluations
                .unwrap_or(n.saturating_add(1).saturating_mul(1000)),
            deadline: self.time.and_then(|time| Instant::now().checked_add(time)),
            target: self.target,
            is_given,
            entries: 0,
        };
        let observer = self.observer;
        if let Some(checkpoint) = self.resumed {
            let mut state = checkpoint.state;
            meter.evaluations = checkpoint.evaluations;
            meter.jacobians = checkpoint.jacobian_evaluations;
            meter.entries = state.residuals.len() * n;
            let residuals = state.residuals.clone();
            let status = follow(&mut state, &mut meter, self.max_iterations, observer)?;
            return Ok(finish(self.x0, residuals, Some(state), status, &meter));
        }
        let mut residuals = Vec::new();
        match meter.first(&x, &mut residuals) {
            Err(halt) => return Err(hopeless(halt, &meter)),
            Ok(Err(source)) => {
                return Err(Error::Function {
                    function: "the residuals",
                    evaluation: 1,
                    source,
                });
            }
            Ok(Ok(())) => {}
        }
        if residuals.is_empty() {
            return Err(numdiff_core::Error::Empty {
                argument: "the residuals",
            }
            .into());
        }
        if let Some(value) = residuals.iter().copied().find(|r| !r.is_finite()) {
            return Err(Error::StartNotFinite { value });
        }
        let value = dot(&residuals, &residuals);
        if !value.is_finite() {
            // The squares of residuals above 1e154.
            return Err(Error::StartNotFinite { value });
        }
        meter.entries = residuals.len() * n;
        let (state, status) = match LevenbergMarquardt::start(
            x.clone(),
            residuals.clone(),
            self.tolerance,
            &mut meter,
        ) {
            Ok(mut state) => {
                let status = follow(&mut state, &mut meter, self.max_iterations, observer)?;
                (Some(state), status)
            }
            Err(halt) => (None, status_of(halt, &meter)?),
        };
        Ok(finish(self.x0, residuals, state, status, &meter))
    }
}

fn follow(
    state: &mut LevenbergMarquardt,
    meter: &mut Meter<'_>,
    iterations: usize,
    mut observer: Option<Observer<'_>>,
) -> Result<Status, Error> {
    let mut seen = usize::MAX;
    if meter.target.is_some_and(|target| state.value <= target) {
        return Ok(Status::TargetReached { value: state.value });
    }
    loop {
        if state.iteration != seen {
            seen = state.iteration;
            let show = FitIteration {
                iteration: state.iteration,
                x: &state.x,
                residuals: &state.residuals,
                value: state.value,
                step: state.last_step,
                evaluations: meter.evaluations,
                jacobian_evaluations: meter.jacobians,
                state,
            };
            if observer
                .as_mut()
                .is_some_and(|observer| observer(&show).is_break())
            {
                return Ok(Status::Stopped);
            }
        }
        if state.iteration >= iterations {
            return Ok(Status::OutOfIterations);
        }
        match state.iterate(meter) {
            Ok(None) => {}
            Ok(Some(status)) => return Ok(status),
            Err(halt) => return status_of(halt, meter),
        }
    }
}

fn status_of(halt: Halt, meter: &Meter<'_>) -> Result<Status, Error> {
    match halt {
        Halt::Evaluations => Ok(Status::OutOfEvaluations),
        Halt::Time => Ok(Status::OutOfTime),
        halt => Err(hopeless(halt, meter)),
    }
}

fn hopeless(halt: Halt, meter: &Meter<'_>) -> Error {
    let function = "the Jacobian";
    match halt {
        Halt::Gradient(source) => Error::Function {
            function,
            evaluation: meter.jacobians,
            source,
        },
        Halt::Length(found) => Error::Elements {
            function,
            found,
            expected: meter.entries,
        },
        Halt::Difference(error) => Error::Difference(error),
        Halt::Evaluations | Halt::Time | Halt::Target => Error::Setting {
            setting: "max_time",
            value: 0.0,
            expected: "long enough for one evaluation",
        },
    }
}

fn finish<D: Dimension>(
    x0: Array<f64, D>,
    residuals: Vec<f64>,
    state: Option<LevenbergMarquardt>,
    status: Status,
    meter: &Meter<'_>,
) -> Fit<D> {
    let like = |values: &[f64]| {
        let mut array = x0.clone();
        array
            .iter_mut()
            .zip(values)
            .for_each(|(slot, v)| *slot = *v);
        array
    };
    let (m, n) = (residuals.len(), x0.len());
    let (evaluations, jacobian_evaluations) = (meter.evaluations, meter.jacobians);
    let Some(state) = state else {
        return Fit {
            value: residuals.iter().map(|r| r * r).sum(),
            residuals: Array1::from(residuals),
            gradient: Array::from_elem(x0.raw_dim(), f64::NAN),
            jacobian: Array2::from_elem((m, n), f64::NAN),
            status,
            iterations: 0,
            evaluations,
            jacobian_evaluations,
            checkpoint: None,
            x: x0,
        };
    };
    let mut jacobian = Array2::zeros((m, n));
    match &state.jacobian {
        Linear::Dense { columns, .. } => {
            for (j, column) in columns.iter().enumerate() {
                column
                    .iter()
                    .enumerate()
                    .for_each(|(i, &v)| jacobian[(i, j)] = v);
            }
        }
        Linear::Sparse { pattern, values } => {
            let (starts, indices) = pattern.csr();
            for i in 0..m {
                (starts[i]..starts[i + 1]).for_each(|k| jacobian[(i, indices[k])] = values[k]);
            }
        }
    }
    Fit {
        gradient: like(&state.gradient()),
        x: like(&state.x),
        value: state.value,
        residuals: Array1::from(state.residuals.clone()),
        jacobian,
        status,
        iterations: state.iteration,
        evaluations,
        jacobian_evaluations,
        checkpoint: Some(FitCheckpoint {
            state,
            evaluations,
            jacobian_evaluations,
        }),
    }
}
