//! Work for several threads.

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
