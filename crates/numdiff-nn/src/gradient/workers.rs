//! Entries of a gradient shared out over threads; every entry is computed alone, so their number
//! does not show in the result.

use crate::Error;
use crate::share::share;

/// Fills `flat[i - first]` by `entry(state, i)` on so many threads, each with a state of its own.
/// Returns the indices for which `entry` reported a kink.
pub(super) fn fill<S>(
    flat: &mut [f64],
    first: usize,
    threads: usize,
    state: impl Fn() -> S + Sync,
    entry: impl Fn(&mut S, usize) -> Result<(f64, bool), Error> + Sync,
) -> Result<Vec<usize>, Error> {
    let kinks = each(flat, threads, state, |state, i, value| {
        let kink;
        (*value, kink) = entry(state, first + i)?;
        Ok(kink)
    })?;
    Ok(kinks.into_iter().map(|i| first + i).collect())
}

/// Calls `job(state, i, &mut items[i])` for every item; returns the indices of those that said true.
pub(super) fn each<I: Send, S>(
    items: &mut [I],
    threads: usize,
    state: impl Fn() -> S + Sync,
    job: impl Fn(&mut S, usize, &mut I) -> Result<bool, Error> + Sync,
) -> Result<Vec<usize>, Error> {
    let parts = share(items, threads, |begin, part| {
        let (mut state, mut said) = (state(), Vec::new());
        for (item, i) in part.iter_mut().zip(begin..) {
            if job(&mut state, i, item)? {
                said.push(i);
            }
        }
        Ok(said)
    });
    Ok(parts
        .into_iter()
        .collect::<Result<Vec<_>, Error>>()?
        .concat())
}
