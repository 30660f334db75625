//! The only place where the user's function is called: one file per driver.

pub(crate) mod adapter;
pub(crate) mod along;
pub(crate) mod batch;
#[cfg(feature = "complex")]
pub(crate) mod complex;
pub(crate) mod detect;
pub(crate) mod points;
pub(crate) mod rounds;
pub(crate) mod serial;
pub(crate) mod stream;
#[cfg(feature = "rayon")]
pub(crate) mod threads;
pub(crate) mod values;
pub(crate) mod workers;
pub(crate) mod workspace;
