//! Saved state as one opaque block of bytes.
//!
//! Magic (8 bytes), kind (4), version (4), length of the payload (8), payload, checksum (8) of all before; numbers are
//! little-endian. The payload is postcard's encoding, which keeps every bit of an `f64`.

/// Why saved bytes can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SavedError {
    /// The bytes are something else.
    #[error("these bytes are no saved {what}; pass what its to_bytes returned")]
    Kind {
        /// What was to be read.
        what: &'static str,
    },
    /// The bytes were written by another version of the format.
    #[error(
        "the saved {what} has version {found} of the format, and this release reads {expected}; read it with the release that wrote it"
    )]
    Version {
        /// What was to be read.
        what: &'static str,
        /// The version of the bytes.
        found: u32,
        /// The version that is read.
        expected: u32,
    },
    /// What was saved ends with another result.
    #[error(
        "the saved {what} returns {found}, not {expected}; read it as one that returns {found}"
    )]
    Result {
        /// What was to be read.
        what: &'static str,
        /// What it returns.
        found: String,
        /// What was to be returned.
        expected: String,
    },
    /// Bytes are missing, too many, or not those that were written.
    #[error(
        "the saved {what} is damaged: {found} bytes that do not fit together; take another copy"
    )]
    Damaged {
        /// What was to be read.
        what: &'static str,
        /// The number of bytes.
        found: usize,
    },
}

/// A kind of saved state.
#[cfg(feature = "serde")]
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// What it is called in errors.
    pub what: &'static str,
    /// Four letters that stand for it.
    pub tag: [u8; 4],
    /// The version of its payload.
    pub version: u32,
}

#[cfg(feature = "serde")]
const MAGIC: [u8; 8] = *b"numdiff\0";
#[cfg(feature = "serde")]
const HEADER: usize = 24;
#[cfg(feature = "serde")]
const CHECKSUM: usize = 8;

#[cfg(feature = "serde")]
impl Kind {
    /// The block that holds `state`.
    pub fn to_bytes(&self, state: &impl serde::Serialize) -> Vec<u8> {
        let Ok(payload) = postcard::to_allocvec(state) else {
            unreachable!("plain data of known length can be written")
        };
        let mut bytes = MAGIC.to_vec();
        bytes.extend(self.tag);
        bytes.extend(self.version.to_le_bytes());
        bytes.extend((payload.len() as u64).to_le_bytes());
        bytes.extend(payload);
        bytes.extend(checksum(&bytes).to_le_bytes());
        bytes
    }

    /// What a block holds.
    ///
    /// # Errors
    /// Bytes of another kind or version, and damaged ones.
    pub fn from_bytes<T: serde::de::DeserializeOwned>(
        &self,
        bytes: &[u8],
    ) -> Result<T, SavedError> {
        let what = self.what;
        if !bytes.starts_with(&MAGIC) {
            return Err(SavedError::Kind { what });
        }
        let found = bytes.len();
        let damaged = SavedError::Damaged { what, found };
        let Some(end) = found.checked_sub(CHECKSUM).filter(|end| *end >= HEADER) else {
            return Err(damaged);
        };
        let (block, sum) = bytes.split_at(end);
        let payload = &block[HEADER..];
        if sum != checksum(block).to_le_bytes()
            || block[16..HEADER] != (payload.len() as u64).to_le_bytes()
        {
            return Err(damaged);
        }
        if block[8..12] != self.tag {
            return Err(SavedError::Kind { what });
        }
        let version = u32::from_le_bytes([block[12], block[13], block[14], block[15]]);
        if version != self.version {
            return Err(SavedError::Version {
                what,
                found: version,
                expected: self.version,
            });
        }
        match postcard::take_from_bytes(payload) {
            Ok((state, [])) => Ok(state),
            _ => Err(damaged),
        }
    }
}

/// FNV-1a with 64 bits: a changed byte always changes it.
#[cfg(feature = "serde")]
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(all(test, feature = "serde"))]
mod tests {
    use super::*;

    const KIND: Kind = Kind {
        what: "test",
        tag: *b"TEST",
        version: 3,
    };

    /// Every bit comes back, of numbers that texts lose, too.
    #[test]
    fn bits_come_back() {
        let state = vec![f64::NAN, -0.0, f64::INFINITY, f64::from_bits(1), 0.1];
        let back: Vec<f64> = KIND.from_bytes(&KIND.to_bytes(&state)).unwrap();
        let bits = |v: &[f64]| v.iter().map(|x| x.to_bits()).collect::<Vec<u64>>();
        assert_eq!(bits(&back), bits(&state));
    }

    /// Any byte that is changed, missing or added is noticed.
    #[test]
    fn damage_is_noticed() {
        let bytes = KIND.to_bytes(&vec![1.5f64, 2.5]);
        let read = |bytes: &[u8]| KIND.from_bytes::<Vec<f64>>(bytes);
        for k in 0..bytes.len() {
            assert!(read(&bytes[..k]).is_err(), "{k} bytes");
            for bit in 0..8 {
                let mut other = bytes.clone();
                other[k] ^= 1 << bit;
                assert!(read(&other).is_err(), "bit {bit} of byte {k}");
            }
        }
        assert!(matches!(
            read(&[&bytes[..], &[0]].concat()),
            Err(SavedError::Damaged { .. })
        ));
        assert!(matches!(read(b"{}"), Err(SavedError::Kind { .. })));
    }

    #[test]
    fn other_kinds_and_versions_are_told_apart() {
        let bytes = KIND.to_bytes(&1.0f64);
        let other = Kind {
            tag: *b"ELSE",
            ..KIND
        };
        assert_eq!(
            other.from_bytes::<f64>(&bytes),
            Err(SavedError::Kind { what: "test" })
        );
        let newer = Kind { version: 4, ..KIND };
        assert_eq!(
            newer.from_bytes::<f64>(&bytes),
            Err(SavedError::Version {
                what: "test",
                found: 3,
                expected: 4
            })
        );
    }
}
