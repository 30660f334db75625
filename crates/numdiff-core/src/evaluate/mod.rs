//! Where the user's function is called: a file for each way of evaluating a plan, and wrappers for what stands beside the plans.

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

/// Is told how many evaluations were made and how many of the round are open.
pub(crate) type Watch<'w> = dyn FnMut(usize, usize) + Send + 'w;
