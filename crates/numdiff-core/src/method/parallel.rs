//! Operators whose evaluations are shared among threads.

use super::operators::{pose, square, widened};
use super::{Answers, Method};
use crate::answer::{Form, Like, OutputsByCoordinates, PerOutput, Scalar, Square};
use crate::evaluate::adapter::{self, Point};
use crate::evaluate::threads;
use crate::operators::*;
use crate::workspace::Workspace;
use crate::{Error, Function, Outcome, Outputs, Real};
use ndarray::{Array, ArrayRef, Dimension, Ix1, Ix2};

/// A method whose evaluations run on the threads of the current rayon pool; made by
/// [`parallel`](crate::FiniteDifference::parallel).
///
/// Results and counts of evaluations are those of the serial method to the last bit, for any number
/// of threads. Functions that are so cheap that threads would not pay are noticed (the evaluations
/// are timed) and evaluated on the calling thread. A panic of f passes through.
///
/// Every operator has an `*_into` that writes to the caller's result. With a warm workspace it
/// allocates a few times for each thread and round (a thread's copy of x, its task), and nothing for
/// each evaluation: the count does not grow with n.
///
/// # Example
/// ```
/// use ndarray::Array1;
/// use numdiff_core::FiniteDifference;
/// let f = |x: &ndarray::ArrayRef1<f64>| x.iter().map(|v| v.sin()).sum::<f64>();
/// let x = Array1::linspace(0.0, 1.0, 100);
/// let central = FiniteDifference::central();
/// assert_eq!(central.parallel().gradient(f, &x)?, central.gradient(f, &x)?);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Parallel<M> {
    method: M,
    threads: Option<usize>,
}

impl<M> Parallel<M> {
    pub(super) fn new(method: M) -> Self {
        Parallel {
            method,
            threads: None,
        }
    }

    /// At most this many threads at a time; by default as many as the rayon pool has. To run on
    /// another pool, call the operator inside its `install`.
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }
}

#[allow(private_bounds)]
impl<M: Answers + Sync> Parallel<M> {
    pub(super) fn run<T, O, D, W, G>(
        &self,
        operator: O,
        x: &ArrayRef<T, D>,
        vector: &mut Vec<f64>,
        worker: W,
        workspace: &mut Workspace<T>,
    ) -> Result<O, Error>
    where
        M: Method<T>,
        T: Real,
        O: Operator,
        D: Dimension,
        W: Fn() -> G + Sync,
        G: Function,
    {
        if self.threads == Some(0) {
            return Err(Error::OutOfRange {
                argument: "threads",
                value: 0.0,
                expected: "at least 1",
            });
        }
        let scheme = self.method.scheme()?;
        pose(
            scheme,
            &operator,
            x.iter().copied(),
            vector,
            T::EPSILON,
            &mut workspace.survey,
        )?;
        threads::run(
            scheme,
            &operator,
            &mut workspace.survey,
            vector,
            worker,
            self.threads,
            &mut workspace.rounds,
            (
                &mut workspace.scratch,
                &mut workspace.workers,
                &mut workspace.shares,
            ),
            &mut workspace.results,
        )?;
        Ok(operator)
    }

    pub(super) fn scalar<T, O, S, D, F, R>(
        &self,
        operator: O,
        form: S,
        f: F,
        x: &ArrayRef<T, D>,
        vector: &[f64],
    ) -> Result<M::Answer<S::Value>, Error>
    where
        M: Method<T>,
        T: Real,
        O: Operator,
        S: Form<T>,
        F: Fn(&ArrayRef<T, D>) -> R + Sync,
        R: Outcome<T>,
        D: Dimension,
    {
        let mut workspace = Workspace::<T>::new();
        let shape = x.raw_dim();
        let worker = || adapter::Scalar::new(&f, shape.clone(), Point::default());
        let operator = self.run(operator, x, &mut vector.to_vec(), worker, &mut workspace)?;
        M::answer(&operator, &form, &workspace.survey, &workspace.results)
    }

    pub(super) fn vector<T, O, S, D, F, R>(
        &self,
        operator: O,
        form: S,
        f: F,
        x: &ArrayRef<T, D>,
        vector: &[f64],
        outputs: Option<usize>,
    ) -> Result<M::Answer<S::Value>, Error>
    where
        M: Method<T>,
        T: Real,
        O: Operator,
        S: Form<T>,
        F: Fn(&ArrayRef<T, D>) -> R + Sync,
        R: Outputs<T>,
        D: Dimension,
    {
        let mut workspace = Workspace::<T>::new();
        let shape = x.raw_dim();
        let worker = || adapter::Vector::new(&f, shape.clone(), Point::default());
        let operator = self.run(operator, x, &mut vector.to_vec(), worker, &mut workspace)?;
        if let Some(expected) = outputs {
            square(&workspace.results, expected)?;
        }
        M::answer(&operator, &form, &workspace.survey, &workspace.results)
    }

    /// The derivative of order `order` of a function of one variable.
    ///
    /// # Errors
    /// As the serial operator.
    pub fn nth_derivative<T, F, R>(&self, f: F, x: T, order: usize) -> Result<M::Answer<T>, Error>
    where
        M: Method<T>,
        T: Real,
        F: Fn(T) -> R + Sync,
        R: Outcome<T>,
    {
        let f = |x: &ArrayRef<T, Ix1>| f(x[0]);
        self.scalar(Derivative(order), Scalar, f, &ndarray::arr1(&[x]), &[])
    }

    /// f'(x) of a function of one variable.
    ///
    /// # Errors
    /// As the serial operator.
    pub fn derivative<T, F, R>(&self, f: F, x: T) -> Result<M::Answer<T>, Error>
    where
        M: Method<T>,
        T: Real,
        F: Fn(T) -> R + Sync,
        R: Outcome<T>,
    {
        self.nth_derivative(f, x, 1)
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
        F: Fn(&ArrayRef<T, D>) -> R + Sync,
        R: Outcome<T>,
        D: Dimension,
    {
        self.scalar(Gradient, Like(x.raw_dim()), f, x, &[])
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
        F: Fn(&ArrayRef<T, D>) -> R + Sync,
        R: Outcome<T>,
        D: Dimension,
    {
        self.scalar(Hessian, Square, f, x, &[])
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
        F: Fn(&ArrayRef<T, D>) -> R + Sync,
        R: Outcome<T>,
        D: Dimension,
    {
        self.scalar(HessianDiagonal, Like(x.raw_dim()), f, x, &[])
    }

    /// The Laplacian. As the serial [`laplacian`](crate::FiniteDifference::laplacian).
    ///
    /// # Errors
    /// As the serial operator.
    pub fn laplacian<T, F, R, D>(&self, f: F, x: &ArrayRef<T, D>) -> Result<M::Answer<T>, Error>
    where
        M: Method<T>,
        T: Real,
        F: Fn(&ArrayRef<T, D>) -> R + Sync,
        R: Outcome<T>,
        D: Dimension,
    {
        self.scalar(Laplacian, Scalar, f, x, &[])
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
        F: Fn(&ArrayRef<T, D>) -> R + Sync,
        R: Outcome<T>,
        D: Dimension,
    {
        self.scalar(Mixed::new(coordinates)?, Scalar, f, x, &[])
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
        F: Fn(&ArrayRef<T, D>) -> R + Sync,
        R: Outcome<T>,
        D: Dimension,
    {
        self.scalar(JacobianVector, Scalar, f, x, &widened(v))
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
        F: Fn(&ArrayRef<T, D>) -> R + Sync,
        R: Outcome<T>,
        D: Dimension,
    {
        self.scalar(HessianVector, Like(x.raw_dim()), f, x, &widened(v))
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
        F: Fn(&ArrayRef<T, D>) -> R + Sync,
        R: Outputs<T>,
        D: Dimension,
    {
        self.vector(Jacobian, OutputsByCoordinates, f, x, &[], None)
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
        F: Fn(&ArrayRef<T, D>) -> R + Sync,
        R: Outputs<T>,
        D: Dimension,
    {
        self.vector(HessianFromGradient, Square, f, x, &[], Some(x.len()))
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
        F: Fn(&ArrayRef<T, D>) -> R + Sync,
        R: Outputs<T>,
        D: Dimension,
    {
        self.vector(JacobianVector, PerOutput, f, x, &widened(v), None)
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
        F: Fn(&ArrayRef<T, D>) -> R + Sync,
        R: Outputs<T>,
        D: Dimension,
    {
        self.vector(VectorJacobian, Like(x.raw_dim()), f, x, &widened(u), None)
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
        F: Fn(&ArrayRef<T, D>) -> R + Sync,
        R: Outputs<T>,
        D: Dimension,
    {
        self.vector(
            JacobianVector,
            Like(x.raw_dim()),
            f,
            x,
            &widened(v),
            Some(x.len()),
        )
    }
}
