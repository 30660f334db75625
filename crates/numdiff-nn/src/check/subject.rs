//! A layer at a point: what it gives there, and in what terms it is moved.

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
        let size = |values: &mut dyn Iterator<Item = f64>| {
            let (mut top, mut sum, mut count) = (0.0f64, 0.0, 0.0);
            let values: Vec<f64> = values.map(f64::abs).collect();
            values.iter().for_each(|v| top = top.max(*v));
            for v in values {
                sum += (v / top).powi(2);
                count += 1.0;
            }
            if top > 0.0 {
                top * f64::sqrt(sum / count)
            } else {
                1.0
            }
        };
        let sizes = [
            size(&mut x.iter().map(|v| v.widen())),
            size(&mut parameters.iter().map(|v| v.widen())),
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
        self.shape(
            "forward",
            y.dim(),
            (x.nrows(), self.layer.outputs(x.ncols())),
        )?;
        Ok(y)
    }

    /// The derivatives by the inputs and by the parameters.
    pub fn backward(&self, dy: &Array2<T>) -> Result<(Array2<T>, Vec<T>), Error> {
        let mut dp = vec![T::zero(); self.parameters.len()];
        let dx = self
            .layer
            .backward(&self.at(), dy, &mut dp)
            .ok_or_else(|| Error::NoBackward {
                layer: self.index,
                name: self.layer.name(),
            })?;
        self.shape("backward", dx.dim(), self.x.dim())?;
        Ok((dx, dp))
    }

    fn shape(
        &self,
        method: &'static str,
        found: (usize, usize),
        expected: (usize, usize),
    ) -> Result<(), Error> {
        require_shape((self.index, || self.layer.name()), method, found, expected)
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

/// The least power of 2 that is not below `size`.
fn power_above(size: f64) -> f64 {
    2f64.powi((size.log2().ceil() as i32).clamp(-1000, 1000))
}
