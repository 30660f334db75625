//! Tests of the public interface.

mod adaptive;
mod automatic_steps;
mod bad_input;
mod bugs;
mod check;
mod coloring;
#[cfg(feature = "complex")]
mod complex;
#[cfg(feature = "complex")]
mod complex_confirmed;
mod composition;
mod counts;
#[cfg(all(feature = "rayon", feature = "serde"))]
mod directions;
mod drivers;
mod entries;
mod error_bars;
mod fine_structure;
mod fixed;
mod fuzz;
mod given_values;
mod in_place;
mod noise;
mod operators;
mod pairs;
mod parity;
mod patterns;
mod points;
mod polynomials;
mod products;
mod progress;
mod promises;
mod propagation;
mod reach;
mod rounded;
#[cfg(feature = "rayon")]
mod rows;
mod samples;
#[cfg(feature = "serde")]
mod saved_plans;
#[cfg(feature = "rayon")]
mod sharing;
mod signed_steps;
mod sparse;
mod staircases;
mod steep;
mod stream;
mod stream_hessian;
mod truncation;
mod workers;
