//! A warm call that writes its result allocates nothing: counted by an allocator of this binary's own.

use ndarray::{Array1, Array2, ArrayBase, Data, Ix1, array};
use numdiff_core::{
    Adaptive, Estimate, FiniteDifference, Point, SparseHessian, SparseJacobian, SparsityPattern,
    Step, Workspace,
};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: everything is passed on to the system's allocator; counting neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn f<S: Data<Elem = f64>>(x: &ArrayBase<S, Ix1>) -> f64 {
    x.iter().map(|v| v.sin() * v).sum()
}

fn r<S: Data<Elem = f64>>(x: &ArrayBase<S, Ix1>, y: &mut [f64]) {
    for (y, v) in y.iter_mut().zip(x) {
        *y = v.exp();
    }
}

fn fs(points: &Array2<f64>, values: &mut [f64]) {
    for (point, value) in points.outer_iter().zip(values) {
        *value = f(&point);
    }
}

fn rs(points: &Array2<f64>, values: &mut [f64]) {
    let outputs = values.len() / points.nrows();
    for (point, values) in points.outer_iter().zip(values.chunks_mut(outputs)) {
        r(&point, values);
    }
}

/// Twice to warm up, then counted.
fn none(name: &str, mut call: impl FnMut()) {
    call();
    call();
    let before = ALLOCATIONS.with(Cell::get);
    call();
    let count = ALLOCATIONS.with(Cell::get) - before;
    assert_eq!(count, 0, "{name} allocates {count} times");
}

#[test]
fn the_counter_counts() {
    let before = ALLOCATIONS.with(Cell::get);
    drop(std::hint::black_box(vec![1u8]));
    assert!(ALLOCATIONS.with(Cell::get) > before);
}

macro_rules! every_operator {
    ($name:expr, $method:expr, $number:expr, $vector:expr, $matrix:expr) => {{
        let (method, mut u, mut a) = ($method, Workspace::new(), $number);
        for order in 1..5 {
            none($name, || {
                method
                    .plan()
                    .nth_derivative(&0.3, order)
                    .write_to(&mut a, &mut u)
                    .serial(|x: f64| x.sin())
                    .unwrap()
            });
        }
        every_operator!($name, method, $number, $vector, $matrix, array);
    }};
    // Without the functions of one variable, for settings that are for each of three.
    ($name:expr, $method:expr, $number:expr, $vector:expr, $matrix:expr, array) => {{
        let (method, name) = ($method, $name);
        let x = array![0.7, 1.3, -0.4];
        let v = array![1.0, -2.0, 0.5];
        let xs = array![[0.7, 1.3, -0.4], [0.1, 0.2, 0.3]];
        let mut w = Workspace::new();
        let (mut a, mut b, mut c, mut rows) = ($number, $vector(3), $matrix(3, 3), $matrix(2, 3));
        none(name, || {
            method
                .plan()
                .gradient(&x)
                .write_to(&mut b, &mut w)
                .serial(f)
                .unwrap()
        });
        none(name, || {
            method
                .plan()
                .gradient_rows(&xs)
                .write_to(&mut rows, &mut w)
                .serial(f)
                .unwrap()
        });
        none(name, || {
            method
                .plan()
                .jacobian(&x)
                .write_to(&mut c, &mut w)
                .serial_in_place(r)
                .unwrap()
        });
        none(name, || {
            method
                .plan()
                .hessian(&x)
                .write_to(&mut c, &mut w)
                .serial(f)
                .unwrap()
        });
        none(name, || {
            method
                .plan()
                .hessian_from_gradient(&x)
                .write_to(&mut c, &mut w)
                .serial_in_place(r)
                .unwrap()
        });
        none(name, || {
            method
                .plan()
                .hessian_diagonal(&x)
                .write_to(&mut b, &mut w)
                .serial(f)
                .unwrap()
        });
        none(name, || {
            method
                .plan()
                .laplacian(&x)
                .write_to(&mut a, &mut w)
                .serial(f)
                .unwrap()
        });
        none(name, || {
            method
                .plan()
                .mixed_partial(&x, &[0, 2])
                .write_to(&mut a, &mut w)
                .serial(f)
                .unwrap()
        });
        none(name, || {
            method
                .plan()
                .directional(&x, &v)
                .write_to(&mut a, &mut w)
                .serial(f)
                .unwrap()
        });
        none(name, || {
            method
                .plan()
                .jacobian_vector(&x, &v)
                .write_to(&mut b, &mut w)
                .serial_in_place(r)
                .unwrap()
        });
        none(name, || {
            method
                .plan()
                .vector_jacobian(&x, &v)
                .write_to(&mut b, &mut w)
                .serial_in_place(r)
                .unwrap()
        });
        none(name, || {
            method
                .plan()
                .hessian_vector(&x, &v)
                .write_to(&mut b, &mut w)
                .serial(f)
                .unwrap()
        });
        none(name, || {
            method
                .plan()
                .hessian_vector_from_gradient(&x, &v)
                .write_to(&mut b, &mut w)
                .serial_in_place(r)
                .unwrap();
        });
        none(name, || {
            method
                .plan()
                .mixed_partial(&x, &[0, 1, 1, 2])
                .write_to(&mut a, &mut w)
                .serial(f)
                .unwrap()
        });
        // On a pattern; what is made of the pattern is made once.
        let band = SparsityPattern::banded(3, 3, 1, 1).unwrap();
        let (jacobian, hessian) = (
            SparseJacobian::new(band.clone()),
            SparseHessian::new(band).unwrap(),
        );
        let mut entries = $vector(7);
        none(name, || {
            method
                .plan()
                .sparse_jacobian(&x, &jacobian)
                .write_to(&mut entries, &mut w)
                .serial_in_place(r)
                .unwrap()
        });
        none(name, || {
            method
                .plan()
                .sparse_hessian(&x, &hessian)
                .write_to(&mut entries, &mut w)
                .serial(f)
                .unwrap()
        });
        none(name, || {
            method
                .plan()
                .sparse_hessian_from_gradient(&x, &hessian)
                .write_to(&mut entries, &mut w)
                .serial_in_place(r)
                .unwrap()
        });
        // A strided x and result take the general way.
        let mut wide = Array2::<f64>::zeros((3, 2));
        wide.column_mut(0).assign(&x);
        let strided = wide.column(0);
        none(name, || {
            method
                .plan()
                .gradient(&strided)
                .write_to(&mut b, &mut w)
                .serial(f)
                .unwrap()
        });
        none(name, || {
            method
                .plan()
                .hessian(&strided)
                .write_to(&mut c, &mut w)
                .serial(f)
                .unwrap()
        });
        // f writes the values of all points of a batch.
        none(name, || {
            method
                .plan()
                .gradient(&x)
                .write_to(&mut b, &mut w)
                .batched_in_place(fs)
                .unwrap()
        });
        none(name, || {
            method
                .plan()
                .gradient_rows(&xs)
                .write_to(&mut rows, &mut w)
                .batched_in_place(fs)
                .unwrap()
        });
        none(name, || {
            method
                .plan()
                .hessian(&x)
                .write_to(&mut c, &mut w)
                .batched_in_place(fs)
                .unwrap()
        });
        none(name, || {
            method
                .plan()
                .jacobian(&x)
                .write_to(&mut c, &mut w)
                .batched_in_place(rs)
                .unwrap()
        });
        none(name, || {
            method
                .plan()
                .sparse_jacobian(&x, &jacobian)
                .write_to(&mut entries, &mut w)
                .batched_in_place(rs)
                .unwrap()
        });
        none(name, || {
            method
                .plan()
                .hessian_vector(&x, &v)
                .write_to(&mut b, &mut w)
                .batched_in_place(fs)
                .unwrap()
        });
    }};
}

#[test]
fn fixed_methods() {
    let vector = |n: usize| Array1::<f64>::zeros(n);
    let matrix = |m: usize, n: usize| Array2::<f64>::zeros((m, n));
    every_operator!("central", FiniteDifference::central(), 0.0, vector, matrix);
    every_operator!("forward", FiniteDifference::forward(), 0.0, vector, matrix);
    let fourth = FiniteDifference::central().with_accuracy(4);
    every_operator!("fourth order", fourth, 0.0, vector, matrix);
    let bounded = FiniteDifference::central().with_bounds(-5.0, 5.0);
    every_operator!("bounded", bounded, 0.0, vector, matrix);
    let noise = FiniteDifference::central().with_step(Step::Balanced {
        noise: 1e-9,
        derivative: 1.0,
    });
    every_operator!("balanced", noise, 0.0, vector, matrix);
    let (low, high) = (array![-5.0, -4.0, -3.0], array![5.0, 4.0, 3.0]);
    let boxed = FiniteDifference::central().with_bounds(low, high);
    every_operator!("a bound for each", boxed, 0.0, vector, matrix, array);
    let steps = FiniteDifference::forward().with_step(vec![1e-6, 1e-5, 1e-4]);
    every_operator!("a step for each", steps, 0.0, vector, matrix, array);
}

#[test]
fn adaptive() {
    let vector = |n: usize| Estimate::blank(Array1::<f64>::zeros(n));
    let matrix = |m: usize, n: usize| Estimate::blank(Array2::<f64>::zeros((m, n)));
    every_operator!(
        "adaptive",
        Adaptive::new(),
        Estimate::blank(0.0),
        vector,
        matrix
    );
    let bounded = Adaptive::new().with_bounds(-5.0, 5.0).with_tolerance(1e-6);
    every_operator!(
        "adaptive, bounded",
        bounded,
        Estimate::blank(0.0),
        vector,
        matrix
    );
    let boxed = Adaptive::new()
        .with_bounds(array![-5.0, -4.0, -3.0], array![5.0, 4.0, 3.0])
        .with_max_step(array![0.5, 1.0, 2.0])
        .with_typical(array![1.0, 0.5, 0.1]);
    every_operator!(
        "adaptive, all for each",
        boxed,
        Estimate::blank(0.0),
        vector,
        matrix,
        array
    );
}

/// Whatever x is; f(x) given or not.
macro_rules! any_kind {
    ($name:literal, $x:expr, $f:expr, $r:expr) => {{
        let x = $x;
        let (mut w, mut g, mut j) = (Workspace::new(), [0.0; 3], [0.0; 9]);
        let values = [1.0];
        for method in [FiniteDifference::central(), FiniteDifference::forward()] {
            none($name, || {
                method
                    .plan()
                    .gradient(&x)
                    .write_to(&mut g, &mut w)
                    .serial($f)
                    .unwrap()
            });
            none($name, || {
                method
                    .plan()
                    .gradient(&x)
                    .given(&values)
                    .write_to(&mut g, &mut w)
                    .serial($f)
                    .unwrap()
            });
            none($name, || {
                method
                    .plan()
                    .hessian(&x)
                    .write_to(&mut j, &mut w)
                    .serial($f)
                    .unwrap()
            });
            none($name, || {
                method
                    .plan()
                    .hessian(&x)
                    .given(&values)
                    .write_to(&mut j, &mut w)
                    .serial($f)
                    .unwrap()
            });
            none($name, || {
                method
                    .plan()
                    .jacobian(&x)
                    .write_to(&mut j, &mut w)
                    .serial_in_place($r)
                    .unwrap()
            });
            none($name, || {
                method
                    .plan()
                    .gradient(&x)
                    .write_to(&mut g, &mut w)
                    .batched_in_place(fs)
                    .unwrap()
            });
            none($name, || {
                method
                    .plan()
                    .gradient(&x)
                    .given(&values)
                    .write_to(&mut g, &mut w)
                    .batched_in_place(fs)
                    .unwrap()
            });
        }
        let (mut g, mut j) = (Estimate::blank([0.0; 3]), Estimate::blank([0.0; 9]));
        let adaptive = Adaptive::new();
        none($name, || {
            adaptive
                .plan()
                .gradient(&x)
                .write_to(&mut g, &mut w)
                .serial($f)
                .unwrap()
        });
        none($name, || {
            adaptive
                .plan()
                .gradient(&x)
                .given(&values)
                .write_to(&mut g, &mut w)
                .serial($f)
                .unwrap()
        });
        none($name, || {
            adaptive
                .plan()
                .jacobian(&x)
                .write_to(&mut j, &mut w)
                .serial_in_place($r)
                .unwrap()
        });
        none($name, || {
            adaptive
                .plan()
                .gradient(&x)
                .given(&values)
                .write_to(&mut g, &mut w)
                .batched_in_place(fs)
                .unwrap()
        });
    }};
}

/// A struct of parameters.
#[derive(Clone)]
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
        [scratch.resistance, scratch.gains[0], scratch.gains[1]][i]
    }
    fn set(scratch: &mut Motor, i: usize, value: f64) {
        match i {
            0 => scratch.resistance = value,
            _ => scratch.gains[i - 1] = value,
        }
    }
    fn like(&self, numbers: Vec<f64>) -> Motor {
        Motor {
            resistance: numbers[0],
            gains: [numbers[1], numbers[2]],
        }
    }
}

fn of_slice(x: &[f64]) -> f64 {
    x.iter().map(|v| v.sin() * v).sum()
}

fn outputs_of_slice(x: &[f64], y: &mut [f64]) {
    y.iter_mut().zip(x).for_each(|(y, v)| *y = v.exp());
}

#[test]
fn every_kind_of_x() {
    any_kind!("Vec", vec![0.7, 1.3, -0.4], of_slice, outputs_of_slice);
    any_kind!(
        "array",
        [0.7, 1.3, -0.4],
        |x: &[f64; 3]| of_slice(x),
        |x: &[f64; 3], y: &mut [f64]| outputs_of_slice(x, y)
    );
    any_kind!("ndarray", array![0.7, 1.3, -0.4], f, r);
    let motor = Motor {
        resistance: 0.7,
        gains: [1.3, -0.4],
    };
    any_kind!(
        "struct",
        motor,
        |m: &Motor| m.resistance.sin() * m.gains[0] + m.gains[1].exp(),
        |m: &Motor, y: &mut [f64]| y.copy_from_slice(&[m.resistance, m.gains[0], m.gains[1]])
    );
    // A slice, which is not Sized.
    let (mut w, mut g, method) = (Workspace::new(), [0.0; 3], FiniteDifference::central());
    let x = [0.7, 1.3, -0.4];
    none("slice", || {
        method
            .plan()
            .gradient(&x[..])
            .write_to(&mut g, &mut w)
            .serial(of_slice)
            .unwrap()
    });
    // Of one variable, with f(x).
    let (mut a, mut u) = (0.0, Workspace::new());
    let values = [0.3f64.sin()];
    none("number", || {
        FiniteDifference::forward()
            .plan()
            .nth_derivative(&0.3, 1)
            .given(&values)
            .write_to(&mut a, &mut u)
            .serial(f64::sin)
            .unwrap()
    });
}

#[cfg(feature = "nalgebra")]
#[test]
fn vectors_of_nalgebra() {
    use nalgebra::DVector;
    any_kind!(
        "nalgebra",
        DVector::from_vec(vec![0.7, 1.3, -0.4]),
        |x: &DVector<f64>| of_slice(x.as_slice()),
        |x: &DVector<f64>, y: &mut [f64]| outputs_of_slice(x.as_slice(), y)
    );
}

#[cfg(feature = "faer")]
#[test]
fn columns_of_faer() {
    use faer::{Col, col};
    any_kind!(
        "faer",
        col![0.7, 1.3, -0.4],
        |x: &Col<f64>| x.iter().map(|v| v.sin() * v).sum::<f64>(),
        |x: &Col<f64>, y: &mut [f64]| y.iter_mut().zip(x.iter()).for_each(|(y, v)| *y = v.exp())
    );
}

#[test]
fn complex_step() {
    use numdiff_core::ComplexStep;
    use numdiff_core::num_complex::Complex64;
    let method = ComplexStep::new();
    let (x, mut w) = (array![0.7, 1.3, -0.4], Workspace::new());
    let (mut g, mut j) = (Array1::zeros(3), Array2::zeros((2, 3)));
    let f = |z: &Array1<Complex64>| z[0].sin() * z[1] + z[2].exp();
    none("complex gradient", || {
        method.gradient_into(f, &x, &mut g, &mut w).unwrap()
    });
    let r = |z: &Array1<Complex64>, y: &mut [Complex64]| {
        (y[0], y[1]) = (z[0] * z[1], z[2].sin());
    };
    none("complex Jacobian", || {
        method.jacobian_into(r, &x, &mut j, &mut w).unwrap()
    });
    let v = array![1.0, -2.0, 0.5];
    let (mut slope, mut product) = (0.0, Array1::zeros(2));
    none("complex directional", || {
        method
            .directional_into(f, &x, &v, &mut slope, &mut w)
            .unwrap()
    });
    none("complex Jacobian-vector", || {
        method
            .jacobian_vector_into(r, &x, &v, &mut product, &mut w)
            .unwrap()
    });
    assert_eq!(slope, method.directional(f, &x, &v).unwrap());
    let returned = |z: &Array1<Complex64>| [z[0] * z[1], z[2].sin()];
    assert_eq!(product, method.jacobian_vector(returned, &x, &v).unwrap());
    // One along the imaginary axis, two on the real axis to compare with.
    assert_eq!(w.evaluations(), 3);
}
