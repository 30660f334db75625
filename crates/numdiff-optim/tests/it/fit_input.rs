//! Settings of a fit that are refused, and those that are not.

use numdiff_optim::{Error, Fit, Loss, ParameterError, Starts, least_squares};
use std::ops::ControlFlow;

fn rejected(result: Result<Fit<Vec<f64>>, Error>, says: &str) {
    let message = match result {
        Ok(_) => panic!("accepted: {says}"),
        Err(error) => error.to_string(),
    };
    assert!(message.contains(says), "{message} instead of {says}");
}

#[test]
fn settings_that_make_no_sense() {
    let r = |x: &[f64]| vec![x[0] - 1.0, x[1] + 2.0, x[0] * x[1]];
    let x = vec![1.0, 2.0];
    rejected(
        least_squares(r, &x).sigma(&[1.0, 0.0, 1.0]).run(),
        "sigma[1]",
    );
    rejected(
        least_squares(r, &x).sigma(&[1.0, 1.0, -1.0]).run(),
        "sigma[2]",
    );
    rejected(
        least_squares(r, &x).sigma(&[1.0, f64::NAN, 1.0]).run(),
        "sigma[1]",
    );
    rejected(least_squares(r, &x).sigma(&[1.0, 1.0]).run(), "sigma has 2");
    rejected(
        least_squares(r, &x).absolute_sigma().run(),
        "absolute_sigma",
    );
    rejected(least_squares(r, &x).fixed(&[0, 1]).run(), "fixed");
    rejected(least_squares(r, &x).fixed(&[2]).run(), "fixed");
    rejected(
        least_squares(r, &x).bounds(&x, &x).run(),
        "no parameter free",
    );
    rejected(
        least_squares(r, &x).loss(Loss::Huber(0.0)).run(),
        "scale of the loss",
    );
    rejected(
        least_squares(r, &x).loss(Loss::Cauchy(-1.0)).run(),
        "scale of the loss",
    );
    rejected(
        least_squares(r, &x).names(["a", "a"]).run(),
        "names holds `a` twice",
    );
    rejected(least_squares(r, &x).names(["a"]).run(), "names has 1");
    rejected(
        least_squares(r, &x).typical(&[1.0, 0.0]).run(),
        "typical[1]",
    );
    rejected(least_squares(r, &x).noise(-1.0).run(), "noise");
    let fit = least_squares(r, &x).run().unwrap();
    for level in [0.0, 1.0, -0.5, 95.0, f64::NAN] {
        assert!(
            fit.profile(r, 0, level)
                .unwrap_err()
                .to_string()
                .contains("level")
        );
        assert!(
            fit.band(r, level)
                .unwrap_err()
                .to_string()
                .contains("level")
        );
    }
    let few = Starts::latin_hypercube(&[0.0], &[1.0], 5, 1);
    assert!(
        least_squares(r, &x)
            .run_from(&few)
            .unwrap_err()
            .to_string()
            .contains("box of starts")
    );
    let reversed = Starts::latin_hypercube(&[0.0, 1.0], &[1.0, 0.0], 5, 1);
    assert!(
        least_squares(r, &x)
            .run_from(&reversed)
            .unwrap_err()
            .to_string()
            .contains("box of starts[1]")
    );
    let none = Starts::latin_hypercube(&[0.0, 0.0], &[1.0, 1.0], 0, 1);
    assert!(
        least_squares(r, &x)
            .run_from(&none)
            .unwrap_err()
            .to_string()
            .contains("starts")
    );
    let some = Starts::latin_hypercube(&[0.0, 0.0], &[1.0, 1.0], 3, 1);
    let saved = least_squares(r, &x).run().unwrap().checkpoint;
    let watched = least_squares(r, &x).on_iteration(|_| ControlFlow::Continue(()));
    for (run, other) in [
        (watched, "on_iteration"),
        (least_squares(r, &x).resume(saved), "resume"),
    ] {
        let error = run.run_from(&some).unwrap_err().to_string();
        assert!(
            error.contains("run_from") && error.contains(other),
            "{error}"
        );
    }
}

/// More parameters than residuals: the residuals are met, and the combination that is left open is told.
#[test]
fn more_parameters_than_residuals() {
    let r = |x: &[f64]| vec![x[0] + x[1] - 3.0];
    let fit = least_squares(r, &vec![0.0, 0.0]).run().unwrap();
    assert!(fit.value < 1e-20, "{fit}");
    assert_eq!(fit.standard_errors().of(0), ParameterError::Undetermined);
    assert_eq!(fit.undetermined().len(), 1);
    assert_eq!(fit.degrees_of_freedom(), 0);
}
