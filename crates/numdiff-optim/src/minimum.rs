//! What a run returns.

use crate::{Checkpoint, Method, Multipliers, Status, Trajectory};
use std::fmt;

/// The result of a minimization: the point, its quality, and its cost. `println!("{minimum}")` prints it.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Minimum<X> {
    /// The point, as the same type of point as x0. It is the last iterate or, if a limit, the target or the observer
    /// ended the run, the lowest evaluated point. Under constraints it is the last iterate unless the target was
    /// reached.
    pub x: X,
    /// f at `x`; infinite if `max_time` ended before the first evaluation.
    pub value: f64,
    /// The gradient of f at the last iterate, n components, by differences unless it was given; NaN if the run ended
    /// before the first gradient.
    pub gradient: X,
    /// The estimated absolute error of each component of `gradient`, in the same unit; at most rounding if the gradient
    /// was given, NaN where it is not known.
    pub gradient_error: X,
    /// Why the run ended.
    pub status: Status,
    /// The largest violation of a constraint, in the constraint's unit; 0 without constraints, NaN if the run ended
    /// before the first gradient.
    pub violation: f64,
    /// The Lagrange multipliers of the constraints and bounds; empty without constraints.
    pub multipliers: Multipliers,
    /// The number of coordinates of x0 that were moved into the bounds or to the linear constraints before the first
    /// evaluation.
    pub start_moved: usize,
    /// The number of accepted steps.
    pub iterations: usize,
    /// The number of evaluations of f, those of the differences included.
    pub evaluations: usize,
    /// The number of evaluations of a given gradient.
    pub gradient_evaluations: usize,
    /// The absolute standard deviation of the noise of f at x, if it was measured.
    pub noise: Option<f64>,
    /// The recorded iterations; empty unless [`record`](crate::Minimize::record) was set.
    pub trajectory: Trajectory,
    /// The method that ran: the chosen one or, for [`Method::Automatic`] beyond 300 unknowns or with a fixed
    /// difference, the L-BFGS that took its place.
    pub method: Method,
    /// The state from which [`resume`](crate::Minimize::resume) continues the run.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub checkpoint: Checkpoint,
    /// The numbers of x, to be printed whatever its kind is.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(crate) numbers: Vec<f64>,
}

/// A value and the numbers of the point at which f has it.
pub(crate) struct Summary<'m> {
    pub name: &'static str,
    pub value: f64,
    pub x: &'m [f64],
}

impl Summary<'_> {
    /// What was found, by how many evaluations of f and of its gradient in how many steps, and why the run ended.
    pub fn tell(
        &self,
        to: &mut fmt::Formatter<'_>,
        [evaluations, gradients, steps]: [usize; 3],
        status: &Status,
    ) -> fmt::Result {
        write!(to, "{} = {:e} at [", self.name, self.value)?;
        for (k, number) in self.x.iter().take(PRINTED).enumerate() {
            let comma = if k > 0 { ", " } else { "" };
            write!(to, "{comma}{number:?}")?;
        }
        if self.x.len() > PRINTED {
            write!(to, ", … {} in all", self.x.len())?;
        }
        write!(to, "]\n{evaluations} evaluations")?;
        if gradients > 0 {
            write!(to, " and {gradients} of the gradient")?;
        }
        write!(to, " in {steps} steps; {status}")
    }
}

/// Longer points are cut off when they are printed.
const PRINTED: usize = 10;

/// Prints f and x, the number of evaluations and steps, and the status.
impl<X> fmt::Display for Minimum<X> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let summary = Summary {
            name: "f",
            value: self.value,
            x: &self.numbers,
        };
        let counts = [self.evaluations, self.gradient_evaluations, self.iterations];
        summary.tell(to, counts, &self.status)
    }
}

impl Minimum<Vec<f64>> {
    /// The same in the caller's kind of x.
    pub(crate) fn in_kind<X>(self, kind: impl Fn(Vec<f64>) -> X) -> Minimum<X> {
        Minimum {
            numbers: self.x.clone(),
            x: kind(self.x),
            value: self.value,
            gradient: kind(self.gradient),
            gradient_error: kind(self.gradient_error),
            status: self.status,
            violation: self.violation,
            multipliers: self.multipliers,
            start_moved: self.start_moved,
            iterations: self.iterations,
            evaluations: self.evaluations,
            gradient_evaluations: self.gradient_evaluations,
            noise: self.noise,
            trajectory: self.trajectory,
            method: self.method,
            checkpoint: self.checkpoint,
        }
    }
}
