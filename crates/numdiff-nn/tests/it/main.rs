//! Truths about networks.

mod tutorial;
