//! The state machines behind the methods.

use crate::Method;
use crate::constrained::Sqp;
use crate::descent::DescentRun;
use crate::oracle::{Halt, Oracle};
use crate::quasi_newton::QuasiNewton;
use crate::rate::{RateRun, Schedule};
use crate::search::Search;
use crate::status::Status;

/// A run between two iterations.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Machine {
    Constrained(Box<Sqp>),
    QuasiNewton(Box<QuasiNewton>),
    Descent(Box<DescentRun>),
    Rate(Box<RateRun>),
}

/// What every machine can show.
pub(crate) struct State<'m> {
    pub x: &'m [f64],
    pub f: f64,
    pub gradient: &'m [f64],
    pub error: &'m [f64],
    pub iteration: usize,
    pub step: f64,
    pub noise: Option<f64>,
}

/// Beyond this many unknowns a dense Hessian costs more than most functions do: n^3 / 3 operations an
/// iteration against n evaluations.
const DENSE: usize = 300;

impl Machine {
    /// Begins at x, where f is `f`.
    pub fn start(
        method: &Method,
        search: Search,
        schedule: Schedule,
        tolerance: Option<f64>,
        x: Vec<f64>,
        f: f64,
        oracle: &mut Oracle<'_>,
    ) -> Result<Self, Halt> {
        if method.learning_rate().is_some() {
            let tolerance = tolerance.unwrap_or(1e-8);
            let run = RateRun::start(x, f, method, schedule, tolerance, oracle)?;
            return Ok(Machine::Rate(Box::new(run)));
        }
        if *method == Method::Automatic && x.len() <= DENSE && oracle.fixed.is_none() {
            let tolerance = tolerance.unwrap_or(f64::EPSILON);
            let run = QuasiNewton::start(x, f, tolerance, oracle)?;
            return Ok(Machine::QuasiNewton(Box::new(run)));
        }
        let run = DescentRun::start(x, f, method, search, tolerance.unwrap_or(1e-8), oracle)?;
        Ok(Machine::Descent(Box::new(run)))
    }

    /// One iteration; a status ends the run.
    pub fn iterate(
        &mut self,
        oracle: &mut Oracle<'_>,
        remaining: usize,
    ) -> Result<Option<Status>, Halt> {
        match self {
            Machine::Constrained(run) => {
                let end = run.iterate(oracle)?;
                Ok(end.map(|end| run.status(end)))
            }
            Machine::QuasiNewton(run) => run.iterate(oracle),
            Machine::Descent(run) => run.iterate(oracle),
            Machine::Rate(run) => run.iterate(oracle, remaining),
        }
    }

    /// The method that runs where the caller chose `chosen`.
    pub fn method(&self, chosen: &Method) -> Method {
        match self {
            Machine::Descent(run) => run.method(),
            _ => chosen.clone(),
        }
    }

    /// The status when as many iterations as allowed are made.
    pub fn out_of_iterations(&self) -> Status {
        match self {
            Machine::Rate(run) => run.out_of_iterations(),
            _ => Status::OutOfIterations,
        }
    }

    /// The largest violation of a constraint.
    pub fn violation(&self) -> f64 {
        match self {
            Machine::Constrained(run) => run.violation(),
            _ => 0.0,
        }
    }

    pub fn state(&self) -> State<'_> {
        match self {
            Machine::Constrained(run) => run.state(),
            Machine::QuasiNewton(run) => State {
                x: &run.x,
                f: run.f,
                gradient: &run.gradient,
                error: &run.error,
                iteration: run.iteration,
                step: if run.last_step.is_finite() {
                    run.last_step
                } else {
                    0.0
                },
                noise: run.noise.is_known().then(|| run.noise.at(run.f)),
            },
            Machine::Descent(run) => State {
                x: &run.x,
                f: run.f,
                gradient: &run.gradient,
                error: &run.error,
                iteration: run.iteration,
                step: run.last_step,
                noise: None,
            },
            Machine::Rate(run) => State {
                x: &run.x,
                f: run.f,
                gradient: &run.gradient,
                error: &run.error,
                iteration: run.iteration,
                step: run.last_step,
                noise: None,
            },
        }
    }
}
