//! One operator, by name, through one driver.

use super::flat::{Flat, Flatten};
use super::function::{Recorded, scrambled};
use ndarray::{Array1, Array2};
use numdiff_core::{
    Adaptive, Error, Estimate, FiniteDifference, Job, SparseHessian, SparseJacobian,
    SparsityPattern, Workspace,
};

/// Another order in each round; some jobs are told as failed, some twice, some that do not exist.
pub struct Teller {
    pub state: u64,
    pub unreliable: bool,
}

impl Teller {
    pub fn next(&mut self) -> u64 {
        self.state = scrambled(self.state);
        self.state
    }

    pub fn shuffle(&mut self, jobs: &mut [Job]) {
        for k in (1..jobs.len()).rev() {
            let other = self.next() as usize % (k + 1);
            jobs.swap(k, other);
        }
    }
}

/// Runs a plan to its end.
macro_rules! tell {
    ($plan:expr, $call:expr, $teller:expr) => {{
        let mut plan = $plan?;
        let teller: &mut Teller = $teller;
        let mut rounds = 0;
        loop {
            rounds += 1;
            assert!(rounds < 100_000, "a plan that never ends");
            let mut jobs = plan.ask()?;
            if jobs.is_empty() {
                break;
            }
            teller.shuffle(&mut jobs);
            for job in jobs {
                if teller.unreliable && teller.next().is_multiple_of(16) {
                    plan.tell_failed(job.id)?;
                } else {
                    let mut point = plan.x().to_vec();
                    job.moves.apply(&mut point);
                    match $call(&Array1::from(point)) {
                        Ok(values) => plan.tell(job.id, values)?,
                        Err(_) => plan.tell_failed(job.id)?,
                    }
                }
                if teller.next().is_multiple_of(16) {
                    assert!(matches!(
                        plan.tell(job.id, [0.0]),
                        Err(Error::ToldTwice { .. })
                    ));
                    assert!(matches!(
                        plan.tell_failed(u64::MAX - 3),
                        Err(Error::UnknownJob { .. })
                    ));
                }
            }
        }
        assert!(plan.ask()?.is_empty());
        Ok(plan.finish()?.flat())
    }};
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Driver {
    Serial,
    Into,
    Batch,
    Threads(usize),
    Plan,
    UnreliablePlan,
}

/// What an operator takes beyond f and x.
#[derive(Clone, Debug)]
pub struct Extra {
    pub v: Array1<f64>,
    pub u: Array1<f64>,
    pub coordinates: Vec<usize>,
    pub order: usize,
    pub band: usize,
}

pub const OPERATORS: [&str; 14] = [
    "nth_derivative",
    "gradient",
    "jacobian",
    "hessian",
    "hessian_from_gradient",
    "hessian_diagonal",
    "laplacian",
    "mixed_partial",
    "directional",
    "jacobian_vector",
    "vector_jacobian",
    "hessian_vector",
    "hessian_vector_from_gradient",
    "sparse",
];

/// The lines of an operator, the order of the derivative along each, and how many coordinates a
/// point may differ in.
pub fn lines(operator: &str, n: usize, extra: &Extra) -> (usize, usize, usize) {
    match operator {
        "nth_derivative" => (1, extra.order, 1),
        "hessian" => (n * (n + 1) / 2, 2, 2),
        "hessian_diagonal" | "laplacian" => (n, 2, 1),
        "mixed_partial" => (15, extra.coordinates.len(), 4),
        "directional" | "jacobian_vector" | "hessian_vector_from_gradient" => (1, 1, n),
        "hessian_vector" => (2 * n, 2, n),
        "sparse" if extra.order.is_multiple_of(2) => (n * (n + 1) / 2, 2, 2),
        "sparse" => (n, 1, n),
        _ => (n, 1, 1),
    }
}

/// One operator through the driver that is asked for.
macro_rules! run {
    ($on:expr, $f:expr, $x:expr, $op:ident, $call:ident, $batch:ident, $told:expr $(, $extra:expr)*) => {{
        let (method, driver, teller) = $on;
        let (f, x): (&Recorded, _) = ($f, $x);
        match driver {
            Driver::Serial => method.$op(|x: &Array1<f64>| f.$call(x), x $(, $extra)*).map(|a| a.flat()),
            Driver::Batch => {
                method.plan().$op(x $(, $extra)*).batched(|p| f.$batch(p)).map(|a| a.flat())
            }
            Driver::Threads(k) => {
                method.plan().$op(x $(, $extra)*).with_threads(k).parallel(|x| f.$call(x)).map(|a| a.flat())
            }
            _ => tell!(method.plan().$op(x $(, $extra)*).ask_tell(), $told, teller),
        }
    }};
}

/// The same operator into a result that is there, with a workspace that was used before.
macro_rules! into {
    ($out:expr, $call:expr) => {{
        let mut out = $out;
        $call(&mut out).map(|()| out.flat())
    }};
}

macro_rules! every_operator {
    ($name:ident, $method:ty, $array:expr, $matrix:expr, $number:expr) => {
        #[allow(clippy::too_many_arguments)]
        pub fn $name(
            method: &$method,
            operator: &str,
            driver: Driver,
            f: &Recorded,
            x: &Array1<f64>,
            extra: &Extra,
            teller: &mut Teller,
            w: &mut Workspace,
        ) -> Result<Flat, Error> {
            let scalar = |x: &Array1<f64>| f.scalar(x);
            let one = |x: f64| f.scalar(&ndarray::arr1(&[x]));
            let told = |x: &Array1<f64>| f.scalar(x).map(|v| vec![v]);
            let many = |x: &Array1<f64>| f.vector(x);
            // Writes what there is room for: the rest stays NaN.
            let write = |x: &Array1<f64>, y: &mut [f64]| {
                f.vector(x).map(|values| {
                    y.iter_mut()
                        .zip(values)
                        .for_each(|(slot, value)| *slot = value);
                })
            };
            let (v, u, n) = (&extra.v, &extra.u, x.len());
            let rows = f.behavior.outputs;
            let (array, matrix, number) = ($array, $matrix, $number);
            if driver == Driver::Into {
                return match operator {
                    "nth_derivative" => into!(number(), |o| method
                        .plan()
                        .nth_derivative(&x[0], extra.order)
                        .write_to(o, &mut Workspace::new())
                        .serial(one)),
                    "gradient" => into!(array(n), |o| method
                        .plan()
                        .gradient(x)
                        .write_to(o, w)
                        .serial(scalar)),
                    "jacobian" => into!(matrix(rows, n), |o| method
                        .plan()
                        .jacobian(x)
                        .write_to(o, w)
                        .serial_in_place(write)),
                    "hessian" => into!(matrix(n, n), |o| method
                        .plan()
                        .hessian(x)
                        .write_to(o, w)
                        .serial(scalar)),
                    "hessian_from_gradient" => into!(matrix(n, n), |o| method
                        .plan()
                        .hessian_from_gradient(x)
                        .write_to(o, w)
                        .serial_in_place(write)),
                    "hessian_diagonal" => {
                        into!(array(n), |o| method
                            .plan()
                            .hessian_diagonal(x)
                            .write_to(o, w)
                            .serial(scalar))
                    }
                    "laplacian" => into!(number(), |o| method
                        .plan()
                        .laplacian(x)
                        .write_to(o, w)
                        .serial(scalar)),
                    "mixed_partial" => into!(number(), |o| method
                        .plan()
                        .mixed_partial(x, &extra.coordinates)
                        .write_to(o, w)
                        .serial(scalar)),
                    "directional" => {
                        into!(number(), |o| method
                            .plan()
                            .directional(x, v)
                            .write_to(o, w)
                            .serial(scalar))
                    }
                    "jacobian_vector" => into!(array(rows), |o| method
                        .plan()
                        .jacobian_vector(x, v)
                        .write_to(o, w)
                        .serial_in_place(write)),
                    "vector_jacobian" => {
                        into!(array(n), |o| method
                            .plan()
                            .vector_jacobian(x, u)
                            .write_to(o, w)
                            .serial_in_place(write))
                    }
                    "hessian_vector" => {
                        into!(array(n), |o| method
                            .plan()
                            .hessian_vector(x, v)
                            .write_to(o, w)
                            .serial(scalar))
                    }
                    "hessian_vector_from_gradient" => into!(array(n), |o| method
                        .plan()
                        .hessian_vector_from_gradient(x, v)
                        .write_to(o, w)
                        .serial_in_place(write)),
                    _ if extra.order.is_multiple_of(2) => {
                        let pattern = SparsityPattern::banded(n, n, extra.band, extra.band)?;
                        let entries = pattern.nnz();
                        let structure = SparseHessian::new(pattern)?;
                        into!(array(entries), |o| method
                            .plan()
                            .sparse_hessian(x, &structure)
                            .write_to(o, w)
                            .serial(scalar))
                    }
                    _ => {
                        let pattern = SparsityPattern::banded(rows, n, extra.band, extra.band)?;
                        let entries = pattern.nnz();
                        let structure = SparseJacobian::new(pattern);
                        into!(array(entries), |o| method
                            .plan()
                            .sparse_jacobian(x, &structure)
                            .write_to(o, w)
                            .serial_in_place(write))
                    }
                };
            }
            let on = (method, driver, teller);
            match operator {
                "nth_derivative" => match driver {
                    Driver::Serial => method
                        .nth_derivative(one, x[0], extra.order)
                        .map(|a| a.flat()),
                    Driver::Batch => method
                        .plan()
                        .nth_derivative(&x[0], extra.order)
                        .batched(|p: &Array2<f64>| f.scalars(p))
                        .map(|a| a.flat()),
                    Driver::Threads(k) => method
                        .plan()
                        .nth_derivative(&x[0], extra.order)
                        .with_threads(k)
                        .parallel(one)
                        .map(|a| a.flat()),
                    _ => tell!(
                        method.plan().nth_derivative(&x[0], extra.order).ask_tell(),
                        told,
                        on.2
                    ),
                },
                "gradient" => run!(on, f, x, gradient, scalar, scalars, told),
                "jacobian" => run!(on, f, x, jacobian, vector, vectors, many),
                "hessian" => run!(on, f, x, hessian, scalar, scalars, told),
                "hessian_from_gradient" => {
                    run!(on, f, x, hessian_from_gradient, vector, vectors, many)
                }
                "hessian_diagonal" => run!(on, f, x, hessian_diagonal, scalar, scalars, told),
                "laplacian" => run!(on, f, x, laplacian, scalar, scalars, told),
                "mixed_partial" => run!(
                    on,
                    f,
                    x,
                    mixed_partial,
                    scalar,
                    scalars,
                    told,
                    &extra.coordinates
                ),
                "directional" => run!(on, f, x, directional, scalar, scalars, told, v),
                "jacobian_vector" => run!(on, f, x, jacobian_vector, vector, vectors, many, v),
                "vector_jacobian" => run!(on, f, x, vector_jacobian, vector, vectors, many, u),
                "hessian_vector" => run!(on, f, x, hessian_vector, scalar, scalars, told, v),
                "hessian_vector_from_gradient" => run!(
                    on,
                    f,
                    x,
                    hessian_vector_from_gradient,
                    vector,
                    vectors,
                    many,
                    v
                ),
                _ if extra.order.is_multiple_of(2) => {
                    let pattern = SparsityPattern::banded(n, n, extra.band, extra.band)?;
                    let structure = SparseHessian::new(pattern)?;
                    run!(on, f, x, sparse_hessian, scalar, scalars, told, &structure)
                }
                _ => {
                    let structure = SparseJacobian::new(SparsityPattern::banded(
                        rows, n, extra.band, extra.band,
                    )?);
                    run!(on, f, x, sparse_jacobian, vector, vectors, many, &structure)
                }
            }
        }
    };
}

every_operator!(
    fixed,
    FiniteDifference,
    Array1::<f64>::zeros,
    |m, n| Array2::<f64>::zeros((m, n)),
    || 0.0
);
every_operator!(
    adaptive,
    Adaptive,
    |n| Estimate::blank(Array1::<f64>::zeros(n)),
    |m, n| Estimate::blank(Array2::<f64>::zeros((m, n))),
    || Estimate::blank(0.0_f64)
);
