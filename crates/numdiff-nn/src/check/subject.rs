//! A layer at a point: what it gives there, and in what terms it is moved.

use super::bits::Bits;
use super::report::{Fault, Suspect};
use crate::Error;
use crate::error::require_shape;
use crate::layers::{At, Layer};
use ndarray::Array2;
use numdiff_core::Real;

/// A layer at its parameters and inputs.
pub(super) struct Subject<'a, T: Real> {
    pub index: usize,
    pub layer: &'a dyn Layer<T>,
    pub parameters: &'a [T],
    pub x: &'a Array2<T>,
    pub y: Array2<T>,
    pub memory: Vec<T>,
    /// Names and shapes of the parameter blocks.
    pub blocks: Vec<(String, Vec<usize>)>,
    /// Root mean square of the inputs, and of the parameters.
    sizes: [f64; 2],
}

impl<'a, T: Real> Subject<'a, T> {
    pub fn new(
        index: usize,
        layer: &'a dyn Layer<T>,
        parameters: &'a [T],
        x: &'a Array2<T>,
        blocks: Vec<(String, Vec<usize>)>,
    ) -> Result<Self, Error> {
        let sizes = [
            mean_square(&x.iter().map(|v| v.widen()).collect::<Vec<_>>()),
            mean_square(&parameters.iter().map(|v| v.widen()).collect::<Vec<_>>()),
        ];
        let mut subject = Self {
            index,
            layer,
            parameters,
            x,
            y: Array2::zeros((0, 0)),
            memory: Vec::new(),
            blocks,
            sizes,
        };
        subject.y = subject.forward(parameters, x)?;
        if let Some(value) = subject.y.iter().find(|y| !y.is_finite()) {
            return Err(Error::NonFiniteOutput {
                what: "output",
                value: value.widen(),
                layer: index,
                name: layer.name(),
                block: subject.blocks.first().map(|block| block.0.clone()),
            });
        }
        subject.memory = layer.remember(parameters, x, &subject.y);
        Ok(subject)
    }

    /// Weights of the outputs: between 1/2 and 1, of either sign.
    pub fn weights(&self, bits: &mut Bits) -> Array2<T> {
        Array2::from_shape_fn(self.y.dim(), |_| T::round_from(bits.weight()))
    }

    pub fn suspect(&self, fault: Fault) -> Suspect {
        Suspect {
            layer: self.index,
            name: self.layer.name(),
            fault,
        }
    }

    pub fn at(&self) -> At<'_, T> {
        At {
            parameters: self.parameters,
            x: self.x,
            y: &self.y,
            memory: &self.memory,
        }
    }

    pub fn forward(&self, parameters: &[T], x: &Array2<T>) -> Result<Array2<T>, Error> {
        let y = self.layer.forward(parameters, x);
        let expected = (x.nrows(), self.layer.outputs(x.ncols()));
        require_shape(
            (self.index, || self.layer.name()),
            "forward",
            y.dim(),
            expected,
        )?;
        Ok(y)
    }

    /// The derivatives by the inputs and by the parameters.
    pub fn backward(&self, dy: &Array2<T>) -> Result<(Array2<T>, Vec<T>), Error> {
        let mut dp = vec![T::zero(); self.parameters.len()];
        let dx = self.layer.backward(&self.at(), dy, &mut dp);
        let dx = dx.ok_or_else(|| Error::NoBackward {
            layer: self.index,
            name: self.layer.name(),
        })?;
        let name = || self.layer.name();
        require_shape((self.index, name), "backward", dx.dim(), self.x.dim())?;
        Ok((dx, dp))
    }

    /// What a parameter is moved in terms of: a power of 2, so that it really moves by its parts.
    pub fn parameter_size(&self, i: usize) -> f64 {
        power_above(self.parameters[i].widen().abs().max(self.sizes[1]))
    }

    /// The same for an input.
    pub fn input_size(&self, n: usize, k: usize) -> f64 {
        power_above(self.x[[n, k]].widen().abs().max(self.sizes[0]))
    }
}

/// The root of the mean square, without overflow; 1 of zeros.
fn mean_square(values: &[f64]) -> f64 {
    let top = largest(values);
    if top == 0.0 {
        return 1.0;
    }
    let sum: f64 = values.iter().map(|v| (v.abs() / top).powi(2)).sum();
    top * (sum / values.len() as f64).sqrt()
}

/// The largest size of these numbers.
pub(super) fn largest<'a, V: Real>(values: impl IntoIterator<Item = &'a V>) -> f64 {
    let sizes = values.into_iter().map(|v| v.widen().abs());
    sizes.fold(0.0, f64::max)
}

/// The least power of 2 that is not below `size`.
fn power_above(size: f64) -> f64 {
    2f64.powi((size.log2().ceil() as i32).clamp(-1000, 1000))
}
