//! Tests of the public interface.

mod coloring;
mod fixed;
mod operators;
