//! Max and average pooling.

use crate::layers::windows::Windows;
use crate::layers::{At, Form};
use crate::{Change, Error, Image, Layer, Spec};
use ndarray::Array2;
use numdiff_core::Real;

/// Pooling: the largest value, or the mean, of each window of each channel.
///
/// A change in one channel stays in it. Max pooling takes the first of equal values, and reports a kink if another
/// pixel becomes the largest.
///
/// # Example
/// ```
/// use ndarray::array;
/// use numdiff_nn::{Image, Network, Pool};
/// let image = Image::new(1, 2, 5);
/// let pool = Pool::max(image, 2);
/// assert_eq!(pool.output(), Image::new(1, 1, 2));      // the fifth column is left over
/// let network = Network::builder().layer(pool).weights(&[])?;
/// let x = array![[1.0, 2.0, 3.0, 4.0, 9.0, 5.0, 6.0, 7.0, 0.0, 9.0]];
/// assert_eq!(network.predict(&x)?, array![[6.0, 7.0]]);
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Pool {
    image: Image,
    window: usize,
    stride: usize,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum Kind {
    Max,
    Average,
}

impl Pool {
    /// Creates max pooling over adjacent windows of `window` x `window` pixels.
    pub fn max(image: Image, window: usize) -> Self {
        Self {
            image,
            window,
            stride: window,
            kind: Kind::Max,
        }
    }

    /// Creates average pooling over adjacent windows of `window` x `window` pixels.
    pub fn average(image: Image, window: usize) -> Self {
        Self {
            kind: Kind::Average,
            ..Self::max(image, window)
        }
    }

    /// Sets the distance between the starts of two windows, at least 1; `window` by default. Windows overlap if it is
    /// smaller.
    pub fn with_stride(self, stride: usize) -> Self {
        Self { stride, ..self }
    }

    /// Returns the shape of the result. It is empty if the window does not fit.
    pub fn output(&self) -> Image {
        self.windows().output(self.image.channels)
    }

    fn windows(&self) -> Windows {
        Windows {
            image: self.image,
            size: self.window,
            stride: self.stride,
            padding: 0,
        }
    }

    /// The columns of the batch in the window of output `q`.
    fn window(&self, q: usize) -> impl Iterator<Item = usize> + use<> {
        let output = self.output();
        let (channel, place) = (q / output.plane(), q % output.plane());
        let pixels = self
            .windows()
            .of_one(output.width, place, channel..channel + 1);
        pixels.map(|(_, column)| column)
    }

    /// The mean of the window of output `q`.
    fn mean<T: Real>(&self, q: usize, value: impl Fn(usize) -> T) -> T {
        let sum = self.window(q).map(value).fold(T::zero(), |a, b| a + b);
        sum / self.area()
    }

    /// The column of the first largest value in the window of output `q`.
    fn largest<T: Real>(&self, q: usize, value: impl Fn(usize) -> T) -> usize {
        let mut columns = self.window(q);
        let first = columns.next().expect("a window has at least one pixel");
        let mut best = (first, value(first));
        for column in columns {
            let candidate = value(column);
            if candidate > best.1 {
                best = (column, candidate);
            }
        }
        best.0
    }

    fn area<T: Real>(&self) -> T {
        T::round_from((self.window * self.window) as f64)
    }
}

impl<T: Real> Layer<T> for Pool {
    fn name(&self) -> String {
        format!("{:?}Pool {} -> {}", self.kind, self.image, self.output())
    }

    fn check(&self) -> Result<(), Error> {
        let within = "at least 1 and within the picture";
        self.windows().check("Pool", "window", within)
    }

    fn inputs(&self) -> Option<usize> {
        Some(self.image.size())
    }

    fn outputs(&self, _inputs: usize) -> usize {
        self.output().size()
    }

    fn forward(&self, _parameters: &[T], x: &Array2<T>) -> Array2<T> {
        Array2::from_shape_fn((x.nrows(), self.output().size()), |(n, q)| {
            let value = |column: usize| x[[n, column]];
            match self.kind {
                Kind::Max => value(self.largest(q, value)),
                Kind::Average => self.mean(q, value),
            }
        })
    }

    fn backward(&self, at: &At<'_, T>, dy: &Array2<T>, _dp: &mut [T]) -> Option<Array2<T>> {
        let mut dx = Array2::zeros(at.x.dim());
        for ((n, q), &d) in dy.indexed_iter() {
            match self.kind {
                Kind::Max => dx[[n, self.largest(q, |column| at.x[[n, column]])]] += d,
                Kind::Average => self
                    .window(q)
                    .for_each(|column| dx[[n, column]] += d / self.area()),
            }
        }
        Some(dx)
    }

    fn push(&self, at: &At<'_, T>, change: Change<T>, form: Form) -> Change<T> {
        let (channels, plane) = (self.image.touched(change.columns()), self.output().plane());
        let first = channels.start * plane;
        let d = Array2::from_shape_fn((change.rows(), channels.len() * plane), |(n, q)| {
            let q = first + q;
            let before = |column: usize| at.x[[n, column]];
            let after = |column: usize| before(column) + change.at(n, column);
            match (self.kind, form) {
                (Kind::Average, _) => self.mean(q, |column| change.at(n, column)),
                (Kind::Max, Form::Subtract) => after(self.largest(q, after)) - at.y[[n, q]],
                (Kind::Max, Form::Algebra) => {
                    let (old, new) = (self.largest(q, before), self.largest(q, after));
                    (before(new) - before(old)) + change.at(n, new)
                }
            }
        });
        Change { first, d }
    }

    fn kink(&self, at: &At<'_, T>, a: &Change<T>, b: &Change<T>) -> bool {
        if self.kind == Kind::Average || a.is_none() && b.is_none() {
            return false;
        }
        let (channels, plane) = (self.image.touched(a.columns()), self.output().plane());
        let largest = |change: &Change<T>, n: usize, q: usize| {
            self.largest(q, |column| at.x[[n, column]] + change.at(n, column))
        };
        let moves = |n: usize, q: usize| self.window(q).any(|k| a.at(n, k) != b.at(n, k));
        let mut outputs = channels.start * plane..channels.end * plane;
        outputs.any(|q| {
            let jumps = |n: usize| largest(a, n, q) != largest(b, n, q) && moves(n, q);
            (0..a.rows()).any(jumps)
        })
    }

    fn mixes_samples(&self) -> bool {
        false
    }

    fn spec(&self) -> Option<Spec> {
        Some(Spec::Pool(*self))
    }
}
