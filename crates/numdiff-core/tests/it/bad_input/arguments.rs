//! x, directions, weights, orders, coordinates and nodes.

use super::{Ask, f, g, says};
use ndarray::{Array1, Array2, Axis, array};
use numdiff_core::{Adaptive, Error, FiniteDifference, Stencil};

/// The operators that take a direction along coordinates of x.
const ALONG_V: [&str; 4] = [
    "directional",
    "jacobian_vector",
    "hessian_vector",
    "hessian_vector_from_gradient",
];

fn all(_: &str) -> bool {
    true
}

fn along_v(operator: &str) -> bool {
    ALONG_V.contains(&operator)
}

fn weighted(operator: &str) -> bool {
    operator == "vector_jacobian"
}

fn along_or_weighted(operator: &str) -> bool {
    along_v(operator) || weighted(operator)
}

/// `x and v, operators that see it => the error, words of its message`, for every method.
macro_rules! rows {
    ($($x:expr, $v:expr, $sees:ident => $is:pat $(if $guard:expr)?, $words:expr;)*) => {
        $({
            let (x, v): (Array1<f64>, Array1<f64>) = ($x, $v);
            macro_rules! check {
                ($method:expr) => {
                    let method = $method;
                    let mut seen = 0;
                    for (name, ask) in operators!(&method, &v) {
                        if $sees(name) {
                            seen += 1;
                            let about = format!("x = {x}, v = {v}, {name}");
                            let error = ask(&x).unwrap_or_else(|| panic!("{about}: no error"));
                            assert!(matches!(&error, $is $(if $guard)?), "{about}: {error:?}");
                            says(&error, $words, &about);
                        }
                    }
                    assert!(seen > 0);
                };
            }
            check!(FiniteDifference::central());
            check!(FiniteDifference::forward().with_accuracy(3));
            check!(Adaptive::new());
        })*
    };
}

#[test]
fn x_and_directions() {
    let (x, v) = (array![1.0, 2.0], array![1.0, -1.0]);
    let infinite = f64::INFINITY;
    rows! {
        array![], array![], all =>
            Error::Empty { argument: "x" }, &["x is empty"];
        array![1.0, f64::NAN], v.clone(), all =>
            Error::NotFinite { argument: "x", index: 1, value } if value.is_nan(), &["x[1]", "NaN"];
        array![-infinite, 1.0], v.clone(), all =>
            Error::NotFinite { argument: "x", index: 0, value } if *value == -infinite, &["x[0]", "-inf"];
        x.clone(), array![1.0, 2.0, 3.0], along_v =>
            Error::Length { argument: "v", found: 3, expected: 2 }, &["v has 3", "2 are needed"];
        x.clone(), array![1.0, 2.0, 3.0], weighted =>
            Error::Length { found: 3, expected: 2, .. }, &["u (weights of f's outputs) has 3", "2 are needed"];
        x.clone(), array![], along_or_weighted =>
            Error::Empty { argument: "v" | "u" }, &["is empty"];
        x.clone(), array![f64::NAN, 1.0], along_or_weighted =>
            Error::NotFinite { argument: "v" | "u", index: 0, .. }, &["[0] is NaN"];
        x.clone(), array![0.0, infinite], along_or_weighted =>
            Error::NotFinite { argument: "v" | "u", index: 1, .. }, &["[1] is inf"];
    }
    // A zero direction is a question with an answer: 0.
    let zero = array![0.0, 0.0];
    assert_eq!(
        FiniteDifference::central()
            .directional(f, &x, &zero)
            .unwrap(),
        0.0
    );
    assert_eq!(
        Adaptive::new().directional(f, &x, &zero).unwrap().value,
        0.0
    );
    assert_eq!(
        FiniteDifference::central()
            .jacobian_vector(g, &x, &zero)
            .unwrap(),
        zero
    );
    assert_eq!(
        Adaptive::new().hessian_vector(f, &x, &zero).unwrap().value,
        zero
    );
    assert_eq!(
        Adaptive::new().vector_jacobian(g, &x, &zero).unwrap().value,
        zero
    );
}

#[test]
fn orders_and_coordinates() {
    let (fixed, adaptive) = (FiniteDifference::central(), Adaptive::new());
    for order in [0, 9, 30] {
        expect!(adaptive.nth_derivative(f64::sin, 1.0, order).unwrap_err() =>
            Error::OutOfRange { argument: "order", .. },
            &[&format!("order is {order}"), "from 1 to 8"]);
    }
    expect!(fixed.nth_derivative(f64::sin, 1.0, 0).unwrap_err() =>
        Error::OutOfRange { argument: "order", .. }, &["order is 0", "at least 1"]);
    expect!(fixed.nth_derivative(f64::sin, 1.0, 30).unwrap_err() =>
        Error::OutOfRange { .. }, &["order + accuracy is 32", "at most 22"]);
    let x = array![1.0, 2.0];
    macro_rules! mixed {
        ($coordinates:expr => $is:pat, $words:expr) => {
            let coordinates: &[usize] = &$coordinates;
            expect!(adaptive.mixed_partial(f, &x, coordinates).unwrap_err() => $is, $words);
            expect!(fixed.mixed_partial(f, &x, coordinates).unwrap_err() => $is, $words);
            expect!(fixed.plan().mixed_partial(&x, coordinates).ask_tell().err().unwrap() => $is, $words);
        };
    }
    mixed!([] => Error::Empty { argument: "coordinates" }, &["coordinates is empty"]);
    mixed!([0, 2] => Error::NoCoordinate { coordinate: 2, length: 2 }, &["coordinate 2", "2 elements"]);
    mixed!([0; 5] => Error::OutOfRange { .. }, &["is 5", "at most 4"]);
}

#[test]
fn stencils() {
    let cases: [(usize, &[f64], &[&str]); 7] = [
        (1, &[], &["0 nodes", "order 1", "at least 2"]),
        (2, &[0.0, 1.0], &["2 nodes", "order 2", "at least 3"]),
        (1, &[0.0, 1.0, 0.0], &["node 0", "index 2"]),
        (1, &[0.0, -0.0], &["node", "index 1"]),
        (1, &[0.0, f64::NAN], &["nodes[1]", "NaN"]),
        (1, &[f64::INFINITY, 1.0], &["nodes[0]", "inf"]),
        (3, &[0.5; 30], &["30", "at most"]),
    ];
    // Order 0 interpolates: a stencil like any other.
    assert_eq!(Stencil::new(0, &[0.0, 1.0]).unwrap().weights(), [1.0, 0.0]);
    for (order, nodes, words) in cases {
        let error = Stencil::new(order, nodes).unwrap_err();
        assert!(
            matches!(
                error,
                Error::TooFewNodes { .. }
                    | Error::RepeatedNode { .. }
                    | Error::NotFinite { .. }
                    | Error::OutOfRange { .. }
            ),
            "{error:?}"
        );
        says(&error, words, &format!("{order} {nodes:?}"));
    }
}
