//! How a run with constraints ends.

/// Why a run is over, in the units of the method.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum End {
    /// A Karush-Kuhn-Tucker point.
    Converged {
        residual: f64,
        complementarity: f64,
    },
    /// A point of least violation that is no feasible one.
    Infeasible,
    NoiseLimited {
        level: f64,
    },
    /// Feasible, and the constraints that hold x have gradients that depend on one another: no multipliers exist.
    Degenerate,
    Unbounded {
        value: f64,
    },
    Stalled {
        predicted: f64,
    },
    /// Neither side of x can be evaluated in this coordinate.
    Blind {
        coordinate: usize,
    },
}
