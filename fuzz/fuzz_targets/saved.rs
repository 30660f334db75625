//! Any bytes as a saved plan: an error, and never a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ndarray::{Array1, Array2};
use numdiff_core::{AskTell, Estimate, SparseMatrix};

fuzz_target!(|bytes: &[u8]| {
    assert!(AskTell::<f64>::from_bytes(bytes).is_err());
    assert!(AskTell::<Array1<f64>>::from_bytes(bytes).is_err());
    assert!(AskTell::<Estimate<Array2<f64>>>::from_bytes(bytes).is_err());
    assert!(AskTell::<SparseMatrix<f32>>::from_bytes(bytes).is_err());
});
