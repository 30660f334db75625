//! The block of bytes in which a plan is saved: magic, format version, kind, length, contents, checksum.
//! Numbers are little-endian; the checksum is of all bytes before it.

use crate::error::SavedPlanError;

const MAGIC: &[u8; 8] = b"ndplan\r\n";

/// Raised by whatever changes what is saved of a plan.
const VERSION: u16 = 1;

const CHECKSUM: usize = 8;

/// The block of these contents.
pub(super) fn wrap(kind: &str, contents: &[u8]) -> Vec<u8> {
    let mut block =
        Vec::with_capacity(MAGIC.len() + 2 + 1 + kind.len() + 8 + contents.len() + CHECKSUM);
    block.extend(MAGIC);
    block.extend(VERSION.to_le_bytes());
    block.push(kind.len() as u8);
    block.extend(kind.as_bytes());
    block.extend((contents.len() as u64).to_le_bytes());
    block.extend(contents);
    block.extend(checksum(&block).to_le_bytes());
    block
}

/// The contents of a block of this kind.
pub(super) fn unwrap<'b>(kind: &str, block: &'b [u8]) -> Result<&'b [u8], SavedPlanError> {
    let mut rest = block.strip_prefix(MAGIC).ok_or(SavedPlanError::NoPlan)?;
    let found = u16::from_le_bytes(*take(&mut rest)?);
    if found != VERSION {
        return Err(SavedPlanError::Version {
            found,
            expected: VERSION,
        });
    }
    let [length] = *take(&mut rest)?;
    let (name, mut rest) = rest
        .split_at_checked(usize::from(length))
        .ok_or(SavedPlanError::NoPlan)?;
    let length = u64::from_le_bytes(*take(&mut rest)?);
    let before = block.len() - rest.len();
    let expected = length.saturating_add((before + CHECKSUM) as u64);
    if block.len() as u64 != expected {
        return Err(SavedPlanError::Length {
            found: block.len() as u64,
            expected,
        });
    }
    let (all, sum) = block.split_at(block.len() - CHECKSUM);
    if checksum(all).to_le_bytes() != sum {
        return Err(SavedPlanError::Damaged);
    }
    if name != kind.as_bytes() {
        return Err(SavedPlanError::Kind {
            found: String::from_utf8_lossy(name).into_owned(),
            expected: kind.to_owned(),
        });
    }
    Ok(&all[before..])
}

fn take<'b, const N: usize>(rest: &mut &'b [u8]) -> Result<&'b [u8; N], SavedPlanError> {
    let (first, others) = rest.split_first_chunk().ok_or(SavedPlanError::NoPlan)?;
    *rest = others;
    Ok(first)
}

/// FNV-1a of 64 bits: each byte changed alone changes it.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, &byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
