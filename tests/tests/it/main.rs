//! Tests of the scenarios and of the workspace as a whole.

mod scenarios;
