//! The streaming Hessian against the general way and the plan: the same bits, counts and errors.

use ndarray::{Array1, Array2, array};
use numdiff_core::{Error, FiniteDifference, Function, Moves, Step, Workspace};
use proptest::prelude::*;
use std::cell::{Cell, RefCell};

/// A closure as the plan's drivers take it.
struct Told<F> {
    f: F,
    x: Vec<f64>,
}

impl<F: FnMut(&Array1<f64>) -> Result<f64, String>> Function for Told<F> {
    type Error = String;
    fn begin(&mut self, x: &[f64]) -> Result<(), String> {
        self.x = x.to_vec();
        Ok(())
    }
    fn moved(&mut self, moves: Moves<'_>, values: &mut Vec<f64>) -> Result<(), String> {
        let mut at = Array1::from(self.x.clone());
        moves.for_each(|i, to| at[i] = to);
        values.push((self.f)(&at)?);
        Ok(())
    }
}

/// NaN, an infinity or a failure where the sum falls into one of these classes.
fn f(x: &Array1<f64>, trouble: u64) -> Result<f64, String> {
    let mut sum = 0.0;
    for i in 0..x.len() {
        sum += x[i] * x[i] * x[(i + 1) % x.len()] + (x[i] / 3.0).sin();
    }
    match (trouble > 0).then_some(sum.to_bits() % (16 * trouble.max(1))) {
        Some(0) => Err("no value here".into()),
        Some(1) => Ok(f64::NAN),
        Some(2) => Ok(f64::INFINITY),
        _ => Ok(sum),
    }
}

/// Bits of a result, or the error as text: it holds every number.
fn told(result: Result<Array2<f64>, Error>) -> Result<Vec<u64>, String> {
    let bits = |h: Array2<f64>| h.iter().map(|v| v.to_bits()).collect();
    result.map(bits).map_err(|error| error.to_string())
}

proptest! {
    #[test]
    fn hessians_are_those_of_the_general_way(
        x in prop::collection::vec(
            prop_oneof![
                8 => -10.0..10.0f64,
                1 => Just(0.0),
                1 => -1e14..1e14f64,
                1 => prop::num::f64::ANY,
                // A step crosses to wider or narrower neighbors.
                1 => (-30..30i32, -1..=1i8).prop_map(|(k, at)| {
                    let x = 2f64.powi(k / 2) * if k % 2 == 0 { 1.0 } else { -1.0 };
                    match at { -1 => x.next_down(), 0 => x, _ => x.next_up() }
                }),
            ],
            0..9,
        ),
        step in 0usize..6,
        value_given in any::<bool>(),
        trouble in prop_oneof![2 => Just(0u64), 1 => 1u64..40],
    ) {
        let x = Array1::from(x);
        let n = x.len();
        let central = FiniteDifference::central();
        let method = match step {
            0 => central,
            1 => central.with_step(Step::Absolute(1e-3)),
            2 => central.with_step(Step::Relative(3e-4)),
            3 => central.with_step(Step::Noise(1e-9)),
            4 => central.with_step(Step::PerCoordinate((0..n).map(|i| 2f64.powi(-9 - i as i32)).collect())),
            _ => central.with_step(Step::Absolute(1e-3)).with_nominal_divisor(),
        };
        let given: Vec<f64> = value_given.then(|| f(&x, 0).unwrap()).into_iter().collect();
        let mut workspace = Workspace::new();
        let mut out = Array2::zeros((n, n));
        let (calls, points) = (Cell::new(0), RefCell::new(Vec::new()));
        let recorded = |at: &Array1<f64>| {
            calls.set(calls.get() + 1);
            points.borrow_mut().push(at.to_vec());
            f(at, trouble)
        };
        let streamed = method.plan().hessian(&x).given(&given).write_to(&mut out, &mut workspace).serial(recorded);
        let streamed = told(streamed.map(|()| out));
        let (count, seen) = (calls.take(), points.take());
        prop_assert_eq!(workspace.evaluations(), count);
        if streamed.is_ok() {
            prop_assert_eq!(count, n * n + n + usize::from(!value_given));
        }

        // The general serial way, which a strided x takes: the same points, and the very same error.
        let mut wide = Array2::zeros((n, 2));
        wide.column_mut(0).assign(&x);
        let strided = wide.column(0);
        let general = told(method.plan().hessian(&strided).given(&given).serial(recorded));
        prop_assert_eq!(&streamed, &general);
        let (again, seen_again) = (calls.take(), points.take());
        prop_assert_eq!(count, again);
        let bits = |points: Vec<Vec<f64>>| -> Vec<u64> {
            points.into_iter().flatten().map(f64::to_bits).collect()
        };
        prop_assert_eq!(bits(seen), bits(seen_again));

        // The plan: the same values. With several points at fault it may name another one.
        let mut function = Told { f: |at: &Array1<f64>| f(at, trouble), x: Vec::new() };
        let planned = method.plan().hessian(&x).given(&given).serial_function(&mut function);
        let planned = told(planned);
        if streamed.is_ok() || planned.is_ok() {
            prop_assert_eq!(&streamed, &planned);
        }
    }
}

#[test]
fn single_precision_is_that_of_the_general_way() {
    let x = array![0.3f32, -7.0, 1e3, 0.0];
    let f = |x: &Array1<f32>| x.iter().map(|v| v * v * x[0]).sum::<f32>();
    let method = FiniteDifference::central().single();
    let mut wide = Array2::zeros((4, 2));
    wide.column_mut(0).assign(&x);
    assert_eq!(
        method.hessian(f, &x).unwrap(),
        method.hessian(f, &wide.column(0)).unwrap()
    );
}

#[test]
fn a_panic_leaves_a_workspace_that_serves_again() {
    let x = array![1.0, 2.0, 3.0];
    let (mut h, mut workspace) = (Array2::zeros((3, 3)), Workspace::new());
    let central = FiniteDifference::central();
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let f = |x: &Array1<f64>| {
            assert!(x[1] <= 2.0, "on purpose");
            x.sum()
        };
        central
            .plan()
            .hessian(&x)
            .write_to(&mut h, &mut workspace)
            .serial(f)
    }));
    assert!(caught.is_err());
    assert_eq!(x, array![1.0, 2.0, 3.0]);
    let f = |x: &Array1<f64>| x[0] * x[1] * x[2];
    central
        .plan()
        .hessian(&x)
        .write_to(&mut h, &mut workspace)
        .serial(f)
        .unwrap();
    assert_eq!(h, central.hessian(f, &x).unwrap());
    assert_eq!(workspace.evaluations(), 13);
}
