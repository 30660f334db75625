//! The user's functions as a run calls them, over flat numbers, x in row-major order.

mod closures;
mod constraints;
mod drivers;
mod point;
mod simulated;
mod source;
mod values;

pub(crate) use closures::{Callback, Function, Given, given, numbers};
pub(crate) use constraints::Constraints;
#[cfg(feature = "rayon")]
pub(crate) use drivers::by_threads;
pub(crate) use drivers::{Batch, Driver};
pub(crate) use point::CallerPoint;
pub use simulated::Simulated;
pub(crate) use simulated::{Own, Returned};
pub(crate) use source::GradientSource;
pub use values::ConstraintValues;
