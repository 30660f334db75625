//! Against `tests/golden/ranges.json`, which `ranges.py` beside it makes with mpmath: drawn networks of every kind of
//! layer, activation, loss and target; near-certain predictions, saturated units, inputs from 1e-300 to 1e300.

use ndarray::{Array2, array};
use numdiff_core::Real;
use numdiff_nn::{
    Activation, Batch, BatchNorm, Conv2d, Dense, Error, GradientAlgorithm, Image, Layer, Loss,
    Network, Pool, Targets,
};
use serde_json::Value;

fn numbers(value: &Value) -> Vec<f64> {
    let values = value.as_array().unwrap().iter();
    values
        .map(|v| v.as_f64().unwrap_or(f64::INFINITY))
        .collect()
}

fn rows(value: &Value) -> Array2<f64> {
    let rows: Vec<Vec<f64>> = value.as_array().unwrap().iter().map(numbers).collect();
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

fn case<T: Real>(case: &Value) -> (Network<T>, Batch<T>) {
    let narrow = |values: Vec<f64>| -> Vec<T> { values.into_iter().map(T::round_from).collect() };
    let mut builder = Network::<T>::builder();
    for spec in case["layers"].as_array().unwrap() {
        let n = |i: usize| spec[i].as_u64().unwrap() as usize;
        let image = || Image::new(n(1), n(2), n(2));
        builder = match spec[0].as_str().unwrap() {
            "Dense" if n(3) == 0 => builder.layer(Dense::new(n(1), n(2)).without_bias()),
            "Dense" => builder.layer(Dense::new(n(1), n(2))),
            "Conv2d" => builder.layer(Conv2d::new(Image::new(1, n(1), n(1)), n(2), n(3))),
            "Max" => builder.layer(Pool::max(image(), n(3))),
            "Average" => builder.layer(Pool::average(image(), n(3))),
            "BatchNorm" => builder.layer(BatchNorm::new(n(1))),
            "Sigmoid" => builder.layer(Activation::Sigmoid),
            "Tanh" => builder.layer(Activation::Tanh),
            "Softplus" => builder.layer(Activation::Softplus),
            "Relu" => builder.layer(Activation::Relu),
            _ => builder.layer(Activation::LeakyRelu { slope: 0.125 }),
        };
    }
    let loss = match case["loss"].as_str().unwrap() {
        "Tutorial" => Loss::TUTORIAL,
        "LogSoftmax" => Loss::LogSoftmax,
        "SigmoidCrossEntropy" => Loss::SigmoidCrossEntropy,
        "MeanSquaredError" => Loss::MeanSquaredError,
        _ => Loss::SumSquaredError,
    };
    let softmax = matches!(loss, Loss::LogSoftmax | Loss::SoftmaxCrossEntropy { .. });
    let weights = narrow(numbers(&case["weights"]));
    let network = builder.loss(loss).weights(&weights).unwrap();
    let targets = if case["labels"].is_array() {
        let labels: Vec<usize> = numbers(&case["labels"])
            .iter()
            .map(|l| *l as usize)
            .collect();
        Targets::labels(&labels)
    } else if softmax {
        Targets::soft(&rows(&case["targets"])).unwrap()
    } else {
        Targets::values(&rows(&case["targets"])).unwrap()
    };
    let x = rows(&case["x"]).mapv(T::round_from);
    (network, Batch::new(x, targets).unwrap())
}

/// What rounding may add to an entry of this size.
struct Bound<'a> {
    relative: f64,
    least: f64,
    size: &'a [f64],
}

/// Compares a gradient with the exact one, entry by entry; an error only where a value leaves the range of numbers.
fn compare<T: Real>(
    (network, batch): &(Network<T>, Batch<T>),
    algorithm: GradientAlgorithm,
    exact: &[f64],
    bound: &Bound<'_>,
    what: &str,
) -> Result<usize, String> {
    let largest = T::max_value().widen() * 1e-16;
    let gradient = match network.gradient(batch, algorithm) {
        Ok(gradient) => gradient,
        Err(Error::NonFiniteDifference { .. } | Error::NonFiniteOutput { .. })
            if exact.iter().chain(bound.size).any(|v| v.abs() > largest) =>
        {
            return Ok(0);
        }
        Err(error) => return Err(format!("{algorithm:?} {error}: {what}")),
    };
    let mut compared = 0;
    for (i, ((found, exact), size)) in gradient
        .flat()
        .iter()
        .zip(exact)
        .zip(bound.size)
        .enumerate()
    {
        if !exact.is_finite() || !size.is_finite() {
            continue;
        }
        let allowed = bound.relative * size + bound.least;
        if (found - exact).abs() > allowed {
            return Err(format!(
                "{algorithm:?} entry {i}: {found:e}, exact {exact:e}, size {size:e}: {what}"
            ));
        }
        compared += 1;
    }
    Ok(compared)
}

/// 8 noise/(2h), with the larger of the noises here and at both sides of each entry; nothing where it is not finite.
fn noises<T: Real>((network, batch): &(Network<T>, Batch<T>)) -> Vec<f64> {
    let here = network.noise(batch).unwrap_or(f64::INFINITY);
    let h = T::round_from(1e-4);
    let moved = |i: usize, by: T| {
        let mut network = network.clone();
        let mut parameters = network.parameters().to_vec();
        parameters[i] += by;
        network.set_parameters(&parameters).unwrap();
        network.noise(batch).unwrap_or(f64::INFINITY)
    };
    (0..network.parameters().len())
        .map(|i| 4.0 * here.max(moved(i, h)).max(moved(i, -h)) / h.widen())
        .collect()
}

fn over_the_range(cases: &str) -> (usize, Vec<String>) {
    let cases: Value = serde_json::from_str(cases).unwrap();
    let (mut compared, mut failed) = (0, Vec::new());
    for (number, value) in cases.as_array().unwrap().iter().enumerate() {
        let (double, what) = (case::<f64>(value), format!("case {number} {value}"));
        let single = value["single"] == true;
        let exact = |name: &str| numbers(&value[name]);
        let (size, slope_size) = (exact("size"), exact("slope_size"));
        let mut note = |found: Result<usize, String>| match found {
            Ok(count) => compared += count,
            Err(error) => failed.push(error),
        };
        // A few hundred roundings of what the samples add up. A logit of 700 is known to half a last place, 6e-14, and
        // so are the logarithms of probabilities.
        let mut tight = |algorithm, exact: &[f64], size: &[f64]| {
            let (relative, least) = (1e-12, 1e-300);
            let bound = Bound {
                relative,
                least,
                size,
            };
            note(compare(&double, algorithm, exact, &bound, &what));
            if single {
                // Backpropagation alone computes in f32.
                let in_single = algorithm == GradientAlgorithm::Backpropagation;
                let (relative, least) = if in_single {
                    (1e-4, 1e-37)
                } else {
                    (1e-12, 1e-300)
                };
                let bound = Bound {
                    relative,
                    least,
                    size,
                };
                note(compare(
                    &case::<f32>(value),
                    algorithm,
                    exact,
                    &bound,
                    &what,
                ));
            }
        };
        tight(
            GradientAlgorithm::IncrementAlgebra,
            &exact("parameters"),
            &size,
        );
        tight(GradientAlgorithm::NodePerturbation, &exact("nodes"), &size);
        // Nothing at a kink.
        if !exact("slopes").is_empty() {
            tight(
                GradientAlgorithm::Backpropagation,
                &exact("slopes"),
                &slope_size,
            );
        }
        // The subtracted values, as closely as their rounding allows.
        let noise = noises(&double);
        let rounding = Bound {
            relative: 1.0,
            least: 1e-300,
            size: &noise,
        };
        for algorithm in [GradientAlgorithm::Naive, GradientAlgorithm::Incremental] {
            note(compare(
                &double,
                algorithm,
                &exact("parameters"),
                &rounding,
                &what,
            ));
        }
    }
    (compared, failed)
}

#[test]
fn every_algorithm_over_the_range_of_numbers() {
    let (compared, failed) = over_the_range(include_str!("../golden/ranges.json"));
    assert!(
        failed.is_empty(),
        "{} of {compared}: {failed:#?}",
        failed.len()
    );
    assert!(compared > 3000, "{compared}");
}

/// `python3 ranges.py 100 7 > more.json; RANGES=more.json cargo test -p numdiff-nn --test it -- --ignored more_ranges`
#[test]
#[ignore = "needs a file of cases"]
fn more_ranges() {
    for file in std::env::var("RANGES")
        .expect("files of cases in RANGES")
        .split(':')
    {
        let (compared, failed) = over_the_range(&std::fs::read_to_string(file).unwrap());
        assert!(
            failed.is_empty(),
            "{file}, {} of {compared}: {failed:#?}",
            failed.len()
        );
    }
}

/// The derivative of a logit of a prediction that is nearly certain is known to its last places, by
/// every algorithm that cancels nothing.
#[test]
fn a_nearly_certain_prediction_has_a_gradient() {
    for loss in [Loss::LogSoftmax, Loss::TUTORIAL] {
        for gap in [1.0, 20.0, 35.0, 40.0, 100.0, 350.0, 700.0] {
            let network = Network::builder()
                .layer(Dense::new(1, 2).without_bias())
                .loss(loss)
                .weights(&[gap, 0.0])
                .unwrap();
            let batch = Batch::new(array![[1.0]], Targets::labels(&[0])).unwrap();
            // y_1 = 1/(1 + e^gap); the difference quotient adds h^2/6 and epsilon takes 1e-7.
            let other = 1.0 / (1.0 + f64::exp(gap));
            for algorithm in [
                GradientAlgorithm::IncrementAlgebra,
                GradientAlgorithm::NodePerturbation,
                GradientAlgorithm::Backpropagation,
            ] {
                let gradient = network.gradient(&batch, algorithm).unwrap();
                for (g, exact) in gradient.flat().iter().zip([-other, other]) {
                    let off = (g / exact - 1.0).abs();
                    assert!(off < 4e-7, "{loss:?} {gap} {algorithm:?}: {g:e} {exact:e}");
                    assert!(
                        loss == Loss::TUTORIAL || off < 4e-9,
                        "{gap} {algorithm:?}: {off:e}"
                    );
                }
            }
        }
    }
}

/// All numerical algorithms where a step moves outputs by nearly 1, which is what the kernels take at most, by
/// hundreds, and more: for so many samples that the product of what they move by would overflow.
#[test]
fn steps_that_move_the_outputs_far() {
    let gradient = |loss, weights: &[f64], x: f64, algorithm| {
        let network = Network::builder()
            .layer(Dense::new(1, 2).without_bias())
            .loss(loss)
            .weights(weights)
            .unwrap();
        let x = Array2::from_elem((2000, 1), x);
        let batch = Batch::new(x, Targets::labels(&[0; 2000])).unwrap();
        network.gradient(&batch, algorithm).unwrap().into_flat()
    };
    for (loss, weights, x) in [
        (Loss::TUTORIAL, [1e-3, 0.0], 9.9e3),
        (Loss::TUTORIAL, [-3e-4, 2e-4], -9e3),
        (Loss::LogSoftmax, [1e-4, -1e-4], 5e3),
        (Loss::SigmoidCrossEntropy, [1e-4, -1e-4], 9e3),
        (Loss::MeanSquaredError, [1e-4, -1e-4], 7e3),
        (Loss::TUTORIAL, [6e-4, 0.0], 1e6),
        (Loss::LogSoftmax, [1e-5, -1e-5], 5e6),
        (Loss::LogSoftmax, [1e-5, -1e-5], 4e5),
        (Loss::TUTORIAL, [-3e-4, 1e-4], 3e6),
        (Loss::SigmoidCrossEntropy, [1e-5, -1e-5], 5e6),
        (Loss::MeanSquaredError, [1e-5, -1e-5], 5e6),
    ] {
        let naive = gradient(loss, &weights, x, GradientAlgorithm::Naive);
        let largest = naive.iter().fold(0.0f64, |m, g| g.abs().max(m));
        for algorithm in [
            GradientAlgorithm::Incremental,
            GradientAlgorithm::IncrementAlgebra,
        ] {
            let found = gradient(loss, &weights, x, algorithm);
            for (a, b) in naive.iter().zip(&found) {
                assert!(
                    (a - b).abs() <= 1e-7 * largest + 1e-9,
                    "{loss:?} {algorithm:?} {naive:?} {found:?}"
                );
            }
        }
    }
}

/// An overflow is an error that names the entry, never a number.
#[test]
fn an_overflow_names_the_entry() {
    let network = Network::builder()
        .layer(Dense::new(1, 1).without_bias())
        .loss(Loss::SumSquaredError)
        .weights(&[0.0])
        .unwrap();
    let target = Targets::values(&array![[1.0]]).unwrap();
    let batch = Batch::new(array![[1e300]], target).unwrap();
    for algorithm in [GradientAlgorithm::Naive, GradientAlgorithm::Incremental] {
        let error = network.gradient(&batch, algorithm).unwrap_err();
        let Error::NonFiniteDifference { block, index, .. } = error else {
            panic!("{error}");
        };
        assert_eq!((block.as_str(), index), ("W1", 0));
    }
    // (c + d - t)^2 - (c - d - t)^2 = 4 d (c - t) does not overflow.
    let gradient = network
        .gradient(&batch, GradientAlgorithm::IncrementAlgebra)
        .unwrap();
    assert!((gradient.flat()[0] / -1e300 - 1.0).abs() < 1e-14);
}

/// A sine with `forward` alone, which differences can only subtract.
#[derive(Debug)]
struct Sine;

impl<T: Real> Layer<T> for Sine {
    fn name(&self) -> String {
        "Sine".into()
    }
    fn forward(&self, _: &[T], x: &Array2<T>) -> Array2<T> {
        x.mapv(|x| x.sin())
    }
    fn mixes_samples(&self) -> bool {
        false
    }
}

/// The derivative by the weight of an input 1 beside one of any size, or `None` where an error names the entry.
fn beside_a_large_input<T: Real>(large: f64, algorithm: GradientAlgorithm) -> Option<[f64; 2]> {
    let network = Network::<T>::builder()
        .layer(Dense::new(2, 1).without_bias())
        .layer(Sine)
        .layer(Dense::new(1, 1).without_bias())
        .loss(Loss::SumSquaredError)
        .weights(&[T::one(), T::round_from(0.5), T::one()])
        .unwrap();
    let x = array![[T::round_from(large), T::one()]];
    let at = network.activations(&x).unwrap()[1][[0, 0]].widen();
    let batch = Batch::new(x, Targets::values(&array![[3.0]]).unwrap()).unwrap();
    match network.gradient(&batch, algorithm) {
        Ok(gradient) => Some([gradient.flat()[1], (at.sin() - 3.0) * at.cos()]),
        Err(Error::NonFiniteDifference { block, value, .. }) => {
            assert!(block == "W1" && value.is_nan(), "{block} {value}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// Inputs of a layer whose last places are wider than the movement: an error, never a 0.
#[test]
fn movements_that_rounding_takes_are_told() {
    for algorithm in [
        GradientAlgorithm::IncrementAlgebra,
        GradientAlgorithm::NodePerturbation,
    ] {
        for exponent in 0..=64 {
            let large = 10f64.powf(f64::from(exponent) / 4.0);
            for (found, epsilon) in [
                (
                    beside_a_large_input::<f32>(large, algorithm),
                    2f64.powi(-23),
                ),
                (
                    beside_a_large_input::<f64>(large, algorithm),
                    2f64.powi(-52),
                ),
            ] {
                // The movement is 1e-4.
                let lost = 1e4 * epsilon * large;
                match found {
                    None => assert!(lost > 0.25, "{algorithm:?} {large} {epsilon}"),
                    Some([found, exact]) => {
                        let what = format!("{algorithm:?} {large} {epsilon}: {found} {exact}");
                        assert!(lost < 8.0, "{what}");
                        // What is lost, and what the value of the sine rounds.
                        let bound = lost + 1e4 * epsilon + 1e-7;
                        assert!((found - exact).abs() <= 4.0 * bound, "{what}");
                    }
                }
            }
        }
    }
}

/// A sine of some hundreds to thousands in single precision: a gradient that rounding takes most of is an error.
#[test]
fn no_movement_is_lost_in_silence() {
    let mut told = 0;
    for step in 0..400 {
        let large = 10f64.powf(2.0 + f64::from(step) / 200.0);
        for algorithm in [
            GradientAlgorithm::IncrementAlgebra,
            GradientAlgorithm::NodePerturbation,
        ] {
            match beside_a_large_input::<f32>(large, algorithm) {
                None => told += 1,
                Some([found, exact]) => assert!(
                    (found - exact).abs() <= 0.5 * exact.abs() + 0.3,
                    "{algorithm:?} {large}: {found} {exact}"
                ),
            }
        }
    }
    assert!((200..800).contains(&told), "{told}");
}

/// A layer that keeps its digits is no error in single precision, however little some of its inputs move.
#[test]
fn movements_without_weight_are_no_error() {
    #[derive(Debug)]
    struct Square;
    impl Layer<f32> for Square {
        fn name(&self) -> String {
            "Square".into()
        }
        fn forward(&self, _: &[f32], x: &Array2<f32>) -> Array2<f32> {
            x * x
        }
    }
    let weights: Vec<f32> = (0..43)
        .map(|i| 0.4 * (1.0 + 0.7 * i as f32).sin())
        .collect();
    let network = Network::<f32>::builder()
        .layer(Dense::new(6, 4))
        .layer(Activation::Tanh)
        .layer(Dense::new(4, 3))
        .layer(Square)
        .weights(&weights)
        .unwrap();
    let x = Array2::from_shape_fn((7, 6), |(n, i)| (1.0 + 0.7 * (6 * n + i) as f32).sin());
    let batch = Batch::new(x, Targets::labels(&[0, 1, 2, 0, 1, 2, 0])).unwrap();
    // Of some values of size 1 behind each other.
    let rounding = 16.0 * f64::from(f32::EPSILON) / 2e-4;
    let naive = network.gradient(&batch, GradientAlgorithm::Naive).unwrap();
    let gradient = network.gradient(&batch, GradientAlgorithm::IncrementAlgebra);
    for (a, b) in naive.flat().iter().zip(gradient.unwrap().flat()) {
        assert!((a - b).abs() <= rounding, "{a} {b}");
    }
}
