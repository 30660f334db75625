//! Tests of the public interface.

mod adaptive;
mod coloring;
#[cfg(all(feature = "rayon", feature = "serde"))]
mod drivers;
mod fixed;
mod operators;
mod patterns;
mod sparse;
