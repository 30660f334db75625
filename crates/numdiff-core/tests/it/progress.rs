//! What a run tells who watches it, by every driver: nothing of the result changes.

use ndarray::{Array1, Array2, Axis, array};
use numdiff_core::{
    Adaptive, Error, Estimate, FiniteDifference, Function, Method, Moves, Plans, Workspace,
};
use std::cell::RefCell;
use std::sync::Mutex;

fn f(x: &Array1<f64>) -> f64 {
    (x[0] * x[1]).sin() + x[2].exp()
}

struct Plain(Vec<f64>);

impl Function for Plain {
    type Error = Error;
    fn begin(&mut self, x: &[f64]) -> Result<(), Error> {
        self.0 = x.to_vec();
        Ok(())
    }
    fn moved(&mut self, moves: Moves<'_>, values: &mut Vec<f64>) -> Result<(), Error> {
        let mut x = Array1::from(self.0.clone());
        moves.for_each(|i, to| x[i] = to);
        values.push(f(&x));
        Ok(())
    }
}

/// Counts that only grow, each followed by no more open ones than there were, from some to all.
fn is_a_course(seen: &[(usize, usize)], evaluations: usize, one_by_one: bool) {
    assert!(!seen.is_empty());
    for pair in seen.windows(2) {
        assert!(pair[1].0 > pair[0].0, "{seen:?}");
        assert!(!one_by_one || pair[1].0 == pair[0].0 + 1, "{seen:?}");
    }
    assert_eq!(seen.last(), Some(&(evaluations, 0)), "{seen:?}");
}

/// The same by every driver; `evaluations` of the whole.
fn by_every_driver<M>(plans: Plans<'_, M>, evaluations: usize)
where
    M: Method<Number = f64>,
    M::Answer<Array2<f64>>: PartialEq + std::fmt::Debug,
{
    let x = array![0.3, 0.7, 1.1];
    let expected = plans.hessian(&x).serial(f).unwrap();
    let seen = Mutex::new(Vec::new());
    let watch = |told, open| seen.lock().unwrap().push((told, open));
    let take = || std::mem::take(&mut *seen.lock().unwrap());

    assert_eq!(
        plans.hessian(&x).progress(watch).serial(f).unwrap(),
        expected
    );
    is_a_course(&take(), evaluations, true);
    let found = plans
        .hessian(&x)
        .progress(watch)
        .batched(|p| p.map_axis(Axis(1), |x| f(&x.to_owned())));
    assert_eq!(found.unwrap(), expected);
    is_a_course(&take(), evaluations, false);
    let found = plans
        .hessian(&x)
        .progress(watch)
        .serial_function(&mut Plain(Vec::new()));
    assert_eq!(found.unwrap(), expected);
    is_a_course(&take(), evaluations, true);
    {
        let run = plans.hessian(&x).progress(watch).with_threads(3);
        assert_eq!(run.parallel(f).unwrap(), expected);
        is_a_course(&take(), evaluations, true);
        let run = plans.hessian(&x).progress(watch).with_threads(3);
        assert_eq!(
            run.parallel_functions(|| Plain(Vec::new())).unwrap(),
            expected
        );
        is_a_course(&take(), evaluations, true);
    }
}

#[test]
fn is_told_by_every_driver() {
    by_every_driver(FiniteDifference::central().plan(), 13);
    let adaptive = Adaptive::new();
    let evaluations = adaptive
        .hessian(f, &array![0.3, 0.7, 1.1])
        .unwrap()
        .evaluations;
    by_every_driver(adaptive.plan(), evaluations);
}

#[test]
fn of_rows_counts_them_all() {
    let xs = Array2::from_shape_fn((5, 3), |(i, j)| 0.3 * i as f64 + 0.2 * j as f64);
    let central = FiniteDifference::central();
    let expected = central.gradient_rows(f, &xs).unwrap();
    let seen = Mutex::new(Vec::new());
    let watch = |told, open| seen.lock().unwrap().push((told, open));
    let take = || std::mem::take(&mut *seen.lock().unwrap());
    assert_eq!(
        central
            .plan()
            .gradient_rows(&xs)
            .progress(watch)
            .serial(f)
            .unwrap(),
        expected
    );
    is_a_course(&take(), 30, true);
    let run = central.plan().gradient_rows(&xs).progress(watch);
    assert_eq!(
        run.batched(|p| p.map_axis(Axis(1), |x| f(&x.to_owned())))
            .unwrap(),
        expected
    );
    is_a_course(&take(), 30, false);
    {
        let run = central
            .plan()
            .gradient_rows(&xs)
            .progress(watch)
            .with_threads(2);
        assert_eq!(run.parallel(f).unwrap(), expected);
        is_a_course(&take(), 30, true);
    }
}

#[test]
fn of_functions_of_one_variable_and_of_outputs() {
    let adaptive = Adaptive::new();
    let mut last = (0, 0);
    let run = adaptive
        .plan()
        .nth_derivative(&0.3, 2)
        .progress(|told, open| last = (told, open));
    let found = run.serial(f64::sin).unwrap();
    assert_eq!(
        (found.clone(), last),
        (
            adaptive.nth_derivative(f64::sin, 0.3, 2).unwrap(),
            (found.evaluations, 0)
        )
    );

    let (x, mut out, mut workspace) = (
        array![0.3, 0.7],
        Estimate::blank(Array2::zeros((2, 2))),
        Workspace::new(),
    );
    let run = adaptive
        .plan()
        .jacobian(&x)
        .write_to(&mut out, &mut workspace)
        .progress(|told, open| last = (told, open));
    run.serial_in_place(|x, y| {
        y[0] = x[0] * x[1];
        y[1] = x[0].sin();
    })
    .unwrap();
    let expected = adaptive
        .jacobian(|x| [x[0] * x[1], x[0].sin()], &x)
        .unwrap();
    assert_eq!((&out, last), (&expected, (expected.evaluations, 0)));
}

/// Closures need no annotation, whatever drives them; arguments that make no sense are the driver's errors.
#[test]
fn closures_are_inferred() {
    let (x, v) = (array![0.3, 0.7], array![1.0, 2.0]);
    let central = FiniteDifference::central();
    let (mut g, mut j, mut s) = (Array1::zeros(2), Array2::zeros((2, 2)), 0.0);
    let (mut workspace, mut one) = (Workspace::new(), Workspace::new());
    central.plan().gradient(&x).serial(|x| x[0] * x[1]).unwrap();
    central
        .plan()
        .gradient(&x)
        .given(&[0.21])
        .serial(|x| x[0] * x[1])
        .unwrap();
    central
        .plan()
        .gradient(&x)
        .write_to(&mut g, &mut workspace)
        .serial(|x| x[0] * x[1])
        .unwrap();
    central
        .plan()
        .gradient(&[0.3, 0.7][..])
        .write_to(&mut g, &mut Workspace::new())
        .serial(|x| x[0] * x[1])
        .unwrap();
    central
        .plan()
        .jacobian(&x)
        .serial(|x| x.mapv(f64::sin))
        .unwrap();
    central
        .plan()
        .jacobian(&x)
        .write_to(&mut j, &mut workspace)
        .serial(|x| [x[0], x[1]])
        .unwrap();
    central
        .plan()
        .jacobian(&x)
        .write_to(&mut j, &mut workspace)
        .serial_in_place(|x, y| {
            y[0] = x[0] + {
                y[1] = x[1];
                x[1]
            }
        })
        .unwrap();
    central
        .plan()
        .directional(&x, &v)
        .write_to(&mut s, &mut workspace)
        .serial(|x| x[0])
        .unwrap();
    central
        .plan()
        .nth_derivative(&0.3, 1)
        .write_to(&mut s, &mut one)
        .serial(|x| x.sin())
        .unwrap();
    central
        .plan()
        .gradient(&x)
        .batched(|p| p.column(0).to_owned())
        .unwrap();
    central
        .plan()
        .jacobian(&x)
        .write_to(&mut j, &mut workspace)
        .batched_in_place(|p, y| y.iter_mut().zip(p).for_each(|(y, x)| *y = *x))
        .unwrap();
    central
        .plan()
        .vector_hessian(&x)
        .serial(|x| [x[0] * x[1], x[1]])
        .unwrap();
    {
        central
            .plan()
            .gradient(&x)
            .parallel(|x| x[0] * x[1])
            .unwrap();
        central
            .plan()
            .jacobian(&x)
            .write_to(&mut j, &mut workspace)
            .parallel_in_place(|x, y| y.copy_from_slice(x.as_slice().unwrap()))
            .unwrap();
        central
            .plan()
            .gradient_rows(&j)
            .parallel(|x| x[0] * x[1])
            .unwrap();
    }
    let nothing: Result<f64, Error> = central.plan().mixed_partial(&x, &[]).serial(|x| x[0]);
    assert!(matches!(
        nothing,
        Err(Error::Empty {
            argument: "coordinates"
        })
    ));
    // What is seen need not be sent anywhere but to the watch.
    let seen = RefCell::new(0);
    central
        .plan()
        .gradient(&x)
        .serial(|x| {
            *seen.borrow_mut() += 1;
            x[0]
        })
        .unwrap();
    assert_eq!(seen.take(), 4);
}
