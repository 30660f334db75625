//! No budget is ever exceeded: the caller's own count agrees with the run's, and both stay within it.

use crate::methods::any_method;
use ndarray::Array1;
use numdiff_core::FiniteDifference;
use numdiff_optim::{least_squares, minimize, stochastic};
use numdiff_problems::mgh;
use proptest::prelude::*;
use std::cell::Cell;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 150 } else { 400 }))]

    #[test]
    fn of_minimize(
        (method, search) in any_method(1e-4),
        k in 0usize..35,
        budget in 1usize..400,
        given in any::<bool>(),
        fixed in any::<bool>(),
        holes in any::<bool>(),
    ) {
        let problem = &mgh::main()[k];
        let start = Array1::from(problem.start.clone());
        let calls = Cell::new(0_usize);
        let f = |x: &Array1<f64>| {
            calls.set(calls.get() + 1);
            // With holes, every seventh call fails.
            if holes && calls.get().is_multiple_of(7) { f64::NAN } else { problem.value(&x.to_vec()) }
        };
        let mut run = minimize(f, &start)
            .method(method.clone())
            .max_evaluations(budget)
            .max_iterations(200);
        if let Some(search) = search {
            run = run.search(search);
        }
        if given {
            run = run.gradient(|x: &Array1<f64>| problem.gradient(&x.to_vec()));
        } else if fixed {
            run = run.difference(FiniteDifference::central());
        }
        match run.run() {
            Ok(end) => {
                prop_assert!(calls.get() <= budget, "{} of {budget}", calls.get());
                prop_assert_eq!(calls.get(), end.evaluations);
            }
            // A fixed difference that meets a hole is an error, within the budget as well.
            Err(_) => prop_assert!(calls.get() <= budget && holes),
        }
    }

    #[test]
    fn of_least_squares(k in 0usize..35, budget in 1usize..400, given in any::<bool>()) {
        let problem = &mgh::main()[k];
        let start = Array1::from(problem.start.clone());
        let calls = Cell::new(0_usize);
        let r = |x: &Array1<f64>| {
            calls.set(calls.get() + 1);
            problem.residuals(&x.to_vec()).unwrap()
        };
        let mut run = least_squares(r, &start).max_evaluations(budget);
        if given {
            run = run.jacobian(|x: &Array1<f64>| problem.jacobian(&x.to_vec()).unwrap().concat());
        }
        let fit = run.run().unwrap();
        prop_assert!(calls.get() <= budget, "{} of {budget}", calls.get());
        prop_assert_eq!(calls.get(), fit.evaluations);
    }

    #[test]
    fn of_stochastic(n in 1usize..6, budget in 1usize..80, batches in 0usize..12) {
        let calls = Cell::new(0_usize);
        let f = |x: &Array1<f64>, shift: &f64| {
            calls.set(calls.get() + 1);
            x.iter().map(|x| (x - shift).powi(2)).sum::<f64>()
        };
        let end = stochastic(f, &Array1::ones(n), (0..batches).map(|k| k as f64))
            .max_evaluations(budget)
            .run()
            .unwrap();
        prop_assert!(calls.get() <= budget, "{} of {budget}", calls.get());
        prop_assert_eq!(calls.get(), end.evaluations);
        prop_assert!(end.iterations <= batches);
    }
}
