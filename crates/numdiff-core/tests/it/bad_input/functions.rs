//! Functions that return what they must not, results that overflow, and places that do not fit.

use super::{f, g, says};
use ndarray::{Array1, Array2, array};
use numdiff_core::{Adaptive, Error, FiniteDifference, SparseJacobian, SparsityPattern, Workspace};
use std::cell::Cell;

/// Tells every job of a plan these outputs; the error at its end.
macro_rules! told {
    ($plan:expr, $outputs:expr) => {{
        let mut plan = $plan.unwrap();
        loop {
            let jobs = plan.ask().unwrap();
            if jobs.is_empty() {
                break plan.finish().unwrap_err();
            }
            for job in jobs {
                plan.tell(job.id, $outputs).unwrap();
            }
        }
    }};
}

/// f that returns nothing, too much, or another number of outputs than before.
#[test]
fn outputs() {
    let x = array![1.0, 2.0];
    macro_rules! check {
        ($method:expr) => {{
            let m = $method;
            let none = |_: &Array1<f64>| Vec::<f64>::new();
            for error in [
                m.jacobian(none, &x).unwrap_err(),
                m.jacobian_vector(none, &x, &x).unwrap_err(),
                m.hessian_from_gradient(none, &x).unwrap_err(),
                m.hessian_vector_from_gradient(none, &x, &x).unwrap_err(),
            ] {
                expect!(error => Error::Empty { argument: "f's output" }, &["f's output is empty"]);
            }
            expect!(m.vector_jacobian(none, &x, &x).unwrap_err() => Error::Length { .. }, &["0", "2"]);

            let three = |x: &Array1<f64>| vec![x[0], x[1], x[0]];
            for error in [
                m.hessian_from_gradient(three, &x).unwrap_err(),
                m.hessian_vector_from_gradient(three, &x, &x).unwrap_err(),
                told!(m.plan().hessian_vector_from_gradient(&x, &x).ask_tell(), [1.0, 2.0, 3.0]),
            ] {
                expect!(error => Error::Length { argument: "the gradient", found: 3, expected: 2 },
                    &["the gradient has 3", "2 are needed"]);
            }
            // One coordinate has a gradient as well.
            expect!(m.hessian_from_gradient(three_of_one, &array![1.0]).unwrap_err() =>
                Error::Length { argument: "the gradient", found: 3, expected: 1 }, &["1 are needed"]);

            let changing = |calls: Cell<usize>| {
                move |x: &Array1<f64>| {
                    calls.set(calls.get() + 1);
                    vec![x[0]; if calls.get() > 2 { 3 } else { 2 }]
                }
            };
            let start = || Cell::new(0);
            for error in [
                m.jacobian(changing(start()), &x).unwrap_err(),
                m.hessian_from_gradient(changing(start()), &x).unwrap_err(),
            ] {
                expect!(error => Error::OutputsChanged { found: 3, expected: 2 }, &["3 outputs", "after 2"]);
            }
            let error = m.vector_jacobian(changing(start()), &x, &x).unwrap_err();
            says(&error, &["3", "2"], "changed");

            // More than one number for a scalar f.
            let twice = |p: &Array2<f64>| p.to_owned();
            for error in [
                told!(m.plan().gradient(&x).ask_tell(), [1.0, 2.0]),
                m.plan().gradient(&x).batched(twice).unwrap_err(),
            ] {
                expect!(error => Error::Length { found: 2, expected: 1, .. },
                    &["the output of a scalar f has 2", "1 are needed"]);
            }
        }};
    }
    check!(FiniteDifference::central());
    check!(FiniteDifference::forward());
    check!(Adaptive::new());
}

fn three_of_one(x: &Array1<f64>) -> Vec<f64> {
    vec![x[0]; 3]
}

/// Results that overflow, though the differences do not, are errors and not infinities.
#[test]
fn overflow() {
    let (x, v) = (array![1.0, 2.0], array![1e200, 1e200]);
    let steep = |x: &Array1<f64>| 1e150 * x.sum();
    for error in [
        FiniteDifference::central()
            .directional(steep, &x, &v)
            .unwrap_err(),
        Adaptive::new().directional(steep, &x, &v).unwrap_err(),
    ] {
        expect!(error => Error::ResultOverflows { index: 0 }, &["element 0", "overflows"]);
    }
    let steep = |x: &Array1<f32>| 1e38_f32 * (x[0] / 1e-3_f32).sin();
    let single = FiniteDifference::central().single();
    expect!(single.gradient(steep, &array![0.0_f32]).unwrap_err() =>
        Error::ResultOverflows { index: 0 } | Error::Overflow { .. }, &["overflow"]);
}

/// Results of another size than the place they are to be written to, and patterns that do not fit.
#[test]
fn shapes() {
    let (x, fixed) = (array![1.0, 2.0], FiniteDifference::central());
    let done = fixed
        .plan()
        .gradient(&x)
        .write_to(&mut Array1::zeros(3), &mut Workspace::new())
        .serial(f);
    expect!(done.unwrap_err() => Error::Length { argument: "out", found: 3, expected: 2 },
        &["out has 3", "2 are needed"]);
    let wide = SparseJacobian::new(SparsityPattern::dense(2, 3).unwrap());
    let error = fixed.sparse_jacobian(g, &x, &wide).unwrap_err();
    assert!(matches!(error, Error::PatternShape { .. }), "{error:?}");
    assert!(error.to_string().contains("2 x 3"));
    let high = SparseJacobian::new(SparsityPattern::dense(3, 2).unwrap());
    let error = Adaptive::new().sparse_jacobian(g, &x, &high).unwrap_err();
    assert!(matches!(error, Error::PatternShape { .. }), "{error:?}");
    expect!(fixed.plan().gradient(&x).with_threads(0).parallel(f).unwrap_err() =>
        Error::OutOfRange { argument: "threads", .. }, &["threads is 0", "at least 1"]);
}

/// Which output, where, and what serves: not another method at a point where f has no value.
#[test]
fn values_that_are_not_finite() {
    let nan_at_x = |x: &Array1<f64>| [x[0], if x[0] <= 1.0 { f64::NAN } else { x[1] }];
    let x = array![1.0, 2.0];
    let error = Adaptive::new().jacobian(nan_at_x, &x).unwrap_err();
    expect!(error => Error::NonFiniteValue { output: 1, .. }, &["output 1", "NaN at x itself", "move x"]);
    let nan_below = |x: &Array1<f64>| [x[0], if x[0] < 1.0 { f64::NAN } else { x[1] }];
    let error = FiniteDifference::central()
        .jacobian(nan_below, &x)
        .unwrap_err();
    expect!(error => Error::NonFiniteValue { output: 1, .. }, &["output 1", "moved by -7.6", "e-6", "Adaptive"]);
}

#[test]
fn a_derivative_that_overflows_is_told_as_one() {
    let error = Adaptive::new()
        .derivative(|x: f64| 1e308 * (1e5 * x).sin(), 1e-9)
        .unwrap_err();
    expect!(error => Error::Overflow { .. }, &["overflows", "rescale"]);
}
