//! The drivers' buffers, which outlive a call.

use crate::Real;
use crate::answer::Found;
use crate::evaluate::adapter::Copied;
use crate::line::{LineResults, LineSet, Scratch};
use crate::operators::AnyOperator;
use crate::plan::LinePlan;
use std::fmt;

/// Buffers for runs that [`write_to`](crate::Run::write_to) a result: after the first call with the same
/// shapes, a call allocates nothing.
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
///     let run = method.plan().gradient(&x).write_to(&mut g, &mut workspace);
///     run.serial(|x| x[0].powi(2) + x[1].powi(2))?;
///     assert_eq!(workspace.evaluations(), 4);
/// }
/// # Ok::<(), numdiff_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Workspace<S = ndarray::Array1<f64>, T = f64> {
    pub(crate) buffers: Buffers,
    pub(crate) point: Copied<T, S>,
    pub(crate) outputs: Vec<T>,
    /// f's outputs on both sides, of the streaming path.
    pub(crate) sides: [Vec<T>; 2],
    /// The points of a batch.
    pub(crate) points: Vec<T>,
    #[cfg(feature = "complex")]
    pub(crate) complex: crate::evaluate::complex::ComplexBuffers<T>,
}

/// What does not depend on the type of x.
#[derive(Clone, Default)]
pub(crate) struct Buffers {
    pub line_set: LineSet,
    pub results: LineResults,
    pub scratch: Scratch,
    pub vector: Vec<f64>,
    /// A plan's, for drivers that run one.
    pub plan: Option<Box<LinePlan>>,
    #[cfg(feature = "rayon")]
    pub shared: crate::evaluate::threads::Shared,
}

impl Buffers {
    /// What a driver left here.
    pub fn found<'a>(&'a self, operator: &'a AnyOperator) -> Found<'a> {
        Found::of(&**operator, &self.line_set, &self.results)
    }
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
            buffers: Default::default(),
            point: Default::default(),
            outputs: Default::default(),
            sides: Default::default(),
            points: Default::default(),
            #[cfg(feature = "complex")]
            complex: Default::default(),
        }
    }

    /// Evaluations of f in the last call.
    pub fn evaluations(&self) -> usize {
        self.buffers.results.evaluations
    }

    /// In how many coordinates the step of the last call vanished in rounding (`x + h == x` or
    /// `x - h == x`), which happens without an error only when the nominal divisor was asked for;
    /// and the first such coordinate.
    pub fn vanished(&self) -> (usize, Option<usize>) {
        let results = &self.buffers.results;
        (results.vanished, results.first_vanished)
    }
}

impl<S, T> fmt::Debug for Workspace<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workspace")
            .field("evaluations", &self.buffers.results.evaluations)
            .finish_non_exhaustive()
    }
}
