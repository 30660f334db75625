//! The shapes of what plans return, which do not keep x.

use super::Size;
use crate::operators::Operator;
use crate::{DenseMatrix, Real, SparseMatrix};
use ndarray::{Array1, Array2, Array3};
use std::sync::Arc;

/// Numbers in a shape, without error bars.
pub(crate) trait Shaped: Sized {
    type Number: Real;
    fn shaped(operator: &dyn Operator, size: Size, numbers: Vec<Self::Number>) -> Self;
    /// What saved plans call an array of numbers; nothing for a number.
    #[cfg(feature = "serde")]
    const ARRAY: &'static str;
    /// What saved plans call it.
    #[cfg(feature = "serde")]
    fn name() -> String {
        let number = std::any::type_name::<Self::Number>();
        match Self::ARRAY {
            "" => number.to_owned(),
            array => format!("{array}<{number}>"),
        }
    }
}

impl<T: Real> Shaped for T {
    type Number = T;
    fn shaped(_: &dyn Operator, _: Size, numbers: Vec<T>) -> Self {
        numbers[0]
    }
    #[cfg(feature = "serde")]
    const ARRAY: &'static str = "";
}

impl<T: Real> Shaped for Array1<T> {
    type Number = T;
    fn shaped(_: &dyn Operator, _: Size, numbers: Vec<T>) -> Self {
        numbers.into()
    }
    #[cfg(feature = "serde")]
    const ARRAY: &'static str = "Array1";
}

impl<T: Real> Shaped for Array2<T> {
    type Number = T;
    fn shaped(_: &dyn Operator, (rows, columns): Size, numbers: Vec<T>) -> Self {
        Array2::from_rows(rows, columns, numbers)
    }
    #[cfg(feature = "serde")]
    const ARRAY: &'static str = "Array2";
}

/// A square matrix for each output, from the rows of all.
impl<T: Real> Shaped for Array3<T> {
    type Number = T;
    fn shaped(_: &dyn Operator, (rows, columns): Size, numbers: Vec<T>) -> Self {
        match Array3::from_shape_vec((rows / columns, columns, columns), numbers) {
            Ok(array) => array,
            Err(_) => unreachable!("as many numbers as the shape has"),
        }
    }
    #[cfg(feature = "serde")]
    const ARRAY: &'static str = "Array3";
}

impl<T: Real> Shaped for SparseMatrix<T> {
    type Number = T;
    fn shaped(operator: &dyn Operator, _: Size, numbers: Vec<T>) -> Self {
        match operator.compression() {
            Some(compression) => SparseMatrix::new(Arc::clone(compression), numbers),
            None => unreachable!("an operator with a sparse result has its pattern"),
        }
    }
    #[cfg(feature = "serde")]
    const ARRAY: &'static str = "SparseMatrix";
}
