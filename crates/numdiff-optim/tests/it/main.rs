//! Integration tests.

mod bad_input;
mod battery;
mod budgets;
mod claims;
mod constrained_drivers;
mod constrained_fits;
mod constraints;
mod degenerate_constraints;
mod domain;
mod far;
mod fits;
mod gradient_descent;
mod hock_schittkowski;
mod least_squares;
mod minimality;
mod more_hock_schittkowski;
mod nist;
mod points;
mod quadratic_programs;
mod rates;
mod resume;
mod searches;
mod slices;
mod spared_probes;
mod statuses;
mod truths;
