//! Constraints with threads, batches, budgets, observers and slices: the bits of the serial run.

use ndarray::ArrayView2;
use numdiff_optim::{Checkpoint, Error, Minimum, Status, minimize};
use std::cell::Cell;
use std::ops::ControlFlow;

/// f, two equalities and three inequalities of five unknowns; not finite where x[0] is above 2.5.
fn simulate(x: &[f64]) -> (f64, Vec<f64>, Vec<f64>) {
    let f = x
        .iter()
        .enumerate()
        .map(|(i, x)| (x - 0.5 * i as f64).powi(4) + x * x);
    let barrier = if x[0] > 2.5 { f64::NAN } else { 0.0 };
    let h = vec![x[0] * x[1] - 0.5, x[2] + x[3] - x[4].sin() - 1.0];
    let g = vec![
        4.0 - x.iter().map(|x| x * x).sum::<f64>(),
        x[0] - 0.1,
        x[3] + 0.2,
    ];
    (f.sum::<f64>() + barrier, h, g)
}

const START: [f64; 5] = [2.4, 0.3, 1.0, -0.4, 0.7];

fn same(a: &Minimum<Vec<f64>>, b: &Minimum<Vec<f64>>) {
    assert_eq!(a.x, b.x);
    assert_eq!(a.status, b.status);
    assert_eq!((a.evaluations, a.iterations), (b.evaluations, b.iterations));
    assert_eq!(a.multipliers, b.multipliers);
    assert_eq!(a.trajectory.records.len(), b.trajectory.records.len());
    for (a, b) in a.trajectory.records.iter().zip(&b.trajectory.records) {
        assert_eq!((&a.x, a.value, a.violation), (&b.x, b.value, b.violation));
        assert_eq!(a.evaluations, b.evaluations);
    }
}

fn serial() -> Minimum<Vec<f64>> {
    let best = minimize(simulate, &START[..]).record().run().unwrap();
    assert!(best.status.is_success(), "{}", best.status);
    best
}

#[test]
fn a_batch_gives_the_bits_of_the_serial_run() {
    let (largest, points) = (Cell::new(0), Cell::new(0));
    let batch = |rows: ArrayView2<'_, f64>| {
        largest.set(largest.get().max(rows.nrows()));
        points.set(points.get() + rows.nrows());
        let all = rows.rows().into_iter();
        all.map(|row| simulate(&row.to_vec())).collect::<Vec<_>>()
    };
    let calls = Cell::new(0);
    let one = |x: &[f64]| {
        calls.set(calls.get() + 1);
        simulate(x)
    };
    let best = minimize(one, &START[..])
        .batch(batch)
        .record()
        .run()
        .unwrap();
    same(&best, &serial());
    assert_eq!(calls.get() + points.get(), best.evaluations);
    assert!(largest.get() >= 5 && points.get() > calls.get());
}

/// f alone comes from the batch, the constraints from closures of their own.
#[test]
fn a_batch_of_f_with_constraints_beside_it() {
    let batch = |rows: ArrayView2<'_, f64>| {
        let all = rows.rows().into_iter();
        all.map(|row| simulate(&row.to_vec()).0)
            .collect::<Vec<f64>>()
    };
    let beside = || {
        minimize(|x: &[f64]| simulate(x).0, &START[..])
            .equality(|x: &[f64]| simulate(x).1)
            .inequality(|x: &[f64]| simulate(x).2)
            .record()
    };
    let alone = beside().run().unwrap();
    same(&beside().batch(batch).run().unwrap(), &alone);
    same(&alone, &serial());
    let short = beside().batch(|_: ArrayView2<'_, f64>| vec![1.0]).run();
    assert!(short.is_err_and(|error| error.to_string().contains("the values of the batch")));
    // A batch that forgets the constraints.
    let forgets = |rows: ArrayView2<'_, f64>| vec![1.0; rows.nrows()];
    let error = minimize(simulate, &START[..]).batch(forgets).run();
    assert!(matches!(
        error,
        Err(Error::ConstraintCount {
            found: 0,
            expected: 2,
            ..
        })
    ));
}

#[test]
fn threads_give_the_bits_of_the_serial_run() {
    same(
        &minimize(simulate, &START[..])
            .threads()
            .record()
            .run()
            .unwrap(),
        &serial(),
    );
    let f = |x: &[f64]| simulate(x).0;
    let beside = minimize(f, &START[..])
        .equality(|x: &[f64]| simulate(x).1)
        .inequality(|x: &[f64]| simulate(x).2);
    same(&beside.threads().record().run().unwrap(), &serial());
}

/// Budgets are exact, and slices by a batch, or by turns with the serial run, end as the whole does.
#[test]
fn slices_by_a_batch() {
    let whole = serial();
    for slice in [2, 4, 9] {
        let calls = Cell::new(0);
        let mut from: Option<Checkpoint> = None;
        let (mut limit, mut resumes) = (0, 0);
        let part = loop {
            limit += slice;
            let one = |x: &[f64]| {
                calls.set(calls.get() + 1);
                simulate(x)
            };
            let batch = |rows: ArrayView2<'_, f64>| {
                calls.set(calls.get() + rows.nrows());
                let all = rows.rows().into_iter();
                all.map(|row| simulate(&row.to_vec())).collect::<Vec<_>>()
            };
            let mut run = minimize(one, &START[..]).max_evaluations(limit);
            if (limit / slice) % 3 != 0 {
                run = run.batch(batch);
            }
            if let Some(from) = from.take() {
                // A resume sees that f is the same.
                resumes += 1;
                run = run.resume(from);
            }
            let part = run.run().unwrap();
            assert_eq!(calls.get(), part.evaluations);
            if part.status != Status::OutOfEvaluations {
                break part;
            }
            assert_eq!(part.evaluations, limit);
            from = Some(part.checkpoint);
        };
        assert_eq!(
            (part.x, part.status),
            (whole.x.clone(), whole.status.clone())
        );
        assert_eq!(calls.get(), whole.evaluations + resumes);
    }
}

/// An observer sees every point once and may save or end the run there.
#[test]
fn observers_save_and_stop() {
    let whole = serial();
    let mut seen = Vec::new();
    let mut saved = None;
    let stopped = minimize(simulate, &START[..])
        .on_iteration(|it| {
            seen.push(it.iteration);
            if it.iteration < 2 {
                return ControlFlow::Continue(());
            }
            saved = Some(it.checkpoint());
            ControlFlow::Break(())
        })
        .run()
        .unwrap();
    assert_eq!(stopped.status, Status::Stopped);
    assert_eq!(seen, [0, 1, 2]);
    let on = minimize(simulate, &START[..])
        .resume(saved.unwrap())
        .run()
        .unwrap();
    // The resume takes one evaluation to see that f is the same.
    assert_eq!((on.x, on.evaluations), (whole.x, whole.evaluations + 1));
    assert_eq!(on.status, whole.status);
}
