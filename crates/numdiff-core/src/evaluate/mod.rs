//! The only place where the user's function is called: one file per driver.

pub(crate) mod adapter;
pub(crate) mod detect;
pub(crate) mod serial;
