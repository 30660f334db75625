//! The 2-d convolution.

use crate::error::require;
use crate::layers::windows::Windows;
use crate::layers::{At, BlockShape, Form, affine};
use crate::{Change, Error, Image, Layer, Spec};
use ndarray::{Array2, ArrayView2};
use numdiff_core::Real;

/// The 2-d convolution (a cross-correlation, as is usual in neural networks). The output of filter f at (y, x) is
///
/// ```text
/// b_f + sum_{c,i,j} W[f,c,i,j] input[c, y stride + i - padding, x stride + j - padding]
/// ```
///
/// where the input is 0 outside the image.
///
/// `W` is (filters, channels, kernel, kernel), and `b` has one element for each filter. One weight changes the plane of
/// one filter.
///
/// # Example
/// ```
/// use ndarray::array;
/// use numdiff_nn::{Conv2d, Image, Network};
/// // The difference of neighbors in a row, one bias.
/// let layer = Conv2d::new(Image::new(1, 2, 3), 1, 2).with_stride(1);
/// assert_eq!(layer.output(), Image::new(1, 1, 2));
/// let network = Network::builder().layer(layer).weights(&[-1.0, 1.0, 0.0, 0.0, 10.0])?;
/// let picture = array![[1.0, 4.0, 9.0, 0.0, 0.0, 0.0]];
/// assert_eq!(network.predict(&picture)?, array![[13.0, 15.0]]);
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Conv2d {
    image: Image,
    filters: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
}

impl Conv2d {
    /// Creates `filters` filters of `kernel` x `kernel` pixels over images of this shape, with stride 1 and no padding.
    pub fn new(image: Image, filters: usize, kernel: usize) -> Self {
        Self {
            image,
            filters,
            kernel,
            stride: 1,
            padding: 0,
        }
    }

    /// Sets the stride, at least 1: filters are applied at every `stride`-th pixel of every `stride`-th row.
    pub fn with_stride(self, stride: usize) -> Self {
        Self { stride, ..self }
    }

    /// Sets the number of pixels of zeros around the image.
    pub fn with_padding(self, padding: usize) -> Self {
        Self { padding, ..self }
    }

    /// Returns the shape of the result, with one channel for each filter. It is empty if the kernel does not fit.
    pub fn output(&self) -> Image {
        self.windows().output(self.filters)
    }

    fn windows(&self) -> Windows {
        Windows {
            image: self.image,
            size: self.kernel,
            stride: self.stride,
            padding: self.padding,
        }
    }

    /// The weights of a filter.
    fn taps(&self) -> usize {
        let area = self.kernel.saturating_mul(self.kernel);
        self.image.channels.saturating_mul(area)
    }

    /// The pixels under every weight of a filter, wherever it stands.
    fn pixels(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        self.windows().pixels(0..self.image.channels)
    }

    /// One row per sample and place, one column per tap: what each filter is multiplied with.
    fn patches<T: Real>(&self, x: &Array2<T>) -> Array2<T> {
        let (rows, places) = (x.nrows(), self.output().plane());
        let mut patches = Array2::zeros((rows * places, self.taps()));
        for (place, tap, column) in self.pixels() {
            for n in 0..rows {
                patches[[n * places + place, tap]] = x[[n, column]];
            }
        }
        patches
    }

    fn weights<'a, T>(&self, parameters: &'a [T]) -> ArrayView2<'a, T> {
        affine::weights(parameters, (self.filters, self.taps()))
    }

    /// The filters on a batch, without the bias.
    fn correlate<T: Real>(&self, parameters: &[T], x: &Array2<T>) -> Array2<T> {
        let by_place = self.patches(x).dot(&self.weights(parameters).t());
        let places = self.output().plane();
        Array2::from_shape_fn((x.nrows(), self.output().size()), |(n, q)| {
            by_place[[n * places + q % places, q / places]]
        })
    }
}

impl<T: Real> Layer<T> for Conv2d {
    fn name(&self) -> String {
        let k = self.kernel;
        format!("Conv2d {} -> {}, kernel {k}x{k}", self.image, self.output())
    }

    fn check(&self) -> Result<(), Error> {
        let filters = ("filters", self.filters as f64);
        require(self.filters > 0, "Conv2d", filters, "at least 1")?;
        let within = "at least 1 and within the padded picture";
        self.windows().check("Conv2d", "kernel", within)
    }

    fn inputs(&self) -> Option<usize> {
        Some(self.image.size())
    }

    fn outputs(&self, _inputs: usize) -> usize {
        self.output().size()
    }

    fn blocks(&self) -> Vec<BlockShape> {
        let Self {
            filters, kernel, ..
        } = *self;
        let shape = vec![filters, self.image.channels, kernel, kernel];
        let fan_out = filters.saturating_mul(kernel.saturating_mul(kernel));
        affine::blocks(shape, self.taps(), fan_out, Some(filters))
    }

    fn forward(&self, parameters: &[T], x: &Array2<T>) -> Array2<T> {
        let places = self.output().plane();
        let bias = &parameters[self.filters * self.taps()..];
        let mut y = self.correlate(parameters, x);
        for ((_, q), y) in y.indexed_iter_mut() {
            *y += bias[q / places];
        }
        y
    }

    fn backward(&self, at: &At<'_, T>, dy: &Array2<T>, dp: &mut [T]) -> Option<Array2<T>> {
        let (places, rows) = (self.output().plane(), dy.nrows());
        let by_place = Array2::from_shape_fn((rows * places, self.filters), |(r, f)| {
            dy[[r / places, f * places + r % places]]
        });
        affine::add_gradient(dp, &by_place, &self.patches(at.x), &by_place);
        let patches = by_place.dot(&self.weights(at.parameters));
        let mut dx = Array2::zeros((rows, self.image.size()));
        for (place, tap, column) in self.pixels() {
            for n in 0..rows {
                dx[[n, column]] += patches[[n * places + place, tap]];
            }
        }
        Some(dx)
    }

    fn seed(&self, at: &At<'_, T>, parameter: usize, by: T, _form: Form) -> Change<T> {
        let (places, rows) = (self.output().plane(), at.x.nrows());
        let (filter, tap) = (parameter / self.taps(), parameter % self.taps());
        if filter >= self.filters {
            return Change {
                first: (parameter - self.filters * self.taps()) * places,
                d: Array2::from_elem((rows, places), by),
            };
        }
        let mut d = Array2::zeros((rows, places));
        let channel = tap / (self.kernel * self.kernel);
        let pixels = self.windows().pixels(channel..channel + 1);
        for (place, _, column) in pixels.filter(|(_, of, _)| *of == tap) {
            for n in 0..rows {
                d[[n, place]] = at.x[[n, column]] * by;
            }
        }
        Change {
            first: filter * places,
            d,
        }
    }

    fn push(&self, at: &At<'_, T>, change: Change<T>, _form: Form) -> Change<T> {
        if 2 * change.d.ncols() >= self.image.size() {
            let nothing = Array2::zeros((change.rows(), self.image.size()));
            return Change::dense(self.correlate(at.parameters, &change.applied(&nothing)));
        }
        let (weights, places) = (self.weights(at.parameters), self.output().plane());
        let mut d = Array2::zeros((change.rows(), self.output().size()));
        let (channels, columns) = (self.image.touched(change.columns()), change.columns());
        let pixels = self.windows().pixels(channels);
        for (place, tap, column) in pixels.filter(|(_, _, column)| columns.contains(column)) {
            for n in 0..change.rows() {
                let moved = change.d[[n, column - change.first]];
                if moved != T::zero() {
                    for filter in 0..self.filters {
                        d[[n, filter * places + place]] += weights[[filter, tap]] * moved;
                    }
                }
            }
        }
        Change::dense(d)
    }

    fn mixes_samples(&self) -> bool {
        false
    }

    fn linear_in_parameters(&self) -> bool {
        true
    }

    fn spec(&self) -> Option<Spec> {
        Some(Spec::Conv2d(*self))
    }
}
