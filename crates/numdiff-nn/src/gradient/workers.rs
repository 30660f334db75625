//! Entries of a gradient shared out over threads; every entry is computed alone, so their number
//! does not show in the result.

use crate::Error;
use std::ops::Range;

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
    let work = |part: &mut [I], begin: usize| -> Result<Vec<usize>, Error> {
        let (mut state, mut said) = (state(), Vec::new());
        for (item, i) in part.iter_mut().zip(begin..) {
            if job(&mut state, i, item)? {
                said.push(i);
            }
        }
        Ok(said)
    };
    let parts = split(items.len(), threads);
    if parts.len() <= 1 {
        return work(items, 0);
    }
    std::thread::scope(|scope| {
        let (mut rest, mut handles) = (items, Vec::new());
        for range in parts {
            let (part, behind) = rest.split_at_mut(range.len());
            rest = behind;
            let work = &work;
            handles.push(scope.spawn(move || work(part, range.start)));
        }
        let mut said = Vec::new();
        for handle in handles {
            // A panic of a user's layer is the caller's to see.
            said.extend(
                handle
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?,
            );
        }
        Ok(said)
    })
}

/// Nearly equal contiguous parts, none empty.
fn split(len: usize, threads: usize) -> Vec<Range<usize>> {
    let parts = threads.min(len).max(1);
    (0..parts)
        .map(|p| p * len / parts..(p + 1) * len / parts)
        .collect()
}
