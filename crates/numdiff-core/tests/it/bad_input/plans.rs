//! Plans that end with an error, and plans that begin anew.

use ndarray::{Array1, array};
use numdiff_core::{Adaptive, Error, FiniteDifference, OwnedMoves, drive_workers};
use std::ops::ControlFlow;

#[test]
fn a_plan_that_ended_with_an_error_gives_no_result() {
    let x = array![1.0, 2.0, 3.0];
    let ended = |error: &Error| assert!(matches!(error, Error::PlanFailed), "{error}");
    // f is not finite.
    for value in [f64::NAN, f64::INFINITY] {
        let mut plan = FiniteDifference::central()
            .plan()
            .gradient(&x)
            .ask_tell()
            .unwrap();
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
        plan.begin(&[1.0, 2.0, 3.0]).unwrap();
        drive_workers(&mut plan, 1, sum, |_| ControlFlow::Continue(())).unwrap();
        assert_eq!(plan.evaluations(), 6);
        assert_eq!(plan.finish().unwrap(), Array1::<f64>::ones(3));
    }
    // f(x) itself is not, and for an adaptive method nothing goes around it; the error comes from
    // finish when that closes the round.
    let mut plan = Adaptive::new().plan().gradient(&x).ask_tell().unwrap();
    for job in plan.ask().unwrap() {
        plan.tell(job.id, [f64::NAN]).unwrap();
    }
    assert!(matches!(plan.finish(), Err(Error::NonFiniteValue { .. })));
    ended(&plan.finish().unwrap_err());
    // One evaluation fails for good.
    let mut plan = FiniteDifference::central()
        .plan()
        .gradient(&x)
        .ask_tell()
        .unwrap();
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
    let mut plan = FiniteDifference::central()
        .plan()
        .gradient(&x)
        .ask_tell()
        .unwrap();
    drive_workers(&mut plan, 1, sum, |_| ControlFlow::Continue(())).unwrap();
    assert!(plan.begin(&[f64::NAN, 2.0, 3.0]).is_err());
    ended(&plan.finish().unwrap_err());
}

fn sum(x: &[f64]) -> [f64; 1] {
    [x.iter().sum()]
}
