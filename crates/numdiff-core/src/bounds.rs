//! Where f may be evaluated.

use crate::{Error, Real};
use ndarray::{ArrayBase, ArrayRef, Data, Dimension};

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

    /// The one number, or those of each coordinate.
    pub(crate) fn split(self) -> Result<f64, Vec<f64>> {
        match self.0 {
            Side::Same(same) => Ok(same),
            Side::Each(each) => Err(each),
        }
    }

    /// How many numbers; `None` where one stands for all.
    pub(crate) fn length(&self) -> Option<usize> {
        match &self.0 {
            Side::Same(_) => None,
            Side::Each(each) => Some(each.len()),
        }
    }
}

/// A number for all coordinates, or one for each in row-major order.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a number nor a list of numbers",
    note = "pass a number, for all coordinates, or one for each: an ndarray array or view, a slice, a `Vec` or an array"
)]
pub trait Numbers {
    fn bound(self) -> Bound;
}

impl<T: Real> Numbers for T {
    fn bound(self) -> Bound {
        Bound(Side::Same(self.widen()))
    }
}

macro_rules! one_for_each {
    ($([$($generics:tt)*] $several:ty),*) => {
        $(impl<T: Real, $($generics)*> Numbers for $several {
            fn bound(self) -> Bound {
                Bound(Side::Each(self.iter().map(|v| v.widen()).collect()))
            }
        })*
    };
}
one_for_each!(
    [] &[T],
    [] &Vec<T>,
    [] Vec<T>,
    [const N: usize] &[T; N],
    [const N: usize] [T; N],
    [D: Dimension] &ArrayRef<T, D>,
    [S: Data<Elem = T>, D: Dimension] &ArrayBase<S, D>,
    [S: Data<Elem = T>, D: Dimension] ArrayBase<S, D>
);

impl<V: Numbers> From<V> for Bound {
    fn from(numbers: V) -> Self {
        numbers.bound()
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
