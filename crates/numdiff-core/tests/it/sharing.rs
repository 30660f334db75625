//! On threads, a slow f is evaluated by more than one of them, whatever is differentiated.

use ndarray::{Array1, Array2};
use numdiff_core::{Adaptive, FiniteDifference};
use std::collections::HashSet;
use std::sync::Mutex;
use std::thread::{ThreadId, current, sleep};
use std::time::Duration;

/// How many threads evaluate f in a call.
fn threads(call: impl Fn(&(dyn Fn(&Array1<f64>) -> f64 + Sync))) -> usize {
    let seen: Mutex<HashSet<ThreadId>> = Mutex::default();
    call(&|x| {
        seen.lock().unwrap().insert(current().id());
        sleep(Duration::from_millis(1));
        x.iter().map(|x| x.sin()).product()
    });
    seen.into_inner().unwrap().len()
}

#[test]
fn slow_functions_are_shared_between_threads() {
    let x = Array1::linspace(0.5, 1.5, 12);
    let at = |rows, n| Array2::from_shape_fn((rows, n), |(row, i)| 0.5 + 0.1 * (row + i) as f64);
    let (xs, long, one) = (at(20, 2), at(2, 13), at(1, 30));
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(3)
        .build()
        .unwrap();
    pool.install(|| {
        for (name, seen) in [
            (
                "gradient",
                threads(|f| {
                    drop(
                        FiniteDifference::central()
                            .plan()
                            .gradient(&x)
                            .with_threads(3)
                            .parallel(f)
                            .unwrap(),
                    )
                }),
            ),
            (
                "hessian",
                threads(|f| {
                    drop(
                        FiniteDifference::central()
                            .plan()
                            .hessian(&x)
                            .with_threads(3)
                            .parallel(f)
                            .unwrap(),
                    )
                }),
            ),
            (
                "adaptive gradient",
                threads(|f| {
                    drop(
                        Adaptive::new()
                            .plan()
                            .gradient(&x)
                            .with_threads(3)
                            .parallel(f)
                            .unwrap(),
                    )
                }),
            ),
            (
                "gradients at many points",
                threads(|f| {
                    drop(
                        FiniteDifference::central()
                            .plan()
                            .gradient_rows(&xs)
                            .with_threads(3)
                            .parallel(f)
                            .unwrap(),
                    )
                }),
            ),
            (
                "adaptive gradients at two points",
                threads(|f| {
                    drop(
                        Adaptive::new()
                            .plan()
                            .gradient_rows(&long)
                            .with_threads(3)
                            .parallel(f)
                            .unwrap(),
                    )
                }),
            ),
            (
                "adaptive gradients at one point",
                threads(|f| {
                    drop(
                        Adaptive::new()
                            .plan()
                            .gradient_rows(&one)
                            .with_threads(3)
                            .parallel(f)
                            .unwrap(),
                    )
                }),
            ),
        ] {
            assert!((2..=3).contains(&seen), "{name}: {seen}");
        }
    });
}
