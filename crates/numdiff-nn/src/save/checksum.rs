//! A checksum of what a file says.

use serde_json::Value;

/// FNV-1a over what a value says, not over how it is written: white space, the order of the keys and
/// the ways to write a number do not show. A file with one damaged digit is a network, too; it is
/// another one.
pub(super) fn checksum(value: &Value) -> u64 {
    fn feed(hash: &mut Fnv, value: &Value) {
        match value {
            Value::Null => hash.add(b"n"),
            Value::Bool(said) => hash.add(&[b'b', u8::from(*said)]),
            Value::String(text) => {
                hash.add(b"s");
                hash.add(&text.len().to_le_bytes());
                hash.add(text.as_bytes());
            }
            Value::Number(number) => {
                hash.add(b"d");
                // Counts beyond 2^53 are seeds; what is not a count is a number of a network.
                match number.as_u64() {
                    Some(count) => hash.add(&count.to_le_bytes()),
                    None => hash.add(&number.as_f64().map_or(0, f64::to_bits).to_le_bytes()),
                }
            }
            Value::Array(values) => {
                hash.add(b"a");
                hash.add(&values.len().to_le_bytes());
                values.iter().for_each(|value| feed(hash, value));
            }
            Value::Object(map) => {
                hash.add(b"o");
                let mut fields: Vec<_> = map.iter().collect();
                fields.sort_by_key(|(key, _)| *key);
                for (key, value) in fields {
                    hash.add(&key.len().to_le_bytes());
                    hash.add(key.as_bytes());
                    feed(hash, value);
                }
            }
        }
    }
    let mut hash = Fnv::default();
    feed(&mut hash, value);
    hash.0
}

/// FNV-1a (Fowler, Noll, Vo): notices damage, not malice.
pub(crate) struct Fnv(pub(crate) u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}
