//! The caller's kind of x, filled from the flat numbers that the optimizers move.

use numdiff_core::Point;

/// One point of the caller's kind, which f is shown again and again.
pub(crate) struct CallerPoint<X: Point<f64> + ?Sized> {
    scratch: X::Scratch,
}

impl<X: Point<f64> + ?Sized> CallerPoint<X> {
    pub fn new(x0: &X) -> Self {
        CallerPoint {
            scratch: x0.scratch(),
        }
    }

    /// The numbers of the point, in order.
    pub fn numbers(&self) -> Vec<f64> {
        (0..X::len(&self.scratch))
            .map(|i| X::get(&self.scratch, i))
            .collect()
    }

    /// The point with these numbers, as f sees it.
    pub fn at(&mut self, x: &[f64]) -> &X::Seen {
        match X::slice(&mut self.scratch) {
            Some(numbers) => numbers.copy_from_slice(x),
            None => {
                for (i, &value) in x.iter().enumerate() {
                    X::set(&mut self.scratch, i, value);
                }
            }
        }
        X::seen(&self.scratch)
    }
}
