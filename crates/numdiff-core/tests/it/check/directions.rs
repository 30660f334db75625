//! The checks along directions, for many coordinates.

use super::planted::SCALES;
use super::{system, system_jacobian};
use crate::bugs::{Class, FAMILIES, Problem, Random, problem, slice, spoil};
use ndarray::{Array, Array1, IxDyn, array};
use numdiff_core::check::{self, Diagnosis};

/// The mode for large n finds the same bugs for a handful of evaluations, but can't place them.
#[test]
fn directions_find_bugs_at_any_size() {
    let mut random = Random(3);
    let (mut wrong, mut found) = (0, 0);
    for family in 0..FAMILIES {
        let p: Problem = problem(family, 40, 1.0, 1.0, &mut random);
        let f = |x: &Array<f64, IxDyn>| (p.f)(&slice(x));
        let report =
            check::directions(f, |x: &Array<f64, IxDyn>| (p.g)(&slice(x)), &p.point(), 5).unwrap();
        assert!(report.is_ok(), "{}: {report}", p.name);
        assert!(report.evaluations <= 120);
        for class in [
            Class::Sign,
            Class::Factor,
            Class::Shifted,
            Class::Block,
            Class::MissingTerm,
        ] {
            let g = |x: &Array<f64, IxDyn>| {
                spoil(
                    class,
                    &p.shape,
                    (p.g)(&slice(x)),
                    (p.incomplete)(&slice(x)),
                    9,
                )
            };
            let report = check::directions(f, g, &p.point(), 5).unwrap();
            wrong += 1;
            found += usize::from(!report.is_ok());
            if class == Class::Sign {
                assert_eq!(report.diagnosis, Some(Diagnosis::SignFlipped));
            }
        }
    }
    assert_eq!(found, wrong);
    let report = check::directions_of(
        system,
        |x: &Array1<f64>| system_jacobian(x, 0.5),
        &array![0.4, 0.9, 1.2],
        1,
    )
    .unwrap();
    report.assert_ok();
    assert!(
        !check::directions_of(
            system,
            |x: &Array1<f64>| system_jacobian(x, 0.4),
            &array![0.4, 0.9, 1.2],
            1
        )
        .unwrap()
        .is_ok()
    );
}

#[test]
fn taylor_slopes_are_two_or_one() {
    let mut random = Random(5);
    for trial in 0..90 {
        let (sx, sf) = SCALES[trial % SCALES.len()];
        let p = problem(trial % FAMILIES, 6, sx, sf, &mut random);
        let f = |x: &Array<f64, IxDyn>| (p.f)(&slice(x));
        let seed = random.next();
        let right = check::taylor(
            f,
            |x: &Array<f64, IxDyn>| (p.g)(&slice(x)),
            &p.point(),
            seed,
        )
        .unwrap();
        assert!(
            right.is_ok() && (right.slope - 2.0).abs() < 0.3,
            "{} {right}",
            p.name
        );
        let wrong = check::taylor(
            f,
            |x: &Array<f64, IxDyn>| (p.g)(&slice(x)).iter().map(|g| 1.5 * g).collect::<Vec<_>>(),
            &p.point(),
            seed,
        )
        .unwrap();
        assert!(
            !wrong.is_ok() && (wrong.slope - 1.0).abs() < 0.3,
            "{} {wrong}",
            p.name
        );
        assert_eq!(wrong.evaluations, 22);
    }
    // Where f is infinite at the larger steps, the smaller ones tell.
    let near = |x: &Array1<f64>| {
        if (x[0] - 1.0).abs() > 0.02 {
            f64::INFINITY
        } else {
            x[0] * x[0]
        }
    };
    let seen = check::taylor(near, |x: &Array1<f64>| 2.0 * x, &array![1.0], 1).unwrap();
    assert!(seen.is_ok() && (seen.slope - 2.0).abs() < 0.1, "{seen}");
    // A linear f leaves rounding alone.
    let linear = check::taylor(
        |x: &Array1<f64>| 3.0 * x[0] - x[1],
        |_: &Array1<f64>| array![3.0, -1.0],
        &array![1.0, 2.0],
        1,
    )
    .unwrap();
    assert!(linear.is_ok() && linear.slope.is_infinite());
    check::taylor_of(
        system,
        |x: &Array1<f64>| system_jacobian(x, 0.5),
        &array![0.4, 0.9, 1.2],
        1,
    )
    .unwrap()
    .assert_ok();
}
