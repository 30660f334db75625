//! One closure that yields f and the constraints together.

use super::{ConstraintValues, Minimize, minimize};
use numdiff_core::Point;
use std::cell::RefCell;
use std::error::Error as StdError;
use std::rc::Rc;

/// What a simulation returns: (f, h, g), or a `Result` of it. h and g are numbers or several, `[0.0; 0]` for none.
pub trait Simulated {
    /// f, the numbers that are to be 0, and those that are not to be negative.
    fn parts(self) -> Result<Parts, Cause>;
}

/// What a failed simulation says.
type Cause = Box<dyn StdError + Send + Sync>;

/// f, equalities, inequalities.
type Parts = (f64, Vec<f64>, Vec<f64>);

impl<H: ConstraintValues, G: ConstraintValues> Simulated for (f64, H, G) {
    fn parts(self) -> Result<Parts, Cause> {
        let (mut h, mut g) = (Vec::new(), Vec::new());
        self.1.push_to(&mut h)?;
        self.2.push_to(&mut g)?;
        Ok((self.0, h, g))
    }
}

impl<H: ConstraintValues, G: ConstraintValues, E: Into<Cause>> Simulated
    for Result<(f64, H, G), E>
{
    fn parts(self) -> Result<Parts, Cause> {
        self.map_err(Into::into)?.parts()
    }
}

/// Minimizes f subject to h(x) = 0 and g(x) >= 0, all of which one closure returns: for a simulation that yields them
/// together. It is called once for each evaluation.
///
/// # Example
/// ```
/// use ndarray::array;
/// let x0 = array![1.0, 1.0];
/// let simulate = |x: &ndarray::Array1<f64>| {
///     let weight = x[0] * x[1];
///     (x[0] + 2.0 * x[1], weight - 8.0, [x[0] - 1.0, x[1] - 1.0])
/// };
/// let best = numdiff_optim::minimize_simulation(simulate, &x0).run()?;
/// println!("{} after {} calls", best.status, best.evaluations);
/// assert!(best.status.is_success() && (best.value - 8.0).abs() < 1e-7);
/// # Ok::<(), numdiff_optim::Error>(())
/// ```
pub fn minimize_simulation<'a, S, R, X>(
    mut simulate: S,
    x0: &'a X,
) -> Minimize<'a, impl FnMut(&X::Seen) -> Result<f64, Cause> + 'a, X>
where
    S: FnMut(&X::Seen) -> R + 'a,
    R: Simulated,
    X: Point<f64> + ?Sized,
{
    // The constraints are asked where f was, right after it.
    let last = Rc::new(RefCell::new((Vec::new(), Vec::new())));
    let (equality, inequality) = (Rc::clone(&last), Rc::clone(&last));
    let f = move |x: &X::Seen| {
        let (f, h, g) = simulate(x).parts()?;
        *last.borrow_mut() = (h, g);
        Ok(f)
    };
    minimize(f, x0)
        .equality(move |_: &X::Seen| std::mem::take(&mut equality.borrow_mut().0))
        .inequality(move |_: &X::Seen| std::mem::take(&mut inequality.borrow_mut().1))
}
