#![doc = include_str!("../README.md")]

mod error;
mod gradient_descent;

pub use error::Error;
pub use gradient_descent::gradient_descent;
