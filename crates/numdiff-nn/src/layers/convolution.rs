//! The 2-d convolution.

use crate::error::require;
use crate::layers::{At, BlockShape, Form, Start};
use crate::{Change, Error, Image, Layer, Spec};
use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, ArrayViewMut2};
use numdiff_core::Real;

/// The 2-d convolution (cross-correlation, as neural networks use the word): filter f at (y, x) is
/// `b_f + sum_{c,i,j} W[f,c,i,j] input[c, y stride + i - padding, x stride + j - padding]`, zero
/// outside the picture.
///
/// `W` is (filters, channels, kernel, kernel), `b` has one element per filter. One weight moves the
/// plane of one filter, by the input plane shifted.
///
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
    /// `filters` filters of `kernel` x `kernel` pixels over pictures of this shape, at every pixel
    /// (stride 1), without padding.
    pub fn new(image: Image, filters: usize, kernel: usize) -> Self {
        Self {
            image,
            filters,
            kernel,
            stride: 1,
            padding: 0,
        }
    }

    /// Every `stride`-th pixel of every `stride`-th row.
    pub fn with_stride(self, stride: usize) -> Self {
        Self { stride, ..self }
    }

    /// So many pixels of zeros around the picture.
    pub fn with_padding(self, padding: usize) -> Self {
        Self { padding, ..self }
    }

    /// The shape of the result: one channel per filter. Empty when the kernel does not fit.
    pub fn output(&self) -> Image {
        let places = |pixels: usize| match self.padded(pixels).checked_sub(self.kernel) {
            Some(room) if self.stride > 0 => (room / self.stride).saturating_add(1),
            _ => 0,
        };
        Image::new(
            self.filters,
            places(self.image.height),
            places(self.image.width),
        )
    }

    fn padded(&self, pixels: usize) -> usize {
        pixels.saturating_add(self.padding.saturating_mul(2))
    }

    fn taps(&self) -> usize {
        let area = self.kernel.saturating_mul(self.kernel);
        self.image.channels.saturating_mul(area)
    }

    /// Channel, row and column in the kernel of tap number `tap`.
    fn tap(&self, tap: usize) -> (usize, usize, usize) {
        let k = self.kernel;
        (tap / (k * k), tap / k % k, tap % k)
    }

    /// The pixel that tap (i, j) of the filter at (y, x) reads, when it lies in the picture.
    fn pixel(&self, (y, x): (usize, usize), (i, j): (usize, usize)) -> Option<usize> {
        let row = (y * self.stride + i)
            .checked_sub(self.padding)
            .filter(|&r| r < self.image.height)?;
        let column = (x * self.stride + j)
            .checked_sub(self.padding)
            .filter(|&c| c < self.image.width)?;
        Some(row * self.image.width + column)
    }

    /// One row per sample and place, one column per tap: what each filter is multiplied with.
    fn patches<T: Real>(&self, x: &Array2<T>) -> Array2<T> {
        let (output, plane) = (self.output(), self.image.plane());
        let mut patches = Array2::zeros((x.nrows() * output.plane(), self.taps()));
        for (row, mut patch) in patches.rows_mut().into_iter().enumerate() {
            let (n, place) = (row / output.plane(), row % output.plane());
            let at = (place / output.width, place % output.width);
            for (tap, value) in patch.iter_mut().enumerate() {
                let (channel, i, j) = self.tap(tap);
                if let Some(pixel) = self.pixel(at, (i, j)) {
                    *value = x[[n, channel * plane + pixel]];
                }
            }
        }
        patches
    }

    fn weights<'a, T>(&self, parameters: &'a [T]) -> ArrayView2<'a, T> {
        ArrayView2::from_shape(
            (self.filters, self.taps()),
            &parameters[..self.filters * self.taps()],
        )
        .expect("a layer is handed as many parameters as its blocks hold")
    }

    /// (samples x places, filters) to (samples, filters x places).
    fn planes<T: Real>(&self, rows: usize, by_place: &Array2<T>) -> Array2<T> {
        let plane = self.output().plane();
        Array2::from_shape_fn((rows, self.output().size()), |(n, q)| {
            by_place[[n * plane + q % plane, q / plane]]
        })
    }

    /// The filters on a batch, without the bias.
    fn correlate<T: Real>(&self, parameters: &[T], x: &Array2<T>) -> Array2<T> {
        self.planes(
            x.nrows(),
            &self.patches(x).dot(&self.weights(parameters).t()),
        )
    }
}

impl<T: Real> Layer<T> for Conv2d {
    fn name(&self) -> String {
        let k = self.kernel;
        format!("Conv2d {} -> {}, kernel {k}x{k}", self.image, self.output())
    }

    fn check(&self) -> Result<(), Error> {
        let fits = self
            .kernel
            .min(self.padded(self.image.height))
            .min(self.padded(self.image.width));
        let of = |argument, value: usize| (argument, value as f64);
        let within = self.kernel > 0 && fits == self.kernel;
        require(
            self.stride > 0,
            "Conv2d",
            of("stride", self.stride),
            "at least 1",
        )?;
        require(
            self.filters > 0,
            "Conv2d",
            of("filters", self.filters),
            "at least 1",
        )?;
        let expected = "at least 1 and within the padded picture";
        require(within, "Conv2d", of("kernel", self.kernel), expected)
    }

    fn inputs(&self) -> Option<usize> {
        Some(self.image.size())
    }

    fn outputs(&self, _inputs: usize) -> usize {
        self.output().size()
    }

    fn blocks(&self) -> Vec<BlockShape> {
        let area = self.kernel.saturating_mul(self.kernel);
        let start = Start::Weights {
            fan_in: self.taps(),
            fan_out: self.filters.saturating_mul(area),
        };
        vec![
            BlockShape {
                name: "W",
                shape: vec![self.filters, self.image.channels, self.kernel, self.kernel],
                start,
            },
            BlockShape {
                name: "b",
                shape: vec![self.filters],
                start: Start::Constant(0.0),
            },
        ]
    }

    fn forward(&self, parameters: &[T], x: &Array2<T>) -> Array2<T> {
        let (plane, bias) = (
            self.output().plane(),
            &parameters[self.filters * self.taps()..],
        );
        let mut y = self.correlate(parameters, x);
        for ((_, q), y) in y.indexed_iter_mut() {
            *y += bias[q / plane];
        }
        y
    }

    fn backward(&self, at: &At<'_, T>, dy: &Array2<T>, dp: &mut [T]) -> Option<Array2<T>> {
        let (output, plane, rows) = (self.output(), self.image.plane(), dy.nrows());
        let places = output.plane();
        let by_place = Array2::from_shape_fn((rows * places, self.filters), |(r, f)| {
            dy[[r / places, f * places + r % places]]
        });
        let (weights, bias) = dp.split_at_mut(self.filters * self.taps());
        let mut dw = ArrayViewMut2::from_shape((self.filters, self.taps()), weights)
            .expect("a layer is handed as many parameters as its blocks hold");
        general_mat_mul(
            T::one(),
            &by_place.t(),
            &self.patches(at.x),
            T::one(),
            &mut dw,
        );
        for (db, d) in bias.iter_mut().zip(by_place.sum_axis(ndarray::Axis(0))) {
            *db += d;
        }
        let patches = by_place.dot(&self.weights(at.parameters));
        let mut dx = Array2::zeros((rows, self.image.size()));
        for ((row, tap), &d) in patches.indexed_iter() {
            let (n, place) = (row / places, row % places);
            let (channel, i, j) = self.tap(tap);
            if let Some(pixel) = self.pixel((place / output.width, place % output.width), (i, j)) {
                dx[[n, channel * plane + pixel]] += d;
            }
        }
        Some(dx)
    }

    fn seed(&self, at: &At<'_, T>, parameter: usize, by: T, _form: Form) -> Change<T> {
        let (output, plane, rows) = (self.output(), self.image.plane(), at.x.nrows());
        let places = output.plane();
        let weights = self.filters * self.taps();
        if parameter >= weights {
            return Change {
                first: (parameter - weights) * places,
                d: Array2::from_elem((rows, places), by),
            };
        }
        let (filter, (channel, i, j)) =
            (parameter / self.taps(), self.tap(parameter % self.taps()));
        let mut d = Array2::zeros((rows, places));
        for place in 0..places {
            if let Some(pixel) = self.pixel((place / output.width, place % output.width), (i, j)) {
                for n in 0..rows {
                    d[[n, place]] = at.x[[n, channel * plane + pixel]] * by;
                }
            }
        }
        Change {
            first: filter * places,
            d,
        }
    }

    fn push(&self, at: &At<'_, T>, change: Change<T>, _form: Form) -> Change<T> {
        let (output, plane) = (self.output(), self.image.plane());
        if 2 * change.d.ncols() >= self.image.size() {
            let nothing = Array2::zeros((change.rows(), self.image.size()));
            return Change::dense(self.correlate(at.parameters, &change.applied(&nothing)));
        }
        let (weights, places) = (self.weights(at.parameters), output.plane());
        let mut d = Array2::zeros((change.rows(), output.size()));
        let channels = self.image.touched(change.columns());
        for place in 0..places {
            let at = (place / output.width, place % output.width);
            for channel in channels.clone() {
                for tap in
                    channel * self.kernel * self.kernel..(channel + 1) * self.kernel * self.kernel
                {
                    let (_, i, j) = self.tap(tap);
                    let Some(pixel) = self.pixel(at, (i, j)) else {
                        continue;
                    };
                    let Some(column) = (channel * plane + pixel).checked_sub(change.first) else {
                        continue;
                    };
                    if column >= change.d.ncols() {
                        continue;
                    }
                    for n in 0..change.rows() {
                        let moved = change.d[[n, column]];
                        if moved != T::zero() {
                            for filter in 0..self.filters {
                                d[[n, filter * places + place]] += weights[[filter, tap]] * moved;
                            }
                        }
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
