//! The drivers' buffers, which outlive a call.

use crate::Real;
use crate::evaluate::adapter::Copied;
use crate::line::LineResults;
use crate::line::LineSet;
use crate::line::Scratch;
use crate::plan::lines::LinePlan;
use crate::plan::rounds::Rounds;
use std::fmt;

/// Buffers for the `*_into` operators: after the first call with the same shapes, a call allocates
/// nothing.
///
/// One workspace serves every method and operator for one kind of point: `S` is the kind of copy of
/// x that f sees, such as `Array1<f64>` or `Vec<f64>` (a number for functions of one variable), and
/// is found from the calls. It grows to the largest that it has seen.
///
/// # Example
/// ```
/// use ndarray::{Array1, array};
/// use numdiff_core::{FiniteDifference, Workspace};
/// let (mut workspace, mut g) = (Workspace::new(), Array1::zeros(2));
/// let method = FiniteDifference::central();
/// for x in [array![3.0, 4.0], array![0.0, 2.0]] {
///     method.gradient_into(|x| x[0].powi(2) + x[1].powi(2), &x, &mut g, &mut workspace)?;
///     assert_eq!(workspace.evaluations(), 4);
/// }
/// # Ok::<(), numdiff_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Workspace<S = ndarray::Array1<f64>, T = f64> {
    pub(crate) line_set: LineSet,
    pub(crate) results: LineResults,
    pub(crate) scratch: Scratch,
    pub(crate) point: Copied<T, S>,
    pub(crate) outputs: Vec<T>,
    /// The numbers of x, and f's outputs on both sides, of the streaming path.
    pub(crate) own: Vec<T>,
    pub(crate) sides: [Vec<T>; 2],
    /// Steps, of the streaming path.
    pub(crate) steps: Vec<f64>,
    pub(crate) vector: Vec<f64>,
    /// A plan's, for drivers that run one.
    pub(crate) rounds: Option<Box<Rounds>>,
    /// Of the rows of `gradient_rows` in batches.
    pub(crate) row_plans: Vec<LinePlan>,
    /// The points of a batch, and f's outputs there.
    pub(crate) points: Vec<T>,
    #[cfg(feature = "complex")]
    pub(crate) complex: crate::evaluate::complex::ComplexBuffers<T>,
    #[cfg(feature = "rayon")]
    pub(crate) workers: Vec<crate::evaluate::threads::Worker>,
    #[cfg(feature = "rayon")]
    pub(crate) shares: Vec<crate::evaluate::threads::Found>,
}

impl<S, T: Real> Default for Workspace<S, T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S, T: Real> Workspace<S, T> {
    /// An empty workspace.
    pub fn new() -> Self {
        Workspace {
            line_set: Default::default(),
            results: Default::default(),
            scratch: Default::default(),
            point: Default::default(),
            outputs: Default::default(),
            own: Default::default(),
            sides: Default::default(),
            steps: Default::default(),
            vector: Default::default(),
            rounds: Default::default(),
            row_plans: Default::default(),
            points: Default::default(),
            #[cfg(feature = "complex")]
            complex: Default::default(),
            #[cfg(feature = "rayon")]
            workers: Default::default(),
            #[cfg(feature = "rayon")]
            shares: Default::default(),
        }
    }

    /// The buffers of a plan.
    pub(crate) fn rounds(&mut self) -> &mut Rounds {
        self.rounds.get_or_insert_default()
    }

    /// Evaluations of f in the last call.
    pub fn evaluations(&self) -> usize {
        self.results.evaluations
    }

    /// In how many coordinates the step of the last call vanished in rounding (`x + h == x` or
    /// `x - h == x`), which happens without an error only when the nominal divisor was asked for;
    /// and the first such coordinate.
    pub fn vanished(&self) -> (usize, Option<usize>) {
        (self.results.vanished, self.results.first_vanished)
    }
}

impl<S, T> fmt::Debug for Workspace<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workspace")
            .field("evaluations", &self.results.evaluations)
            .finish_non_exhaustive()
    }
}
