//! Newton's method on products with the Hessian.

use super::steihaug::steihaug;
use super::{At, Direction};
use crate::interrupt::Interrupt;
use crate::matrix::norm;
use crate::search::Search;

/// Conjugate gradients on products with the Hessian: two gradients each, or differences of f.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct NewtonCg {
    /// The decrease that the model predicts for the last direction.
    predicted: f64,
}

impl Direction for NewtonCg {
    fn search(&self) -> Search {
        Search::Backtracking
    }

    fn has_scale(&self) -> bool {
        true
    }

    /// Conjugate gradients to the residual min(1/2, sqrt |g|) |g|, which converges superlinearly
    /// (Nocedal and Wright, algorithm 7.1).
    fn direction(&mut self, at: At<'_, '_>, p: &mut [f64]) -> Result<(), Interrupt> {
        let (problem, x) = (at.problem, at.x);
        let free: Vec<bool> = (0..x.len())
            .map(|i| problem.bounds.is_free(i, x[i], at.g[i]))
            .collect();
        let g = problem.bounds.projected(x, at.g);
        let tolerance = norm(&g).sqrt().min(0.5);
        let mut interrupt = None;
        let (step, predicted) =
            steihaug(
                &g,
                at.radius.unwrap_or(f64::INFINITY),
                tolerance,
                |v| match problem.hessian(x, Some(v)) {
                    Ok(product) => product.map(|mut product| {
                        product.iter_mut().zip(&free).for_each(|(b, &free)| {
                            if !free {
                                *b = 0.0
                            }
                        });
                        product
                    }),
                    Err(cause) => {
                        interrupt = Some(cause);
                        None
                    }
                },
            );
        match interrupt {
            Some(interrupt) => Err(interrupt),
            None => {
                p.copy_from_slice(&step);
                self.predicted = predicted;
                Ok(())
            }
        }
    }

    fn predicted(&self, _: &[f64], _: &[f64]) -> Option<f64> {
        Some(self.predicted)
    }
}
