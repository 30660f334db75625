//! The commands from outside, as a reader runs them; and numdiff-nn, which is optimized here, against all of its
//! golden files.

#[path = "../../../../crates/numdiff-nn/tests/it/article.rs"]
mod article;
#[path = "../../../../crates/numdiff-nn/tests/it/golden.rs"]
mod golden;
mod train;

/// Whether every golden run goes to its end.
const TO_THE_END: bool = true;
