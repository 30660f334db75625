//! Plans as bytes: they go on to the last bit, and whatever is done to the bytes is an error.

use ndarray::{Array1, Array2, array};
use numdiff_core::{
    Adaptive, AskTell, Estimate, FiniteDifference, SavedError, SparseJacobian, SparseMatrix,
    SparsityPattern,
};
use proptest::prelude::*;

fn f(x: &[f64]) -> f64 {
    (x[0] * x[1]).sin() + x[2].abs().sqrt()
}

/// Tells so many jobs.
fn told<A>(mut plan: AskTell<A>, mut jobs: usize) -> AskTell<A> {
    while jobs > 0 {
        let open = plan.ask().unwrap();
        if open.is_empty() {
            break;
        }
        for job in open.iter().take(jobs) {
            plan.tell(job.id, [f(&job.point(plan.x()))]).unwrap();
        }
        jobs = jobs.saturating_sub(open.len());
    }
    plan
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_saved_plan_goes_on_and_a_damaged_one_is_an_error(
        x in prop::collection::vec(-3.0..3.0f64, 3),
        jobs in 0usize..40,
        place in any::<prop::sample::Index>(),
        byte in 1u8..=255,
        more in prop::collection::vec(any::<u8>(), 1..9),
    ) {
        let method = Adaptive::new().with_bounds(f64::NEG_INFINITY, array![9.0, 9.0, f64::INFINITY]);
        let serial = method.gradient(f, x.as_slice()).unwrap();
        let plan = told(method.plan().gradient(&x).ask_tell().unwrap(), jobs);
        let bytes = plan.to_bytes();
        let again = AskTell::<Estimate<Array1<f64>>>::from_bytes(&bytes).unwrap();
        prop_assert_eq!(&again.to_bytes(), &bytes);
        prop_assert_eq!(again.evaluations(), plan.evaluations());
        let found = told(again, usize::MAX).finish().unwrap();
        prop_assert_eq!(found.value.to_vec(), serial.value);
        prop_assert_eq!((found.statuses, found.counts), (serial.statuses, serial.counts));

        let read = AskTell::<Estimate<Array1<f64>>>::from_bytes;
        let place = place.index(bytes.len());
        let mut damaged = bytes.clone();
        damaged[place] ^= byte;
        prop_assert!(read(&damaged).is_err());
        prop_assert!(read(&bytes[..place]).is_err());
        prop_assert!(read(&[&bytes[..], &more].concat()).is_err());
        prop_assert!(read(&more).is_err());
    }
}

#[test]
fn what_is_wrong_with_the_bytes_is_said() {
    let plan = FiniteDifference::central()
        .plan()
        .gradient(&[1.0, 2.0, 3.0])
        .ask_tell()
        .unwrap();
    let bytes = plan.to_bytes();
    let read = |bytes: &[u8]| AskTell::<Array1<f64>>::from_bytes(bytes).unwrap_err();
    assert_eq!(read(b""), SavedError::Kind { what: "plan" });
    assert_eq!(read(b"{\"plan\": 1}"), SavedError::Kind { what: "plan" });
    let cut = &bytes[..bytes.len() - 1];
    assert!(matches!(read(cut), SavedError::Damaged { .. }));
    // Another kind of result.
    let other = AskTell::<Estimate<Array2<f32>>>::from_bytes(&bytes).unwrap_err();
    let (found, expected) = ("Array1<f64>".to_owned(), "Estimate<Array2<f32>>".to_owned());
    assert_eq!(
        other,
        SavedError::Result {
            what: "plan",
            found,
            expected
        }
    );
    for error in [read(b""), read(cut), other] {
        assert!(error.to_string().contains(';'), "{error}");
    }
}

/// A plan's type is written by hand.
struct Study {
    gradient: AskTell<Estimate<Array1<f64>>>,
    jacobian: AskTell<SparseMatrix>,
    slope: AskTell<f64>,
}

#[test]
fn every_kind_of_plan_is_saved_and_shown() {
    let x = array![0.5, 1.5, 2.5];
    let pattern = SparseJacobian::new(SparsityPattern::banded(3, 3, 0, 0).unwrap());
    let mut study = Study {
        gradient: Adaptive::new().plan().gradient(&x).ask_tell().unwrap(),
        jacobian: FiniteDifference::central()
            .plan()
            .sparse_jacobian(&x, &pattern)
            .ask_tell()
            .unwrap(),
        slope: FiniteDifference::forward()
            .plan()
            .directional(&x, &x)
            .ask_tell()
            .unwrap(),
    };
    assert_eq!(
        study.slope.to_string(),
        "derivative along a direction at 3 coordinates: 0 evaluations told, 2 open"
    );
    assert!(format!("{:?}", study.gradient).len() < 120);
    for job in study.jacobian.ask().unwrap() {
        let point = job.point(study.jacobian.x());
        study
            .jacobian
            .tell(job.id, point.iter().map(|v| v * v).collect::<Vec<_>>())
            .unwrap();
    }
    let mut again = AskTell::<SparseMatrix>::from_bytes(&study.jacobian.to_bytes()).unwrap();
    let found = again.finish().unwrap();
    assert!((found.get(2, 2) - 5.0).abs() < 1e-8, "{found}");
    assert_eq!(found.to_string().lines().count(), 4);
}
