//! Truths about networks.

mod check;
mod golden;
mod idx_files;
mod kernels;
mod networks;
mod objective;
mod rungs;
mod saving;
mod training;
mod tutorial;
