//! A plan, round by round on the calling thread.

use crate::{AskTell, Error, Function, Moves};

/// Runs a plan at x with f evaluated on the calling thread, and returns the count of evaluations.
///
/// f that fails ends the run with its error; the plan can be begun again.
///
/// # Example
/// ```
/// use ndarray::array;
/// use numdiff_core::{FiniteDifference, Function, Moves, drive};
///
/// /// x^2 summed: one coordinate moved costs O(1), not O(n).
/// struct SumOfSquares {
///     x: Vec<f64>,
///     sum: f64,
/// }
/// impl Function for SumOfSquares {
///     type Error = std::convert::Infallible;
///     fn begin(&mut self, x: &[f64]) -> Result<(), Self::Error> {
///         (self.x, self.sum) = (x.to_vec(), x.iter().map(|v| v * v).sum());
///         Ok(())
///     }
///     fn moved(&mut self, moves: Moves<'_>, values: &mut Vec<f64>) -> Result<(), Self::Error> {
///         let mut sum = self.sum;
///         moves.for_each(|i, to| sum += to * to - self.x[i] * self.x[i]);
///         values.push(sum);
///         Ok(())
///     }
/// }
///
/// let x = array![3.0, 4.0];
/// let mut plan = FiniteDifference::central().planned().gradient(&x)?;
/// let mut f = SumOfSquares { x: Vec::new(), sum: 0.0 };
/// assert_eq!(drive(&mut plan, &mut f, &[3.0, 4.0])?, 4);
/// let g = plan.finish()?;
/// assert!((g[0] - 6.0).abs() < 1e-9 && (g[1] - 8.0).abs() < 1e-9);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Function`] when f fails, and what the plan makes of x and of the values.
pub fn drive<A, F: Function>(plan: &mut AskTell<A>, f: &mut F, x: &[f64]) -> Result<usize, Error> {
    let plan = &mut plan.plan;
    plan.begin(x)?;
    let begun = f.begin(x);
    begun.map_err(|source| failure(Moves::None, x, source.into()))?;
    let (mut values, mut evaluations) = (Vec::new(), 0);
    while plan.jobs() > 0 {
        for id in 0..plan.jobs() {
            values.clear();
            let moves = plan.job(id);
            let outcome = f.moved(moves, &mut values);
            outcome.map_err(|source| failure(moves, x, source.into()))?;
            evaluations += 1;
            plan.tell(id, Some(&values))?;
        }
        plan.close()?;
    }
    Ok(evaluations)
}

/// The error of a failed evaluation.
pub(crate) fn failure(
    moves: Moves<'_>,
    x: &[f64],
    source: Box<dyn std::error::Error + Send + Sync>,
) -> Error {
    let (coordinate, to) = match moves {
        Moves::None => (0, x[0]),
        Moves::One(i, to) => (i, to),
        Moves::Many(many) => many.first().copied().unwrap_or((0, x[0])),
        Moves::Dense(to) => (0, to[0]),
    };
    Error::function(coordinate, to - x[coordinate], source)
}
