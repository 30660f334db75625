//! Drawings and pages, for `cargo xtask` and the commands beneath it.
#![allow(
    missing_docs,
    reason = "an unpublished package: its modules say what they hold"
)]

mod axis;
pub mod figure;
pub mod page;
pub mod palette;
pub mod text;

/// The version of the workspace.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
