//! Truths about networks.

mod networks;
mod rungs;
mod tutorial;
