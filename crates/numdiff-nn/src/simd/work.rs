//! Work shared out over threads, when it is worth them.

use crate::share::share;

/// Operations on the lanes below which threads cost more than they save: waking one takes some 10 to
/// 100 us, and a core does about two such operations a nanosecond, so this is the work of a millisecond.
/// Where nothing is optimized, an operation is many calls.
const WORTH_A_THREAD: f64 = if cfg!(debug_assertions) { 5e3 } else { 2e6 };

/// Calls `f` with each item and its index, on so many threads when the work (in operations
/// on the lanes, roughly) is worth it. An item is always computed by one thread in one order,
/// so the bits do not depend on the number of threads.
pub(crate) fn each<T: Send>(
    items: &mut [T],
    threads: usize,
    work: f64,
    f: impl Fn(usize, &mut T) + Sync,
) {
    let threads = if work < WORTH_A_THREAD { 1 } else { threads };
    share(items, threads, |first, part| {
        for (item, i) in part.iter_mut().zip(first..) {
            f(i, item);
        }
    });
}
