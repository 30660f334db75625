//! What is expected of settings, lengths and f's outputs, and the error of what is not so.

use super::Error;

/// Errs with the argument's name unless a setting is in its range.
pub(crate) fn expect(
    in_range: bool,
    argument: &'static str,
    value: f64,
    expected: &'static str,
) -> Result<(), Error> {
    if in_range {
        return Ok(());
    }
    Err(Error::OutOfRange {
        argument,
        value,
        expected,
    })
}

/// Errs with the argument's name unless it has as many elements as are needed.
pub(crate) fn expect_length(
    argument: &'static str,
    found: usize,
    expected: usize,
) -> Result<(), Error> {
    if found == expected {
        return Ok(());
    }
    Err(Error::Length {
        argument,
        found,
        expected,
    })
}

/// The number of outputs that f gave, which stays the same; `expected` is 0 before it is known.
pub(crate) fn expect_outputs(found: usize, expected: usize) -> Result<usize, Error> {
    if found == 0 {
        let argument = "f's output";
        return Err(Error::Empty { argument });
    }
    if expected == 0 || found == expected {
        return Ok(found);
    }
    Err(Error::OutputsChanged { found, expected })
}
