//! A checksum of what a file says.

use serde_json::Value;

/// [`fnv`] over what a value says, not over how it is written: white space, the order of the keys and
/// the ways to write a number do not show. A file with one damaged digit is a network, too; it is
/// another one.
pub(super) fn checksum(value: &mut Value) -> u64 {
    // Where keys keep the order in which they were written.
    value.sort_all_objects();
    fnv(value.to_string().bytes())
}

/// FNV-1a (Fowler, Noll, Vo): notices damage, not malice.
pub(crate) fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
