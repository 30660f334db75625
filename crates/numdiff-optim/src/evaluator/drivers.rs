//! Where the values of a round come from: one after the other, by threads, or by the caller's own means.

#[cfg(feature = "rayon")]
use super::point::CallerPoint;
#[cfg(feature = "rayon")]
use super::simulated::Returned;
use crate::interrupt::Cause;
use ndarray::{Array2, ArrayView2};
#[cfg(feature = "rayon")]
use numdiff_core::Point;

/// The function at many points by the caller's own means: one row each.
pub(crate) type Batch<'a, T> = Box<dyn FnMut(ArrayView2<'_, f64>) -> Vec<Result<T, Cause>> + 'a>;

/// The function at many points by threads.
pub(crate) type Threads<F, X, T> = fn(&F, &X, &[Vec<f64>]) -> Vec<Result<T, Cause>>;

/// Where the values of a probe come from.
pub(crate) enum Driver<'a, F, X: ?Sized, T> {
    Serial,
    /// Chosen where the function is known to be shareable.
    #[cfg_attr(not(feature = "rayon"), allow(dead_code))]
    Threads(Threads<F, X, T>),
    Batch(Batch<'a, T>),
}

impl<F, X: ?Sized, T> Driver<'_, F, X, T> {
    /// All points together, where that is how they are evaluated.
    pub fn run(&mut self, f: &F, x0: &X, points: &[Vec<f64>]) -> Vec<Result<T, Cause>> {
        match self {
            Driver::Serial => Vec::new(),
            Driver::Threads(threads) => threads(f, x0, points),
            Driver::Batch(batch) => {
                let n = points.first().map_or(0, Vec::len);
                let mut rows = Array2::zeros((points.len(), n));
                for (mut row, point) in rows.rows_mut().into_iter().zip(points) {
                    row.iter_mut().zip(point).for_each(|(slot, &v)| *slot = v);
                }
                batch(rows.view())
            }
        }
    }
}

/// Evaluates the points on rayon's threads; the order of what is returned is that of the points.
#[cfg(feature = "rayon")]
pub(crate) fn by_threads<F, R, X, T>(f: &F, x0: &X, points: &[Vec<f64>]) -> Vec<Result<T, Cause>>
where
    F: Fn(&X::Seen) -> R + Sync,
    R: Returned<T>,
    X: Point<f64> + Sync + ?Sized,
    T: Send,
{
    use rayon::prelude::*;
    let one = |seen: &mut CallerPoint<X>, x: &Vec<f64>| f(seen.at(x)).untyped();
    points
        .par_iter()
        .map_init(|| CallerPoint::new(x0), one)
        .collect()
}
