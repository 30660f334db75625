//! Reference problems for optimizers.
