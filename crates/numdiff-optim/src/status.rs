//! Why a run ended, with the evidence.

use crate::Constraint;
use std::fmt;

/// Why a run ended. Its `Display` gives the numbers and says what to try.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Status {
    /// The point is a minimum, as far as its neighborhood shows: the convergence test held, also for a gradient taken
    /// anew with other difference steps, and no point around x is lower.
    Converged {
        /// The test that held.
        test: Test,
        /// The number of bounds that hold x against the gradient.
        active_bounds: usize,
    },
    /// x violates the constraints, and no point nearby violates them less.
    Infeasible {
        /// The largest violation of a constraint, in its own unit.
        violation: f64,
        /// The constraints that contradict one another at x, each with its violation in its own unit: 0 for one that
        /// keeps another from being satisfied.
        constraints: Vec<(Constraint, f64)>,
    },
    /// The predicted decrease of f is below its noise, so that no lower point can be told from x.
    NoiseLimited {
        /// The absolute standard deviation of the noise of f at the last point.
        level: f64,
    },
    /// f reached the [`target`](crate::Minimize::target).
    TargetReached {
        /// The value of f.
        value: f64,
    },
    /// The limit of iterations was reached; over batches, the batches were used up.
    OutOfIterations,
    /// The limit of evaluations does not allow the next step.
    OutOfEvaluations,
    /// The limit of time was reached.
    OutOfTime,
    /// The iterates diverged. The result holds the last finite point.
    Diverged {
        /// The update after which it showed, counted from 1.
        iteration: usize,
        /// How it showed.
        cause: Divergence,
    },
    /// The run makes no progress although x is not known to be a minimum.
    Stalled {
        /// The cause.
        cause: Stall,
    },
    /// The observer ended the run.
    Stopped,
}

/// The test by which a run converged.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Test {
    /// The decrease of f that the quadratic model predicts is at most the tolerance.
    Decrease {
        /// The predicted decrease, in the unit of f; or, if that is more, what second differences around x let expect,
        /// up to the tolerance.
        predicted: f64,
        /// The tolerance, in the unit of f.
        tolerance: f64,
    },
    /// The largest component of the gradient, without those that push against a bound, is at most the tolerance.
    Gradient {
        /// The component, max |g_i|.
        largest: f64,
        /// The tolerance, in the unit of f: the relative one times max(|f|, 1).
        tolerance: f64,
    },
    /// The Karush-Kuhn-Tucker conditions hold, under constraints.
    Kkt {
        /// The largest component of the gradient of the Lagrangian, without those that push against a bound, relative
        /// to the gradient of f or to the change of f that its curvature makes, over the sizes of the unknowns.
        residual: f64,
        /// The largest violation of a constraint, in its own unit.
        violation: f64,
        /// The largest product of an inequality and its multiplier, in the unit of f.
        complementarity: f64,
    },
    /// No step along a descent direction lowers f: the remaining decrease is lost in the rounding of f.
    Rounding {
        /// The decrease that the model still predicts, in the unit of f.
        predicted: f64,
    },
}

/// How a divergence showed.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Divergence {
    /// |f| grew by this factor.
    Growth {
        /// |f| / max(|f(x0)|, 1).
        factor: f64,
    },
    /// The learning rate is too large for the curvature: f rose with each of the last steps, and is above its start
    /// when the limit of iterations is reached.
    LearningRate {
        /// The length of the last step, relative to the one before.
        growth: f64,
        /// The learning rate from which on steps of the method do not contract along the last step.
        limit: f64,
    },
    /// x grew so large that the difference step vanishes in its rounding, x + h == x, so that the gradient is 0 from
    /// here on whatever f is.
    DifferenceVanished {
        /// The first coordinate in which it vanishes.
        coordinate: usize,
        /// The value of this coordinate.
        x: f64,
    },
    /// x or f is not finite any more.
    NotFinite,
    /// f decreases without bound.
    Unbounded {
        /// f at the last point.
        value: f64,
    },
}

/// The cause of a stall.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Stall {
    /// The learning rate is too small: with the remaining iterations, less than 1 % of the remaining decrease can be
    /// made.
    LearningRate {
        /// The share of the remaining decrease that one step makes.
        progress: f64,
        /// The learning rate that suits the curvature along the path.
        suggestion: f64,
    },
    /// The fixed difference step vanishes in the rounding of x.
    DifferenceVanished {
        /// The first coordinate in which it does.
        coordinate: usize,
    },
    /// f does not change in any coordinate at any distance that was tried.
    Plateau,
    /// f does not change with these coordinates at any distance that was tried, so that they are not determined.
    Flat {
        /// The coordinates.
        coordinates: Vec<usize>,
    },
    /// f has a kink at x, where slopes do not show how much decrease is left.
    Kink,
    /// f falls or stays the same as these coordinates grow without bound: there is no minimum in this direction.
    Runaway {
        /// The coordinates.
        coordinates: Vec<usize>,
    },
    /// The search finds no lower point although the model predicts a decrease.
    Search {
        /// The predicted decrease, in the unit of f.
        predicted: f64,
    },
    /// x satisfies the constraints, but the gradients of the active ones are linearly dependent at x, or vanish. The
    /// first-order conditions cannot be met (no constraint qualification holds), whether x is a minimum or not.
    Degenerate {
        /// These active constraints.
        constraints: Vec<Constraint>,
    },
    /// f is not finite on either side of x in this coordinate.
    Domain {
        /// The coordinate.
        coordinate: usize,
    },
}

impl Stall {
    pub(crate) fn status(self) -> Status {
        Status::Stalled { cause: self }
    }
}

impl Divergence {
    /// After so many updates.
    pub(crate) fn at(self, iteration: usize) -> Status {
        Status::Diverged {
            iteration,
            cause: self,
        }
    }
}

impl Status {
    /// Returns whether the run converged to a minimum or reached the target.
    pub fn is_success(&self) -> bool {
        matches!(
            self,
            Status::Converged { .. } | Status::TargetReached { .. }
        )
    }

    /// With the numbers that are in the unit of f multiplied by it.
    pub(crate) fn in_unit(mut self, unit: f64) -> Self {
        match &mut self {
            Status::Converged { test, .. } => match test {
                Test::Decrease {
                    predicted: first,
                    tolerance: second,
                }
                | Test::Gradient {
                    largest: first,
                    tolerance: second,
                } => (*first, *second) = (unit * *first, unit * *second),
                Test::Rounding { predicted } => *predicted *= unit,
                Test::Kkt { .. } => {}
            },
            Status::NoiseLimited { level: number }
            | Status::Stalled {
                cause: Stall::Search { predicted: number },
            }
            | Status::Diverged {
                cause: Divergence::Unbounded { value: number },
                ..
            } => *number *= unit,
            _ => {}
        }
        self
    }

    /// Whether the run was ended from outside, so that the lowest point seen says more than the last.
    pub(crate) fn is_cut_short(&self) -> bool {
        matches!(
            self,
            Status::TargetReached { .. }
                | Status::OutOfIterations
                | Status::OutOfEvaluations
                | Status::OutOfTime
                | Status::Stopped
        )
    }
}

impl fmt::Display for Status {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Status::Converged {
                test,
                active_bounds,
            } => {
                write!(to, "converged: {}", told_test(test))?;
                match active_bounds {
                    0 => Ok(()),
                    1 => write!(to, "; held by 1 bound"),
                    k => write!(to, "; held by {k} bounds"),
                }
            }
            Status::Infeasible {
                violation,
                constraints,
            } => {
                let each = |(name, by): &(Constraint, f64)| format!("{name} by {by:.1e}");
                let (violation, all) = (format!("{violation:.1e}"), listed(constraints, each));
                write!(
                    to,
                    "infeasible: no point nearby violates less than {violation}; {all}"
                )?;
                write!(to, "; relax one, or start elsewhere")
            }
            Status::NoiseLimited { level } => {
                write!(
                    to,
                    "noise-limited: f is noisy by {level:.1e}, and what is left is less"
                )?;
                write!(to, "; lower the noise to go on")
            }
            Status::TargetReached { value } => write!(to, "target reached: f = {value:e}"),
            Status::OutOfIterations => write!(to, "out of iterations; allow more, or resume"),
            Status::OutOfEvaluations => write!(to, "out of evaluations; allow more, or resume"),
            Status::OutOfTime => write!(to, "out of time; allow more, or resume"),
            Status::Diverged { iteration, cause } => {
                write!(
                    to,
                    "diverged at update {iteration}: {}",
                    told_divergence(cause)
                )
            }
            Status::Stalled { cause } => write!(to, "stalled: {}", told_stall(cause)),
            Status::Stopped => write!(to, "stopped by the observer"),
        }
    }
}

fn told_test(test: &Test) -> String {
    match test {
        Test::Decrease {
            predicted,
            tolerance,
        } => {
            format!("a decrease of {predicted:.1e} is left, tolerance {tolerance:.1e}")
        }
        Test::Gradient { largest, tolerance } => {
            format!("gradient {largest:.1e}, tolerance {tolerance:.1e}")
        }
        Test::Kkt {
            residual: r,
            violation: v,
            complementarity: c,
        } => format!(
            "gradient of the Lagrangian {r:.1e}, violation {v:.1e}, complementarity {c:.1e}"
        ),
        Test::Rounding { predicted } => {
            format!("the decrease left, {predicted:.1e}, is lost in rounding")
        }
    }
}

fn told_divergence(cause: &Divergence) -> String {
    match cause {
        Divergence::Growth { factor } => {
            format!("f grew {factor:.1e}-fold; lower the learning rate")
        }
        Divergence::LearningRate { growth, limit } => format!(
            "f rises, and a step is {growth:.2} times as long as the one before; take a learning rate well below {limit:.1e}"
        ),
        Divergence::DifferenceVanished { coordinate: i, x } => {
            format!("x[{i}] = {x:e} is too large for the difference step; lower the learning rate")
        }
        Divergence::NotFinite => "x or f overflowed; lower the learning rate".into(),
        Divergence::Unbounded { value } => format!("f fell to {value:e} and goes on; add bounds"),
    }
}

fn told_stall(cause: &Stall) -> String {
    match cause {
        Stall::LearningRate { progress, suggestion } => format!(
            "a step makes {progress:.1e} of the way; try a learning rate of {suggestion:.1e}"
        ),
        Stall::DifferenceVanished { coordinate: i } => {
            format!("the difference step vanishes against x[{i}]; use a relative step")
        }
        Stall::Plateau => "f does not change around x; start elsewhere".into(),
        Stall::Flat { coordinates } => {
            let named = listed(&coordinates[..coordinates.len().min(5)], coordinate);
            let others = match coordinates.len().saturating_sub(5) {
                0 => String::new(),
                others => format!(" and {others} others"),
            };
            format!("f does not change with {named}{others}; start elsewhere in them, or fix them")
        }
        Stall::Kink => "f has a kink at x, and slopes there do not tell a minimum; smooth it, or state it as constraints".into(),
        Stall::Runaway { coordinates } => format!(
            "f does not rise as {} run away; add bounds, fix one, or start elsewhere",
            listed(coordinates, coordinate)
        ),
        Stall::Search { predicted } => format!(
            "no lower point, though {predicted:.1e} are predicted; is f smooth and deterministic, and a given gradient right?"
        ),
        Stall::Degenerate { constraints } => format!(
            "x is feasible, but no multipliers exist: {} depend on one another there, or vanish; state them otherwise, or drop one",
            listed(constraints, Constraint::to_string)
        ),
        Stall::Domain { coordinate: i } => {
            format!("f is not finite on either side of x[{i}]; start inside its domain")
        }
    }
}

fn coordinate(i: &usize) -> String {
    format!("x[{i}]")
}

fn listed<T>(all: &[T], name: impl Fn(&T) -> String) -> String {
    all.iter().map(name).collect::<Vec<String>>().join(", ")
}
