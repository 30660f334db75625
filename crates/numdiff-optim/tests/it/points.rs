//! Calls as newcomers write them: x0 of any kind, and closures that see the same kind, annotated only
//! where Rust itself has no information.

use ndarray::{Array1, Array2, ArrayView1, array};
use numdiff_core::Point;
use numdiff_optim::{Error, Method, gradient_descent, least_squares, minimize, stochastic};
use std::ops::ControlFlow;

/// A user's own parameters.
#[derive(Clone, Debug)]
struct Motor {
    resistance: f64,
    gains: [f64; 2],
}

impl Point<f64> for Motor {
    type Seen = Motor;
    type Scratch = Motor;
    type Like = Motor;
    type Matrix = Array2<f64>;
    fn scratch(&self) -> Motor {
        self.clone()
    }
    fn seen(scratch: &Motor) -> &Motor {
        scratch
    }
    fn len(_: &Motor) -> usize {
        3
    }
    fn get(scratch: &Motor, i: usize) -> f64 {
        match i {
            0 => scratch.resistance,
            i => scratch.gains[i - 1],
        }
    }
    fn set(scratch: &mut Motor, i: usize, value: f64) {
        match i {
            0 => scratch.resistance = value,
            i => scratch.gains[i - 1] = value,
        }
    }
    fn like(&self, numbers: Vec<f64>) -> Motor {
        Motor {
            resistance: numbers[0],
            gains: [numbers[1], numbers[2]],
        }
    }
}

fn by_array(x: &Array1<f64>) -> f64 {
    (x[0] - 1.0).powi(2) + (x[1] - 2.0).powi(2)
}

fn by_slice(x: &[f64]) -> f64 {
    (x[0] - 1.0).powi(2) + (x[1] - 2.0).powi(2)
}

fn is_solution(x: &[f64]) -> bool {
    (x[0] - 1.0).abs() < 1e-6 && (x[1] - 2.0).abs() < 1e-6
}

#[test]
fn f_sees_the_kind_of_x0_and_x_comes_back_in_it() -> Result<(), Error> {
    let c = array![1.0, 2.0];
    let best = minimize(
        |x| (x[0] - 1.0).powi(2) + (x[1] - 2.0).powi(2),
        &array![4.0, 4.0],
    )
    .run()?;
    let x: Array1<f64> = best.x;
    assert!(is_solution(&x.to_vec()));
    let best = minimize(|x| (x - &c).mapv(|v| v * v).sum(), &array![4.0, 4.0]).run()?;
    assert!(is_solution(&best.x.to_vec()));
    assert!(is_solution(
        &minimize(by_array, &array![4.0, 4.0]).run()?.x.to_vec()
    ));
    let view: ArrayView1<'_, f64> = c.view();
    assert!(is_solution(&minimize(by_array, &view).run()?.x.to_vec()));
    let x: Vec<f64> = minimize(by_slice, &vec![4.0, 4.0]).run()?.x;
    assert!(is_solution(&x));
    let x: Vec<f64> = minimize(by_slice, &[4.0, 4.0][..]).run()?.x;
    assert!(is_solution(&x));
    let x: [f64; 2] = minimize(|x| by_slice(x), &[4.0, 4.0]).run()?.x;
    assert!(is_solution(&x));
    let best = minimize(
        |w| (w - 3.0).mapv(|v| v * v).sum(),
        &array![[1.0, 2.0], [4.0, 5.0]],
    )
    .run()?;
    assert!((best.x[(1, 0)] - 3.0).abs() < 1e-6);
    let motor = Motor {
        resistance: 3.0,
        gains: [1.0, 4.0],
    };
    let best = minimize(
        |m| (m.resistance - 1.0).powi(2) + m.gains[0].powi(2),
        &motor,
    )
    .run()?;
    assert!((best.x.resistance - 1.0).abs() < 1e-6 && best.x.gains[0].abs() < 1e-6);
    Ok(())
}

#[test]
fn gradients_observers_and_settings_see_it_too() -> Result<(), Error> {
    let best = minimize(|x| x[0].powi(2) + x[1].powi(2), &array![4.0, 4.0])
        .gradient(|x| x * 2.0)
        .run()?;
    assert!(best.x.dot(&best.x) < 1e-12 && best.gradient.len() == 2);
    let mut last = f64::INFINITY;
    minimize(|x| x[0].powi(2) + x[1].powi(2), &[4.0, 4.0])
        .gradient(|x| [2.0 * x[0], 2.0 * x[1]])
        .method(Method::Lbfgs { memory: 5 })
        .bounds(-1.0, [f64::INFINITY, 9.0])
        .on_iteration(|it| {
            last = it.x[0].hypot(it.x[1]);
            ControlFlow::Continue(())
        })
        .run()?;
    assert!(last < 1e-6);
    let motor = Motor {
        resistance: 3.0,
        gains: [1.0, 4.0],
    };
    let best = minimize(|m| m.resistance.powi(2) + m.gains[1].powi(2), &motor)
        .gradient(|m| vec![2.0 * m.resistance, 0.0, 2.0 * m.gains[1]])
        .on_iteration(|it| {
            assert!(it.x.resistance.is_finite());
            ControlFlow::Continue(())
        })
        .run()?;
    assert_eq!((best.x.gains[0], best.gradient.gains[0]), (1.0, 0.0));
    Ok(())
}

#[test]
fn a_failing_f_returns_a_result() -> Result<(), Error> {
    let f = |x: &[f64; 2]| match x[0] > 0.5 {
        true => Ok(by_slice(x)),
        false => Err("outside"),
    };
    assert!(is_solution(&minimize(f, &[4.0, 4.0]).run()?.x));
    Ok(())
}

#[test]
fn residuals_batches_and_the_tutorials_descent_see_it() -> Result<(), Error> {
    let (t, y) = (array![0.0, 1.0, 2.0, 3.0], array![2.0, 1.2, 0.7, 0.45]);
    let fit = least_squares(
        |p| t.mapv(|t| p[0] * f64::exp(-p[1] * t)) - &y,
        &array![1.0, 1.0],
    )
    .run()?;
    assert!((fit.x[1] - 0.5).abs() < 0.1);
    let fit = least_squares(|p| [p[0] - 1.0, p[1] - 2.0, p[0] * p[1] - 2.0], &[3.0, 3.0])
        .jacobian(|p| [1.0, 0.0, 0.0, 1.0, p[1], p[0]])
        .on_iteration(|it| {
            assert_eq!(it.x.len(), 2);
            ControlFlow::Continue(())
        })
        .run()?;
    let x: [f64; 2] = fit.x;
    assert!(is_solution(&x));
    let batches = (0..400).map(|k| f64::from(k % 2));
    let end = stochastic(|x, b| (x[0] - b).powi(2), &[3.0], batches)
        .method(Method::adam(0.05))
        .gradient(|x, b| [2.0 * (x[0] - b)])
        .on_iteration(|step| {
            assert!(step.x[0].is_finite());
            ControlFlow::Continue(())
        })
        .run()?;
    assert!((end.x[0] - 0.5).abs() < 0.2);
    let (x, path) = gradient_descent(|x| x[0].powi(2) + x[1].powi(2), &[-3.0, 4.0], 0.1, 20)?;
    assert!(x[0].hypot(x[1]) < 0.1 && path.dim() == (21, 2));
    let (x, _) = gradient_descent(|x| x.dot(x), &array![-3.0, 4.0], 0.1, 20)?;
    assert!(x.dot(&x).sqrt() < 0.1);
    Ok(())
}

#[test]
fn threads_take_every_kind() -> Result<(), Error> {
    let f = |x: &[f64]| by_slice(x);
    assert!(is_solution(
        &minimize(f, &vec![4.0, 4.0]).threads().run()?.x
    ));
    let f = |m: &Motor| m.resistance.powi(2) + m.gains[0].powi(2) + m.gains[1].powi(2);
    let motor = Motor {
        resistance: 3.0,
        gains: [1.0, 4.0],
    };
    assert!(minimize(f, &motor).threads().run()?.value < 1e-12);
    Ok(())
}
