//! Figures of the guide that belong to no scenario; `cargo xtask repro` draws them beside the scenarios'.

mod convergence;
mod noise_against_step;
mod sparsity_pattern;

use crate::Failure;
use crate::figure::Figure;

/// All of them.
pub fn illustrations() -> Result<Vec<Figure>, Failure> {
    Ok(vec![
        noise_against_step::figure()?,
        sparsity_pattern::figure()?,
        convergence::figure()?,
    ])
}
