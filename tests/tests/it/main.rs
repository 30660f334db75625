//! Tests of the scenarios and of the workspace as a whole.

mod house_rules;
mod scenarios;
