//! Where f may be evaluated.

use crate::{Error, Real};
use ndarray::{Array, ArrayRef, ArrayView, Dimension};

/// One side of the bounds: a number for every coordinate, or one for each in row-major order.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Bound(Side);

#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum Side {
    Same(f64),
    Each(Vec<f64>),
}

impl Bound {
    /// The bound of coordinate `i`.
    #[inline]
    pub(crate) fn at(&self, i: usize) -> f64 {
        match &self.0 {
            Side::Same(b) => *b,
            Side::Each(each) => each[i],
        }
    }

    /// Both sides as numbers for each coordinate of x, checked: as long as x, in order, around x.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::Bounds`] and [`Error::OutsideBounds`].
    pub fn around(lower: &Bound, upper: &Bound, x: &[f64]) -> Result<(Vec<f64>, Vec<f64>), Error> {
        let bounds = Bounds {
            lower: lower.clone(),
            upper: upper.clone(),
        };
        bounds.validate(x)?;
        let each = |bound: &Bound| (0..x.len()).map(|i| bound.at(i)).collect();
        Ok((each(lower), each(upper)))
    }

    /// Both sides as numbers for each of `n` coordinates, checked: as many as there are, in order.
    ///
    /// # Errors
    /// [`Error::Length`] and [`Error::Bounds`].
    pub fn sides(lower: &Bound, upper: &Bound, n: usize) -> Result<(Vec<f64>, Vec<f64>), Error> {
        let bounds = Bounds {
            lower: lower.clone(),
            upper: upper.clone(),
        };
        bounds.check_length(n)?;
        (0..n).try_for_each(|i| bounds.check_order(i).map(|_| ()))?;
        let each = |bound: &Bound| (0..n).map(|i| bound.at(i)).collect();
        Ok((each(lower), each(upper)))
    }

    /// How many numbers; `None` where one stands for all.
    pub(crate) fn length(&self) -> Option<usize> {
        match &self.0 {
            Side::Same(_) => None,
            Side::Each(each) => Some(each.len()),
        }
    }
}

impl<T: Real> From<T> for Bound {
    fn from(b: T) -> Self {
        Bound(Side::Same(b.widen()))
    }
}

impl<T: Real, D: Dimension> From<&ArrayRef<T, D>> for Bound {
    fn from(b: &ArrayRef<T, D>) -> Self {
        Bound(Side::Each(b.iter().map(|v| v.widen()).collect()))
    }
}

impl<T: Real, D: Dimension> From<&Array<T, D>> for Bound {
    fn from(b: &Array<T, D>) -> Self {
        Bound(Side::Each(b.iter().map(|v| v.widen()).collect()))
    }
}

impl<T: Real, D: Dimension> From<Array<T, D>> for Bound {
    fn from(b: Array<T, D>) -> Self {
        Bound::from(&b)
    }
}

impl<T: Real, D: Dimension> From<ArrayView<'_, T, D>> for Bound {
    fn from(b: ArrayView<'_, T, D>) -> Self {
        Bound(Side::Each(b.iter().map(|v| v.widen()).collect()))
    }
}

impl<T: Real> From<&[T]> for Bound {
    fn from(b: &[T]) -> Self {
        Bound(Side::Each(b.iter().map(|v| v.widen()).collect()))
    }
}

impl<T: Real> From<&Vec<T>> for Bound {
    fn from(b: &Vec<T>) -> Self {
        Bound::from(b.as_slice())
    }
}

impl<T: Real> From<Vec<T>> for Bound {
    fn from(b: Vec<T>) -> Self {
        Bound::from(b.as_slice())
    }
}

impl<T: Real, const N: usize> From<[T; N]> for Bound {
    fn from(b: [T; N]) -> Self {
        Bound::from(b.as_slice())
    }
}

impl<T: Real, const N: usize> From<&[T; N]> for Bound {
    fn from(b: &[T; N]) -> Self {
        Bound::from(b.as_slice())
    }
}

/// A box: lower <= x <= upper, infinities for none.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Bounds {
    pub lower: Bound,
    pub upper: Bound,
}

impl Bounds {
    fn check_length(&self, n: usize) -> Result<(), Error> {
        for (argument, bound) in [("lower bounds", &self.lower), ("upper bounds", &self.upper)] {
            if let Some(found) = bound.length().filter(|&found| found != n) {
                return Err(Error::Length {
                    argument,
                    found,
                    expected: n,
                });
            }
        }
        Ok(())
    }

    /// The sides of a coordinate, in order.
    fn check_order(&self, coordinate: usize) -> Result<(f64, f64), Error> {
        let (lower, upper) = (self.lower.at(coordinate), self.upper.at(coordinate));
        if lower.is_nan() || upper.is_nan() || lower > upper {
            return Err(Error::Bounds {
                coordinate,
                lower,
                upper,
            });
        }
        Ok((lower, upper))
    }

    /// Checks lengths, order, and that x lies inside.
    pub fn validate(&self, x: &[f64]) -> Result<(), Error> {
        self.check_length(x.len())?;
        for (coordinate, &x) in x.iter().enumerate() {
            let (lower, upper) = self.check_order(coordinate)?;
            if x < lower || x > upper {
                return Err(Error::OutsideBounds {
                    coordinate,
                    x,
                    lower,
                    upper,
                });
            }
        }
        Ok(())
    }
}
