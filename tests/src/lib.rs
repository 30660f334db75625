//! The tutorial as scenarios, and the tests that cross crates.
