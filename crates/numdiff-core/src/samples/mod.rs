//! Derivatives of sampled data: values at points that can't be chosen any more.

mod grid;
mod local_fit;
mod rule;
mod window;

pub use grid::Grid;

use crate::bounds::Bound;
use crate::error::expect;
use crate::line::finite;
use crate::{Error, Point};
use ndarray::{Array, ArrayBase, Axis, Data, Dimension};
use rule::Rule;
use window::Windows;

/// Differences of sampled data: each derivative comes from a polynomial through, or fitted to, the
/// samples around it.
///
/// * [`new`](Self::new): interpolation. Exact on polynomials of degree below order + accuracy, on even and
///   uneven grids; at the ends from one-sided windows of the same accuracy. What `numpy.gradient` and
///   `findiff` do.
/// * [`savitzky_golay`](Self::savitzky_golay): least squares, which averages the noise of the data. At the
///   ends the fit to the outermost window is evaluated where it is asked for, as by SciPy's
///   `mode="interp"`.
///
/// Noise of standard deviation s in the data makes noise of about s / h^order in the derivative; the
/// [`variance`](SampledDerivative::variance) says how much exactly. A wider window of
/// Savitzky and Golay lowers it, and bends what changes within the window.
///
/// # When to fit instead
/// Where the data follow a known formula, fit its parameters (`numdiff_optim::least_squares`) and
/// differentiate the formula: a fit uses all samples for every derivative. Where the noise is larger than
/// the change of the data from sample to sample, differences of neighbors show noise alone: smooth,
/// or fit. Where f can be evaluated anywhere, don't sample it: [`Adaptive`](crate::Adaptive)
/// chooses its points.
///
/// # Example
/// ```
/// use numdiff_core::SampledDifference;
/// let t: Vec<f64> = (0..50).map(|i| (f64::from(i) / 10.0).powf(1.1)).collect();
/// let position: Vec<f64> = t.iter().map(|t| t.sin()).collect();
/// let velocity = SampledDifference::new(1).with_accuracy(4).differentiate(&position, &t)?;
/// let worst = t.iter().zip(&velocity.value).map(|(t, v)| (v - t.cos()).abs()).fold(0.0, f64::max);
/// println!("largest error {worst:.1e}");
/// assert!(worst < 1e-4);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
/// ```text
/// largest error 4.0e-5
/// ```
///
/// # Source
/// B. Fornberg, Math. Comp. 51 (1988), 699-706; A. Savitzky and M. J. E. Golay, Anal. Chem. 36 (1964),
/// 1627-1639; P. A. Gorry, Anal. Chem. 63 (1991), 534-536 for uneven grids.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a setting is in what it returns"]
pub struct SampledDifference {
    order: usize,
    rule: Rule,
    noise: Bound,
}

/// Derivatives at the samples, with the variance that noise in the data gives them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SampledDerivative<V> {
    /// The derivative at each sample.
    pub value: V,
    /// Variance of each value from independent noise in the samples: of standard deviation 1, unless
    /// [`with_noise`](SampledDifference::with_noise) says otherwise. Neighboring values share samples,
    /// so their errors are correlated. The truncation of the polynomial comes on top.
    pub variance: V,
}

impl SampledDifference {
    /// Differences for the derivative of this order, 1 or more, of accuracy 2.
    pub fn new(order: usize) -> Self {
        SampledDifference {
            order,
            rule: Rule::Interpolate { accuracy: 2 },
            noise: 1.0.into(),
        }
    }

    /// The derivative of this order, 0 to smooth alone, of the polynomial of this degree fitted to
    /// `window` samples, an odd number above the degree.
    pub fn savitzky_golay(order: usize, window: usize, degree: usize) -> Self {
        SampledDifference {
            order,
            rule: Rule::LeastSquares { window, degree },
            noise: 1.0.into(),
        }
    }

    /// Interpolation whose error falls with the spacing to the power `accuracy`, 1 or more, from
    /// order + accuracy samples. In the middle of an even grid the window is symmetric, and an odd
    /// accuracy is one better there.
    pub fn with_accuracy(mut self, accuracy: usize) -> Self {
        self.rule = Rule::Interpolate { accuracy };
        self
    }

    /// The standard deviation of the noise in the samples: a number for all of them, or one for each.
    pub fn with_noise(mut self, deviation: impl Into<Bound>) -> Self {
        self.noise = deviation.into();
        self
    }

    /// Derivatives at all samples, along the one axis of an array. `grid` is the spacing of an even grid, or where the samples
    /// were taken, rising or falling.
    ///
    /// # Errors
    /// Values or places that are not finite ([`Error::NotFinite`]), places that are not sorted
    /// ([`Error::NotSorted`]) or equal ([`Error::RepeatedNode`]), a spacing of 0 or noise below 0
    /// ([`Error::OutOfRange`]), lists of different lengths ([`Error::Length`]), too few samples
    /// ([`Error::TooFewSamples`]), a window that does not fit ([`Error::Window`]), an order or an accuracy
    /// that makes no sense, an array of several axes ([`Error::OutOfRange`]).
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use numdiff_core::SampledDifference;
    /// let squares = array![0.0, 1.0, 4.0, 9.0, 16.0];
    /// let slope = SampledDifference::new(1).with_noise(0.1).differentiate(&squares, 1.0)?;
    /// println!("{} ± {:.3}", slope.value, slope.variance.mapv(f64::sqrt));
    /// assert_eq!(slope.value, array![0.0, 2.0, 4.0, 6.0, 8.0]);
    /// # Ok::<(), numdiff_core::Error>(())
    /// ```
    /// ```text
    /// [0, 2, 4, 6, 8] ± [0.255, 0.071, 0.071, 0.071, 0.255]
    /// ```
    pub fn differentiate<X>(
        &self,
        values: &X,
        grid: impl Into<Grid>,
    ) -> Result<SampledDerivative<X::Like>, Error>
    where
        X: Point<f64> + ?Sized,
    {
        let axes = values.shape().into_iter().filter(|length| *length > 1);
        let (axes, one) = (
            axes.count(),
            "1: `along_axis` differentiates arrays of several axes",
        );
        expect(axes <= 1, "axes of values", axes as f64, one)?;
        let samples: Vec<f64> = values.numbers().collect();
        finite("values", &samples)?;
        let windows = Windows::new(self.order, self.rule, samples.len(), &grid.into())?;
        Ok(SampledDerivative {
            value: values.like(windows.derivatives(&samples)?),
            variance: values.like(windows.variances(&self.noise)?),
        })
    }

    /// Derivatives along one axis of an array, at all its elements; `grid` is that of the axis.
    ///
    /// # Errors
    /// Those of [`differentiate`](Self::differentiate); an axis that the array does not have
    /// ([`Error::OutOfRange`]).
    ///
    /// # Example
    /// ```
    /// use ndarray::{Array2, Axis};
    /// use numdiff_core::SampledDifference;
    /// let (x, y) = ([0.0, 0.1, 0.3, 0.6], [0.0, 0.5, 1.0]);
    /// let f = Array2::from_shape_fn((4, 3), |(i, j)| x[i] * x[i] + 3.0 * y[j]);
    /// let by_x = SampledDifference::new(1).along_axis(&f, Axis(0), &x)?;
    /// let by_y = SampledDifference::new(1).along_axis(&f, Axis(1), 0.5)?;
    /// assert!((by_x.value[(2, 1)] - 0.6).abs() < 1e-14);
    /// assert!((by_y.value[(2, 1)] - 3.0).abs() < 1e-14);
    /// # Ok::<(), numdiff_core::Error>(())
    /// ```
    pub fn along_axis<S, D>(
        &self,
        values: &ArrayBase<S, D>,
        axis: Axis,
        grid: impl Into<Grid>,
    ) -> Result<SampledDerivative<Array<f64, D>>, Error>
    where
        S: Data<Elem = f64>,
        D: Dimension,
    {
        let exists = axis.index() < values.ndim();
        let below = "below the number of axes of the array";
        expect(exists, "axis", axis.index() as f64, below)?;
        finite("values", &values.iter().copied().collect::<Vec<_>>())?;
        let windows = Windows::new(self.order, self.rule, values.len_of(axis), &grid.into())?;
        let variances = Array::from(windows.variances(&self.noise)?);
        let mut value = Array::zeros(values.raw_dim());
        let mut variance = Array::zeros(values.raw_dim());
        let results = value.lanes_mut(axis).into_iter();
        for (lane, mut value) in values.lanes(axis).into_iter().zip(results) {
            value.assign(&Array::from(windows.derivatives(&lane.to_vec())?));
        }
        let lanes = variance.lanes_mut(axis).into_iter();
        lanes.for_each(|mut lane| lane.assign(&variances));
        Ok(SampledDerivative { value, variance })
    }
}
