//! `gradient_rows` through every driver: row for row the gradient, the same bits and counts.

use ndarray::{Array1, Array2, Axis, array};
use numdiff_core::{
    Adaptive, AskTell, Error, Estimate, FiniteDifference, Function, Moves, Workspace,
};
use proptest::{collection::vec, prelude::*};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Noise in the last rows, so that statuses and counts differ between rows.
fn f(x: &Array1<f64>) -> f64 {
    let noise = if x[0] > 5.0 {
        (1e9 * x[1]).sin() * 1e-9
    } else {
        0.0
    };
    (x[0] * x[1]).sin() + x[2].powi(3) / (1.0 + x[0] * x[0]) + noise
}

fn rows(count: usize) -> Array2<f64> {
    Array2::from_shape_fn((count, 3), |(i, j)| 0.3 + 0.17 * i as f64 - 0.4 * j as f64)
}

/// Values of both kinds of result; of an estimate all of it.
trait Same {
    fn same(&self, other: &Self) -> bool;
}
impl Same for Array2<f64> {
    fn same(&self, other: &Self) -> bool {
        self.iter()
            .map(|v| v.to_bits())
            .eq(other.iter().map(|v| v.to_bits()))
    }
}
impl Same for Estimate<Array2<f64>> {
    fn same(&self, other: &Self) -> bool {
        let counts = (self.evaluations, self.status) == (other.evaluations, other.status);
        let arrays = [
            (&self.value, &other.value),
            (&self.error, &other.error),
            (&self.step, &other.step),
        ];
        counts && arrays.iter().all(|(a, b)| a.same(b))
    }
}

/// A function that is told what moved.
struct Told<F>(Array1<f64>, F);
impl<F: Fn(&Array1<f64>) -> f64> Function for Told<F> {
    type Error = std::convert::Infallible;

    fn begin(&mut self, x: &[f64]) -> Result<(), Self::Error> {
        self.0 = Array1::from(x.to_vec());
        Ok(())
    }

    fn moved(&mut self, moves: Moves<'_>, values: &mut Vec<f64>) -> Result<(), Self::Error> {
        let mut point = self.0.clone();
        moves.for_each(|i, to| point[i] = to);
        values.push(self.1(&point));
        Ok(())
    }
}

macro_rules! through_every_driver {
    ($method:expr, $zeros:expr) => {
        for count in [1, 3, 70] {
            let (method, xs) = ($method, rows(count));
            let calls = AtomicUsize::new(0);
            let slow = AtomicUsize::new(0);
            let f = |x: &Array1<f64>| {
                calls.fetch_add(1, Relaxed);
                // Long enough for rows, or the lines of a row, to be shared.
                std::thread::sleep(std::time::Duration::from_micros(slow.load(Relaxed) as u64));
                f(x)
            };
            let serial = method.gradient_rows(f, &xs).unwrap();
            let expected = calls.swap(0, Relaxed);
            let mut workspace = Workspace::new();
            let mut out = $zeros(xs.raw_dim());
            let check = |found: &_, workspace: Option<&Workspace>| {
                assert!(serial.same(found), "{count} rows");
                assert_eq!(calls.swap(0, Relaxed), expected, "{count} rows");
                if let Some(workspace) = workspace {
                    assert_eq!(workspace.evaluations(), expected, "{count} rows");
                }
            };
            method
                .plan()
                .gradient_rows(&xs)
                .write_to(&mut out, &mut workspace)
                .serial(f)
                .unwrap();
            check(&out, Some(&workspace));
            for (threads, micros) in [(1, 0), (2, 0), (2, 30), (7, 30)] {
                slow.store(micros, Relaxed);
                check(
                    &method
                        .plan()
                        .gradient_rows(&xs)
                        .with_threads(threads)
                        .parallel(f)
                        .unwrap(),
                    None,
                );
                method
                    .plan()
                    .gradient_rows(&xs)
                    .with_threads(threads)
                    .write_to(&mut out, &mut workspace)
                    .parallel(f)
                    .unwrap();
                check(&out, Some(&workspace));
            }
            slow.store(0, Relaxed);
            let mut plan = method.plan().gradient_rows(&xs).ask_tell().unwrap();
            loop {
                let jobs = plan.ask().unwrap();
                if jobs.is_empty() {
                    break;
                }
                for job in jobs.iter().rev() {
                    let point = Array1::from(job.point(plan.x()));
                    plan.tell(job.id, [f(&point)]).unwrap();
                }
                plan = AskTell::from_bytes(&plan.to_bytes()).unwrap();
            }
            check(&plan.finish().unwrap(), None);
            let mut told = Told(Array1::zeros(0), f);
            let run = method.plan().gradient_rows(&xs);
            check(&run.serial_function(&mut told).unwrap(), None);
            let run = method.plan().gradient_rows(&xs).with_threads(3);
            let make = || Told(Array1::zeros(0), f);
            check(&run.parallel_functions(make).unwrap(), None);
            let values = |points: &Array2<f64>| points.map_axis(Axis(1), |x| f(&x.to_owned()));
            check(
                &method.plan().gradient_rows(&xs).batched(values).unwrap(),
                None,
            );
            let write = |points: &Array2<f64>, values: &mut [f64]| {
                for (x, value) in points.outer_iter().zip(values.iter_mut()) {
                    *value = f(&x.to_owned());
                }
            };
            // Once more in a workspace that has seen another number of rows.
            for _ in 0..2 {
                let (few, mut g) = (rows(2), $zeros(ndarray::Ix2(2, 3)));
                method
                    .plan()
                    .gradient_rows(&few)
                    .write_to(&mut g, &mut workspace)
                    .batched_in_place(write)
                    .unwrap();
                calls.store(0, Relaxed);
                method
                    .plan()
                    .gradient_rows(&xs)
                    .write_to(&mut out, &mut workspace)
                    .batched_in_place(write)
                    .unwrap();
                check(&out, Some(&workspace));
            }
        }
    };
}

#[test]
fn have_the_same_bits_by_every_driver() {
    for method in [
        FiniteDifference::central(),
        FiniteDifference::forward().with_accuracy(3),
    ] {
        through_every_driver!(&method, Array2::zeros);
    }
    through_every_driver!(&Adaptive::new(), |shape| Estimate::blank(Array2::zeros(
        shape
    )));
}

#[test]
fn are_gradients() {
    let xs = rows(5);
    let found = Adaptive::new().gradient_rows(f, &xs).unwrap();
    for (i, x) in xs.outer_iter().enumerate() {
        let gradient = Adaptive::new().gradient(f, &x).unwrap();
        assert_eq!(found.value.row(i), gradient.value);
        assert_eq!(found.error.row(i), gradient.error);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Settings for each coordinate hold in every row: the bits of the gradient at it.
    #[test]
    fn take_settings_for_each_coordinate(
        points in vec(-2.0..2.0f64, 3 * 4),
        room in vec(1e-9..1e-2f64, 3),
        steps in vec(1e-6..1e-3f64, 3),
        side in 0..3,
    ) {
        let mut xs = Array2::from_shape_vec((4, 3), points).unwrap();
        // The same in all rows, so that one pair of bounds is around each.
        xs.column_mut(1).fill(0.5);
        let low = [-2.0, 0.5 - room[1], -2.0 - room[2]];
        let high = [2.0 + room[0], 0.5 + room[0] * f64::from(side), 2.0];
        let fixed = match side {
            0 => FiniteDifference::forward(),
            1 => FiniteDifference::backward(),
            _ => FiniteDifference::central(),
        };
        macro_rules! holds {
            ($method:expr, |$found:ident| $value:expr) => {
                let (method, count) = ($method, AtomicUsize::new(0));
                let f = |x: &Array1<f64>| {
                    count.fetch_add(1, Relaxed);
                    f(x)
                };
                let $found = method.gradient_rows(f, &xs).unwrap();
                let (all, total) = ($value, count.swap(0, Relaxed));
                for (row, x) in all.outer_iter().zip(xs.outer_iter()) {
                    let $found = method.gradient(f, &x).unwrap();
                    prop_assert_eq!(&row, &$value);
                }
                prop_assert_eq!(total, count.swap(0, Relaxed));
                let shared = method.plan().gradient_rows(&xs).with_threads(2).parallel(f).unwrap();
                let $found = shared;
                prop_assert_eq!(&$value, &all);
                prop_assert_eq!(total, count.swap(0, Relaxed));
                let batch = |points: &Array2<f64>| points.map_axis(Axis(1), |x| f(&x.to_owned()));
                let $found = method.plan().gradient_rows(&xs).batched(batch).unwrap();
                prop_assert_eq!(&$value, &all);
                prop_assert_eq!(total, count.swap(0, Relaxed));
            };
        }
        holds!(fixed.clone().with_step(&steps), |found| found);
        holds!(fixed.with_bounds(low, high), |found| found);
        let adaptive = Adaptive::new().with_typical(&steps);
        holds!(adaptive.clone(), |found| found.value);
        holds!(adaptive.with_bounds(low, high), |found| found.error);
    }
}

/// Rows in more chunks than one, whose ends are within a row.
#[test]
fn are_the_same_in_parts() {
    let xs = Array2::from_shape_fn((3000, 3), |(i, j)| 0.3 + 1e-3 * i as f64 - 0.4 * j as f64);
    let method = FiniteDifference::forward();
    let serial = method.gradient_rows(f, &xs).unwrap();
    let values = |points: &Array2<f64>| points.map_axis(Axis(1), |x| f(&x.to_owned()));
    let found = method.plan().gradient_rows(&xs).batched(values).unwrap();
    assert!(found.same(&serial));
    let wide = Array2::from_shape_fn((3, 1500), |(i, j)| (i * j) as f64 * 1e-3);
    let sum = |x: &Array1<f64>| x.iter().map(|v| v.sin()).sum::<f64>();
    let count = AtomicUsize::new(0);
    let counted = |x: &Array1<f64>| {
        count.fetch_add(1, Relaxed);
        sum(x)
    };
    let serial = method.gradient_rows(sum, &wide).unwrap();
    let run = method.plan().gradient_rows(&wide).progress(|_, _| ());
    assert!(run.serial(counted).unwrap().same(&serial));
    assert_eq!(count.into_inner(), 3 * 1501);
}

#[test]
fn errors_count_through_all_rows_and_points_are_checked_first() {
    let method = FiniteDifference::central();
    let failing = |x: &Array1<f64>| if x[0] > 0.5 { Err("too far") } else { Ok(x[1]) };
    let error = method.gradient_rows(failing, &rows(3)).unwrap_err();
    let Error::Function { coordinate, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(coordinate, 2 * 3);
    let mut xs = rows(3);
    xs[(2, 1)] = f64::NAN;
    let never = |_: &Array1<f64>| -> f64 { panic!("x was not checked") };
    let error = method.gradient_rows(never, &xs).unwrap_err();
    assert!(
        matches!(error, Error::NotFinite { index: 7, .. }),
        "{error}"
    );
    let mut plan = method.plan().gradient_rows(&rows(3)).ask_tell().unwrap();
    let error = plan.begin(&[1.0; 8]).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Length {
                found: 8,
                expected: 9,
                ..
            }
        ),
        "{error}"
    );
    plan.begin(&[0.25; 6]).unwrap();
    assert_eq!(plan.x(), [0.25; 2]);
}

#[test]
fn of_a_batch_are_evaluated_together() {
    let (xs, mut calls) = (rows(1000), Vec::new());
    let values = |points: &Array2<f64>| {
        calls.push(points.nrows());
        points.map_axis(Axis(1), |x| f(&x.to_owned()))
    };
    let method = FiniteDifference::central();
    method.plan().gradient_rows(&xs).batched(values).unwrap();
    assert_eq!(calls, [6 * 1000]);
}

#[test]
fn fail_as_the_first_row_that_fails() {
    let xs = rows(70);
    let failing = |x: &Array1<f64>| if x[0] > 4.0 { Err("too far") } else { Ok(f(x)) };
    let method = FiniteDifference::central();
    let mut serial = Array2::zeros(xs.raw_dim());
    let mut workspace = Workspace::new();
    let error = method
        .plan()
        .gradient_rows(&xs)
        .write_to(&mut serial, &mut workspace)
        .serial(failing)
        .unwrap_err();
    let slow = |x: &Array1<f64>| {
        std::thread::sleep(std::time::Duration::from_micros(30));
        failing(x)
    };
    let mut shared = Array2::zeros(xs.raw_dim());
    let found = method
        .plan()
        .gradient_rows(&xs)
        .with_threads(3)
        .write_to(&mut shared, &mut workspace)
        .parallel(slow)
        .unwrap_err();
    assert_eq!(found.to_string(), error.to_string());
    // What was written is what stands before the row that fails.
    assert_eq!(shared, serial);
}

#[test]
fn that_make_no_sense_are_errors() {
    let (none, xs) = (Array2::<f64>::zeros((0, 3)), rows(4));
    let method = FiniteDifference::central();
    let values = |points: &Array2<f64>| points.map_axis(Axis(1), |x| f(&x.to_owned()));
    for found in [
        method.gradient_rows(f, &none),
        method.plan().gradient_rows(&none).parallel(f),
        method.plan().gradient_rows(&none).batched(values),
    ] {
        assert!(matches!(found, Err(Error::Empty { argument: "xs" })));
    }
    let two = |points: &Array2<f64>| {
        let value = points.map_axis(Axis(1), |x| f(&x.to_owned()));
        ndarray::stack![Axis(1), value, value]
    };
    let found = method.plan().gradient_rows(&xs).batched(two);
    assert!(matches!(
        found,
        Err(Error::Length {
            found: 2,
            expected: 1,
            ..
        })
    ));
    let short = |_: &Array2<f64>| Array1::<f64>::zeros(7);
    let found = method.plan().gradient_rows(&xs).batched(short);
    assert!(matches!(
        found,
        Err(Error::Length {
            found: 7,
            expected: 24,
            ..
        })
    ));
    let found = method.plan().gradient_rows(&xs).with_threads(0).parallel(f);
    assert!(matches!(
        found,
        Err(Error::OutOfRange {
            argument: "threads",
            ..
        })
    ));
    let (mut flat, mut workspace) = (Array2::zeros((3, 4)), Workspace::new());
    let found = method
        .plan()
        .gradient_rows(&xs)
        .write_to(&mut flat, &mut workspace)
        .parallel(f);
    assert!(matches!(
        found,
        Err(Error::Length {
            argument: "rows of out",
            ..
        })
    ));
}

#[test]
fn cost_the_same_on_threads_where_points_lie_at_bounds() {
    let method = FiniteDifference::central().with_bounds([0.0, -9.0], [9.0, 9.0]);
    let xs = array![[1.0, 1.0], [0.0, 1.0], [2.0, -9.0]];
    let calls = AtomicUsize::new(0);
    let f = |x: &Array1<f64>| {
        calls.fetch_add(1, Relaxed);
        x.sum().sin()
    };
    let serial = method.plan().gradient_rows(&xs).serial(f).unwrap();
    let count = calls.swap(0, Relaxed);
    for threads in 1..4 {
        let rows = method.plan().gradient_rows(&xs).with_threads(threads);
        assert_eq!(rows.parallel(f).unwrap(), serial);
        assert_eq!(calls.swap(0, Relaxed), count, "{threads} threads");
    }
}
