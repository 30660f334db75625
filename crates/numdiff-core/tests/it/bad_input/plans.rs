//! Plans that end with an error, and plans that begin anew.

use ndarray::{Array1, array};
use numdiff_core::{Adaptive, Error, FiniteDifference, Function, Moves, OwnedMoves, drive};

#[test]
fn a_plan_that_ended_with_an_error_gives_no_result() {
    let x = array![1.0, 2.0, 3.0];
    let ended = |error: &Error| assert!(matches!(error, Error::PlanFailed), "{error}");
    // f is not finite.
    for value in [f64::NAN, f64::INFINITY] {
        let mut plan = FiniteDifference::central().planned().gradient(&x).unwrap();
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
    let mut plan = Adaptive::new().planned().gradient(&x).unwrap();
    for job in plan.ask().unwrap() {
        plan.tell(job.id, [f64::NAN]).unwrap();
    }
    assert!(matches!(plan.finish(), Err(Error::NonFiniteValue { .. })));
    ended(&plan.finish().unwrap_err());
    // One evaluation fails for good.
    let mut plan = FiniteDifference::central().planned().gradient(&x).unwrap();
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
    let mut plan = FiniteDifference::central().planned().gradient(&x).unwrap();
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
