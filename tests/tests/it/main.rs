//! Tests of the scenarios and of the workspace as a whole.

mod bad_input;
mod comparison;
mod house_rules;
mod layers;
mod scenarios;
