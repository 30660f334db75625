//! The order of the samples in an epoch.

use ndarray_rand::rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// 0 to rows - 1, shuffled by ChaCha8 on the stream of the epoch: any epoch can be had without those
/// before it. In natural order without a seed.
pub(super) fn of_epoch(rows: usize, seed: Option<u64>, epoch: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows).collect();
    if let Some(seed) = seed {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(epoch);
        order.shuffle(&mut rng);
    }
    order
}
