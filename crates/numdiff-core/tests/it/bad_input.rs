//! Questions that make no sense, one row each: the typed error, its numbers, the argument's name, and
//! what to try, for every operator that takes the argument.

use ndarray::{Array1, ArrayRef1, array};
use numdiff_core::{
    Adaptive, Error, FiniteDifference, Function, Moves, OwnedMoves, SparsityPattern, Stencil, Step,
    drive,
};

fn f(x: &ArrayRef1<f64>) -> f64 {
    x.iter().map(|x| x.sin()).sum()
}

fn g(x: &ArrayRef1<f64>) -> Array1<f64> {
    x.mapv(f64::cos)
}

/// What an operator makes of x and a vector: nothing, or its error.
type Ask<'m> = Box<dyn Fn(&Array1<f64>) -> Option<Error> + 'm>;

/// Every operator of a method, by name; `$v` is the direction or the weights.
macro_rules! operators {
    ($method:expr, $v:expr) => {{
        let (m, v) = ($method, $v);
        let operators: Vec<(&str, Ask<'_>)> = vec![
            ("gradient", Box::new(move |x| m.gradient(f, x).err())),
            ("jacobian", Box::new(move |x| m.jacobian(g, x).err())),
            ("hessian", Box::new(move |x| m.hessian(f, x).err())),
            (
                "hessian_from_gradient",
                Box::new(move |x| m.hessian_from_gradient(g, x).err()),
            ),
            (
                "hessian_diagonal",
                Box::new(move |x| m.hessian_diagonal(f, x).err()),
            ),
            ("laplacian", Box::new(move |x| m.laplacian(f, x).err())),
            (
                "mixed_partial",
                Box::new(move |x| m.mixed_partial(f, x, &[0, 0]).err()),
            ),
            (
                "directional",
                Box::new(move |x| m.directional(f, x, v).err()),
            ),
            (
                "jacobian_vector",
                Box::new(move |x| m.jacobian_vector(g, x, v).err()),
            ),
            (
                "vector_jacobian",
                Box::new(move |x| m.vector_jacobian(g, x, v).err()),
            ),
            (
                "hessian_vector",
                Box::new(move |x| m.hessian_vector(f, x, v).err()),
            ),
            (
                "hessian_vector_from_gradient",
                Box::new(move |x| m.hessian_vector_from_gradient(g, x, v).err()),
            ),
            ("plan_gradient", Box::new(move |x| m.plan_gradient(x).err())),
            ("plan_jacobian", Box::new(move |x| m.plan_jacobian(x).err())),
            ("plan_hessian", Box::new(move |x| m.plan_hessian(x).err())),
            (
                "batched gradient",
                Box::new(move |x| {
                    m.batched()
                        .gradient(
                            |p: &ndarray::ArrayRef2<f64>| p.sum_axis(ndarray::Axis(1)),
                            x,
                        )
                        .err()
                }),
            ),
        ];
        operators
    }};
}

/// The operators that take a direction along coordinates of x.
const ALONG_V: [&str; 4] = [
    "directional",
    "jacobian_vector",
    "hessian_vector",
    "hessian_vector_from_gradient",
];

/// The message says `words`, numbers and names, and ends with what to try: a sentence of its own, or
/// what the argument must be.
fn says(error: &Error, words: &[&str], about: &str) {
    let message = error.to_string();
    for word in words {
        assert!(
            message.contains(word),
            "{about}: {word:?} is missing in {message:?}"
        );
    }
    let advice = message
        .rfind("; ")
        .or(message.find("must be"))
        .map(|at| &message[at..]);
    assert!(
        advice.is_some_and(|advice| advice.len() > 12),
        "{about}: no advice in {message:?}"
    );
}

/// One bad input: what is wrong, x, v, which operators see it, the error, and what it says.
struct Row {
    about: &'static str,
    x: Array1<f64>,
    v: Array1<f64>,
    sees: fn(&str) -> bool,
    is: fn(&Error) -> bool,
    words: &'static [&'static str],
}

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

#[test]
fn x_and_directions() {
    let (x, v) = (array![1.0, 2.0], array![1.0, -1.0]);
    let rows = [
        Row {
            about: "empty x",
            x: array![],
            v: array![],
            sees: all,
            is: |e| matches!(e, Error::Empty { argument: "x" }),
            words: &["x is empty"],
        },
        Row {
            about: "NaN in x",
            x: array![1.0, f64::NAN],
            v: v.clone(),
            sees: all,
            is: |e| matches!(e, Error::NotFinite { argument: "x", index: 1, value } if value.is_nan()),
            words: &["x[1]", "NaN"],
        },
        Row {
            about: "infinite x",
            x: array![f64::NEG_INFINITY, 1.0],
            v: v.clone(),
            sees: all,
            is: |e| matches!(e, Error::NotFinite { argument: "x", index: 0, value } if *value == f64::NEG_INFINITY),
            words: &["x[0]", "-inf"],
        },
        Row {
            about: "v of another length",
            x: x.clone(),
            v: array![1.0, 2.0, 3.0],
            sees: along_v,
            is: |e| {
                matches!(
                    e,
                    Error::Length {
                        argument: "v",
                        found: 3,
                        expected: 2
                    }
                )
            },
            words: &["v has 3", "2 are needed"],
        },
        Row {
            about: "u of another length",
            x: x.clone(),
            v: array![1.0, 2.0, 3.0],
            sees: weighted,
            is: |e| {
                matches!(
                    e,
                    Error::Length {
                        found: 3,
                        expected: 2,
                        ..
                    }
                )
            },
            words: &["u (weights of f's outputs) has 3", "2 are needed"],
        },
        Row {
            about: "empty v or u",
            x: x.clone(),
            v: array![],
            sees: along_or_weighted,
            is: |e| {
                matches!(
                    e,
                    Error::Empty {
                        argument: "v" | "u"
                    }
                )
            },
            words: &["is empty"],
        },
        Row {
            about: "NaN in v or u",
            x: x.clone(),
            v: array![f64::NAN, 1.0],
            sees: along_or_weighted,
            is: |e| {
                matches!(
                    e,
                    Error::NotFinite {
                        argument: "v" | "u",
                        index: 0,
                        ..
                    }
                )
            },
            words: &["[0] is NaN"],
        },
        Row {
            about: "infinite v or u",
            x: x.clone(),
            v: array![0.0, f64::INFINITY],
            sees: along_or_weighted,
            is: |e| {
                matches!(
                    e,
                    Error::NotFinite {
                        argument: "v" | "u",
                        index: 1,
                        ..
                    }
                )
            },
            words: &["[1] is inf"],
        },
    ];
    for row in &rows {
        macro_rules! check {
            ($method:expr) => {
                let method = $method;
                let mut seen = 0;
                for (name, ask) in operators!(&method, &row.v) {
                    if (row.sees)(name) {
                        seen += 1;
                        let about = format!("{}, {name}", row.about);
                        let error = ask(&row.x).unwrap_or_else(|| panic!("{about}: no error"));
                        assert!((row.is)(&error), "{about}: {error:?}");
                        says(&error, row.words, &about);
                    }
                }
                assert!(seen > 0);
            };
        }
        check!(FiniteDifference::central());
        check!(FiniteDifference::forward().with_accuracy(3));
        check!(Adaptive::new());
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

/// Every operator of `$method` has an error for which `$is` holds and which says `$words`.
macro_rules! everywhere {
    ($about:expr, $method:expr, $is:pat $(if $guard:expr)?, $words:expr) => {{
        let (method, v) = ($method, array![1.0, -1.0]);
        for (name, ask) in operators!(&method, &v) {
            let about = format!("{}, {name}", $about);
            let error = ask(&array![1.0, 2.0]).unwrap_or_else(|| panic!("{about}: no error"));
            assert!(matches!(&error, $is $(if $guard)?), "{about}: {error:?}");
            says(&error, $words, &about);
        }
    }};
}

#[test]
fn bounds() {
    macro_rules! each_method {
        ($lower:expr, $upper:expr, $about:expr, $is:pat, $words:expr) => {
            everywhere!(
                $about,
                FiniteDifference::central().with_bounds($lower, $upper),
                $is,
                $words
            );
            everywhere!(
                $about,
                FiniteDifference::backward().with_bounds($lower, $upper),
                $is,
                $words
            );
            everywhere!(
                $about,
                Adaptive::new().with_bounds($lower, $upper),
                $is,
                $words
            );
        };
    }
    each_method!(
        [0.0, 3.0],
        [5.0, 1.5],
        "reversed bounds",
        Error::Bounds { coordinate: 1, .. },
        &["coordinate 1", "[3, 1.5]"]
    );
    each_method!(
        f64::NAN,
        5.0,
        "NaN lower bound",
        Error::Bounds { coordinate: 0, .. },
        &["coordinate 0", "NaN"]
    );
    each_method!(
        0.0,
        [5.0, f64::NAN],
        "NaN upper bound",
        Error::Bounds { coordinate: 1, .. },
        &["coordinate 1", "NaN"]
    );
    each_method!(
        [0.0, 2.25],
        5.0,
        "x below",
        Error::OutsideBounds { coordinate: 1, .. },
        &["x[1] = 2", "[2.25, 5]"]
    );
    each_method!(
        0.0,
        [0.5, 3.0],
        "x above",
        Error::OutsideBounds { coordinate: 0, .. },
        &["x[0] = 1", "[0, 0.5]"]
    );
    each_method!(
        [0.0, 0.0, 0.0],
        3.0,
        "three bounds",
        Error::Length {
            argument: "lower bounds",
            found: 3,
            expected: 2
        },
        &["lower bounds has 3", "2 are needed"]
    );
    each_method!(
        0.0,
        vec![3.0],
        "one bound",
        Error::Length {
            argument: "upper bounds",
            found: 1,
            expected: 2
        },
        &["upper bounds has 1", "2 are needed"]
    );
}

#[test]
fn steps_and_settings() {
    for bad in [0.0, -1e-3, f64::NAN, f64::INFINITY] {
        let text = bad.to_string();
        for (step, name) in [
            (Step::Absolute(bad), "step is "),
            (Step::Relative(bad), "relative step is "),
            (Step::Noise(bad), "noise level is "),
            (
                Step::PerCoordinate(vec![1e-3, bad]),
                "step per coordinate is ",
            ),
        ] {
            for method in [
                FiniteDifference::central(),
                FiniteDifference::forward(),
                FiniteDifference::backward(),
            ] {
                everywhere!(
                    "bad step",
                    method.with_step(step.clone()),
                    Error::OutOfRange { .. },
                    &[name, &text, "must be"]
                );
            }
        }
        everywhere!(
            "bad typical x",
            FiniteDifference::central().with_typical(bad),
            Error::OutOfRange {
                argument: "typical x",
                ..
            },
            &["typical x", &text]
        );
        everywhere!(
            "bad typical x",
            Adaptive::new().with_typical(bad),
            Error::OutOfRange {
                argument: "typical x",
                ..
            },
            &["typical x", &text]
        );
        everywhere!(
            "bad tolerance",
            Adaptive::new().with_tolerance(bad),
            Error::OutOfRange {
                argument: "tolerance",
                ..
            },
            &["tolerance", &text]
        );
        if bad != 0.0 {
            everywhere!(
                "bad noise",
                Adaptive::new().with_noise(bad),
                Error::OutOfRange {
                    argument: "noise",
                    ..
                },
                &["noise", &text]
            );
        }
    }
    let three = Step::PerCoordinate(vec![1e-3; 3]);
    everywhere!(
        "three steps",
        FiniteDifference::central().with_step(three.clone()),
        Error::Length {
            found: 3,
            expected: 2,
            ..
        },
        &["steps per coordinate has 3", "2 are needed"]
    );
    everywhere!(
        "accuracy 0",
        FiniteDifference::central().with_accuracy(0),
        Error::OutOfRange {
            argument: "accuracy",
            ..
        },
        &["accuracy is 0", "at least 1"]
    );
    everywhere!(
        "accuracy 0",
        FiniteDifference::forward().with_accuracy(0),
        Error::OutOfRange {
            argument: "accuracy",
            ..
        },
        &["accuracy is 0", "at least 1"]
    );
    everywhere!(
        "accuracy 40",
        FiniteDifference::central().with_accuracy(40),
        Error::OutOfRange { .. },
        &["order + accuracy is 4", "at most 22"]
    );
    // The least that serves: f(x) and two pairs for a first derivative, three for a second.
    for budget in [0, 1, 4] {
        everywhere!(
            "a budget too small",
            Adaptive::new().with_max_evaluations(budget),
            Error::Budget { minimum: 5 | 7, .. },
            &[&format!("a budget of {budget}"), "at least"]
        );
    }
    let six = Adaptive::new().with_max_evaluations(6);
    assert!(six.gradient(f, &array![1.0]).is_ok());
    let error = six.hessian(f, &array![1.0]).unwrap_err();
    assert!(matches!(
        error,
        Error::Budget {
            budget: 6,
            minimum: 7
        }
    ));
    says(&error, &["6", "at least 7"], "budget");
    // A step that is lost, one that leads beyond the largest number.
    let x = array![1e18, 1.0];
    let error = FiniteDifference::central()
        .with_step(Step::Absolute(1.0))
        .gradient(f, &x)
        .unwrap_err();
    assert!(
        matches!(error, Error::StepVanishes { coordinate: 0, .. }),
        "{error:?}"
    );
    says(&error, &["the step 1", "x[0]", "128"], "vanishing step");
    for method in [
        FiniteDifference::central(),
        FiniteDifference::central().with_nominal_divisor(),
        FiniteDifference::forward().with_accuracy(2),
    ] {
        let method = method.with_step(Step::Absolute(1e308));
        for error in [
            method.gradient(f, &array![1.0, -1.7e308]).unwrap_err(),
            method.jacobian(g, &array![1.0, -1.7e308]).unwrap_err(),
            method.hessian(f, &array![1.0, -1.7e308]).unwrap_err(),
        ] {
            assert!(matches!(error, Error::StepOverflows { .. }), "{error:?}");
            says(&error, &["x[", "overflows"], "overflowing step");
        }
    }
}

#[test]
fn orders_and_coordinates() {
    for order in [0, 7, 30] {
        let error = Adaptive::new()
            .nth_derivative(f64::sin, 1.0, order)
            .unwrap_err();
        assert!(
            matches!(
                error,
                Error::OutOfRange {
                    argument: "order",
                    ..
                }
            ),
            "{error:?}"
        );
        says(
            &error,
            &[&format!("order is {order}"), "from 1 to 6"],
            "order",
        );
    }
    let error = FiniteDifference::central()
        .nth_derivative(f64::sin, 1.0, 0)
        .unwrap_err();
    assert!(matches!(
        error,
        Error::OutOfRange {
            argument: "order",
            ..
        }
    ));
    says(&error, &["order is 0", "at least 1"], "order");
    let error = FiniteDifference::central()
        .nth_derivative(f64::sin, 1.0, 30)
        .unwrap_err();
    says(&error, &["order + accuracy is 32", "at most 22"], "order");
    let x = array![1.0, 2.0];
    let adaptive = Adaptive::new();
    let fixed = FiniteDifference::central();
    for coordinates in [&[][..], &[0, 2], &[0, 0, 0, 0, 0]] {
        for error in [
            adaptive.mixed_partial(f, &x, coordinates).unwrap_err(),
            fixed.mixed_partial(f, &x, coordinates).unwrap_err(),
            fixed.plan_mixed_partial(&x, coordinates).err().unwrap(),
        ] {
            let (right, words): (bool, &[&str]) = match coordinates.len() {
                0 => (
                    matches!(
                        error,
                        Error::Empty {
                            argument: "coordinates"
                        }
                    ),
                    &["coordinates is empty"],
                ),
                2 => (
                    matches!(
                        error,
                        Error::NoCoordinate {
                            coordinate: 2,
                            length: 2
                        }
                    ),
                    &["coordinate 2", "2 elements"],
                ),
                _ => (
                    matches!(error, Error::OutOfRange { .. }),
                    &["is 5", "at most 4"],
                ),
            };
            assert!(right, "{error:?}");
            says(&error, words, "coordinates");
        }
    }
}

#[test]
fn a_plan_that_ended_with_an_error_gives_no_result() {
    let x = array![1.0, 2.0, 3.0];
    let ended = |error: &Error| assert!(matches!(error, Error::PlanFailed), "{error}");
    // f is not finite.
    for value in [f64::NAN, f64::INFINITY] {
        let mut plan = FiniteDifference::central().plan_gradient(&x).unwrap();
        let jobs = plan.ask().unwrap();
        for job in &jobs {
            plan.tell(job.id, [value]).unwrap();
        }
        assert!(matches!(plan.ask(), Err(Error::NonFiniteValue { .. })));
        ended(&plan.ask().unwrap_err());
        ended(&plan.finish().unwrap_err());
        let again = plan.tell(jobs[0].id, [1.0]);
        assert!(matches!(again, Err(Error::ToldTwice { .. })), "{again:?}");
        // The buffers serve another run.
        let mut f = Sum;
        assert_eq!(drive(&mut plan, &mut f, &[1.0, 2.0, 3.0]).unwrap(), 6);
        assert_eq!(plan.finish().unwrap(), Array1::<f64>::ones(3));
    }
    // f(x) itself is not, and for an adaptive method nothing goes around it; the error comes from
    // finish when that closes the round.
    let mut plan = Adaptive::new().plan_gradient(&x).unwrap();
    for job in plan.ask().unwrap() {
        plan.tell(job.id, [f64::NAN]).unwrap();
    }
    assert!(matches!(plan.finish(), Err(Error::NonFiniteValue { .. })));
    ended(&plan.finish().unwrap_err());
    // One evaluation fails for good.
    let mut plan = FiniteDifference::central().plan_gradient(&x).unwrap();
    let error = loop {
        match plan.ask() {
            Err(error) => break error,
            Ok(jobs) => jobs.iter().for_each(|job| {
                if matches!(job.moves, OwnedMoves::One(1, _)) {
                    plan.tell_failed(job.id).unwrap();
                } else {
                    plan.tell(job.id, [0.0]).unwrap();
                }
            }),
        }
    };
    assert!(matches!(error, Error::EvaluationFailed { .. }), "{error}");
    ended(&plan.ask().unwrap_err());
    ended(&plan.finish().unwrap_err());
    // A point that can't be begun leaves no answer of an earlier one.
    let mut plan = FiniteDifference::central().plan_gradient(&x).unwrap();
    drive(&mut plan, &mut Sum, &[1.0, 2.0, 3.0]).unwrap();
    assert!(drive(&mut plan, &mut Sum, &[f64::NAN, 2.0, 3.0]).is_err());
    ended(&plan.finish().unwrap_err());
}

/// The sum of x.
struct Sum;

impl Function for Sum {
    type Error = std::convert::Infallible;
    fn begin(&mut self, _: &[f64]) -> Result<(), Self::Error> {
        Ok(())
    }
    fn moved(&mut self, moves: Moves<'_>, values: &mut Vec<f64>) -> Result<(), Self::Error> {
        let mut x = [1.0, 2.0, 3.0];
        moves.for_each(|i, to| x[i] = to);
        values.push(x.iter().sum());
        Ok(())
    }
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

/// f that returns nothing, too much, or another number of outputs than before.
#[test]
fn outputs() {
    let x = array![1.0, 2.0];
    macro_rules! check {
        ($method:expr) => {{
            let m = $method;
            let none = |_: &ArrayRef1<f64>| Vec::<f64>::new();
            for error in [
                m.jacobian(none, &x).unwrap_err(),
                m.jacobian_vector(none, &x, &x).unwrap_err(),
                m.hessian_from_gradient(none, &x).unwrap_err(),
                m.hessian_vector_from_gradient(none, &x, &x).unwrap_err(),
            ] {
                assert!(
                    matches!(
                        error,
                        Error::Empty {
                            argument: "f's output"
                        }
                    ),
                    "{error:?}"
                );
                says(&error, &["f's output is empty"], "no outputs");
            }
            let error = m.vector_jacobian(none, &x, &x).unwrap_err();
            says(&error, &["0", "2"], "no outputs");
            let three = |x: &ArrayRef1<f64>| vec![x[0], x[1], x[0]];
            for error in [
                m.hessian_from_gradient(three, &x).unwrap_err(),
                m.hessian_vector_from_gradient(three, &x, &x).unwrap_err(),
            ] {
                assert!(
                    matches!(
                        error,
                        Error::Length {
                            argument: "the gradient",
                            found: 3,
                            expected: 2
                        }
                    ),
                    "{error:?}"
                );
                says(
                    &error,
                    &["the gradient has 3", "2 are needed"],
                    "long gradient",
                );
            }
            let changing = |calls: std::cell::Cell<usize>| {
                move |x: &ArrayRef1<f64>| {
                    calls.set(calls.get() + 1);
                    vec![x[0]; if calls.get() > 2 { 3 } else { 2 }]
                }
            };
            let start = || std::cell::Cell::new(0);
            for error in [
                m.jacobian(changing(start()), &x).unwrap_err(),
                m.hessian_from_gradient(changing(start()), &x).unwrap_err(),
            ] {
                assert!(
                    matches!(
                        error,
                        Error::OutputsChanged {
                            found: 3,
                            expected: 2
                        }
                    ),
                    "{error:?}"
                );
                says(&error, &["3 outputs", "after 2"], "changed");
            }
            let error = m.vector_jacobian(changing(start()), &x, &x).unwrap_err();
            says(&error, &["3", "2"], "changed");
            // A plan told, and a batch that returns, more than one number for a scalar f.
            let mut plan = m.plan_gradient(&x).unwrap();
            let error = loop {
                let jobs = plan.ask().unwrap();
                if jobs.is_empty() {
                    break plan.finish().unwrap_err();
                }
                for job in jobs {
                    plan.tell(job.id, [1.0, 2.0]).unwrap();
                }
            };
            assert!(
                matches!(
                    error,
                    Error::Length {
                        found: 2,
                        expected: 1,
                        ..
                    }
                ),
                "{error:?}"
            );
            says(
                &error,
                &["the output of a scalar f has 2", "1 are needed"],
                "two outputs",
            );
            let twice = |p: &ndarray::ArrayRef2<f64>| p.to_owned();
            let error = m.batched().gradient(twice, &x).unwrap_err();
            assert!(
                matches!(
                    error,
                    Error::Length {
                        found: 2,
                        expected: 1,
                        ..
                    }
                ),
                "{error:?}"
            );
            // A plan told a gradient of another length than x.
            let mut plan = m.plan_hessian_vector_from_gradient(&x, &x).unwrap();
            let error = loop {
                let jobs = plan.ask().unwrap();
                if jobs.is_empty() {
                    break plan.finish().unwrap_err();
                }
                for job in jobs {
                    plan.tell(job.id, [1.0, 2.0, 3.0]).unwrap();
                }
            };
            assert!(
                matches!(
                    error,
                    Error::Length {
                        argument: "the gradient",
                        found: 3,
                        expected: 2
                    }
                ),
                "{error:?}"
            );
        }};
    }
    check!(FiniteDifference::central());
    check!(FiniteDifference::forward());
    check!(Adaptive::new());
}

/// Results that overflow, though the differences do not, are errors and not infinities.
#[test]
fn overflow() {
    let (x, v) = (array![1.0, 2.0], array![1e200, 1e200]);
    let steep = |x: &ArrayRef1<f64>| 1e150 * x.sum();
    for error in [
        FiniteDifference::central()
            .directional(steep, &x, &v)
            .unwrap_err(),
        Adaptive::new().directional(steep, &x, &v).unwrap_err(),
    ] {
        assert!(
            matches!(error, Error::ResultOverflows { index: 0 }),
            "{error:?}"
        );
        says(&error, &["element 0", "overflows"], "overflow");
    }
    let single = FiniteDifference::central().single();
    let error = single
        .gradient(
            |x: &ArrayRef1<f32>| 1e38_f32 * (x[0] / 1e-3_f32).sin(),
            &array![0.0_f32],
        )
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::ResultOverflows { index: 0 } | Error::Overflow { .. }
        ),
        "{error:?}"
    );
}

/// Results of another size than the place they are to be written to, and patterns that do not fit.
#[test]
fn shapes() {
    let x = array![1.0, 2.0];
    let mut workspace = numdiff_core::Workspace::new();
    let error = FiniteDifference::central()
        .gradient_into(f, &x, &mut Array1::zeros(3), &mut workspace)
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::Length {
                argument: "out",
                found: 3,
                expected: 2
            }
        ),
        "{error:?}"
    );
    says(&error, &["out has 3", "2 are needed"], "out");
    let structure = numdiff_core::SparseJacobian::new(SparsityPattern::dense(2, 3).unwrap());
    let error = FiniteDifference::central()
        .sparse_jacobian(g, &x, &structure)
        .unwrap_err();
    assert!(matches!(error, Error::PatternShape { .. }), "{error:?}");
    assert!(error.to_string().contains("2 x 3"));
    let structure = numdiff_core::SparseJacobian::new(SparsityPattern::dense(3, 2).unwrap());
    let error = Adaptive::new()
        .sparse_jacobian(g, &x, &structure)
        .unwrap_err();
    assert!(matches!(error, Error::PatternShape { .. }), "{error:?}");
    #[cfg(feature = "rayon")]
    {
        let error = FiniteDifference::central()
            .parallel()
            .with_threads(0)
            .gradient(f, &x)
            .unwrap_err();
        says(&error, &["threads is 0", "at least 1"], "threads");
    }
}
