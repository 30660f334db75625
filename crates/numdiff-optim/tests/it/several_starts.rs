//! Fits from many starts.

use numdiff_optim::{Starts, least_squares};

/// Four minima in two parameters.
fn wells(p: &[f64; 2]) -> [f64; 4] {
    [
        p[0] * p[0] - 1.0,
        p[1] * p[1] - 4.0,
        0.1 * (p[0] - 1.0),
        0.1 * (p[1] - 2.0),
    ]
}

/// Both designs find all minima, and a budget is for all runs together.
#[test]
fn several_starts_share_a_budget() {
    for design in [Starts::latin_hypercube, Starts::sobol] {
        let starts = design(&[-4.0, -4.0], &[4.0, 4.0], 32, 3);
        let calls = std::cell::Cell::new(0);
        let counted = |p: &[f64; 2]| {
            calls.set(calls.get() + 1);
            wells(p)
        };
        let free = least_squares(counted, &[3.0, 3.0])
            .run_from(&starts)
            .unwrap();
        assert_eq!((free.found.len(), free.failed, free.left_out), (4, 0, 0));
        assert_eq!(calls.get(), free.evaluations);
        for budget in [1, 20, 33, 200, 700, free.evaluations] {
            calls.set(0);
            let run = least_squares(counted, &[3.0, 3.0]).max_evaluations(budget);
            let some = run.run_from(&starts).unwrap();
            assert_eq!(calls.get(), some.evaluations, "{budget}");
            assert!(some.evaluations <= budget, "{} {budget}", some.evaluations);
            let ended: usize = some.found.iter().map(|found| found.starts).sum();
            assert_eq!(ended + some.failed + some.left_out, 33, "{budget}");
        }
    }
}

/// Runs side by side end in the same bits, with a budget and without.
#[test]
fn several_starts_on_threads() {
    let starts = Starts::sobol(&[-4.0, -4.0], &[4.0, 4.0], 32, 3);
    for budget in [None, Some(300)] {
        let set_up = || {
            let run = least_squares(wells, &[3.0, 3.0]);
            match budget {
                Some(budget) => run.max_evaluations(budget),
                None => run,
            }
        };
        let serial = set_up().run_from(&starts).unwrap();
        let threads = set_up().threads().run_from(&starts).unwrap();
        assert_eq!(serial.found.len(), threads.found.len());
        assert_eq!(
            (serial.failed, serial.left_out, serial.evaluations),
            (threads.failed, threads.left_out, threads.evaluations)
        );
        for (a, b) in serial.found.iter().zip(&threads.found) {
            assert_eq!((a.starts, a.fit.x), (b.starts, b.fit.x));
            assert_eq!(a.fit.value.to_bits(), b.fit.value.to_bits());
        }
    }
}
