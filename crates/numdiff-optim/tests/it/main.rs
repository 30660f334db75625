//! Integration tests.

mod gradient_descent;
