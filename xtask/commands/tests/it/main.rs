//! The commands from outside, as a reader runs them.

mod train;
