//! Items shared out over threads.

use rayon::prelude::*;

/// Calls `work(first, part)` for nearly equal contiguous parts of the items, at most as many as threads, and
/// returns what it said, part after part. They run on rayon's pool, at once as far as that has threads; one part
/// alone stays on the caller's.
///
/// # Panics
/// With what `work` panicked with.
pub(crate) fn share<I: Send, R: Send>(
    items: &mut [I],
    threads: usize,
    work: impl Fn(usize, &mut [I]) -> R + Sync,
) -> Vec<R> {
    // One part needs no pool.
    let most = threads.min(items.len());
    let parts = if most > 1 {
        most.min(rayon::current_num_threads())
    } else {
        1
    };
    if parts == 1 {
        return vec![work(0, items)];
    }
    let size = items.len().div_ceil(parts);
    let parts = items.par_chunks_mut(size).enumerate();
    parts
        .map(|(part, items)| work(part * size, items))
        .collect()
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
