//! Tests of the public interface.

mod adaptive;
mod coloring;
mod fixed;
mod operators;
mod patterns;
mod sparse;
