//! Saving `f64` to the last bit in any format: JSON has no infinities, and some readers round.

use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

/// What is made of `f64`s and saved as their bits.
pub(crate) trait Bits: Sized {
    fn put(&self, out: &mut Vec<u64>);
    fn take(from: &mut impl Iterator<Item = u64>) -> Option<Self>;
}

impl Bits for f64 {
    fn put(&self, out: &mut Vec<u64>) {
        out.push(self.to_bits());
    }
    fn take(from: &mut impl Iterator<Item = u64>) -> Option<Self> {
        from.next().map(f64::from_bits)
    }
}

impl<T: Bits> Bits for Vec<T> {
    fn put(&self, out: &mut Vec<u64>) {
        out.push(self.len() as u64);
        self.iter().for_each(|v| v.put(out));
    }
    fn take(from: &mut impl Iterator<Item = u64>) -> Option<Self> {
        let length = from.next()?;
        (0..length).map(|_| T::take(from)).collect()
    }
}

impl<T: Bits> Bits for Option<T> {
    fn put(&self, out: &mut Vec<u64>) {
        out.push(u64::from(self.is_some()));
        if let Some(value) = self {
            value.put(out);
        }
    }
    fn take(from: &mut impl Iterator<Item = u64>) -> Option<Self> {
        match from.next()? {
            0 => Some(None),
            _ => T::take(from).map(Some),
        }
    }
}

impl<A: Bits, B: Bits> Bits for (A, B) {
    fn put(&self, out: &mut Vec<u64>) {
        self.0.put(out);
        self.1.put(out);
    }
    fn take(from: &mut impl Iterator<Item = u64>) -> Option<Self> {
        Some((A::take(from)?, B::take(from)?))
    }
}

pub(crate) fn serialize<T: Bits, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    let mut bits = Vec::new();
    value.put(&mut bits);
    to.collect_seq(bits)
}

pub(crate) fn deserialize<'de, T: Bits, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    let mut bits = Vec::<u64>::deserialize(from)?.into_iter();
    T::take(&mut bits).ok_or_else(|| D::Error::custom("numbers are missing from the checkpoint"))
}
