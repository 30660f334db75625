//! The streaming path against the plan: the same bits, counts and errors.

use ndarray::{Array1, Array2, array};
use numdiff_core::{Error, FiniteDifference, Step, Workspace};
use numdiff_core::{Function, Moves};
use proptest::prelude::*;

/// A closure as the plan's drivers take it.
struct Told<F> {
    f: F,
    x: Vec<f64>,
}

impl<F: FnMut(&Array1<f64>) -> Result<Vec<f64>, String>> Function for Told<F> {
    type Error = String;
    fn begin(&mut self, x: &[f64]) -> Result<(), String> {
        self.x = x.to_vec();
        Ok(())
    }
    fn moved(&mut self, moves: Moves<'_>, values: &mut Vec<f64>) -> Result<(), String> {
        let mut at = Array1::from(self.x.clone());
        moves.for_each(|i, to| at[i] = to);
        values.extend((self.f)(&at)?);
        Ok(())
    }
}

/// NaN, an infinity or a failure where the sum of x falls into one of these classes.
fn f(x: &Array1<f64>, trouble: u64) -> Result<f64, String> {
    let sum: f64 = x.iter().map(|v| v * v + (v / 3.0).sin()).sum();
    match (trouble > 0).then(|| sum.to_bits() % (16 * trouble)) {
        Some(0) => Err("no value here".into()),
        Some(1) => Ok(f64::NAN),
        Some(2) => Ok(f64::INFINITY),
        _ => Ok(sum),
    }
}

fn r(x: &Array1<f64>, trouble: u64) -> Result<Vec<f64>, String> {
    let first = f(x, trouble)?;
    Ok(vec![first, x[0] * first, x.sum()])
}

fn method(kind: usize, step: usize) -> FiniteDifference {
    let base = match kind % 3 {
        0 => FiniteDifference::central(),
        1 => FiniteDifference::forward(),
        _ => FiniteDifference::backward(),
    };
    match step {
        0 => base,
        1 => base.with_step(Step::Absolute(1e-4)),
        2 => base.with_step(Step::Relative(3e-6)),
        3 => base.with_step(Step::Noise(1e-9)),
        _ => base.with_step(Step::Absolute(1e-4)).with_nominal_divisor(),
    }
}

/// Bits of a result, or the error as text: it holds every number.
fn told<V>(result: Result<V, Error>, bits: impl Fn(V) -> Vec<u64>) -> Result<Vec<u64>, String> {
    result.map(bits).map_err(|error| error.to_string())
}

proptest! {
    #[test]
    fn gradients_and_jacobians_are_those_of_the_plan(
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
            0..12,
        ),
        kind in 0usize..3,
        step in 0usize..5,
        value_given in any::<bool>(),
        trouble in prop_oneof![2 => Just(0u64), 1 => 1u64..20],
    ) {
        let x = Array1::from(x);
        let n = x.len();
        let given: Vec<f64> = value_given.then(|| f(&x, 0).unwrap()).into_iter().collect();
        let central = method(kind, step);

        let mut workspace = Workspace::new();
        let mut out = Array1::zeros(n);
        let (mut calls, mut points) = (0, Vec::new());
        let streamed = central.plan().gradient(&x).given(&given).write_to(&mut out, &mut workspace).serial(|at: &Array1<f64>| {
                calls += 1;
                points.push(at.to_vec());
                f(at, trouble)
            });
        let streamed = told(streamed, |()| out.iter().map(|v| v.to_bits()).collect());
        prop_assert!(streamed.is_err() || workspace.evaluations() == calls);

        let mut function = Told { f: |at: &Array1<f64>| Ok(vec![f(at, trouble)?]), x: Vec::new() };
        let mut count = 0;
        let run = central.plan().gradient(&x).given(&given).progress(|told, _| count = told);
        let planned = run.serial_function(&mut function);
        prop_assert!(planned.is_err() || count == calls);
        let planned = told(planned, |g| g.iter().map(|v| v.to_bits()).collect());
        // The plan judges the steps of all coordinates before it asks for a value, and all values
        // after: with several coordinates at fault it may name another one. Values agree to the bit.
        if streamed.is_ok() || planned.is_ok() {
            prop_assert_eq!(&streamed, &planned);
        }

        // The general serial way, which a strided x takes: the very same error.
        let mut wide = Array2::zeros((n, 2));
        wide.column_mut(0).assign(&x);
        let strided = wide.column(0);
        let general = central.plan().gradient(&strided).given(&given).serial(|at| f(at, trouble));
        prop_assert_eq!(&streamed, &told(general, |g| g.iter().map(|v| v.to_bits()).collect()));

        let mut jacobian = Array2::zeros((3, n));
        let vector = method(kind, step);
        let streamed = vector.plan().jacobian(&x).write_to(&mut jacobian, &mut workspace).serial_in_place(|at: &Array1<f64>, y: &mut [f64]| {
                r(at, trouble).map(|values| y.copy_from_slice(&values))
            });
        let streamed = told(streamed, |()| jacobian.iter().map(|v| v.to_bits()).collect());
        let general = vector.jacobian(|at: &Array1<f64>| r(at, trouble), &x);
        prop_assert_eq!(&streamed, &told(general, |j| j.iter().map(|v| v.to_bits()).collect()));
    }
}

#[test]
fn single_precision_is_that_of_the_general_way() {
    let x = array![0.3f32, -7.0, 1e5, 0.0];
    let f = |x: &Array1<f32>| x.iter().map(|v| v * v * v).sum::<f32>();
    let method = FiniteDifference::central().single();
    let mut wide = Array2::zeros((4, 2));
    wide.column_mut(0).assign(&x);
    assert_eq!(
        method.gradient(f, &x).unwrap(),
        method.gradient(f, &wide.column(0)).unwrap()
    );
}

#[test]
fn a_panic_leaves_a_workspace_that_serves_again() {
    let x = array![1.0, 2.0, 3.0];
    let (mut g, mut workspace) = (Array1::zeros(3), Workspace::new());
    let central = FiniteDifference::central();
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let f = |x: &Array1<f64>| {
            assert!(x[1] <= 2.0, "on purpose");
            x.sum()
        };
        central
            .plan()
            .gradient(&x)
            .write_to(&mut g, &mut workspace)
            .serial(f)
    }));
    assert!(caught.is_err());
    assert_eq!(x, array![1.0, 2.0, 3.0]);
    let f = |x: &Array1<f64>| x.sum();
    central
        .plan()
        .gradient(&x)
        .write_to(&mut g, &mut workspace)
        .serial(f)
        .unwrap();
    assert_eq!(g, central.gradient(f, &x).unwrap());
    assert_eq!(workspace.evaluations(), 6);
}

#[test]
fn an_output_that_is_not_written_is_an_error() {
    let (mut j, mut workspace) = (Array2::zeros((2, 1)), Workspace::new());
    let f = |x: &Array1<f64>, y: &mut [f64]| y[0] = x[0];
    let done = FiniteDifference::central()
        .plan()
        .jacobian(&array![1.0])
        .write_to(&mut j, &mut workspace)
        .serial_in_place(f);
    assert!(
        matches!(done, Err(Error::OutputNotWritten { output: 1 })),
        "{done:?}"
    );
    // Added to instead of written.
    let f = |x: &Array1<f64>, y: &mut [f64]| {
        y[0] = x[0];
        y[1] += x[0];
    };
    let done = FiniteDifference::central()
        .plan()
        .jacobian(&array![1.0])
        .write_to(&mut j, &mut workspace)
        .serial_in_place(f);
    assert!(
        matches!(done, Err(Error::OutputAddedTo { output: 1 })),
        "{done:?}"
    );
}

/// b - a overflows where (b - a) / 2h does not: on the way without a plan as on the general one.
#[test]
fn differences_that_overflow_have_finite_quotients() {
    let f = |at: f64| 1.5e308 * at.signum();
    let method = FiniteDifference::central().with_step(Step::Absolute(4.0));
    let x = array![0.0, -0.0];
    let mut gradient = Array1::zeros(2);
    let mut workspace = Workspace::new();
    let scalar = |at: &Array1<f64>| f(at[0] + at[1]);
    let done = method
        .plan()
        .gradient(&x)
        .write_to(&mut gradient, &mut workspace)
        .serial(scalar);
    done.unwrap();
    // Exact: 1.5e308 / 4, a power of two.
    assert_eq!(gradient, array![3.75e307, 3.75e307]);

    let mut jacobian = Array2::zeros((2, 2));
    let vector = |at: &Array1<f64>, y: &mut [f64]| {
        y[0] = at[0] + at[1];
        y[1] = f(at[1]);
    };
    let done = method
        .plan()
        .jacobian(&x)
        .write_to(&mut jacobian, &mut workspace)
        .serial_in_place(vector);
    done.unwrap();
    assert_eq!(jacobian, array![[1.0, 1.0], [0.0, 3.75e307]]);
}
