//! Truths about networks.

mod article;
mod check;
mod golden;
mod idx_files;
mod kernels;
mod layers;
mod networks;
mod objective;
mod own_layer;
mod rungs;
mod saving;
mod settings;
mod training;
mod tutorial;
