//! Why a run ended, with the evidence.

use crate::Constraint;
use std::fmt;

/// Why a run ended.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Status {
    /// A minimum, as far as its neighborhood tells: the test held, and held again when the gradient
    /// was taken anew at another scale.
    Converged {
        /// The test that held.
        test: Test,
        /// How many bounds hold x against the gradient there.
        active_bounds: usize,
    },
    /// No point nearby violates the constraints less, and x violates them.
    Infeasible {
        /// The largest violation.
        violation: f64,
        /// The constraints that contradict one another there, each with its violation: 0 for one that holds
        /// another back.
        constraints: Vec<(Constraint, f64)>,
    },
    /// f is as low as its noise lets one see: the predicted decrease is below the noise.
    NoiseLimited {
        /// Absolute standard deviation of the noise in f at the last point.
        level: f64,
    },
    /// The value that the caller asked for was reached.
    TargetReached {
        /// f there.
        value: f64,
    },
    /// As many iterations as allowed.
    OutOfIterations,
    /// No evaluations left for the next step.
    OutOfEvaluations,
    /// No time left.
    OutOfTime,
    /// The iterates ran away; the result holds the last finite point.
    Diverged {
        /// The update after which it showed, from 1.
        iteration: usize,
        /// How it showed.
        cause: Divergence,
    },
    /// The run moves too little to matter, and not because it is at a minimum.
    Stalled {
        /// What is in the way.
        cause: Stall,
    },
    /// The caller's observer ended the run.
    Stopped,
}

/// The test by which a run converged.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Test {
    /// The decrease of f that the quadratic model predicts is at most the tolerance.
    Decrease {
        /// The prediction.
        predicted: f64,
        /// The tolerance.
        tolerance: f64,
    },
    /// The largest component of the gradient, bounds respected, is at most the tolerance.
    Gradient {
        /// The component.
        largest: f64,
        /// The tolerance.
        tolerance: f64,
    },
    /// With constraints: the conditions of Karush, Kuhn and Tucker hold.
    Kkt {
        /// The gradient of the Lagrangian, bounds respected, relative to the gradient of f or to what the curvature
        /// makes of f, in sizes of the unknowns.
        residual: f64,
        /// The largest violation of a constraint.
        violation: f64,
        /// The largest product of an inequality and its multiplier.
        complementarity: f64,
    },
    /// No step along a descent direction lowers f: the decrease left is lost in f's rounding.
    Rounding {
        /// The decrease the model still predicts.
        predicted: f64,
    },
}

/// How a divergence showed.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Divergence {
    /// f grew by this factor over its start.
    Growth {
        /// |f| / max(|f(x0)|, 1).
        factor: f64,
    },
    /// The learning rate is too large for the curvature along the last steps: f has risen with each of them, above
    /// its start, when the iterations allowed are over.
    LearningRate {
        /// Length of the last step, relative to the one before.
        growth: f64,
        /// With this rate or more, steps of the method do not contract along the last step.
        limit: f64,
    },
    /// x grew so large that the difference step vanishes in its rounding, x + h == x: from here on
    /// the gradient is 0 whatever f is.
    DifferenceVanished {
        /// The first coordinate in which it does.
        coordinate: usize,
        /// Its value.
        x: f64,
    },
    /// x or f is not finite any more.
    NotFinite,
    /// f falls without end.
    Unbounded {
        /// f at the last point.
        value: f64,
    },
}

/// What a stalled run is held up by.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Stall {
    /// The learning rate is too small for the iterations allowed.
    LearningRate {
        /// Share of the decrease still to be had that one step makes.
        progress: f64,
        /// The rate that would have met the curvature seen along the path.
        suggestion: f64,
    },
    /// The difference step vanishes against x at the start.
    DifferenceVanished {
        /// The first coordinate in which it does.
        coordinate: usize,
    },
    /// f does not change in any coordinate at any distance that was tried.
    Plateau,
    /// f does not change with these coordinates at any distance that was tried: nothing is known of a minimum in them.
    Flat {
        /// The coordinates.
        coordinates: Vec<usize>,
    },
    /// f has a kink at x, where slopes do not tell how much is left.
    Kink,
    /// f falls or stays as these coordinates grow without end: there is no minimum in this direction.
    Runaway {
        /// The coordinates.
        coordinates: Vec<usize>,
    },
    /// The search finds no lower point although the model predicts this decrease.
    Search {
        /// The prediction.
        predicted: f64,
    },
    /// x satisfies the constraints, and those that hold it have gradients that depend on one another there, or vanish:
    /// the conditions of first order cannot be met (no constraint qualification), whether x is a minimum or not.
    Degenerate {
        /// These constraints.
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
    /// Whether the run claims a minimum, or the value asked for.
    pub fn is_success(&self) -> bool {
        matches!(
            self,
            Status::Converged { .. } | Status::TargetReached { .. }
        )
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
