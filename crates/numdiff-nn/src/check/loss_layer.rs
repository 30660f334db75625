//! A loss of the caller's, as a layer that is checked.

use crate::layers::At;
use crate::{Layer, OwnLoss, Targets};
use ndarray::Array2;
use numdiff_core::Real;

/// A loss as a layer behind the last one: what each sample costs.
#[derive(Debug)]
pub(super) struct LossLayer<'a> {
    pub loss: OwnLoss,
    pub targets: &'a Targets,
}

impl<T: Real> Layer<T> for LossLayer<'_> {
    fn name(&self) -> String {
        format!("loss {}", self.loss.name)
    }

    fn outputs(&self, _inputs: usize) -> usize {
        1
    }

    fn forward(&self, _: &[T], x: &Array2<T>) -> Array2<T> {
        Array2::from_shape_fn((x.nrows(), 1), |(n, _)| {
            let c: Vec<f64> = x.row(n).iter().map(|c| c.widen()).collect();
            T::round_from((self.loss.value)(&c, &self.targets.row(n).dense(c.len())))
        })
    }

    fn backward(&self, at: &At<'_, T>, dy: &Array2<T>, _: &mut [T]) -> Option<Array2<T>> {
        let slope = self.loss.slope?;
        let mut dx = Array2::zeros(at.x.dim());
        let mut g = vec![0.0; at.x.ncols()];
        for (n, mut row) in dx.rows_mut().into_iter().enumerate() {
            let c: Vec<f64> = at.x.row(n).iter().map(|c| c.widen()).collect();
            slope(&c, &self.targets.row(n).dense(c.len()), &mut g);
            for (d, g) in row.iter_mut().zip(&g) {
                *d = T::round_from(g * dy[[n, 0]].widen());
            }
        }
        Some(dx)
    }
}
