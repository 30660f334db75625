//! Closures as functions on ranks.

use ndarray::Array1;
use numdiff_core::{Function, Moves, Outcome, Outputs};
use std::marker::PhantomData;
use std::sync::Arc;

/// A scalar function for [`Mpi::run`](crate::Mpi::run): `f(&x) -> f64` or `Result<f64, E>`.
///
/// x has one dimension; the derivative has the shape of the x passed to its operator.
///
/// # Example
/// ```
/// let f = numdiff_mpi::scalar(|x| x[0].powi(2) + x[1].powi(2));
/// let g = numdiff_mpi::scalar(|x| if x[0] > 0.0 { Ok(x[0].ln()) } else { Err("x must be positive") });
/// # let _ = (f, g);
/// ```
pub fn scalar<F, R>(f: F) -> impl Fn() -> ScalarFunction<F, R> + Send + Sync + 'static
where
    F: Fn(&Array1<f64>) -> R + Send + Sync + 'static,
    R: Outcome<f64> + 'static,
{
    let f = Arc::new(f);
    move || ScalarFunction {
        f: Arc::clone(&f),
        point: Point::default(),
        returns: PhantomData,
    }
}

/// A vector function for [`Mpi::run`](crate::Mpi::run): f returns an array, a `Vec`, a fixed-size
/// array, or a `Result` of one of these.
///
/// # Example
/// ```
/// let f = numdiff_mpi::vector(|x| [x[0] * x[1], x[0] - x[1]]);
/// # let _ = f;
/// ```
pub fn vector<F, R>(f: F) -> impl Fn() -> VectorFunction<F, R> + Send + Sync + 'static
where
    F: Fn(&Array1<f64>) -> R + Send + Sync + 'static,
    R: Outputs<f64> + 'static,
{
    let f = Arc::new(f);
    move || VectorFunction {
        f: Arc::clone(&f),
        point: Point::default(),
        returns: PhantomData,
    }
}

/// Made by [`scalar`].
pub struct ScalarFunction<F, R> {
    f: Arc<F>,
    point: Point,
    returns: PhantomData<fn() -> R>,
}

/// Made by [`vector`].
pub struct VectorFunction<F, R> {
    f: Arc<F>,
    point: Point,
    returns: PhantomData<fn() -> R>,
}

impl<F, R> Function for ScalarFunction<F, R>
where
    F: Fn(&Array1<f64>) -> R,
    R: Outcome<f64>,
{
    type Error = R::Error;

    fn begin(&mut self, x: &[f64]) -> Result<(), R::Error> {
        self.point.begin(x);
        Ok(())
    }

    fn moved(&mut self, moves: Moves<'_>, values: &mut Vec<f64>) -> Result<(), R::Error> {
        let f = &self.f;
        values.push(self.point.at(moves, |x| f(x)).outcome()?);
        Ok(())
    }
}

impl<F, R> Function for VectorFunction<F, R>
where
    F: Fn(&Array1<f64>) -> R,
    R: Outputs<f64>,
{
    type Error = R::Error;

    fn begin(&mut self, x: &[f64]) -> Result<(), R::Error> {
        self.point.begin(x);
        Ok(())
    }

    fn moved(&mut self, moves: Moves<'_>, values: &mut Vec<f64>) -> Result<(), R::Error> {
        let f = &self.f;
        self.point.at(moves, |x| f(x)).push_to(values)
    }
}

/// x, and a scratch copy that is moved and restored from saved bits.
#[derive(Default)]
struct Point {
    base: Array1<f64>,
    scratch: Array1<f64>,
}

impl Point {
    fn begin(&mut self, x: &[f64]) {
        self.base = Array1::from(x.to_vec());
        self.scratch = self.base.clone();
    }

    fn at<V>(&mut self, moves: Moves<'_>, call: impl FnOnce(&Array1<f64>) -> V) -> V {
        moves.for_each(|i, to| self.scratch[i] = to);
        let value = call(&self.scratch);
        moves.for_each(|i, _| self.scratch[i] = self.base[i]);
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x_is_restored_to_the_bit() {
        let mut f = vector(|x: &Array1<f64>| x.to_vec())();
        let x = [0.1, -0.0, 1e-300];
        f.begin(&x).unwrap();
        let mut values = Vec::new();
        f.moved(Moves::Many(&[(0, 7.0), (2, -1.0)]), &mut values)
            .unwrap();
        f.moved(Moves::One(1, 5.0), &mut values).unwrap();
        f.moved(Moves::None, &mut values).unwrap();
        assert_eq!(values[..6], [7.0, -0.0, -1.0, 0.1, 5.0, 1e-300]);
        assert!(
            values[6..]
                .iter()
                .zip(x)
                .all(|(a, b)| a.to_bits() == b.to_bits())
        );
    }
}
