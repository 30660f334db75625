//! Results that are written, on threads and in batches: the bits, counts and errors of the serial operators.

use ndarray::{Array1, Array2, ArrayBase, Data, Ix1, array};
use numdiff_core::{
    Adaptive, Error, Estimate, FiniteDifference, SparseHessian, SparseJacobian, SparsityPattern,
    Workspace,
};

fn f<S: Data<Elem = f64>>(x: &ArrayBase<S, Ix1>) -> f64 {
    let mut sum = 0.0;
    for i in 0..x.len() {
        sum += (x[i] * x[(i + 1) % x.len()]).sin() + x[i].exp() * 0.1;
    }
    sum
}

/// n outputs of n coordinates; each depends on two.
fn r<S: Data<Elem = f64>>(x: &ArrayBase<S, Ix1>, y: &mut [f64]) {
    for i in 0..x.len() {
        y[i] = x[i].sin() * x[(i + 1) % x.len()] + x[i];
    }
}

/// f at rows.
fn fs(points: &Array2<f64>, values: &mut [f64]) {
    for (point, value) in points.outer_iter().zip(values) {
        *value = f(&point);
    }
}

/// r at rows.
fn rs(points: &Array2<f64>, values: &mut [f64]) {
    let outputs = values.len() / points.nrows();
    for (point, values) in points.outer_iter().zip(values.chunks_mut(outputs)) {
        r(&point, values);
    }
}

/// So long that evaluations become jobs of their own.
fn slowly<R>(value: R) -> R {
    let start = std::time::Instant::now();
    while start.elapsed() < std::time::Duration::from_micros(30) {
        std::hint::spin_loop();
    }
    value
}

fn ring(n: usize) -> SparsityPattern {
    let entries = (0..n).flat_map(|i| [(i, i), (i, (i + 1) % n), ((i + 1) % n, i)]);
    SparsityPattern::from_triplets(n, n, entries).unwrap()
}

/// Calls `$compare` with each operator's name, its serial result and count, and those of `$other`,
/// whose closures are `$f` and `$r`.
macro_rules! every_operator {
    ($serial:expr, [$scalar:ident, $outputs:ident $(, $threads:expr)?], $f:expr, $r:expr, $univariate:expr, $x:expr,
     $number:expr, $vector:expr, $matrix:expr, $compare:expr) => {{
        let (method, x, n) = (&$serial, &$x, $x.len());
        let v = Array1::from_shape_fn(n, |i| 1.0 - 0.7 * i as f64);
        let (jacobian, hessian) = (
            SparseJacobian::new(ring(n)),
            SparseHessian::new(ring(n)).unwrap(),
        );
        let (mut w, mut u) = (Workspace::new(), Workspace::new());
        macro_rules! both {
            ($name:expr, $blank:expr, |$m:ident, $out:ident, $ws:ident| $one:expr, $two:expr) => {{
                let (mut a, mut b) = ($blank, $blank);
                {
                    let ($m, $out, $ws) = (method, &mut a, &mut w);
                    $one.unwrap();
                }
                {
                    let ($m, $out, $ws) = (method, &mut b, &mut u);
                    $two.unwrap();
                }
                assert_eq!(w.evaluations(), u.evaluations(), "{}", $name);
                $compare($name, &a, &b);
            }};
        }
        for order in [1, 2] {
            let (mut a, mut b) = ($number, $number);
            let (mut w, mut u) = (Workspace::new(), Workspace::new());
            let sine = |x: f64| x.sin();
            method.plan().nth_derivative(&0.3, order).write_to(&mut a, &mut w).serial(sine)
                .unwrap();
            let run = method.plan().nth_derivative(&0.3, order)$(.with_threads($threads))?;
            run.write_to(&mut b, &mut u)
                .$scalar($univariate)
                .unwrap();
            assert_eq!(w.evaluations(), u.evaluations(), "nth derivative");
            $compare("nth derivative", &a, &b);
        }
        both!(
            "gradient",
            $vector(n),
            |m, out, ws| m.plan().gradient(x).write_to(out, ws).serial(f),
            m.plan().gradient(x)$(.with_threads($threads))?.write_to(out, ws).$scalar($f)
        );
        both!(
            "hessian",
            $matrix(n),
            |m, out, ws| m.plan().hessian(x).write_to(out, ws).serial(f),
            m.plan().hessian(x)$(.with_threads($threads))?.write_to(out, ws).$scalar($f)
        );
        both!(
            "hessian diagonal",
            $vector(n),
            |m, out, ws| m.plan().hessian_diagonal(x).write_to(out, ws).serial(f),
            m.plan().hessian_diagonal(x)$(.with_threads($threads))?.write_to(out, ws).$scalar($f)
        );
        both!(
            "laplacian",
            $number,
            |m, out, ws| m.plan().laplacian(x).write_to(out, ws).serial(f),
            m.plan().laplacian(x)$(.with_threads($threads))?.write_to(out, ws).$scalar($f)
        );
        both!(
            "mixed partial",
            $number,
            |m, out, ws| m.plan().mixed_partial(x, &[0, 1]).write_to(out, ws).serial(f),
            m.plan().mixed_partial(x, &[0, 1])$(.with_threads($threads))?.write_to(out, ws).$scalar($f)
        );
        both!(
            "directional",
            $number,
            |m, out, ws| m.plan().directional(x, &v).write_to(out, ws).serial(f),
            m.plan().directional(x, &v)$(.with_threads($threads))?.write_to(out, ws).$scalar($f)
        );
        both!(
            "hessian vector",
            $vector(n),
            |m, out, ws| m.plan().hessian_vector(x, &v).write_to(out, ws).serial(f),
            m.plan().hessian_vector(x, &v)$(.with_threads($threads))?.write_to(out, ws).$scalar($f)
        );
        both!(
            "jacobian",
            $matrix(n),
            |m, out, ws| m.plan().jacobian(x).write_to(out, ws).serial_in_place(r),
            m.plan().jacobian(x)$(.with_threads($threads))?.write_to(out, ws).$outputs($r)
        );
        both!(
            "hessian from gradient",
            $matrix(n),
            |m, out, ws| m.plan().hessian_from_gradient(x).write_to(out, ws).serial_in_place(r),
            m.plan().hessian_from_gradient(x)$(.with_threads($threads))?.write_to(out, ws).$outputs($r)
        );
        both!(
            "jacobian vector",
            $vector(n),
            |m, out, ws| m.plan().jacobian_vector(x, &v).write_to(out, ws).serial_in_place(r),
            m.plan().jacobian_vector(x, &v)$(.with_threads($threads))?.write_to(out, ws).$outputs($r)
        );
        both!(
            "vector jacobian",
            $vector(n),
            |m, out, ws| m.plan().vector_jacobian(x, &v).write_to(out, ws).serial_in_place(r),
            m.plan().vector_jacobian(x, &v)$(.with_threads($threads))?.write_to(out, ws).$outputs($r)
        );
        both!(
            "hessian vector from gradient",
            $vector(n),
            |m, out, ws| m.plan().hessian_vector_from_gradient(x, &v).write_to(out, ws).serial_in_place(r),
            m.plan().hessian_vector_from_gradient(x, &v)$(.with_threads($threads))?.write_to(out, ws).$outputs($r)
        );
        both!(
            "sparse jacobian",
            $vector(jacobian.pattern().nnz()),
            |m, out, ws| m.plan().sparse_jacobian(x, &jacobian).write_to(out, ws).serial_in_place(r),
            m.plan().sparse_jacobian(x, &jacobian)$(.with_threads($threads))?.write_to(out, ws).$outputs($r)
        );
        both!(
            "sparse hessian",
            $vector(hessian.pattern().nnz()),
            |m, out, ws| m.plan().sparse_hessian(x, &hessian).write_to(out, ws).serial(f),
            m.plan().sparse_hessian(x, &hessian)$(.with_threads($threads))?.write_to(out, ws).$scalar($f)
        );
        both!(
            "sparse hessian from gradient",
            $vector(hessian.pattern().nnz()),
            |m, out, ws| m.plan().sparse_hessian_from_gradient(x, &hessian).write_to(out, ws).serial_in_place(r),
            m.plan().sparse_hessian_from_gradient(x, &hessian)$(.with_threads($threads))?.write_to(out, ws).$outputs($r)
        );
    }};
}

fn vector(n: usize) -> Array1<f64> {
    Array1::zeros(n)
}

fn matrix(n: usize) -> Array2<f64> {
    Array2::zeros((n, n))
}

fn vector_estimate(n: usize) -> Estimate<Array1<f64>> {
    Estimate::blank(Array1::<f64>::zeros(n))
}

fn matrix_estimate(n: usize) -> Estimate<Array2<f64>> {
    Estimate::blank(Array2::<f64>::zeros((n, n)))
}

/// Equal to the last bit: the text of a `f64` tells all bits but those of NaN, which none holds.
fn same<V: std::fmt::Debug + PartialEq>(name: &str, a: &V, b: &V) {
    assert_eq!(a, b, "{name}");
    assert_eq!(format!("{a:?}"), format!("{b:?}"), "{name}");
}

fn points() -> [Array1<f64>; 2] {
    [
        array![0.7, -1.3, 0.4],
        Array1::from_shape_fn(11, |i| (i as f64).sin() + 0.2),
    ]
}

fn fixed() -> [FiniteDifference; 4] {
    [
        FiniteDifference::central(),
        FiniteDifference::forward(),
        FiniteDifference::central().with_accuracy(4),
        FiniteDifference::central().with_bounds(-3.0, 3.0),
    ]
}

fn adaptive() -> [Adaptive; 2] {
    [Adaptive::new(), Adaptive::new().with_bounds(-3.0, 3.0)]
}

#[test]
fn batches_have_the_bits_of_the_serial_operators() {
    let univariate = |points: &Array2<f64>, values: &mut [f64]| {
        for (value, x) in values.iter_mut().zip(points) {
            *value = x.sin();
        }
    };
    for x in points() {
        for m in fixed() {
            every_operator!(
                m,
                [batched_in_place, batched_in_place],
                fs,
                rs,
                univariate,
                x,
                0.0,
                vector,
                matrix,
                same
            );
        }
        for m in adaptive() {
            every_operator!(
                m,
                [batched_in_place, batched_in_place],
                fs,
                rs,
                univariate,
                x,
                Estimate::blank(0.0),
                vector_estimate,
                matrix_estimate,
                same
            );
        }
    }
}

#[test]
fn threads_have_the_bits_of_the_serial_operators() {
    let slow_f = |x: &Array1<f64>| slowly(f(x));
    let slow_r = |x: &Array1<f64>, y: &mut [f64]| {
        r(x, y);
        slowly(())
    };
    let sin = |x: f64| x.sin();
    let slow_sin = |x: f64| slowly(x.sin());
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(3)
        .build()
        .unwrap();
    pool.install(|| {
        for (k, x) in points().into_iter().enumerate() {
            for threads in [1, 2, 7] {
                for m in fixed() {
                    every_operator!(
                        m,
                        [parallel, parallel_in_place, threads],
                        f,
                        r,
                        sin,
                        x,
                        0.0,
                        vector,
                        matrix,
                        same
                    );
                    if k == 0 || threads == 2 {
                        every_operator!(
                            m,
                            [parallel, parallel_in_place, threads],
                            slow_f,
                            slow_r,
                            slow_sin,
                            x,
                            0.0,
                            vector,
                            matrix,
                            same
                        );
                    }
                }
                for m in adaptive() {
                    let number = Estimate::blank(0.0);
                    every_operator!(
                        m,
                        [parallel, parallel_in_place, threads],
                        f,
                        r,
                        sin,
                        x,
                        number.clone(),
                        vector_estimate,
                        matrix_estimate,
                        same
                    );
                    if k == 0 && threads == 7 {
                        every_operator!(
                            m,
                            [parallel, parallel_in_place, threads],
                            slow_f,
                            slow_r,
                            slow_sin,
                            x,
                            number.clone(),
                            vector_estimate,
                            matrix_estimate,
                            same
                        );
                    }
                }
            }
        }
    });
}

#[test]
fn many_lines_are_shared_with_the_same_bits() {
    // So many lines of so long an f that threads share them.
    let f = |x: &Array1<f64>| x.iter().map(|v| v.sin() * v.exp()).sum::<f64>();
    let x = Array1::from_shape_fn(2000, |i| (i as f64 * 0.37).sin());
    let (mut a, mut b) = (vector(2000), vector(2000));
    let (mut w, mut u) = (Workspace::new(), Workspace::new());
    let central = FiniteDifference::central();
    central
        .plan()
        .gradient(&x)
        .write_to(&mut a, &mut w)
        .serial(f)
        .unwrap();
    for threads in [1, 2, 7] {
        central
            .plan()
            .gradient(&x)
            .with_threads(threads)
            .write_to(&mut b, &mut u)
            .parallel(f)
            .unwrap();
        assert_eq!(a, b);
        assert_eq!(w.evaluations(), u.evaluations());
    }
}

#[test]
fn errors_of_batches() {
    let (mut out, mut w) = (vector(2), Workspace::new());
    let x = array![1.0, 2.0, 3.0];
    let done = FiniteDifference::central()
        .plan()
        .gradient(&x)
        .write_to(&mut out, &mut w)
        .batched_in_place(fs);
    assert!(matches!(
        done,
        Err(Error::Length {
            argument: "out",
            found: 2,
            expected: 3
        })
    ));
    // Not written.
    let mut out = vector(3);
    let done = FiniteDifference::central()
        .plan()
        .gradient(&x)
        .write_to(&mut out, &mut w)
        .batched_in_place(|_: &Array2<f64>, _: &mut [f64]| {});
    assert!(
        matches!(done, Err(Error::OutputNotWritten { output: 0 })),
        "{done:?}"
    );
    let failing = |_: &Array2<f64>, _: &mut [f64]| Err("on purpose");
    let done = FiniteDifference::central()
        .plan()
        .gradient(&x)
        .write_to(&mut out, &mut w)
        .batched_in_place(failing);
    assert!(matches!(done, Err(Error::Function { .. })), "{done:?}");
    FiniteDifference::central()
        .plan()
        .gradient(&x)
        .write_to(&mut out, &mut w)
        .batched_in_place(fs)
        .unwrap();
    assert_eq!(out, FiniteDifference::central().gradient(f, &x).unwrap());
}

#[test]
fn errors_of_threads() {
    let (mut out, mut w) = (vector(2), Workspace::new());
    let x = array![1.0, 2.0, 3.0];
    let done = FiniteDifference::central()
        .plan()
        .gradient(&x)
        .write_to(&mut out, &mut w)
        .parallel(f);
    assert!(matches!(
        done,
        Err(Error::Length {
            argument: "out",
            found: 2,
            expected: 3
        })
    ));
    let mut out = vector(3);
    let none = FiniteDifference::central()
        .plan()
        .gradient(&x)
        .write_to(&mut out, &mut w)
        .with_threads(0)
        .parallel(f);
    assert!(matches!(
        none,
        Err(Error::OutOfRange {
            argument: "threads",
            ..
        })
    ));
    let failing = |_: &Array1<f64>| Err::<f64, _>("on purpose");
    let done = FiniteDifference::central()
        .plan()
        .gradient(&x)
        .write_to(&mut out, &mut w)
        .parallel(failing);
    assert!(matches!(done, Err(Error::Function { .. })), "{done:?}");
    let nan = Array1::from(vec![1.0, f64::NAN, 0.0]);
    let done = FiniteDifference::central()
        .plan()
        .gradient(&nan)
        .write_to(&mut out, &mut w)
        .parallel(f);
    assert!(
        matches!(done, Err(Error::NotFinite { index: 1, .. })),
        "{done:?}"
    );
    FiniteDifference::central()
        .plan()
        .gradient(&x)
        .write_to(&mut out, &mut w)
        .parallel(f)
        .unwrap();
    assert_eq!(out, FiniteDifference::central().gradient(f, &x).unwrap());
}

/// What is written has as many outputs as the operator takes, and the rows that it is written to.
#[test]
fn outputs_that_do_not_fit_what_they_are_written_to() {
    let x = array![1.0, 2.0, 3.0];
    let central = FiniteDifference::central();
    let mut workspace = Workspace::new();
    let mut square = Array2::zeros((3, 3));
    for outputs in [2, 4] {
        let g = |x: &Array1<f64>| vec![x[0]; outputs];
        let run = central.plan().hessian_from_gradient(&x);
        let error = run
            .write_to(&mut square, &mut workspace)
            .serial(g)
            .unwrap_err();
        assert!(
            matches!(error, Error::Length { found, expected: 3, .. } if found == outputs),
            "{error}"
        );
    }
    let mut gradient = Array1::zeros(3);
    let two = |points: &Array2<f64>| Array2::from_elem((points.nrows(), 2), 1.0);
    let run = central.plan().gradient(&x);
    let error = run
        .write_to(&mut gradient, &mut workspace)
        .batched(two)
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::Length {
                found: 2,
                expected: 1,
                ..
            }
        ),
        "{error}"
    );

    // Two outputs of three coordinates, six numbers either way.
    let f = |x: &Array1<f64>| [x[0] * x[1], x[2]];
    let mut turned = Array2::zeros((3, 2));
    let run = central.plan().jacobian(&x);
    let error = run
        .write_to(&mut turned, &mut workspace)
        .serial(f)
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("rows of out has 3") && text.contains('2'),
        "{text}"
    );
    let mut right = Array2::zeros((2, 3));
    let run = central.plan().jacobian(&x);
    run.write_to(&mut right, &mut workspace).serial(f).unwrap();
    assert_eq!(right, central.jacobian(f, &x).unwrap());

    // A list with no room for one output: it is named, not f's outputs.
    for room in [0, 1, 2, 4, 5] {
        let (mut flat, mut workspace) = (vec![0.0; room], Workspace::new());
        let fill = |x: &Array1<f64>, y: &mut [f64]| y.fill(x[0]);
        let named = |error: Error| {
            assert!(
                matches!(error, Error::Length { argument: "out", found, .. } if found == room),
                "{room}: {error}"
            );
        };
        let run = central.plan().jacobian(&x);
        let run = run.write_to(&mut flat, &mut workspace);
        named(run.serial_in_place(fill).unwrap_err());
        let run = central.plan().jacobian(&x);
        let run = run.write_to(&mut flat, &mut workspace);
        named(run.parallel_in_place(fill).unwrap_err());
        let run = central.plan().vector_hessian(&x);
        let run = run.write_to(&mut flat, &mut workspace);
        named(run.serial_in_place(fill).unwrap_err());
    }
    let (mut none, mut workspace) = (Vec::new(), Workspace::new());
    let fill = |x: &Array1<f64>, y: &mut [f64]| y.fill(x[0]);
    let run = central.plan().jacobian_vector(&x, &x);
    let run = run.write_to(&mut none, &mut workspace);
    let error = run.serial_in_place(fill).unwrap_err();
    let named = matches!(
        error,
        Error::Length {
            argument: "out",
            found: 0,
            ..
        }
    );
    assert!(named, "{error}");
}
