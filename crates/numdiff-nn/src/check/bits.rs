//! Random numbers of a check.

/// Random bits: the generator splitmix64 (Steele, Lea and Flood 2014).
pub(super) struct Bits(u64);

impl Bits {
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut bits = Self(seed);
        Self(bits.next() ^ stream.wrapping_mul(0xd134_2543_de82_ef95))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
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
