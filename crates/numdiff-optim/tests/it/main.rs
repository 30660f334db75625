//! Integration tests.

mod gradient_descent;
mod statuses;
