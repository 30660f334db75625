//! Truths about networks.

mod check;
mod networks;
mod rungs;
mod tutorial;
