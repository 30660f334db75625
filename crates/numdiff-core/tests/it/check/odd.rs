//! Questions that make no sense, functions that are not smooth, and noise.

use crate::bugs::noise;
use ndarray::{Array1, array};
use numdiff_core::Error;
use numdiff_core::check::{self, Diagnosis};

#[test]
fn bad_input_and_odd_functions() {
    let f = |x: &Array1<f64>| x.sum();
    let g = |x: &Array1<f64>| Array1::ones(x.len());
    assert!(matches!(
        check::gradient(f, g, &Array1::zeros(0)),
        Err(Error::Empty { .. })
    ));
    assert!(matches!(
        check::gradient(f, g, &array![f64::INFINITY]),
        Err(Error::NotFinite { .. })
    ));
    assert!(matches!(
        check::gradient(f, |_: &Array1<f64>| vec![1.0], &array![1.0, 2.0]),
        Err(Error::Length { .. })
    ));
    assert!(matches!(
        check::gradient(|_: &Array1<f64>| Err::<f64, _>("no"), g, &array![1.0]),
        Err(Error::Function { .. })
    ));
    assert!(matches!(
        check::jacobian(|x: &Array1<f64>| x.to_owned(), g, &array![1.0, 2.0]),
        Err(Error::Length { expected: 4, .. })
    ));
    let nan = check::gradient(
        f,
        |_: &Array1<f64>| array![1.0, f64::NAN],
        &array![1.0, 2.0],
    )
    .unwrap();
    assert_eq!(
        (nan.is_ok(), nan.diagnosis),
        (false, Some(Diagnosis::NotFinite))
    );
    // A minimum: nothing but rounding on either side.
    let rosenbrock = |x: &Array1<f64>| 100.0 * (x[1] - x[0].powi(2)).powi(2) + (1.0 - x[0]).powi(2);
    let slope = |x: &Array1<f64>| {
        array![
            -400.0 * x[0] * (x[1] - x[0].powi(2)) - 2.0 * (1.0 - x[0]),
            200.0 * (x[1] - x[0].powi(2))
        ]
    };
    check::gradient(rosenbrock, slope, &array![1.0, 1.0])
        .unwrap()
        .assert_ok();
    check::gradient(
        |_: &Array1<f64>| 4.0,
        |x: &Array1<f64>| Array1::zeros(x.len()),
        &array![1.0, 2.0],
    )
    .unwrap()
    .assert_ok();
    let text = check::gradient(
        f,
        |x: &Array1<f64>| -Array1::ones(x.len()),
        &array![1.0, 2.0],
    )
    .unwrap()
    .to_string();
    assert!(
        text.contains("WRONG: 0 right, 2 wrong, 0 not smooth here, 0 not checkable")
            && text.contains("sign flipped")
            && text.lines().count() == 5,
        "{text}"
    );
}

/// A derivative that noise hides must not pass because f changes a lot somewhere else: here at a
/// wall a tenth of x away, while the noise at x is ten times the change that the derivative claims.
#[test]
fn what_noise_hides_does_not_pass() {
    let x = array![1.0, 2.0, 0.7];
    let far = |(x, c): (&f64, &f64)| ((x / c - 1.0).abs() - 0.1).max(0.0).powi(3);
    let center = x.clone();
    let f = |x: &Array1<f64>| {
        let wall = 1e6 * x.iter().zip(&center).map(far).sum::<f64>();
        x[0] - x[1] + 0.5 * x[2] + wall + 10.0 * noise(x.as_slice().unwrap())
    };
    for g in [array![1.0, -1.0, 0.5], array![-1.0, 1.0, -0.5]] {
        let report = check::gradient(f, |_: &Array1<f64>| g.clone(), &x).unwrap();
        assert!(!report.is_ok(), "{report}");
    }
    // Without noise, and with noise that leaves a digit of it, the right one passes.
    for level in [0.0, 1e-7] {
        let f = |x: &Array1<f64>| {
            let v = x.as_slice().unwrap();
            x[0] - x[1] + 0.5 * x[2] + level * noise(v)
        };
        let report = check::gradient(f, |_: &Array1<f64>| array![1.0, -1.0, 0.5], &x).unwrap();
        report.assert_ok();
    }
}
