//! Items shared out over threads.

use std::sync::{Mutex, PoisonError};
use std::thread::Builder;

/// Threads started at the most. Each takes a few of the 65,530 pieces of memory that a Linux process
/// has by default, and one that starts without finding them ends the process.
const MOST: usize = 1024;

/// Calls `work(first, part)` for nearly equal contiguous parts of the items, as many as threads, and
/// returns what it said, part after part. The caller's thread is one of them. When the system has no
/// more threads to give, those that there are do it all.
///
/// # Panics
/// With what `work` panicked with.
pub(crate) fn share<I: Send, R: Send>(
    items: &mut [I],
    threads: usize,
    work: impl Fn(usize, &mut [I]) -> R + Sync,
) -> Vec<R> {
    let (len, parts) = (items.len(), threads.min(items.len()).clamp(1, MOST));
    if parts == 1 {
        return vec![work(0, items)];
    }
    let mut rest = items;
    let mut next = 0;
    let queue = Mutex::new(std::iter::from_fn(move || {
        (next < parts).then(|| {
            let (begin, end) = (next * len / parts, (next + 1) * len / parts);
            let (part, behind) = std::mem::take(&mut rest).split_at_mut(end - begin);
            (rest, next) = (behind, next + 1);
            (begin, part)
        })
    }));
    let run = || {
        let mut said = Vec::new();
        loop {
            // Taken under the lock, worked on without it.
            let part = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((begin, part)) = part else {
                return said;
            };
            said.push((begin, work(begin, part)));
        }
    };
    let mut said = std::thread::scope(|scope| {
        let spawn = |_| Builder::new().spawn_scoped(scope, run).ok();
        let handles: Vec<_> = (1..parts).map_while(spawn).collect();
        let mut said = run();
        for handle in handles {
            // A panic of a user's layer is the caller's to see.
            said.extend(
                handle
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            );
        }
        said
    });
    said.sort_by_key(|(begin, _)| *begin);
    said.into_iter().map(|(_, said)| said).collect()
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn every_item_once_and_in_order() {
        for len in [0, 1, 2, 3, 7, 100, 3000] {
            for threads in [1, 2, 3, 8, 200, usize::MAX] {
                let mut items = vec![0; len];
                let parts = share(&mut items, threads, |first, part| {
                    part.iter_mut()
                        .zip(first..)
                        .for_each(|(item, i)| *item += i);
                    (first, part.len())
                });
                assert_eq!(items, (0..len).collect::<Vec<_>>());
                let mut end = 0;
                for (first, len) in parts {
                    assert_eq!(first, end);
                    end += len;
                }
                assert_eq!(end, len);
            }
        }
    }
}
