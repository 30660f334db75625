//! Entries of a gradient shared out over threads; every entry is computed alone, so their number
//! does not show in the result.

use crate::Error;
use crate::share::share;

/// Calls `job(state, i, &mut items[i])` for every item on so many threads, each with a state of its own; returns the
/// indices of those that said true.
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
