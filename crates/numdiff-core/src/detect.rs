//! The sparsity pattern of a function, found by evaluating it.

use crate::error::expect;
use crate::evaluate::adapter::{Copied, vector_closure};
use crate::evaluate::detect::detect;
use crate::evaluate::points::numbers;
use crate::random::SplitMix64;
use crate::{Error, Outputs, Point, SparsityPattern};

/// The pattern of f's Jacobian, from where a NaN in a coordinate comes out.
///
/// About 2 k log2(n) evaluations where k is the number of colors of the pattern (80 for a
/// tridiagonal Jacobian with n = 1,000,000), at most 2 n + 1: ranges of coordinates are halved, and
/// ranges that no output shares are tested together.
///
/// A NaN goes through arithmetic whatever the values are, through `0 * x` and both terms of a sum
/// alike: what is found holds at every x that takes the same branches. **Risk:** a dependence is
/// missed where f stops the NaN and gives the same value: in comparisons and branches, `f64::max`,
/// `min` and `clamp`, conversions to integers, table look-ups. An f that checks its input fails or panics; use
/// [`detect_pattern_by_probing`] then. [`verify_pattern`](crate::FiniteDifference::verify_pattern)
/// checks the result against values.
///
/// # Errors
/// [`Error::Empty`], [`Error::NotFinite`] for x; [`Error::NonFiniteValue`] when f(x) has a
/// non-finite output; [`Error::Function`] when f fails.
///
/// # Example
/// ```
/// use ndarray::Array1;
/// let f = |x: &Array1<f64>| Array1::from_shape_fn(x.len() - 1, |i| x[i] * x[i + 1]);
/// let pattern = numdiff_core::detect_pattern(f, &Array1::ones(5))?;
/// assert_eq!(pattern, numdiff_core::SparsityPattern::banded(4, 5, 0, 1)?);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
pub fn detect_pattern<F, R, X>(f: F, x: &X) -> Result<SparsityPattern, Error>
where
    F: FnMut(&X::Seen) -> R,
    R: Outputs<f64>,
    X: Point<f64> + ?Sized,
{
    let mut base = Vec::new();
    numbers(x, &mut base)?;
    let mut f = vector_closure(f, x, Copied::default());
    detect(&mut f, &base, |_| f64::NAN)
}

/// The pattern of f's Jacobian, from which outputs change when coordinates move a little.
///
/// Each of `probes` probes begins at a random point near x, moves each coordinate by up to 1 % of
/// max(|x_i|, 1), and compares bits; what any probe finds counts. Evaluations: those of
/// [`detect_pattern`] for each probe. The same `seed` gives the same probes in every version.
///
/// **Risk:** a dependence is missed where f does not feel it near x: behind a branch that is not
/// taken, on a plateau, where it is smaller than the rounding of the output. Values outside f's
/// domain may be asked for. More probes help against chance, not against distance.
///
/// # Errors
/// Those of [`detect_pattern`]; [`Error::OutOfRange`] for no probes.
pub fn detect_pattern_by_probing<F, R, X>(
    mut f: F,
    x: &X,
    probes: usize,
    seed: u64,
) -> Result<SparsityPattern, Error>
where
    F: FnMut(&X::Seen) -> R,
    R: Outputs<f64>,
    X: Point<f64> + ?Sized,
{
    let mut center = Vec::new();
    numbers(x, &mut center)?;
    expect(probes > 0, "probes", 0.0, "at least 1")?;
    let mut random = SplitMix64::new(seed);
    let mut near = || {
        let near = |x: &f64| x + 0.01 * x.abs().max(1.0) * (2.0 * random.uniform() - 1.0);
        center.iter().map(near).collect::<Vec<f64>>()
    };
    let mut found: Option<SparsityPattern> = None;
    for _ in 0..probes {
        let (base, displaced) = (near(), near());
        let mut f = vector_closure(&mut f, x, Copied::default());
        let pattern = detect(&mut f, &base, |j| displaced[j])?;
        found = Some(match found {
            None => pattern,
            Some(earlier) => earlier.union(&pattern)?,
        });
    }
    found.ok_or(Error::Empty { argument: "probes" })
}
