//! Methods that follow a learning rate.

mod batches;
mod optimizer;
mod run;
mod update_rule;

pub(crate) use batches::{BatchDescent, Batches};
pub use optimizer::Optimizer;
pub(crate) use run::FirstOrderRun;
pub(crate) use update_rule::UpdateRule;
