//! What a layer says of itself besides its derivatives, true and false, on drawn inputs.

use ndarray::{Array2, array};
use ndarray_rand::rand::{Rng, SeedableRng};
use numdiff_core::Real;
use numdiff_nn::{
    Activation, At, Batch, BlockShape, Change, Dense, Fault, Form, GradientAlgorithm, Layer,
    Network, Spec, Start, Targets, check_layer, check_network,
};
use rand_chacha::ChaCha8Rng;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Lie {
    None,
    /// `push` moves the first of several columns alone.
    FirstColumn,
    /// `push` forgets what two columns do together.
    NoProduct,
    /// `push` takes small movements for none.
    NothingSmall,
    /// `seed` is wrong to one side.
    OneSide,
    /// `backward` overwrites `dp`.
    Overwrites,
    /// `backward` clips derivatives at this size.
    Clips(f64),
}

/// y_0 = w x_0 x_1, y_1 = x_0 + x_1.
#[derive(Debug)]
struct Product(Lie);

impl Layer<f64> for Product {
    fn name(&self) -> String {
        "product".into()
    }
    fn inputs(&self) -> Option<usize> {
        Some(2)
    }
    fn blocks(&self) -> Vec<BlockShape> {
        let start = Start::Constant(1.5);
        let (name, shape) = ("w", vec![1]);
        vec![BlockShape { name, shape, start }]
    }
    fn forward(&self, p: &[f64], x: &Array2<f64>) -> Array2<f64> {
        Array2::from_shape_fn(x.dim(), |(n, k)| match k {
            0 => p[0] * x[[n, 0]] * x[[n, 1]],
            _ => x[[n, 0]] + x[[n, 1]],
        })
    }
    fn seed(&self, at: &At<'_, f64>, _: usize, by: f64, _: Form) -> Change<f64> {
        let by = if self.0 == Lie::OneSide && by < 0.0 {
            2.0 * by
        } else {
            by
        };
        let column = at.x.column(0).to_owned() * at.x.column(1) * by;
        Change::unit(0, column)
    }
    fn push(&self, at: &At<'_, f64>, change: Change<f64>, _: Form) -> Change<f64> {
        let moved = |n: usize, k: usize| match change.columns().contains(&k) {
            true if self.0 == Lie::FirstColumn && k > change.first => 0.0,
            true => change.d[[n, k - change.first]],
            false => 0.0,
        };
        Change::dense(Array2::from_shape_fn(at.x.dim(), |(n, k)| {
            let (a, b) = (moved(n, 0), moved(n, 1));
            let both = if self.0 == Lie::NoProduct { 0.0 } else { a * b };
            let by = match k {
                0 => at.parameters[0] * (a * at.x[[n, 1]] + b * at.x[[n, 0]] + both),
                _ => a + b,
            };
            let small = self.0 == Lie::NothingSmall && by.abs() < 1e-2 * at.y[[n, k]].abs();
            if small { 0.0 } else { by }
        }))
    }
    fn mixes_samples(&self) -> bool {
        false
    }
    fn backward(&self, at: &At<'_, f64>, dy: &Array2<f64>, dp: &mut [f64]) -> Option<Array2<f64>> {
        let most = if let Lie::Clips(most) = self.0 {
            most
        } else {
            f64::INFINITY
        };
        let dy = dy.mapv(|d| d.clamp(-most, most));
        let sum: f64 = (0..dy.nrows())
            .map(|n| dy[[n, 0]] * at.x[[n, 0]] * at.x[[n, 1]])
            .sum();
        dp[0] = if self.0 == Lie::Overwrites {
            sum
        } else {
            dp[0] + sum
        };
        let w = at.parameters[0];
        Some(Array2::from_shape_fn(dy.dim(), |(n, k)| {
            w * dy[[n, 0]] * at.x[[n, 1 - k]] + dy[[n, 1]]
        }))
    }
}

fn drawn(rows: usize, rng: &mut ChaCha8Rng) -> Array2<f64> {
    let scale = 10f64.powf(rng.random_range(-4.0..4.0));
    Array2::from_shape_fn((rows, 2), |_| scale * rng.random_range(0.2..1.0))
}

#[test]
fn what_is_said_of_movements_and_derivatives_is_checked() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for _ in 0..10 {
        for (lie, fault) in [
            (Lie::None, None),
            (Lie::FirstColumn, Some(Fault::Push)),
            (Lie::NoProduct, Some(Fault::Push)),
            (Lie::NothingSmall, Some(Fault::Push)),
            (Lie::OneSide, Some(Fault::Seed)),
            (Lie::Overwrites, Some(Fault::Overwrites)),
            (Lie::Clips(1.0), Some(Fault::NotProportional)),
            (Lie::Clips(1e6), Some(Fault::NotProportional)),
        ] {
            let x = drawn(rng.random_range(1..4), &mut rng);
            let report = check_layer(&Product(lie), &x).unwrap();
            let faults: Vec<_> = report.suspects.iter().map(|s| s.fault.clone()).collect();
            assert_eq!(faults, Vec::from_iter(fault), "{lie:?} {x}\n{report}");
        }
    }
    // What such a layer would do to a gradient.
    let network = |lie| {
        let weights: Vec<f64> = (0..14).map(|i| 1.0 + (i as f64).sin()).collect();
        Network::builder()
            .layer(Dense::new(2, 2))
            .layer(Product(lie))
            .layer(Dense::new(2, 2))
            .layer(Product(lie))
            .weights(&weights)
            .unwrap()
    };
    let batch = Batch::new(array![[0.5, -0.3]], Targets::labels(&[0])).unwrap();
    let entry = |lie, algorithm| network(lie).gradient(&batch, algorithm).unwrap().flat()[0];
    let exact = entry(Lie::None, GradientAlgorithm::Naive);
    let fast = |lie| entry(lie, GradientAlgorithm::IncrementAlgebra);
    assert!((fast(Lie::None) - exact).abs() < 1e-7 * exact.abs());
    assert!((fast(Lie::FirstColumn) - exact).abs() > 0.1 * exact.abs());
    assert!(
        !check_network(&network(Lie::FirstColumn), &batch)
            .unwrap()
            .passed()
    );
}

/// Another layer's name tag: all of it but the values.
#[derive(Debug)]
struct Tagged(Activation, f64);

impl Layer<f64> for Tagged {
    fn name(&self) -> String {
        "tagged".into()
    }
    fn forward(&self, p: &[f64], x: &Array2<f64>) -> Array2<f64> {
        self.1 * Layer::<f64>::forward(&self.0, p, x)
    }
    fn backward(&self, at: &At<'_, f64>, dy: &Array2<f64>, dp: &mut [f64]) -> Option<Array2<f64>> {
        self.0.backward(at, dy, dp)
    }
    fn push(&self, at: &At<'_, f64>, change: Change<f64>, form: Form) -> Change<f64> {
        self.0.push(at, change, form)
    }
    fn mixes_samples(&self) -> bool {
        false
    }
    fn spec(&self) -> Option<Spec> {
        Layer::<f64>::spec(&self.0)
    }
}

/// sin(a x) for all numbers, with another a in `f64`, and perhaps a wrong slope in `f32`.
#[derive(Clone, Copy, Debug)]
struct Sine {
    a: [f64; 2],
    slope: f64,
}

impl<T: Real> Layer<T> for Sine {
    fn name(&self) -> String {
        "sine".into()
    }
    fn forward(&self, _: &[T], x: &Array2<T>) -> Array2<T> {
        let a = T::round_from(self.a[usize::from(T::EPSILON == f64::EPSILON)]);
        x.mapv(|x| (a * x).sin())
    }
    fn backward(&self, at: &At<'_, T>, dy: &Array2<T>, _: &mut [T]) -> Option<Array2<T>> {
        let wide = T::EPSILON == f64::EPSILON;
        let a = T::round_from(self.a[usize::from(wide)]);
        let factor = if wide {
            a
        } else {
            a * T::round_from(self.slope)
        };
        Some(at.x.mapv(|x| factor * (a * x).cos()) * dy)
    }
    fn wide(&self) -> Option<Box<dyn Layer<f64>>> {
        Some(Box::new(*self))
    }
}

#[test]
fn a_layer_that_says_to_be_another_is_told() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    for _ in 0..10 {
        let x = drawn(3, &mut rng) * 1e-2;
        for (factor, faults) in [(1.0, vec![]), (2.0, vec![Fault::Spec])] {
            let report = check_layer(&Tagged(Activation::Relu, factor), &x).unwrap();
            let found: Vec<_> = report.suspects.iter().map(|s| s.fault.clone()).collect();
            assert_eq!(found, faults, "{report}");
        }
        let x = x.mapv(|x| x as f32);
        for (a, slope, faults) in [
            ([1.5, 1.5], 1.0, vec![]),
            ([1.5, 1.6], 1.0, vec![Fault::Wide]),
            ([1.5, 1.5], -1.0, vec![Fault::Wide]),
        ] {
            let layer = Sine { a, slope };
            let report = check_layer::<f32>(&layer, &x).unwrap();
            let found: Vec<_> = report.suspects.iter().map(|s| s.fault.clone()).collect();
            assert_eq!(found, faults, "{x} {report}");
            let network = Network::<f32>::builder()
                .inputs(2)
                .layer(layer)
                .layer(Dense::new(2, 2))
                .weights(&[0.1, 0.2, 0.3, 0.4, 0.0, 0.0])
                .unwrap();
            let batch = Batch::new(x.clone(), Targets::labels(&[0, 1, 1])).unwrap();
            assert_eq!(
                check_network(&network, &batch).unwrap().suspects.len(),
                faults.len()
            );
        }
    }
}

/// Each sample less a share of the mean of all, which may be their difference alone.
#[derive(Debug)]
struct Shifted {
    share: f64,
}

impl Layer<f64> for Shifted {
    fn name(&self) -> String {
        "shifted".into()
    }
    fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
        let mean = x.mean_axis(ndarray::Axis(0)).unwrap();
        (x - &(self.share * mean)).mapv(f64::sin)
    }
    fn backward(&self, at: &At<'_, f64>, dy: &Array2<f64>, _: &mut [f64]) -> Option<Array2<f64>> {
        let mean = at.x.mean_axis(ndarray::Axis(0)).unwrap();
        let d = (at.x - &(self.share * mean)).mapv(f64::cos) * dy;
        Some(&d - &(self.share * d.mean_axis(ndarray::Axis(0)).unwrap()))
    }
}

/// Samples meet, and nothing in the data shows it: they are equal, in some inputs or all, or swapped.
#[test]
fn samples_that_are_equal_meet_all_the_same() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    for _ in 0..20 {
        let [a, b, c]: [f64; 3] = std::array::from_fn(|_| rng.random_range(-1.0..1.0));
        for x in [
            array![[a, b], [a, b]],
            array![[a, b], [a, b], [a, b]],
            array![[a, b], [a, c], [a, a]],
            array![[a, 0.0], [0.0, 0.0], [0.0, c]],
            array![[1e-8 * a], [1e-8 * b], [1e-8 * a]],
        ] {
            for share in [1.0, 0.5, 1e-4] {
                let report = check_layer(&Shifted { share }, &x).unwrap();
                assert!(report.suspects.is_empty(), "{share} {x}\n{report}");
                assert_eq!(report.counts().right, x.len(), "{share} {x}\n{report}");
            }
        }
    }
}

/// y = (c + x, x^2 or a sine of it): constant to its last places beside an output that moves.
#[derive(Debug)]
struct Beside {
    slope: f64,
}

impl<T: Real> Layer<T> for Beside {
    fn name(&self) -> String {
        "beside".into()
    }
    fn outputs(&self, inputs: usize) -> usize {
        2 * inputs
    }
    fn forward(&self, _: &[T], x: &Array2<T>) -> Array2<T> {
        let inputs = x.ncols();
        Array2::from_shape_fn((x.nrows(), 2 * inputs), |(n, k)| {
            let v = x[[n, k % inputs]];
            if k < inputs {
                T::one() / (T::one() + (-v).exp())
            } else {
                v.sin() * v
            }
        })
    }
    fn backward(&self, at: &At<'_, T>, dy: &Array2<T>, _: &mut [T]) -> Option<Array2<T>> {
        let inputs = at.x.ncols();
        Some(Array2::from_shape_fn(at.x.dim(), |(n, k)| {
            let (v, y) = (at.x[[n, k]], at.y[[n, k]]);
            let slopes = [
                T::round_from(self.slope) * y * (T::one() - y),
                v.cos() * v + v.sin(),
            ];
            slopes[0] * dy[[n, k]] + slopes[1] * dy[[n, k + inputs]]
        }))
    }
}

fn beside<T: Real>(scale: f64, slope: f64, rng: &mut ChaCha8Rng) -> numdiff_nn::CheckReport {
    let x = Array2::from_shape_fn((2, 2), |_| {
        T::round_from(scale * rng.random_range(-1.0..1.0))
    });
    check_layer::<T>(&Beside { slope }, &x).unwrap()
}

#[test]
fn an_output_that_does_not_move_hides_its_slope() {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    for exponent in -12..=0 {
        let scale = 10f64.powi(exponent);
        for _ in 0..3 {
            let (single, double) = (
                beside::<f32>(scale, 1.0, &mut rng),
                beside::<f64>(scale, 1.0, &mut rng),
            );
            assert_eq!(single.counts().wrong, 0, "{scale:e} {single}");
            assert_eq!(double.counts().wrong, 0, "{scale:e} {double}");
            let wrong = beside::<f64>(scale, 1.5, &mut rng);
            assert!(
                !wrong.passed() && wrong.counts().right == 0,
                "{scale:e} {wrong}"
            );
            let wrong = beside::<f32>(scale, 1.5, &mut rng);
            assert!(
                !wrong.passed() && wrong.counts().right == 0,
                "{scale:e} {wrong}"
            );
        }
    }
}
