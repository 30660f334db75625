//! Tests of the public interface.

mod fixed;
mod operators;
