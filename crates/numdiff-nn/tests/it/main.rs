//! Truths about networks.

mod algorithms;
mod article;
mod check;
mod check_properties;
mod golden;
mod idx_files;
mod kernels;
mod layers;
mod more_layers;
mod networks;
mod objective;
mod own_layer;
mod own_layers;
mod ranges;
mod running_statistics;
mod saving;
mod settings;
mod training;
mod tutorial;
mod written_layers;

/// Whether every golden run goes to its end.
const TO_THE_END: bool = !cfg!(debug_assertions);
