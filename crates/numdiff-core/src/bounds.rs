//! Where f may be evaluated.

use crate::error::expect_length;
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
    /// The bound of coordinate `i`, counted through all points where there are several.
    #[inline]
    pub(crate) fn at(&self, i: usize) -> f64 {
        match &self.0 {
            Side::Same(b) => *b,
            Side::Each(each) => each[i % each.len()],
        }
    }

    /// Both sides as numbers for each coordinate of x, checked: as long as x, in order, around x.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::Bounds`] and [`Error::OutsideBounds`].
    pub fn around(lower: &Bound, upper: &Bound, x: &[f64]) -> Result<(Vec<f64>, Vec<f64>), Error> {
        let check = |bounds: &Bounds| bounds.validate(x, x.len());
        Bounds::checked(lower, upper, x.len(), check)
    }

    /// Both sides as numbers for each of `n` coordinates, checked: as many as there are, in order.
    ///
    /// # Errors
    /// [`Error::Length`] and [`Error::Bounds`].
    pub fn sides(lower: &Bound, upper: &Bound, n: usize) -> Result<(Vec<f64>, Vec<f64>), Error> {
        let in_order = |bounds: &Bounds| (0..n).try_for_each(|i| bounds.check_order(i).map(|_| ()));
        Bounds::checked(lower, upper, n, in_order)
    }

    /// The one number, or those of each coordinate.
    pub(crate) fn split(self) -> Result<f64, Vec<f64>> {
        match self.0 {
            Side::Same(same) => Ok(same),
            Side::Each(each) => Err(each),
        }
    }

    /// Errs unless there are as many numbers as coordinates, or one for all.
    pub(crate) fn expect_length(&self, argument: &'static str, n: usize) -> Result<(), Error> {
        match &self.0 {
            Side::Same(_) => Ok(()),
            Side::Each(each) => expect_length(argument, each.len(), n),
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
    /// Both sides as numbers for each of `n` coordinates, where `check` finds nothing wrong.
    fn checked(
        lower: &Bound,
        upper: &Bound,
        n: usize,
        check: impl Fn(&Bounds) -> Result<(), Error>,
    ) -> Result<(Vec<f64>, Vec<f64>), Error> {
        let (lower, upper) = (lower.clone(), upper.clone());
        let bounds = Bounds { lower, upper };
        bounds.check_length(n)?;
        check(&bounds)?;
        let each = |bound: &Bound| (0..n).map(|i| bound.at(i)).collect();
        Ok((each(&bounds.lower), each(&bounds.upper)))
    }

    fn check_length(&self, n: usize) -> Result<(), Error> {
        self.lower.expect_length("lower bounds", n)?;
        self.upper.expect_length("upper bounds", n)
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

    /// Checks lengths, order, and that x lies inside: a point of `n` coordinates, or several one after the other.
    pub fn validate(&self, x: &[f64], n: usize) -> Result<(), Error> {
        self.check_length(n)?;
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
