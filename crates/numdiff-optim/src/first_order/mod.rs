//! Methods that follow a learning rate.

mod batches;
mod optimizer;
mod run;
mod update_rule;

pub(crate) use batches::BatchDescent;
pub use optimizer::Optimizer;
pub(crate) use run::FirstOrderRun;
pub(crate) use update_rule::UpdateRule;
