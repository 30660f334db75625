//! What the mistake is called where entries are few or agree by chance.

use ndarray::{Array1, array};
use numdiff_core::check::{self, Diagnosis};

/// One and two coordinates leave little to compare: the second point tells factor from term.
#[test]
fn small_gradients_are_diagnosed() {
    let one = array![0.8];
    let f = |x: &Array1<f64>| x[0].sin() + x[0].powi(3);
    let run = |g: &dyn Fn(f64) -> f64| {
        check::gradient(f, |x: &Array1<f64>| array![g(x[0])], &one).unwrap()
    };
    run(&|x| x.cos() + 3.0 * x * x).assert_ok();
    assert_eq!(
        run(&|x| -x.cos() - 3.0 * x * x).diagnosis,
        Some(Diagnosis::SignFlipped)
    );
    assert!(matches!(
        run(&|x| 0.7301 * (x.cos() + 3.0 * x * x)).diagnosis,
        Some(Diagnosis::ConstantFactor { .. })
    ));
    assert!(matches!(
        run(&|x| x.cos()).diagnosis,
        Some(Diagnosis::MissingTerm { .. })
    ));
    let two = array![0.8, -0.4];
    let f = |x: &Array1<f64>| x[0].sin() * x[1].exp() + x[1].powi(2);
    let swapped = check::gradient(
        f,
        |x: &Array1<f64>| {
            array![
                x[0].sin() * x[1].exp() + 2.0 * x[1],
                x[0].cos() * x[1].exp()
            ]
        },
        &two,
    )
    .unwrap();
    assert!(
        matches!(swapped.diagnosis, Some(Diagnosis::ShiftedByOne { .. })),
        "{swapped}"
    );
}

#[test]
fn forgotten_terms_are_recognized() {
    let n = 6;
    let x = Array1::from_shape_fn(n, |i| {
        0.3 + 0.4 * i as f64 * if i % 2 == 0 { 1.0 } else { -1.0 }
    });
    let main = |x: &Array1<f64>| x.mapv(|v| v.cos());
    let term = |extra: &dyn Fn(f64) -> f64| {
        let f = |x: &Array1<f64>| x.iter().map(|v| v.sin() + extra(*v)).sum::<f64>();
        check::gradient(f, main, &x).unwrap().diagnosis
    };
    use check::Term::{Constant, Proportional, Sign};
    assert!(
        matches!(term(&|v| 0.05 * v * v), Some(Diagnosis::MissingTerm { looks_like: Some(Proportional { factor }) }) if (factor - 0.1).abs() < 1e-8)
    );
    assert!(
        matches!(term(&|v| 0.2 * v.abs()), Some(Diagnosis::MissingTerm { looks_like: Some(Sign { factor }) }) if (factor - 0.2).abs() < 1e-8)
    );
    assert!(
        matches!(term(&|v| 3.0 * v), Some(Diagnosis::MissingTerm { looks_like: Some(Constant { value }) }) if (value - 3.0).abs() < 1e-8)
    );
}

/// Entries that agree by chance hide neither end of a rotation.
#[test]
fn a_rotation_of_equal_entries_is_a_shift() {
    let x = array![0.3, -0.2, 0.9, 1.1];
    let f = |x: &Array1<f64>| (3.0 * x[0] + 2.0 * (x[1] + x[2] + x[3])).exp();
    for right in [1, 3] {
        let g = |x: &Array1<f64>| {
            let mut g = [3.0, 2.0, 2.0, 2.0].map(|a| a * f(x));
            g.rotate_right(right);
            Array1::from(g.to_vec())
        };
        let report = check::gradient(f, g, &x).unwrap();
        assert!(
            matches!(report.diagnosis, Some(Diagnosis::ShiftedByOne { .. })),
            "{report}"
        );
    }
}
