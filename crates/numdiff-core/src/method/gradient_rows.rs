//! The gradients at many points, the rows of an array: f sees one row at a time.

// The private parts of what a run is made of keep it to this crate.
#![allow(private_interfaces, private_bounds)]

use super::Method;
use super::destination::Goal;
use super::run::{Kind, Run};
#[cfg(feature = "rayon")]
use crate::evaluate::adapter::Copied;
use crate::evaluate::adapter::scalar_closure;
use crate::workspace::Workspace;
use crate::{Error, Outcome, Real};
use ndarray::{Array1, Array2, ArrayRef, ArrayView1, Ix2};

/// f sees one row at a time.
#[derive(Clone, Copy, Debug)]
pub struct EachRow;

impl<T: Real> Kind<ArrayRef<T, Ix2>, T> for EachRow {
    type Shape = Array2<T>;
    type Scratch = Array1<T>;
}

impl<'a, M, T, D> Run<'a, M, ArrayRef<T, Ix2>, [T; 0], EachRow, D>
where
    M: Method<Number = T>,
    T: Real,
    D: Goal<'a, M, ArrayRef<T, Ix2>, Array2<T>, Array1<T>>,
{
    /// The rows one after the other.
    pub fn serial<F, R>(self, f: F) -> Result<D::Done, Error>
    where
        F: FnMut(&Array1<T>) -> R,
        R: Outcome<T>,
    {
        let first = first(self.question.x);
        self.evaluate(|question, workspace, watch| {
            let Workspace { point, buffers, .. } = workspace;
            question.serial(&mut scalar_closure(f, &first, point), buffers, watch)
        })
    }

    /// Many rows are shared among threads, where that pays; of few rows the evaluations are.
    #[cfg(feature = "rayon")]
    pub fn parallel<F, R>(self, f: F) -> Result<D::Done, Error>
    where
        F: Fn(&Array1<T>) -> R + Sync,
        R: Outcome<T>,
    {
        let first = first(self.question.x);
        self.on_threads(|| scalar_closure(&f, &first, Copied::default()))
    }
}

/// The first row, of whose kind all are; an empty one where there is none.
fn first<T>(xs: &ArrayRef<T, Ix2>) -> ArrayView1<'_, T> {
    let first = xs.outer_iter().next();
    first.unwrap_or_else(|| ArrayView1::from(&[]))
}
