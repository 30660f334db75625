//! The Taylor-remainder test: how fast f(x + h d) - f(x) - h g.d vanishes with h.

use super::run::{entries, start};
use crate::evaluate::adapter::{Copied, scalar_closure, vector_closure};
use crate::evaluate::points::values;
use crate::moves::AnyFunction;
use crate::random::SplitMix64;
use crate::{Error, Outcome, Point};
use std::fmt;

/// The remainders along a direction and the slope of their logarithms.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TaylorTest {
    /// Steps h, halved from one to the next.
    pub steps: Vec<f64>,
    /// |f(x + h d) - f(x) - h g.d| for each step.
    pub remainders: Vec<f64>,
    /// Order at which the remainder vanishes, from the steps where rounding does not matter: 2
    /// when the derivative is right (more where f's second derivative along d vanishes), 1 when it
    /// is wrong; infinite when the remainder is rounding from the first step on, as for a linear f, or noise
    /// below 1 % of the change that the derivative predicts there; NaN when more noise than that, or an f that has no
    /// values beside x, hides it.
    pub slope: f64,
    /// Evaluations of f.
    pub evaluations: usize,
}

impl TaylorTest {
    /// Whether the slope is nearer to 2 than to 1.
    pub fn is_ok(&self) -> bool {
        self.slope > 1.5
    }

    /// Panics with the table unless the slope is nearer to 2 than to 1.
    ///
    /// # Panics
    /// When [`is_ok`](Self::is_ok) is false.
    #[track_caller]
    pub fn assert_ok(&self) {
        assert!(self.is_ok(), "\n{self}");
    }
}

impl fmt::Display for TaylorTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.is_ok() { "ok" } else { "FAILED" };
        writeln!(
            f,
            "Taylor remainder: {verdict}, slope {:.2} (2 when right, 1 when wrong)",
            self.slope
        )?;
        writeln!(f, "  {:>10}  {:>12}  {:>6}", "h", "remainder", "slope")?;
        for (k, (h, r)) in self.steps.iter().zip(&self.remainders).enumerate() {
            let slope = if k == 0 {
                f64::NAN
            } else {
                (self.remainders[k - 1] / r).log2()
            };
            writeln!(f, "  {h:>10.3e}  {r:>12.5e}  {slope:>6.2}")?;
        }
        Ok(())
    }
}

/// The Taylor test of a gradient along a random direction that moves each coordinate by a part of
/// its scale. 22 evaluations of f and one of g, for any n.
///
/// # Errors
/// Those of [`gradient`](super::gradient).
///
/// # Example
/// ```
/// use ndarray::{Array1, array};
/// use numdiff_core::check;
/// let f = |x: &Array1<f64>| x[0].sin() * x[1].exp();
/// let right = |x: &Array1<f64>| array![x[0].cos() * x[1].exp(), x[0].sin() * x[1].exp()];
/// let wrong = |x: &Array1<f64>| array![x[0].cos() * x[1].exp(), x[0].sin()];
/// let x = array![1.0, 0.5];
/// assert!((check::taylor(f, right, &x, 7)?.slope - 2.0).abs() < 0.1);
/// assert!((check::taylor(f, wrong, &x, 7)?.slope - 1.0).abs() < 0.1);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
pub fn taylor<F, R, G, S, X>(f: F, g: G, x: &X, seed: u64) -> Result<TaylorTest, Error>
where
    F: FnMut(&X::Seen) -> R,
    R: Outcome<f64>,
    G: FnMut(&X::Seen) -> S,
    S: crate::Outputs<f64>,
    X: Point<f64> + ?Sized,
{
    let f = &mut scalar_closure(f, x, Copied::default());
    test(f, &mut vector_closure(g, x, Copied::default()), x, seed)
}

/// The Taylor test of a Jacobian, in the Euclidean norm of the remainder.
///
/// # Errors
/// Those of [`jacobian`](super::jacobian).
pub fn taylor_of<F, R, G, S, X>(f: F, j: G, x: &X, seed: u64) -> Result<TaylorTest, Error>
where
    F: FnMut(&X::Seen) -> R,
    R: crate::Outputs<f64>,
    G: FnMut(&X::Seen) -> S,
    S: crate::Outputs<f64>,
    X: Point<f64> + ?Sized,
{
    let f = &mut vector_closure(f, x, Copied::default());
    test(f, &mut vector_closure(j, x, Copied::default()), x, seed)
}

/// The products of a matrix's rows with d, from what `of` makes of their terms.
pub(super) fn products(matrix: &[f64], d: &[f64], of: fn(f64) -> f64) -> Vec<f64> {
    let product = |row: &[f64]| row.iter().zip(d).map(|(a, d)| of(a * d)).sum();
    matrix.chunks(d.len()).map(product).collect()
}

/// A direction that moves each coordinate by up to its scale, on either side.
pub(super) fn direction(x: &[f64], random: &mut SplitMix64) -> Vec<f64> {
    x.iter()
        .map(|x| {
            let sign = if random.next_u64() & 1 == 0 {
                1.0
            } else {
                -1.0
            };
            // The scale of a coordinate that is small is not 1 for sure, nor is it |x|.
            let scale = if *x == 0.0 { 1.0 } else { x.abs() };
            sign * scale * (0.25 + 0.75 * random.uniform())
        })
        .collect()
}

/// Steps of the test: 2^-3 down to 2^-23 of the direction.
const FIRST: i32 = 3;
const STEPS: i32 = 21;
/// A remainder this many times the rounding is more than that.
const CLEAR: f64 = 30.0;
/// An error of this part of the slope has to show at the first step.
const VISIBLE: f64 = 0.01;

fn test<X: Point<f64> + ?Sized>(
    f: &mut dyn AnyFunction,
    derivative: &mut dyn AnyFunction,
    x: &X,
    seed: u64,
) -> Result<TaylorTest, Error> {
    let (x, base) = start(f, x)?;
    let x = &x[..];
    let d = direction(x, &mut SplitMix64::new(seed));
    let matrix = entries(derivative, x, "the derivative", base.len() * x.len())?;
    let slope = products(&matrix, &d, |term| term);
    let size = |v: &[f64]| v.iter().copied().fold(0.0, f64::hypot);
    let mut test = TaylorTest {
        steps: Vec::new(),
        remainders: Vec::new(),
        slope: f64::INFINITY,
        evaluations: 1,
    };
    let mut rounding = Vec::new();
    for k in FIRST..FIRST + STEPS {
        let h = f64::from(-k).exp2();
        let point: Vec<f64> = x.iter().zip(&d).map(|(x, d)| x + h * d).collect();
        let there = values(f, x, Some(&point), base.len())?;
        test.evaluations += 1;
        let remainder: Vec<f64> = (0..base.len())
            .map(|i| there[i] - base[i] - h * slope[i])
            .collect();
        // Rounding of the values, and of x + h d times the slope.
        let terms: Vec<f64> = (0..base.len())
            .map(|i| base[i].abs() + there[i].abs() + slope[i].abs())
            .collect();
        rounding.push(8.0 * f64::EPSILON * size(&terms));
        test.steps.push(h);
        test.remainders.push(size(&remainder));
    }
    let visible = VISIBLE * test.steps[0] * size(&slope);
    test.slope = fitted_slope(&test.steps, &test.remainders, &rounding, visible);
    Ok(test)
}

/// Least squares over the last steps before rounding and noise show: five of them, where terms of higher
/// order are small. An error at the first step would be `visible`.
fn fitted_slope(steps: &[f64], remainders: &[f64], rounding: &[f64], visible: f64) -> f64 {
    // Remainders that do not fall with the step are noise, in the finer half of the steps.
    let finer = remainders[remainders.len() / 2..].windows(2);
    let rising = finer.filter(|two| two[1] > 0.75 * two[0]);
    let noise = rising.map(|two| two[1]).fold(0.0, f64::max);
    let hidden = |k: &usize| remainders[*k] <= CLEAR * rounding[*k].max(noise);
    let clean = (0..steps.len()).take_while(|k| !hidden(k));
    let clean: Vec<usize> = clean.filter(|&k| remainders[k].is_finite()).collect();
    let last = &clean[clean.len().saturating_sub(5)..];
    if last.len() < 2 {
        let is_rounding = (1..steps.len()).all(|k| remainders[k] <= CLEAR * rounding[k]);
        let is_small = remainders.iter().all(|r| *r <= visible);
        let is_seen = remainders.iter().all(|r| r.is_finite());
        return if is_seen && (is_rounding || is_small) {
            f64::INFINITY
        } else {
            f64::NAN
        };
    }
    let points: Vec<(f64, f64)> = last
        .iter()
        .map(|&k| (steps[k].log2(), remainders[k].log2()))
        .collect();
    let count = points.len() as f64;
    let mean = |of: &dyn Fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (mx, my) = (mean(&|p| p.0), mean(&|p| p.1));
    let (cov, var) = (
        mean(&|p| (p.0 - mx) * (p.1 - my)),
        mean(&|p| (p.0 - mx).powi(2)),
    );
    cov / var
}
