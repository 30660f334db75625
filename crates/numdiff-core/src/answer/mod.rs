//! The shapes in which results are returned.

mod out;
mod rows;
mod sparse;

pub(crate) use out::{Out, Rows, write};
pub(crate) use rows::WriteRow;
pub use sparse::OnPattern;

use crate::error::{GRADIENT, SCALAR};
use crate::operators::Operator;
use crate::results::Results;
use crate::survey::Survey;
use crate::{Error, Estimate, Real};
use ndarray::{Array, Dimension, Ix1, Ix2};
use out::bar;
use std::cell::Cell;

/// The type of a result.
pub trait Valued<T> {
    /// A number or an array.
    type Value;
}

impl<T> Valued<T> for Scalar {
    type Value = T;
}

impl<T, D> Valued<T> for Like<D> {
    type Value = Array<T, D>;
}

impl<T> Valued<T> for PerOutput {
    type Value = Array<T, Ix1>;
}

impl<T> Valued<T> for OutputsByCoordinates {
    type Value = Array<T, Ix2>;
}

impl<T> Valued<T> for Square {
    type Value = Array<T, Ix2>;
}

/// The shape of a result.
pub(crate) trait Form<T: Real>: Valued<T> {
    /// Builds the result from its entries (row, column); what is no matrix has one row.
    fn build(
        &self,
        survey: &Survey,
        results: &Results,
        entry: impl Fn(usize, usize) -> f64,
    ) -> Self::Value;

    /// The outputs that f must have for a result of this form, where it says.
    fn outputs(&self) -> Option<(usize, &'static str)> {
        None
    }

    /// Zeros, where x alone tells how many.
    fn zeros(&self, coordinates: usize) -> Option<Self::Value> {
        let _ = coordinates;
        None
    }

    /// The elements of an array in row-major order.
    fn elements(value: &mut Self::Value) -> &mut [T] {
        let _ = value;
        &mut []
    }
}

/// One number.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Scalar;

impl<T: Real> Form<T> for Scalar {
    fn outputs(&self) -> Option<(usize, &'static str)> {
        Some((1, SCALAR))
    }

    fn build(&self, _: &Survey, _: &Results, entry: impl Fn(usize, usize) -> f64) -> T {
        T::round_from(entry(0, 0))
    }
}

/// An array of x's shape.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Like<D>(pub(crate) D);

impl<T: Real, D: Dimension> Form<T> for Like<D> {
    // Of the operators whose outputs make the elements.
    fn outputs(&self) -> Option<(usize, &'static str)> {
        Some((self.0.size(), GRADIENT))
    }

    fn zeros(&self, _: usize) -> Option<Array<T, D>> {
        Some(Array::zeros(self.0.clone()))
    }

    fn elements(value: &mut Array<T, D>) -> &mut [T] {
        value.as_slice_mut().unwrap_or_default()
    }

    fn build(&self, _: &Survey, _: &Results, entry: impl Fn(usize, usize) -> f64) -> Array<T, D> {
        array(self.0.clone(), |k| entry(0, k))
    }
}

/// One number for each output of f.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PerOutput;

impl<T: Real> Form<T> for PerOutput {
    fn build(
        &self,
        _: &Survey,
        results: &Results,
        entry: impl Fn(usize, usize) -> f64,
    ) -> Array<T, Ix1> {
        array(Ix1(results.outputs), |k| entry(0, k))
    }
}

/// Outputs (rows) by coordinates (columns).
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct OutputsByCoordinates;

impl<T: Real> Form<T> for OutputsByCoordinates {
    fn build(
        &self,
        survey: &Survey,
        results: &Results,
        entry: impl Fn(usize, usize) -> f64,
    ) -> Array<T, Ix2> {
        matrix(results.outputs, survey.x.len(), entry)
    }
}

/// Coordinates by coordinates.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Square;

impl<T: Real> Form<T> for Square {
    fn zeros(&self, coordinates: usize) -> Option<Array<T, Ix2>> {
        Some(Array::zeros(Ix2(coordinates, coordinates)))
    }

    fn elements(value: &mut Array<T, Ix2>) -> &mut [T] {
        value.as_slice_mut().unwrap_or_default()
    }

    fn build(
        &self,
        survey: &Survey,
        _: &Results,
        entry: impl Fn(usize, usize) -> f64,
    ) -> Array<T, Ix2> {
        matrix(survey.x.len(), survey.x.len(), entry)
    }
}

fn array<T: Real, D: Dimension>(shape: D, entry: impl Fn(usize) -> f64) -> Array<T, D> {
    let entries = (0..shape.size()).map(|k| T::round_from(entry(k))).collect();
    match Array::from_shape_vec(shape, entries) {
        Ok(array) => array,
        Err(_) => unreachable!("as many entries as the shape has elements"),
    }
}

fn matrix<T: Real>(
    rows: usize,
    columns: usize,
    entry: impl Fn(usize, usize) -> f64,
) -> Array<T, Ix2> {
    Array::from_shape_fn(Ix2(rows, columns), |(i, j)| T::round_from(entry(i, j)))
}

/// An estimate of any form.
pub(crate) fn estimate<T: Real, O: Operator, S: Form<T>>(
    operator: &O,
    form: &S,
    survey: &Survey,
    results: &Results,
) -> Result<Estimate<S::Value>, Error> {
    let value = values(operator, form, survey, results)?;
    let entry = |i, j| operator.at(survey, results, i, j);
    Ok(Estimate {
        value,
        error: form.build(survey, results, |i, j| bar(entry(i, j).error)),
        step: form.build(survey, results, |i, j| entry(i, j).step),
        evaluations: results.evaluations,
        status: results.worst(),
    })
}

/// The values of any form.
pub(crate) fn values<T: Real, O: Operator, S: Form<T>>(
    operator: &O,
    form: &S,
    survey: &Survey,
    results: &Results,
) -> Result<S::Value, Error> {
    if let Some((expected, argument)) = operator.outputs(survey).or(form.outputs())
        && results.outputs != expected
    {
        return Err(Error::Length {
            argument,
            found: results.outputs,
            expected,
        });
    }
    let width = operator.width(survey);
    let overflown = Cell::new(None);
    let value = form.build(survey, results, |i, j| {
        let value = operator.at(survey, results, i, j).value;
        if !T::round_from(value).is_finite() && overflown.get().is_none() {
            overflown.set(Some(if i == 0 { j } else { i * width + j }));
        }
        value
    });
    match overflown.get() {
        None => Ok(value),
        Some(index) => Err(Error::ResultOverflows { index }),
    }
}
