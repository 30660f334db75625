//! Calls as newcomers write them: what may be passed, what f may be, what comes back. Annotated only
//! where Rust has no information.

use ndarray::{Array, Array1, Array2, ArrayD, ArrayView1, CowArray, Dimension, array, aview1, s};
use numdiff_core::{
    Adaptive, Error, FiniteDifference, Point, Step, Workspace, check, derivative, gradient,
    gradient_rows, hessian, jacobian, noise_level,
};

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-5 * (1.0 + b.abs())
}

fn all_near<'a>(a: impl IntoIterator<Item = &'a f64>, b: &[f64]) {
    let a: Vec<f64> = a.into_iter().copied().collect();
    assert_eq!(a.len(), b.len(), "{a:?} {b:?}");
    assert!(a.iter().zip(b).all(|(a, b)| near(*a, *b)), "{a:?} {b:?}");
}

fn loss(x: &Array1<f64>) -> f64 {
    x.dot(x)
}

fn slice_loss(x: &[f64]) -> f64 {
    x.iter().map(|v| v * v).sum()
}

fn any_dimension<D: Dimension>(x: &Array<f64, D>) -> f64 {
    x.iter().map(|v| v * v).sum()
}

#[test]
fn numbers() -> Result<(), Error> {
    assert!(near(derivative(|x| x * x, 3.0)?.value, 6.0));
    assert!(near(derivative(f64::sin, 0.5)?.value, 0.5f64.cos()));
    assert!(near(derivative(|x: f64| x.ln(), 2.0)?.value, 0.5));
    let fallible = |x: f64| {
        if x > 0.0 {
            Ok(x.sqrt())
        } else {
            Err("negative")
        }
    };
    assert!(near(derivative(fallible, 4.0)?.value, 0.25));
    let f: &dyn Fn(f64) -> f64 = &|x| x.powi(3);
    assert!(near(derivative(f, 2.0)?.value, 12.0));
    assert!(near(
        FiniteDifference::central().derivative(|x| x * x, 3.0)?,
        6.0
    ));
    let single = Adaptive::new().single().derivative(|x| x * x, 3.0_f32)?;
    assert!((single.value - 6.0).abs() < 1e-3);
    Ok(())
}

#[test]
fn arrays_of_ndarray() -> Result<(), Error> {
    let y = array![1.0, 2.0];
    all_near(
        &gradient(|x| x[0].powi(2) + x[1].powi(2), &array![3.0, 4.0])?,
        &[6.0, 8.0],
    );
    all_near(&gradient(loss, &array![3.0, 4.0])?, &[6.0, 8.0]);
    all_near(
        &gradient(|x| (&y - x).mapv(|v| v * v).sum(), &array![3.0, 4.0])?,
        &[4.0, 4.0],
    );
    all_near(
        &gradient(|x| (x - &y).mapv(|v| v * v).sum(), &array![3.0, 4.0])?,
        &[4.0, 4.0],
    );
    all_near(&gradient(|x| x.dot(&y), &array![3.0, 4.0])?, &[1.0, 2.0]);
    let w: Array2<f64> = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
    all_near(
        &gradient(|w| (w * w).sum(), &w)?,
        &[2.0, 4.0, 6.0, 8.0, 10.0, 12.0],
    );
    let g = gradient(|w| w.map(|v| v * v).sum(), &w.t())?;
    assert_eq!(g.dim(), (3, 2));
    all_near(
        &gradient(any_dimension, &w)?,
        &[2.0, 4.0, 6.0, 8.0, 10.0, 12.0],
    );
    all_near(
        &gradient(|x| x[0] * x[1], &aview1(&[3.0, 4.0]))?,
        &[4.0, 3.0],
    );
    let view: ArrayView1<f64> = w.slice(s![0, ..]);
    all_near(&gradient(|x| x.sum(), &view)?, &[1.0, 1.0, 1.0]);
    all_near(&gradient(|x| x.sum(), &w.slice(s![.., ..;2]))?, &[1.0; 4]);
    all_near(
        &gradient(|x| x[0] * x[1], &array![3.0, 4.0].into_shared())?,
        &[4.0, 3.0],
    );
    all_near(
        &gradient(|x| x[0] * x[1], &CowArray::from(array![3.0, 4.0]))?,
        &[4.0, 3.0],
    );
    let dynamic: ArrayD<f64> = w.clone().into_dyn();
    assert_eq!(gradient(|x| x.sum(), &dynamic)?.shape(), &[2, 3]);
    all_near(&gradient(|x| x[()] * x[()], &ndarray::arr0(3.0))?, &[6.0]);
    fn by_reference(x: &ndarray::ArrayRef1<f64>) -> Result<Array1<f64>, Error> {
        gradient(|x| x[0] * x[1], x)
    }
    all_near(&by_reference(&array![3.0, 4.0])?, &[4.0, 3.0]);
    Ok(())
}

#[test]
fn slices_vectors_and_arrays() -> Result<(), Error> {
    let v = vec![3.0, 4.0];
    let g: Vec<f64> = gradient(|x| x[0] * x[1], &v)?;
    all_near(&g, &[4.0, 3.0]);
    all_near(&gradient(slice_loss, &v)?, &[6.0, 8.0]);
    all_near(&gradient(slice_loss, &v[..])?, &[6.0, 8.0]);
    all_near(&gradient(slice_loss, v.as_slice())?, &[6.0, 8.0]);
    let g: [f64; 2] = gradient(|x| x[0] * x[1], &[3.0, 4.0])?;
    all_near(&g, &[4.0, 3.0]);
    let sum = |x: &[f64; 3]| x.iter().sum::<f64>();
    all_near(&gradient(sum, &[1.0, 2.0, 3.0])?, &[1.0, 1.0, 1.0]);
    let bars = Adaptive::new().gradient(|x| x[0] * x[1], &v)?;
    all_near(&bars.value, &[4.0, 3.0]);
    let single = Adaptive::new()
        .single()
        .gradient(|x| x[0] * x[1], &vec![3.0_f32, 4.0])?;
    assert!((single.value[0] - 4.0).abs() < 1e-2);
    Ok(())
}

#[test]
fn matrices() -> Result<(), Error> {
    all_near(
        &jacobian(|x| array![x[0] * x[1], x[0]], &array![3.0, 4.0])?,
        &[4.0, 3.0, 1.0, 0.0],
    );
    all_near(
        &jacobian(|x| x.mapv(f64::exp), &array![0.0, 0.0])?,
        &[1.0, 0.0, 0.0, 1.0],
    );
    all_near(
        &jacobian(|x| vec![x[0] * x[1], x[0]], &vec![3.0, 4.0])?,
        &[4.0, 3.0, 1.0, 0.0],
    );
    all_near(
        &jacobian(|x| [x[0] * x[1], x[0]], &[3.0, 4.0])?,
        &[4.0, 3.0, 1.0, 0.0],
    );
    let fallible = |x: &Array1<f64>| {
        if x[0] > 0.0 {
            Ok(array![x[0] * x[1]])
        } else {
            Err("negative".to_string())
        }
    };
    all_near(&jacobian(fallible, &array![3.0, 4.0])?, &[4.0, 3.0]);
    let (t, y) = (array![0.0, 1.0], array![2.0, 1.2]);
    let residuals = |p: &Array1<f64>| t.mapv(|t: f64| p[0] * (-p[1] * t).exp()) - &y;
    assert_eq!(jacobian(residuals, &array![1.0, 1.0])?.dim(), (2, 2));
    let h = hessian(|x| x[0] * x[0] * x[1], &array![3.0, 4.0])?;
    assert!(near(h[[0, 0]], 8.0) && near(h[[0, 1]], 6.0));
    assert!(near(hessian(slice_loss, &vec![1.0, 2.0])?[[1, 1]], 2.0));
    let points = array![[1.0, 2.0], [3.0, 4.0]];
    all_near(
        &gradient_rows(|x| x[0] * x[1], &points)?,
        &[2.0, 1.0, 4.0, 3.0],
    );
    Ok(())
}

#[test]
fn methods_and_settings() -> Result<(), Error> {
    let x = array![3.0, 4.0];
    let f = |x: &Array1<f64>| x[0] * x[1];
    all_near(&FiniteDifference::forward().gradient(f, &x)?, &[4.0, 3.0]);
    all_near(&FiniteDifference::backward().gradient(f, &x)?, &[4.0, 3.0]);
    all_near(
        &FiniteDifference::central()
            .with_accuracy(4)
            .gradient(f, &x)?,
        &[4.0, 3.0],
    );
    all_near(
        &FiniteDifference::central()
            .with_step(1e-4)
            .gradient(f, &x)?,
        &[4.0, 3.0],
    );
    all_near(
        &FiniteDifference::central()
            .with_step(Step::Absolute(1e-4))
            .gradient(f, &x)?,
        &[4.0, 3.0],
    );
    all_near(
        &FiniteDifference::central()
            .with_step([1e-4, 1e-3])
            .gradient(f, &x)?,
        &[4.0, 3.0],
    );
    all_near(
        &Adaptive::new().with_tolerance(1e-9).gradient(f, &x)?.value,
        &[4.0, 3.0],
    );
    all_near(
        &Adaptive::new().with_max_step(0.5).gradient(f, &x)?.value,
        &[4.0, 3.0],
    );
    assert!(near(
        FiniteDifference::central().directional(f, &x, &array![1.0, 0.0])?,
        4.0
    ));
    let rows = |points: &Array2<f64>| {
        points
            .rows()
            .into_iter()
            .map(|x| x[0] * x[1])
            .collect::<Vec<f64>>()
    };
    all_near(
        &FiniteDifference::central()
            .plan()
            .gradient(&x)
            .batched(rows)?,
        &[4.0, 3.0],
    );
    let (mut out, mut workspace) = (Array2::zeros((1, 2)), Workspace::new());
    let in_place = |x: &Array1<f64>, y: &mut [f64]| y[0] = x[0] * x[1];
    FiniteDifference::central()
        .plan()
        .jacobian(&x)
        .write_to(&mut out, &mut workspace)
        .serial_in_place(in_place)?;
    all_near(&out, &[4.0, 3.0]);
    check::gradient(loss, |x| x * 2.0, &x)?.assert_ok();
    check::gradient(slice_loss, |x| [2.0 * x[0], 2.0 * x[1]], &vec![3.0, 4.0])?.assert_ok();
    noise_level(loss, &x)?;
    // A function that differentiates what it is given, recursion through it included.
    fn twice(f: &dyn Fn(&Array1<f64>) -> f64, x: &Array1<f64>, depth: usize) -> Result<f64, Error> {
        if depth == 0 {
            return Ok(gradient(f, x)?[0]);
        }
        twice(&|x| f(x) + x[0], x, depth - 1)
    }
    assert!(near(twice(&f, &x, 2)?, 6.0));
    Ok(())
}

/// Parameters of a user, with one way to go wrong.
#[derive(Clone, Debug)]
struct Motor {
    resistance: f64,
    gains: [f64; 2],
    wrong: Wrong,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Wrong {
    Nothing,
    /// No numbers at all.
    Empty,
    /// `set` rounds.
    Rounds,
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
    fn len(scratch: &Motor) -> usize {
        if scratch.wrong == Wrong::Empty { 0 } else { 3 }
    }
    fn get(scratch: &Motor, i: usize) -> f64 {
        if i == 0 {
            scratch.resistance
        } else {
            scratch.gains[i - 1]
        }
    }
    fn set(scratch: &mut Motor, i: usize, value: f64) {
        let value = if scratch.wrong == Wrong::Rounds {
            value.round()
        } else {
            value
        };
        if i == 0 {
            scratch.resistance = value;
        } else {
            scratch.gains[i - 1] = value;
        }
    }
    fn like(&self, numbers: Vec<f64>) -> Motor {
        Motor {
            resistance: numbers[0],
            gains: [numbers[1], numbers[2]],
            wrong: self.wrong,
        }
    }
}

#[test]
fn a_struct_of_parameters() {
    let motor = |wrong| Motor {
        resistance: 2.0,
        gains: [3.0, 5.0],
        wrong,
    };
    let power = |m: &Motor| m.resistance * m.gains[0] + m.gains[1].powi(2);
    let g = gradient(power, &motor(Wrong::Nothing)).unwrap();
    all_near(&[g.resistance, g.gains[0], g.gains[1]], &[3.0, 2.0, 10.0]);
    let bars = Adaptive::new()
        .gradient(power, &motor(Wrong::Nothing))
        .unwrap();
    assert!(near(bars.value.gains[1], 10.0));
    assert_eq!(
        hessian(power, &motor(Wrong::Nothing)).unwrap().dim(),
        (3, 3)
    );

    let empty = gradient(power, &motor(Wrong::Empty));
    assert!(
        matches!(empty, Err(Error::Empty { argument: "x" })),
        "{empty:?}"
    );
    let rounds = gradient(power, &motor(Wrong::Rounds));
    assert!(
        matches!(rounds, Err(Error::NumberNotKept { coordinate: 0, .. })),
        "{rounds:?}"
    );
}

#[cfg(feature = "nalgebra")]
#[test]
fn the_complex_step_of_vectors_of_nalgebra() -> Result<(), Error> {
    use nalgebra::{DVector, Vector2};
    use numdiff_core::ComplexStep;
    let g = ComplexStep::new().gradient(|z| z[0] * z[1], &Vector2::new(3.0, 4.0))?;
    assert_eq!(g, Vector2::new(4.0, 3.0));
    let j = ComplexStep::new().jacobian(|z| z * z[0], &DVector::from_vec(vec![3.0, 4.0]))?;
    assert_eq!((j[(0, 0)], j[(1, 0)], j[(1, 1)]), (6.0, 4.0, 3.0));
    Ok(())
}

#[cfg(feature = "nalgebra")]
#[test]
fn vectors_of_nalgebra() -> Result<(), Error> {
    use nalgebra::{DMatrix, DVector, Vector3};
    let x = DVector::from_vec(vec![3.0, 4.0]);
    let g: DVector<f64> = gradient(|x| x.norm_squared(), &x)?;
    all_near(&g, &[6.0, 8.0]);
    let j: DMatrix<f64> = jacobian(|x| x.map(|v| v * v), &x)?;
    assert!(near(j[(0, 0)], 6.0) && near(j[(1, 0)], 0.0));
    let g: Vector3<f64> = gradient(|x| x.dot(x), &Vector3::new(1.0, 2.0, 3.0))?;
    all_near(&g, &[2.0, 4.0, 6.0]);
    // Into vectors and matrices that are there.
    let (mut g, mut h, mut w) = (DVector::zeros(2), DMatrix::zeros(2, 2), Workspace::new());
    let central = FiniteDifference::central();
    central
        .plan()
        .gradient(&x)
        .write_to(&mut g, &mut w)
        .serial(|x| x[0] * x[1])?;
    central
        .plan()
        .hessian(&x)
        .write_to(&mut h, &mut w)
        .serial(|x| x[0] * x[0] * x[1])?;
    all_near(&g, &[4.0, 3.0]);
    assert!(near(h[(0, 0)], 8.0) && near(h[(0, 1)], 6.0) && near(h[(1, 0)], 6.0));
    Ok(())
}

#[cfg(feature = "faer")]
#[test]
fn columns_and_matrices_of_faer() -> Result<(), Error> {
    use faer::{Col, Mat, col, mat};
    let x = col![3.0, 4.0];
    let g: Col<f64> = gradient(|x| x[0] * x[0] + x[1] * x[1], &x)?;
    all_near(g.iter(), &[6.0, 8.0]);
    fn norm(x: &Col<f64>) -> f64 {
        x.iter().map(|v| v * v).sum()
    }
    all_near(gradient(norm, &x)?.iter(), &[6.0, 8.0]);
    // Views: f sees the column that owns its numbers, whatever the stride.
    let table = mat![[1.0, 2.0], [3.0, 4.0]];
    all_near(gradient(norm, &table.col(1))?.iter(), &[4.0, 8.0]);
    all_near(
        gradient(norm, &table.row(1).transpose())?.iter(),
        &[6.0, 8.0],
    );
    let mut own = x.clone();
    all_near(gradient(norm, &own.as_mut())?.iter(), &[6.0, 8.0]);
    // Columns returned, matrices in kind.
    let j: Mat<f64> = jacobian(|x| col![x[0] * x[1], x[1], x[0]], &x)?;
    assert_eq!((j.nrows(), j.ncols()), (3, 2));
    assert!(near(j[(0, 0)], 4.0) && near(j[(0, 1)], 3.0) && near(j[(1, 0)], 0.0));
    let h: Mat<f64> = hessian(|x| x[0] * x[0] * x[1], &x)?;
    assert!(near(h[(0, 0)], 8.0) && near(h[(0, 1)], 6.0) && h[(0, 1)] == h[(1, 0)]);
    // Matrices as x, whose columns may lie apart in memory, and matrices returned row by row.
    let wide = mat![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
    let g: Mat<f64> = gradient(|w| w[(0, 2)] * w[(1, 0)], &wide)?;
    assert!(near(g[(0, 2)], 4.0) && near(g[(1, 0)], 3.0) && g[(1, 2)] == 0.0);
    let j = jacobian(|w| w.clone(), &wide)?;
    assert!((0..6).all(|k| near(j[(k, k % 3 * 2 + k / 3)], 1.0)));
    let adaptive = Adaptive::new().gradient(norm, &x)?;
    assert!(adaptive.to_string().starts_with("6.0 ±"), "{adaptive}");
    // Into columns and matrices that are there, in f32 too.
    let (mut g, mut h, mut w) = (Col::zeros(2), Mat::zeros(2, 2), Workspace::new());
    let central = FiniteDifference::central();
    central
        .plan()
        .gradient(&x)
        .write_to(&mut g, &mut w)
        .serial(norm)?;
    central
        .plan()
        .hessian(&x)
        .write_to(&mut h, &mut w)
        .serial(norm)?;
    assert!(near(g[1], 8.0) && near(h[(1, 1)], 2.0));
    let single = central
        .single()
        .gradient(|x: &Col<f32>| x[0] * x[1], &col![3.0_f32, 4.0])?;
    assert!((single[0] - 4.0).abs() < 1e-2);
    Ok(())
}
