//! Batch normalization.

use crate::error::require;
use crate::layers::{At, BlockShape, Form, Start};
use crate::{Change, Error, Image, Layer, Spec};
use ndarray::{Array2, ArrayRef2, ArrayViewMut2, Axis, Zip, s};
use numdiff_core::Real;

/// Batch normalization: `gamma (x - mean)/sqrt(variance + epsilon) + beta` in each channel, with the mean and the
/// (population) variance of the batch (S. Ioffe, C. Szegedy, ICML 2015, algorithm 1). `gamma` and `beta` have one
/// element for each channel.
///
/// A channel is one unit, or one plane of an image, whose pixels then count as samples. Channels do not interact, but
/// the samples of a channel do, by its statistics. [`Network::inference`](crate::Network::inference) fixes the
/// statistics: to those of given data or, [`with_momentum`](Self::with_momentum), to the running ones of training.
///
/// # Example
/// ```
/// use ndarray::array;
/// use numdiff_nn::{BatchNorm, Network};
/// let network: Network = Network::builder().layer(BatchNorm::new(1)).weights(&[1.0, 0.0])?;
/// let x = array![[1.0], [3.0]];
/// let y = network.predict(&x)?;                        // mean 2, variance 1
/// assert!((y[[1, 0]] - 1.0).abs() < 1e-5);
/// assert_eq!(network.predict(&array![[3.0]])?, array![[0.0]]);    // a single sample is its own mean
/// assert_eq!(network.inference(&x)?.predict(&array![[3.0]])?[[0, 0]], y[[1, 0]]);
/// # Ok::<(), numdiff_nn::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BatchNorm {
    channels: usize,
    plane: usize,
    epsilon: f64,
    /// That of the running statistics, when they are collected.
    #[cfg_attr(feature = "serde", serde(default))]
    momentum: Option<f64>,
    /// Mean and variance of each channel, when they are fixed.
    fixed: Option<Vec<(f64, f64)>>,
}

impl BatchNorm {
    /// Creates a normalization of `units` units, each by itself, with epsilon = 1e-5.
    pub fn new(units: usize) -> Self {
        Self::image(Image::new(units, 1, 1))
    }

    /// Creates a normalization of each channel of images of this shape, with epsilon = 1e-5.
    pub fn image(image: Image) -> Self {
        Self {
            channels: image.channels,
            plane: image.plane(),
            epsilon: 1e-5,
            momentum: None,
            fixed: None,
        }
    }

    /// Sets the number that is added to the variance; above 0.
    pub fn with_epsilon(self, epsilon: f64) -> Self {
        Self { epsilon, ..self }
    }

    /// Collects running statistics in training, which [`Network::inference`](crate::Network::inference) then uses in
    /// place of those of its data.
    ///
    /// After each step, mean and variance become m times their old values plus 1 - m times those of the batch of this
    /// step. m is at least 0 and below 1, usually 0.9. They start at 0 and are divided by 1 - m^k after k steps to
    /// correct for this start (as in D. P. Kingma, J. Ba, ICLR 2015, section 3).
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use numdiff_nn::{BatchNorm, Network};
    /// let mut network: Network = Network::builder()
    ///     .layer(BatchNorm::new(1).with_momentum(0.9)).weights(&[1.0, 0.0])?;
    /// network.observe(&array![[1.0], [3.0]])?;             // mean 2, variance 1; a Training does this
    /// network.observe(&array![[4.0], [4.0]])?;
    /// let used = network.inference(&array![[0.0]])?;
    /// let mean = (0.9 * 0.1 * 2.0 + 0.1 * 4.0) / (1.0 - 0.81);
    /// assert!(used.predict(&array![[mean]])?[[0, 0]].abs() < 1e-14);   // rounding of the mean
    /// # Ok::<(), numdiff_nn::Error>(())
    /// ```
    pub fn with_momentum(self, momentum: f64) -> Self {
        Self {
            momentum: Some(momentum),
            ..self
        }
    }

    fn columns(&self, channel: usize) -> std::ops::Range<usize> {
        channel * self.plane..(channel + 1) * self.plane
    }

    /// Mean and 1/sqrt(variance + epsilon) of a channel.
    fn statistics<T: Real>(&self, x: &ArrayRef2<T>, channel: usize) -> (T, T) {
        let epsilon = T::round_from(self.epsilon);
        if let Some(fixed) = &self.fixed {
            let (mean, variance) = fixed[channel];
            return (
                T::round_from(mean),
                (T::round_from(variance) + epsilon).sqrt().recip(),
            );
        }
        let (mean, variance) = moments(x, self.columns(channel));
        if variance.is_finite() {
            return (mean, (variance + epsilon).sqrt().recip());
        }
        // Squares that overflow, of deviations that do not; epsilon is nothing beside them.
        let part = x.slice(s![.., self.columns(channel)]);
        let largest = part.fold(T::zero(), |top, &x| top.max((x - mean).abs()));
        let (_, variance) = moments(&part.mapv(|x| (x - mean) / largest), 0..self.plane);
        (mean, (largest * variance.sqrt()).recip())
    }

    /// Turns the movement of a channel's inputs into that of its outputs.
    fn push_channel<T: Real>(
        &self,
        at: &At<'_, T>,
        channel: usize,
        part: &mut ArrayViewMut2<'_, T>,
        form: Form,
    ) {
        let (mean, inverse) = remembered(at, channel);
        let gamma = at.parameters[channel];
        if self.fixed.is_some() {
            return part.mapv_inplace(|d| gamma * inverse * d);
        }
        let columns = s![.., self.columns(channel)];
        let (x, y) = (at.x.slice(columns), at.y.slice(columns));
        // c = x - mean moves by e = d - mean(d), so the variance moves by the share
        // r = mean(e (2 c + e))/(variance + epsilon), and c/deviation by e/deviation' +
        // c/deviation ((1 + r)^(-1/2) - 1), of which nothing cancels.
        let n = count::<T>(part.nrows(), self.plane);
        let mean_moved = part.sum() / n;
        let mut share = T::zero();
        Zip::from(&*part).and(&x).for_each(|&d, &x| {
            let (e, c) = ((d - mean_moved) * inverse, (x - mean) * inverse);
            share += e * (c + c + e);
        });
        share /= n;
        let comparable = (T::round_from(-0.5)..T::max_value().sqrt()).contains(&share);
        if form == Form::Subtract || !comparable {
            // Values are subtracted, also where the spread shrank or grew beyond comparison.
            *part += &x;
            let (mean, inverse) = self.statistics(part, 0);
            let beta = at.parameters[self.channels + channel];
            part.zip_mut_with(&y, |d, &y| *d = gamma * ((*d - mean) * inverse) + beta - y);
            return;
        }
        let root = (T::one() + share).sqrt();
        let lost = -share / (root * (T::one() + root));
        part.zip_mut_with(&x, |d, &x| {
            let (e, c) = ((*d - mean_moved) * inverse, (x - mean) * inverse);
            *d = gamma * (e / root + c * lost);
        });
    }
}

/// Mean and inverse deviation of a channel, as they were remembered.
fn remembered<T: Real>(at: &At<'_, T>, channel: usize) -> (T, T) {
    (at.memory[2 * channel], at.memory[2 * channel + 1])
}

fn count<T: Real>(rows: usize, plane: usize) -> T {
    T::round_from((rows * plane) as f64)
}

fn moments<T: Real>(x: &ArrayRef2<T>, columns: std::ops::Range<usize>) -> (T, T) {
    let part = x.slice(s![.., columns]);
    let n = count::<T>(part.nrows(), part.ncols());
    let mean = part.sum() / n;
    let variance = part.fold(T::zero(), |sum, &x| sum + (x - mean) * (x - mean)) / n;
    (mean, variance)
}

impl<T: Real> Layer<T> for BatchNorm {
    fn name(&self) -> String {
        let fixed = if self.fixed.is_some() { " (fixed)" } else { "" };
        match self.plane {
            1 => format!("BatchNorm {}{fixed}", self.channels),
            plane => format!("BatchNorm {} channels of {plane}{fixed}", self.channels),
        }
    }

    fn check(&self) -> Result<(), Error> {
        let require = |holds, setting, expected| require(holds, "BatchNorm", setting, expected);
        let epsilon = self.epsilon > 0.0 && self.epsilon.is_finite();
        require(epsilon, ("epsilon", self.epsilon), "finite and above 0")?;
        let momentum = self.momentum.unwrap_or_default();
        let share = (0.0..1.0).contains(&momentum);
        require(share, ("momentum", momentum), "at least 0 and below 1")?;
        // Statistics that are fixed may come from a file.
        let Some(fixed) = &self.fixed else {
            return Ok(());
        };
        let found = ("number of fixed statistics", fixed.len() as f64);
        require(fixed.len() == self.channels, found, "one for each channel")?;
        for &(mean, variance) in fixed {
            require(mean.is_finite(), ("fixed mean", mean), "finite")?;
            let holds = variance >= 0.0 && variance.is_finite();
            require(holds, ("fixed variance", variance), "finite and at least 0")?;
        }
        Ok(())
    }

    fn inputs(&self) -> Option<usize> {
        Some(self.channels.saturating_mul(self.plane))
    }

    fn blocks(&self) -> Vec<BlockShape> {
        [("gamma", 1.0), ("beta", 0.0)]
            .map(|(name, start)| BlockShape {
                name,
                shape: vec![self.channels],
                start: Start::Constant(start),
            })
            .to_vec()
    }

    fn forward(&self, parameters: &[T], x: &Array2<T>) -> Array2<T> {
        let mut y = x.to_owned();
        for channel in 0..self.channels {
            let (mean, inverse) = self.statistics(x, channel);
            let (gamma, beta) = (parameters[channel], parameters[self.channels + channel]);
            let mut part = y.slice_mut(s![.., self.columns(channel)]);
            part.mapv_inplace(|x| gamma * ((x - mean) * inverse) + beta);
        }
        y
    }

    /// Mean and inverse deviation of each channel in turn.
    fn remember(&self, _parameters: &[T], x: &Array2<T>, _y: &Array2<T>) -> Vec<T> {
        (0..self.channels)
            .flat_map(|channel| <[T; 2]>::from(self.statistics(x, channel)))
            .collect()
    }

    fn backward(&self, at: &At<'_, T>, dy: &Array2<T>, dp: &mut [T]) -> Option<Array2<T>> {
        let mut dx = dy.to_owned();
        let n = count::<T>(dy.nrows(), self.plane);
        for channel in 0..self.channels {
            let (mean, inverse) = remembered(at, channel);
            let gamma = at.parameters[channel];
            let mut part = dx.slice_mut(s![.., self.columns(channel)]);
            let x = at.x.slice(s![.., self.columns(channel)]);
            let normalized = x.mapv(|x| (x - mean) * inverse);
            let (along, sum) = ((&normalized * &part).sum(), part.sum());
            dp[channel] += along;
            dp[self.channels + channel] += sum;
            // With fixed statistics the layer is affine; else mean and variance answer as well.
            let (along, sum) = if self.fixed.is_some() {
                (T::zero(), T::zero())
            } else {
                (along / n, sum / n)
            };
            part.zip_mut_with(&normalized, |d, &z| {
                *d = gamma * inverse * (*d - sum - z * along)
            });
        }
        Some(dx)
    }

    fn seed(&self, at: &At<'_, T>, parameter: usize, by: T, _form: Form) -> Change<T> {
        let channel = parameter % self.channels;
        let (mean, inverse) = remembered(at, channel);
        let x = at.x.slice(s![.., self.columns(channel)]);
        let d = if parameter < self.channels {
            x.mapv(|x| (x - mean) * inverse * by)
        } else {
            x.mapv(|_| by)
        };
        let first = channel * self.plane;
        Change { first, d }
    }

    fn push(&self, at: &At<'_, T>, change: Change<T>, form: Form) -> Change<T> {
        let image = Image::new(self.channels, 1, self.plane);
        let channels = image.touched(change.columns());
        let first = channels.start * self.plane;
        let mut d = Array2::zeros((change.rows(), channels.len() * self.plane));
        let place = change.first - first;
        d.slice_mut(s![.., place..place + change.d.ncols()])
            .assign(&change.d);
        let parts = d.axis_chunks_iter_mut(Axis(1), self.plane);
        for (channel, mut part) in channels.zip(parts) {
            self.push_channel(at, channel, &mut part, form);
        }
        Change { first, d }
    }

    fn mixes_samples(&self) -> bool {
        self.fixed.is_none()
    }

    fn linear_in_parameters(&self) -> bool {
        true
    }

    /// The weight of what was observed, then mean and variance of each channel.
    fn statistics(&self) -> usize {
        match self.momentum.filter(|_| self.fixed.is_none()) {
            Some(_) => 1 + 2 * self.channels,
            None => 0,
        }
    }

    fn observe(&self, x: &Array2<T>, statistics: &mut [f64]) {
        let momentum = self.momentum.unwrap_or_default();
        let each = (0..self.channels).flat_map(|channel| {
            let (mean, variance) = moments(x, self.columns(channel));
            [mean.widen(), variance.widen()]
        });
        for (running, new) in statistics.iter_mut().zip(std::iter::once(1.0).chain(each)) {
            *running = momentum * *running + (1.0 - momentum) * new;
        }
    }

    fn inference(&self, x: &Array2<T>, statistics: &[f64]) -> Option<Box<dyn Layer<T>>> {
        let of = |channel: usize| match statistics {
            [weight, running @ ..] if *weight > 0.0 => {
                let of_channel = &running[2 * channel..];
                (of_channel[0] / weight, of_channel[1] / weight)
            }
            _ => {
                let (mean, variance) = moments(x, self.columns(channel));
                (mean.widen(), variance.widen())
            }
        };
        let mut layer = self.clone();
        layer
            .fixed
            .get_or_insert_with(|| (0..self.channels).map(of).collect());
        Some(Box::new(layer))
    }

    fn spec(&self) -> Option<Spec> {
        Some(Spec::BatchNorm(self.clone()))
    }
}
