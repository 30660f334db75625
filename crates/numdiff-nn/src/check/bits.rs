//! Random numbers of a check.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Random signs and weights.
pub(super) struct Bits(ChaCha8Rng);

impl Bits {
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self(rng)
    }

    pub fn next(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// 1 or -1.
    pub fn sign(&mut self) -> f64 {
        if self.next() >> 63 == 0 { 1.0 } else { -1.0 }
    }

    /// Between 1/2 and 1, of either sign.
    pub fn weight(&mut self) -> f64 {
        let size = 0.5 + (self.next() >> 11) as f64 / (1u64 << 54) as f64;
        self.sign() * size
    }
}
