//! Operators whose function sees many points at once.

use super::operators::{square, widen_into, widened};
use super::{Answers, Method};
use crate::answer::{Form, Like, Out, OutputsByCoordinates, PerOutput, Scalar, Square};
use crate::evaluate::batch;
use crate::operators::*;
use crate::plan::lines::LinePlan;
use crate::workspace::Workspace;
use crate::{Error, Outputs, Real, Written};
use ndarray::{Array, ArrayRef, Dimension, Ix1, Ix2};

/// A method whose function is called with many points at once; made by
/// [`batched`](crate::FiniteDifference::batched).
///
/// The closure takes an array with one point per row (of x's elements in row-major order) and
/// returns one row of outputs per point: for a scalar function a 1-d array of values, for a vector
/// function a 2-d array. Results and counts of points are those of the serial method to the last
/// bit when f gives each row the bits that it would give the point alone. In every operator's
/// `*_into` f writes the outputs of each point to a row of its second argument, also those of a scalar
/// function; with a warm workspace nothing is allocated.
///
/// # Example
/// ```
/// use ndarray::{Axis, array};
/// use numdiff_core::FiniteDifference;
/// // One call for all four points.
/// let f = |points: &ndarray::ArrayRef2<f64>| points.map_axis(Axis(1), |x| x[0] * x[0] + x[1]);
/// let g = FiniteDifference::central().batched().gradient(f, &array![3.0, 4.0])?;
/// assert!((g[0] - 6.0).abs() < 1e-9 && (g[1] - 1.0).abs() < 1e-9);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Batched<M> {
    method: M,
}

impl<M> Batched<M> {
    pub(super) fn new(method: M) -> Self {
        Batched { method }
    }
}

#[allow(private_bounds)]
impl<M: Answers> Batched<M> {
    /// Runs an operator in the workspace, f writing its outputs, so many for each point.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn rows_into<T, O, D, F, R, U>(
        &self,
        operator: O,
        mut f: F,
        x: &ArrayRef<T, D>,
        vector: impl Iterator<Item = T>,
        rows: usize,
        out: &mut U,
        workspace: &mut Workspace<T>,
    ) -> Result<(), Error>
    where
        M: Method<T>,
        T: Real,
        O: Operator,
        F: FnMut(&ArrayRef<T, Ix2>, &mut ArrayRef<T, Ix2>) -> R,
        R: Written,
        D: Dimension,
        U: Out<T> + ?Sized,
    {
        let scheme = self.method.scheme()?.clone();
        let vector = widen_into(vector, workspace);
        // x in `f64` to begin with; then f's outputs.
        let mut values = std::mem::take(&mut workspace.scratch.base);
        values.clear();
        values.extend(x.iter().map(|v| v.widen()));
        let rounds = std::mem::take(&mut workspace.rounds);
        let mut plan = LinePlan::reuse(rounds, scheme, operator, &values, vector, T::EPSILON)?;
        let buffers = (&mut workspace.moved, &mut workspace.points, &mut values);
        let written = &mut workspace.outputs;
        let done = batch::run(&mut plan, buffers, |points: &ArrayRef<T, Ix2>, values| {
            batch::write(&mut f, points, rows, written, values)
        });
        let LinePlan {
            operator,
            vector,
            rounds,
        } = plan;
        (workspace.rounds, workspace.vector) = (rounds, vector);
        workspace.scratch.base = values;
        let (survey, results) = (&workspace.rounds.survey, &workspace.rounds.results);
        let counts = &mut workspace.results;
        counts.evaluations = results.evaluations;
        (counts.vanished, counts.first_vanished) = (results.vanished, results.first_vanished);
        done?;
        let size = (operator.length(survey, results), operator.width(survey));
        out.write(size, results, |row, column| {
            operator.at(survey, results, row, column)
        })
    }

    pub(super) fn run<T, O, S, D, F, R>(
        &self,
        operator: O,
        form: S,
        mut f: F,
        x: &ArrayRef<T, D>,
        vector: &[f64],
        outputs: Option<usize>,
    ) -> Result<M::Answer<S::Value>, Error>
    where
        M: Method<T>,
        T: Real,
        O: Operator,
        S: Form<T>,
        F: FnMut(&ArrayRef<T, Ix2>) -> R,
        R: Outputs<T>,
        D: Dimension,
    {
        let scheme = self.method.scheme()?.clone();
        let mut plan = LinePlan::new(scheme, operator, &widened(x), vector.to_vec(), T::EPSILON)?;
        let (mut base, mut points, mut values) = (Vec::new(), Vec::new(), Vec::new());
        let buffers = (&mut base, &mut points, &mut values);
        batch::run(&mut plan, buffers, |points: &ArrayRef<T, Ix2>, values| {
            f(points).push(values)
        })?;
        if let Some(expected) = outputs {
            square(&plan.rounds.results, expected)?;
        }
        M::answer(
            &plan.operator,
            &form,
            &plan.rounds.survey,
            &plan.rounds.results,
        )
    }

    /// The derivative of order `order` of a function of one variable; rows of one element.
    ///
    /// # Errors
    /// As the serial operator.
    pub fn nth_derivative<T, F, R>(&self, f: F, x: T, order: usize) -> Result<M::Answer<T>, Error>
    where
        M: Method<T>,
        T: Real,
        F: FnMut(&ArrayRef<T, Ix2>) -> R,
        R: Outputs<T>,
    {
        self.run(
            Derivative(order),
            Scalar,
            f,
            &ndarray::arr1(&[x]),
            &[],
            None,
        )
    }

    /// The gradient, of x's shape. As the serial [`gradient`](crate::FiniteDifference::gradient).
    ///
    /// # Errors
    /// As the serial operator.
    pub fn gradient<T, F, R, D>(
        &self,
        f: F,
        x: &ArrayRef<T, D>,
    ) -> Result<M::Answer<Array<T, D>>, Error>
    where
        M: Method<T>,
        T: Real,
        F: FnMut(&ArrayRef<T, Ix2>) -> R,
        R: Outputs<T>,
        D: Dimension,
    {
        self.run(Gradient, Like(x.raw_dim()), f, x, &[], None)
    }

    /// The Hessian. As the serial [`hessian`](crate::FiniteDifference::hessian).
    ///
    /// # Errors
    /// As the serial operator.
    pub fn hessian<T, F, R, D>(
        &self,
        f: F,
        x: &ArrayRef<T, D>,
    ) -> Result<M::Answer<Array<T, Ix2>>, Error>
    where
        M: Method<T>,
        T: Real,
        F: FnMut(&ArrayRef<T, Ix2>) -> R,
        R: Outputs<T>,
        D: Dimension,
    {
        self.run(Hessian, Square, f, x, &[], None)
    }

    /// The diagonal of the Hessian, of x's shape. As the serial [`hessian_diagonal`](crate::FiniteDifference::hessian_diagonal).
    ///
    /// # Errors
    /// As the serial operator.
    pub fn hessian_diagonal<T, F, R, D>(
        &self,
        f: F,
        x: &ArrayRef<T, D>,
    ) -> Result<M::Answer<Array<T, D>>, Error>
    where
        M: Method<T>,
        T: Real,
        F: FnMut(&ArrayRef<T, Ix2>) -> R,
        R: Outputs<T>,
        D: Dimension,
    {
        self.run(HessianDiagonal, Like(x.raw_dim()), f, x, &[], None)
    }

    /// The Laplacian. As the serial [`laplacian`](crate::FiniteDifference::laplacian).
    ///
    /// # Errors
    /// As the serial operator.
    pub fn laplacian<T, F, R, D>(&self, f: F, x: &ArrayRef<T, D>) -> Result<M::Answer<T>, Error>
    where
        M: Method<T>,
        T: Real,
        F: FnMut(&ArrayRef<T, Ix2>) -> R,
        R: Outputs<T>,
        D: Dimension,
    {
        self.run(Laplacian, Scalar, f, x, &[], None)
    }

    /// A mixed partial derivative of total order up to four. As the serial [`mixed_partial`](crate::FiniteDifference::mixed_partial).
    ///
    /// # Errors
    /// As the serial operator.
    pub fn mixed_partial<T, F, R, D>(
        &self,
        f: F,
        x: &ArrayRef<T, D>,
        coordinates: &[usize],
    ) -> Result<M::Answer<T>, Error>
    where
        M: Method<T>,
        T: Real,
        F: FnMut(&ArrayRef<T, Ix2>) -> R,
        R: Outputs<T>,
        D: Dimension,
    {
        self.run(Mixed::new(coordinates)?, Scalar, f, x, &[], None)
    }

    /// The derivative along `v`. As the serial [`directional`](crate::FiniteDifference::directional).
    ///
    /// # Errors
    /// As the serial operator.
    pub fn directional<T, F, R, D>(
        &self,
        f: F,
        x: &ArrayRef<T, D>,
        v: &ArrayRef<T, D>,
    ) -> Result<M::Answer<T>, Error>
    where
        M: Method<T>,
        T: Real,
        F: FnMut(&ArrayRef<T, Ix2>) -> R,
        R: Outputs<T>,
        D: Dimension,
    {
        self.run(JacobianVector, Scalar, f, x, &widened(v), None)
    }

    /// The product of the Hessian with `v`, from f alone. As the serial [`hessian_vector`](crate::FiniteDifference::hessian_vector).
    ///
    /// # Errors
    /// As the serial operator.
    pub fn hessian_vector<T, F, R, D>(
        &self,
        f: F,
        x: &ArrayRef<T, D>,
        v: &ArrayRef<T, D>,
    ) -> Result<M::Answer<Array<T, D>>, Error>
    where
        M: Method<T>,
        T: Real,
        F: FnMut(&ArrayRef<T, Ix2>) -> R,
        R: Outputs<T>,
        D: Dimension,
    {
        self.run(HessianVector, Like(x.raw_dim()), f, x, &widened(v), None)
    }

    /// The Jacobian, outputs by coordinates. As the serial [`jacobian`](crate::FiniteDifference::jacobian).
    ///
    /// # Errors
    /// As the serial operator.
    pub fn jacobian<T, F, R, D>(
        &self,
        f: F,
        x: &ArrayRef<T, D>,
    ) -> Result<M::Answer<Array<T, Ix2>>, Error>
    where
        M: Method<T>,
        T: Real,
        F: FnMut(&ArrayRef<T, Ix2>) -> R,
        R: Outputs<T>,
        D: Dimension,
    {
        self.run(Jacobian, OutputsByCoordinates, f, x, &[], None)
    }

    /// The Hessian from a gradient that is given, made symmetric. As the serial [`hessian_from_gradient`](crate::FiniteDifference::hessian_from_gradient).
    ///
    /// # Errors
    /// As the serial operator.
    pub fn hessian_from_gradient<T, F, R, D>(
        &self,
        f: F,
        x: &ArrayRef<T, D>,
    ) -> Result<M::Answer<Array<T, Ix2>>, Error>
    where
        M: Method<T>,
        T: Real,
        F: FnMut(&ArrayRef<T, Ix2>) -> R,
        R: Outputs<T>,
        D: Dimension,
    {
        self.run(HessianFromGradient, Square, f, x, &[], Some(x.len()))
    }

    /// The product of the Jacobian with `v`. As the serial [`jacobian_vector`](crate::FiniteDifference::jacobian_vector).
    ///
    /// # Errors
    /// As the serial operator.
    pub fn jacobian_vector<T, F, R, D>(
        &self,
        f: F,
        x: &ArrayRef<T, D>,
        v: &ArrayRef<T, D>,
    ) -> Result<M::Answer<Array<T, Ix1>>, Error>
    where
        M: Method<T>,
        T: Real,
        F: FnMut(&ArrayRef<T, Ix2>) -> R,
        R: Outputs<T>,
        D: Dimension,
    {
        self.run(JacobianVector, PerOutput, f, x, &widened(v), None)
    }

    /// The product of `u` with the Jacobian, of x's shape. As the serial [`vector_jacobian`](crate::FiniteDifference::vector_jacobian).
    ///
    /// # Errors
    /// As the serial operator.
    pub fn vector_jacobian<T, F, R, D>(
        &self,
        f: F,
        x: &ArrayRef<T, D>,
        u: &ArrayRef<T, Ix1>,
    ) -> Result<M::Answer<Array<T, D>>, Error>
    where
        M: Method<T>,
        T: Real,
        F: FnMut(&ArrayRef<T, Ix2>) -> R,
        R: Outputs<T>,
        D: Dimension,
    {
        self.run(VectorJacobian, Like(x.raw_dim()), f, x, &widened(u), None)
    }

    /// The product of the Hessian with `v`, from a gradient that is given. As the serial [`hessian_vector_from_gradient`](crate::FiniteDifference::hessian_vector_from_gradient).
    ///
    /// # Errors
    /// As the serial operator.
    pub fn hessian_vector_from_gradient<T, F, R, D>(
        &self,
        f: F,
        x: &ArrayRef<T, D>,
        v: &ArrayRef<T, D>,
    ) -> Result<M::Answer<Array<T, D>>, Error>
    where
        M: Method<T>,
        T: Real,
        F: FnMut(&ArrayRef<T, Ix2>) -> R,
        R: Outputs<T>,
        D: Dimension,
    {
        self.run(
            JacobianVector,
            Like(x.raw_dim()),
            f,
            x,
            &widened(v),
            Some(x.len()),
        )
    }
}
