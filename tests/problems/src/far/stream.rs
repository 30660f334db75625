//! Random numbers from a seed.

/// SplitMix64: the stream of a seed never changes.
pub(crate) struct Stream(u64);

impl Stream {
    pub fn new(seed: u64) -> Self {
        Stream(seed)
    }

    /// Uniform between both.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let share = ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64;
        low + share * (high - low)
    }

    /// Ten to a power that is uniform between both.
    pub fn power(&mut self, low: f64, high: f64) -> f64 {
        10f64.powf(self.between(low, high))
    }

    /// One or minus one.
    pub fn sign(&mut self) -> f64 {
        self.between(-1.0, 1.0).signum()
    }

    /// Of mean 0 and variance 1: the sum of twelve.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.between(-0.5, 0.5)).sum()
    }

    /// Any of them.
    pub fn pick(&mut self, among: &[f64]) -> f64 {
        let k = self.between(0.0, among.len() as f64) as usize;
        among[k.min(among.len() - 1)]
    }
}
