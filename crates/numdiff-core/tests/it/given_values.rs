//! f(x) that the caller has belongs to the x that it came with.

use ndarray::{Array1, array};
use numdiff_core::{Adaptive, Evaluated, FiniteDifference, Function, Moves, Workspace, drive};

/// x0 + 10 x1 squared, and the points it was evaluated at.
struct Counted {
    x: Vec<f64>,
    calls: usize,
}

impl Function for Counted {
    type Error = std::convert::Infallible;
    fn begin(&mut self, x: &[f64]) -> Result<(), Self::Error> {
        self.x = x.to_vec();
        Ok(())
    }
    fn moved(&mut self, moves: Moves<'_>, values: &mut Vec<f64>) -> Result<(), Self::Error> {
        let mut x = self.x.clone();
        moves.for_each(|i, to| x[i] = to);
        self.calls += 1;
        values.push((x[0] + 10.0 * x[1]).powi(2));
        Ok(())
    }
}

fn f(x: &Array1<f64>) -> f64 {
    (x[0] + 10.0 * x[1]).powi(2)
}

#[test]
fn a_plan_that_begins_elsewhere_forgets_the_value() {
    let (x, y) = (array![1.0, 2.0], [3.0, -1.0]);
    let here = Evaluated {
        x: &x,
        values: &[f(&x)],
    };
    let mut plan = FiniteDifference::forward()
        .planned()
        .gradient(&here)
        .unwrap();
    let mut function = Counted {
        x: Vec::new(),
        calls: 0,
    };
    assert_eq!(drive(&mut plan, &mut function, &[1.0, 2.0]).unwrap(), 2);
    assert_eq!(
        plan.finish().unwrap(),
        FiniteDifference::forward().gradient(f, &x).unwrap()
    );
    assert_eq!(drive(&mut plan, &mut function, &y).unwrap(), 3);
    let elsewhere = Array1::from(y.to_vec());
    assert_eq!(
        plan.finish().unwrap(),
        FiniteDifference::forward().gradient(f, &elsewhere).unwrap()
    );
}

#[test]
fn every_driver_takes_the_value_and_asks_for_one_evaluation_less() {
    let x = array![1.0, 2.0];
    let values = [f(&x)];
    let here = Evaluated {
        x: &x,
        values: &values,
    };
    let forward = FiniteDifference::forward();
    let plain = forward.gradient(f, &x).unwrap();
    let mut workspace = Workspace::new();
    let mut out = Array1::zeros(2);
    forward
        .gradient_into(f, &here, &mut out, &mut workspace)
        .unwrap();
    assert_eq!((&out, workspace.evaluations()), (&plain, 2));
    let batch = |p: &ndarray::Array2<f64>| {
        p.outer_iter()
            .map(|x| f(&x.to_owned()))
            .collect::<Array1<f64>>()
    };
    assert_eq!(forward.batched().gradient(batch, &here).unwrap(), plain);
    #[cfg(feature = "rayon")]
    assert_eq!(forward.parallel().gradient(f, &here).unwrap(), plain);
    let adaptive = Adaptive::new().gradient(f, &here).unwrap();
    let without = Adaptive::new().gradient(f, &x).unwrap();
    assert_eq!(
        (&adaptive.value, adaptive.evaluations + 1),
        (&without.value, without.evaluations)
    );
    // Of one variable.
    let number = Evaluated {
        x: &0.5,
        values: &[0.5f64.sin()],
    };
    let mut calls = 0;
    let sine = |t: f64| {
        calls += 1;
        t.sin()
    };
    let slope = forward.derivative(sine, number).unwrap();
    assert_eq!(
        (slope, calls),
        (forward.derivative(f64::sin, 0.5).unwrap(), 1)
    );
    // Outputs of a vector function.
    let outputs = [x[0] * x[1], x[1]];
    let here = Evaluated {
        x: &x,
        values: &outputs,
    };
    let mut calls = 0;
    let g = |x: &Array1<f64>| {
        calls += 1;
        [x[0] * x[1], x[1]]
    };
    forward.jacobian(g, &here).unwrap();
    assert_eq!(calls, 2);
}

#[test]
fn a_wrong_number_of_values_is_an_error() {
    let x = array![1.0, 2.0];
    let three = Evaluated {
        x: &x,
        values: &[1.0, 2.0, 3.0],
    };
    for result in [
        FiniteDifference::forward().gradient(f, &three).map(|_| ()),
        Adaptive::new().gradient(f, &three).map(|_| ()),
        FiniteDifference::central().hessian(f, &three).map(|_| ()),
    ] {
        assert!(result.is_err());
    }
    let nan = Evaluated {
        x: &x,
        values: &[f64::NAN],
    };
    assert!(FiniteDifference::forward().gradient(f, &nan).is_err());
    assert!(Adaptive::new().gradient(f, &nan).is_err());
}
