//! Tests of the public interface.

mod adaptive;
mod bugs;
mod check;
mod coloring;
#[cfg(feature = "complex")]
mod complex;
#[cfg(all(feature = "rayon", feature = "serde"))]
mod drivers;
mod error_bars;
mod fixed;
mod in_place;
mod noise;
mod operators;
mod patterns;
mod sparse;
mod stream;
mod stream_hessian;
