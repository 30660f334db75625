//! Work for several threads.

use crate::Error;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Runs `work` for each number of a range on several threads, each with buffers of its own.
/// Returns what it found, in order, up to the first error, and this error.
pub(crate) fn each<B: Default, R: Send>(
    range: std::ops::Range<usize>,
    threads: usize,
    work: impl Fn(&mut B, usize) -> Result<R, Error> + Sync,
) -> (Vec<R>, Option<Error>) {
    let next = AtomicUsize::new(range.start);
    let failed = AtomicBool::new(false);
    let mut done: Vec<Vec<(usize, Result<R, Error>)>> = Vec::new();
    done.resize_with(threads.clamp(1, range.len().max(1)), Vec::new);
    share(&mut done, |own| {
        let mut buffers = B::default();
        // Numbers are taken in order, and what is taken is done: nothing before an error is missing.
        while !failed.load(Ordering::Relaxed) {
            let i = next.fetch_add(1, Ordering::Relaxed);
            if i >= range.end {
                break;
            }
            let found = work(&mut buffers, i);
            if found.is_err() {
                failed.store(true, Ordering::Relaxed);
            }
            own.push((i, found));
        }
    });
    let mut done: Vec<_> = done.into_iter().flatten().collect();
    done.sort_unstable_by_key(|(i, _)| *i);
    let mut found = Vec::with_capacity(done.len());
    for (_, result) in done {
        match result {
            Ok(result) => found.push(result),
            Err(error) => return (found, Some(error)),
        }
    }
    (found, None)
}

/// Runs `work` once for each item, the last on this thread.
pub(super) fn share<I: Send>(items: &mut [I], work: impl Fn(&mut I) + Sync) {
    let Some((last, others)) = items.split_last_mut() else {
        return;
    };
    rayon::in_place_scope(|scope| {
        for item in others {
            let work = &work;
            scope.spawn(move |_| work(item));
        }
        work(last);
    });
}
