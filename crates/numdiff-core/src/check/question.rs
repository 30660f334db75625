//! The operators that can be checked.

use super::numeric::Question;
use crate::Status;
use crate::operators::{
    Gradient, Hessian, HessianVector, Jacobian, JacobianVector, VectorJacobian, status,
};
use crate::results::Results;
use crate::survey::Survey;

impl Question for Gradient {
    fn status(&self, _: &Survey, results: &Results, k: usize) -> Status {
        status(results, k, 0)
    }

    fn line(&self, _: usize, k: usize) -> Option<(Option<usize>, usize)> {
        Some((Some(k), 0))
    }
}

impl Question for Jacobian {
    fn status(&self, survey: &Survey, results: &Results, k: usize) -> Status {
        let n = survey.x.len();
        status(results, k % n, k / n)
    }

    fn line(&self, n: usize, k: usize) -> Option<(Option<usize>, usize)> {
        Some((Some(k % n), k / n))
    }
}

impl Question for JacobianVector {
    fn status(&self, _: &Survey, results: &Results, k: usize) -> Status {
        status(results, 0, k)
    }

    fn line(&self, _: usize, k: usize) -> Option<(Option<usize>, usize)> {
        Some((None, k))
    }
}

impl Question for VectorJacobian {
    fn status(&self, _: &Survey, results: &Results, k: usize) -> Status {
        status(results, k, 0)
    }

    fn line(&self, _: usize, _: usize) -> Option<(Option<usize>, usize)> {
        None
    }
}

impl Question for Hessian {
    fn status(&self, survey: &Survey, results: &Results, k: usize) -> Status {
        let n = survey.x.len();
        let (i, j) = ((k / n).min(k % n), (k / n).max(k % n));
        let worst = status(results, i, 0).worse(status(results, j, 0));
        if i == j {
            return worst;
        }
        worst.worse(status(results, n + i * (2 * n - i - 1) / 2 + j - i - 1, 0))
    }

    fn line(&self, _: usize, _: usize) -> Option<(Option<usize>, usize)> {
        None
    }
}

impl Question for HessianVector {
    fn status(&self, _: &Survey, results: &Results, k: usize) -> Status {
        status(results, 2 * k, 0).worse(status(results, 2 * k + 1, 0))
    }

    fn line(&self, _: usize, _: usize) -> Option<(Option<usize>, usize)> {
        None
    }
}
