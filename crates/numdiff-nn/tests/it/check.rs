//! A bug planted in any layer's backward is found, and the right block and layer named.

use crate::networks::recipe;
use ndarray::{Array2, array};
use ndarray_rand::rand::SeedableRng;
use numdiff_nn::{
    Activation, At, Batch, BatchNorm, BlockShape, Change, Check, CheckReport, Conv2d, Dense,
    Dropout, Error, Fault, Form, Image, Init, Layer, Loss, Network, Pool, Targets, Verdict,
    check_layer, check_network,
};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Bug {
    None,
    /// The derivative by the inputs is off by a factor.
    Inputs(f64),
    /// The derivative by this parameter is off by a factor.
    Parameter(usize, f64),
    /// The derivative by the parameters is NaN.
    Nan,
    /// The increments are off by a factor.
    Push(f64),
}

/// A layer with a bug.
#[derive(Debug)]
struct Planted {
    inner: Box<dyn Layer<f64>>,
    bug: Bug,
}

impl Layer<f64> for Planted {
    fn name(&self) -> String {
        format!("Planted {}", self.inner.name())
    }
    fn inputs(&self) -> Option<usize> {
        self.inner.inputs()
    }
    fn outputs(&self, inputs: usize) -> usize {
        self.inner.outputs(inputs)
    }
    fn blocks(&self) -> Vec<BlockShape> {
        self.inner.blocks()
    }
    fn forward(&self, parameters: &[f64], x: &Array2<f64>) -> Array2<f64> {
        self.inner.forward(parameters, x)
    }
    fn remember(&self, parameters: &[f64], x: &Array2<f64>, y: &Array2<f64>) -> Vec<f64> {
        self.inner.remember(parameters, x, y)
    }
    fn backward(&self, at: &At<'_, f64>, dy: &Array2<f64>, dp: &mut [f64]) -> Option<Array2<f64>> {
        let mut dx = self.inner.backward(at, dy, dp)?;
        match self.bug {
            Bug::Inputs(factor) => dx *= factor,
            Bug::Parameter(i, factor) => dp[i] *= factor,
            Bug::Nan => dp.fill(f64::NAN),
            Bug::None | Bug::Push(_) => {}
        }
        Some(dx)
    }
    fn seed(&self, at: &At<'_, f64>, parameter: usize, by: f64, form: Form) -> Change<f64> {
        self.inner.seed(at, parameter, by, form)
    }
    fn push(&self, at: &At<'_, f64>, change: Change<f64>, form: Form) -> Change<f64> {
        let mut change = self.inner.push(at, change, form);
        if let Bug::Push(factor) = self.bug {
            change.d *= factor;
        }
        change
    }
    fn kink(&self, at: &At<'_, f64>, a: &Change<f64>, b: &Change<f64>) -> bool {
        self.inner.kink(at, a, b)
    }
    fn mixes_samples(&self) -> bool {
        self.inner.mixes_samples()
    }
}

/// Every layer of the crate on 2 channels of 4 x 4 pixels.
fn layers() -> Vec<Box<dyn Layer<f64>>> {
    let image = Image::new(2, 4, 4);
    vec![
        Box::new(Dense::new(32, 5)),
        Box::new(Activation::Sigmoid),
        Box::new(Activation::Tanh),
        Box::new(Activation::Relu),
        Box::new(Activation::LeakyRelu { slope: 0.1 }),
        Box::new(Activation::Softplus),
        Box::new(Conv2d::new(image, 3, 3).with_padding(1)),
        Box::new(Pool::max(image, 2)),
        Box::new(Pool::average(image, 2)),
        Box::new(BatchNorm::new(32)),
        Box::new(BatchNorm::image(image)),
        Box::new(Dropout::new(0.4, 3)),
    ]
}

/// Dense, the layer, dense.
fn check(layer: Box<dyn Layer<f64>>, bug: Bug) -> (Network, CheckReport) {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let width = layer.outputs(32);
    let network = Network::builder()
        .layer(Dense::new(3, 32))
        .layer(Planted { inner: layer, bug })
        .layer(Dense::new(width, 3))
        .initialize(Init::Xavier, &mut rng)
        .unwrap();
    let x = Array2::from_shape_fn((4, 3), |(n, i)| ((n * 3 + i) as f64 * 1.7).sin());
    let batch = Batch::new(x, Targets::labels(&[0, 1, 2, 1])).unwrap();
    let report = check_network(&network, &batch).unwrap();
    (network, report)
}

/// Layers and what is wrong about them.
fn faults(report: &CheckReport) -> Vec<(usize, Fault)> {
    let suspects = report.suspects.iter();
    suspects.map(|s| (s.layer, s.fault.clone())).collect()
}

#[test]
fn right_layers_pass() {
    for layer in layers() {
        let name = layer.name();
        let (network, report) = check(layer, Bug::None);
        report.assert_ok();
        assert!(
            report.suspects.is_empty() && report.findings.is_empty(),
            "{name}: {report}"
        );
        // Every parameter, and every input of every layer.
        let inputs = 4 * (3 + 32 + network.layers()[1].outputs(32));
        let counts = report.counts();
        assert_eq!(counts.right, counts.total());
        assert_eq!(
            counts.total(),
            network.parameters().len() + inputs,
            "{name}"
        );
        for block in &report.blocks {
            assert!(block.found_from < 1e-6, "{name}: {report}");
        }
    }
}

#[test]
fn a_bug_in_the_derivative_by_the_inputs_names_the_layer() {
    for layer in layers() {
        let name = layer.name();
        let (_, report) = check(layer, Bug::Inputs(1.0 + 1e-4));
        assert!(!report.passed(), "{name}");
        assert_eq!(faults(&report), [(1, Fault::Inputs)], "{name}: {report}");
        assert!(report.findings.iter().all(|f| f.verdict == Verdict::Wrong));
    }
}

#[test]
fn a_bug_in_the_derivative_by_a_parameter_names_block_and_index() {
    for layer in layers() {
        let name = layer.name();
        let blocks = layer.blocks();
        let mut begin = 0;
        for block in &blocks {
            // The last parameter of each block.
            let bug = Bug::Parameter(begin + block.len() - 1, 1.0 + 1e-5);
            let (network, report) = check(layer_again(&name), bug);
            let of_layer = network.blocks().iter().filter(|b| b.layer == 1);
            let named = of_layer
                .clone()
                .find(|b| b.name.starts_with(block.name))
                .unwrap();
            begin += block.len();
            assert_eq!(report.findings.len(), 1, "{name}: {report}");
            let finding = &report.findings[0];
            assert_eq!(
                (finding.layer, &finding.block),
                (1, &named.name),
                "{name}: {report}"
            );
            assert_eq!(
                finding.index,
                block.shape.iter().map(|n| n - 1).collect::<Vec<_>>()
            );
            let fault = Fault::Parameters(named.name.clone());
            assert_eq!(faults(&report), [(1, fault)], "{name}: {report}");
        }
    }
}

fn layer_again(name: &str) -> Box<dyn Layer<f64>> {
    layers()
        .into_iter()
        .find(|layer| layer.name() == name)
        .unwrap()
}

/// No parameter needs the derivative by the network's inputs; it is checked all the same.
#[test]
fn a_bug_in_the_first_layer_is_found() {
    for layer in layers() {
        let name = layer.name();
        for factor in [1.0, 1.0 + 1e-3] {
            let (inner, bug) = (layer_again(&name), Bug::Inputs(factor));
            let width = inner.outputs(32);
            let builder = Network::builder()
                .inputs(32)
                .layer(Planted { inner, bug })
                .layer(Dense::new(width, 3));
            let mut rng = ChaCha8Rng::seed_from_u64(12);
            let network = builder.initialize(Init::Xavier, &mut rng).unwrap();
            // Halves and zeros, as pictures have them: ties in every window, zeros before a ReLU.
            let x = Array2::from_shape_fn((3, 32), |(n, i)| [0.0, 0.0, 0.5][(n + i) % 3]);
            let batch = Batch::new(x, Targets::labels(&[0, 1, 2])).unwrap();
            let report = check_network(&network, &batch).unwrap();
            let expected = if factor == 1.0 {
                vec![]
            } else {
                vec![(0, Fault::Inputs)]
            };
            assert_eq!(faults(&report), expected, "{name}: {report}");
            assert_eq!(
                report.counts().wrong == 0,
                factor == 1.0,
                "{name}: {report}"
            );
        }
    }
    // A network that is one layer, without parameters.
    for (slope, right) in [(2.0, true), (2.001, false)] {
        let network = Network::builder().inputs(2).layer(Square { slope });
        let batch = Batch::new(array![[0.3, -0.2], [0.5, 0.9]], Targets::labels(&[0, 1])).unwrap();
        let report = check_network(&network.weights(&[]).unwrap(), &batch).unwrap();
        assert_eq!(report.passed(), right, "{report}");
        let expected = if right {
            vec![]
        } else {
            vec![(0, Fault::Inputs)]
        };
        assert_eq!(faults(&report), expected, "{report}");
    }
}

/// y = x^2, with a derivative of `slope` x.
#[derive(Debug)]
struct Square {
    slope: f64,
}

impl Layer<f64> for Square {
    fn name(&self) -> String {
        "Square".into()
    }
    fn outputs(&self, inputs: usize) -> usize {
        inputs
    }
    fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
        x.mapv(|x| x * x)
    }
    fn backward(&self, at: &At<'_, f64>, dy: &Array2<f64>, _: &mut [f64]) -> Option<Array2<f64>> {
        Some(at.x.mapv(|x| self.slope * x) * dy)
    }
}

/// Takes the mean of the batch out, and may say that samples do not meet.
#[derive(Debug)]
struct Centered {
    mixes: bool,
}

impl Layer<f64> for Centered {
    fn name(&self) -> String {
        "Centered".into()
    }
    fn outputs(&self, inputs: usize) -> usize {
        inputs
    }
    fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
        x.to_owned() - &x.mean_axis(ndarray::Axis(0)).unwrap()
    }
    fn backward(&self, _: &At<'_, f64>, dy: &Array2<f64>, _: &mut [f64]) -> Option<Array2<f64>> {
        Some(dy.to_owned() - &dy.mean_axis(ndarray::Axis(0)).unwrap())
    }
    fn mixes_samples(&self) -> bool {
        self.mixes
    }
}

#[test]
fn samples_that_meet_untold_are_found() {
    for mixes in [true, false] {
        let network = Network::builder()
            .layer(Dense::new(2, 3))
            .layer(Centered { mixes })
            .layer(Dropout::new(0.3, 1))
            .initialize(Init::Xavier, &mut ChaCha8Rng::seed_from_u64(1))
            .unwrap();
        let x = array![[0.3, -0.2], [0.5, 0.9], [0.1, 0.4]];
        let batch = Batch::new(x, Targets::labels(&[0, 1, 2])).unwrap();
        let report = check_network(&network, &batch).unwrap();
        assert_eq!(report.passed(), mixes, "{report}");
        let expected = if mixes {
            vec![]
        } else {
            vec![(1, Fault::MixesSamples)]
        };
        assert_eq!(faults(&report), expected, "{report}");
    }
}

#[test]
fn a_nan_is_a_bug() {
    let (_, report) = check(Box::new(Dense::new(32, 5)), Bug::Nan);
    assert!(!report.passed());
    assert_eq!(report.findings.len(), 32 * 5 + 5);
}

#[test]
fn wrong_increments_are_told_from_a_wrong_backward() {
    let (_, report) = check(Box::new(Activation::Tanh), Bug::Push(1.0 + 1e-3));
    assert_eq!(faults(&report), [(1, Fault::Push)], "{report}");
    assert_eq!(report.counts().wrong, 0);
}

/// A ReLU of a user's, with this slope at exactly 0.
#[derive(Debug)]
struct Own {
    at_zero: f64,
}

impl Layer<f64> for Own {
    fn name(&self) -> String {
        "own ReLU".into()
    }
    fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
        x.mapv(|x| x.max(0.0))
    }
    fn backward(&self, at: &At<'_, f64>, dy: &Array2<f64>, _: &mut [f64]) -> Option<Array2<f64>> {
        let slope = |x: f64| match x {
            0.0 => self.at_zero,
            _ => f64::from(x > 0.0),
        };
        Some(at.x.mapv(slope) * dy)
    }
}

#[test]
fn a_right_layer_passes_at_any_distance_from_its_kink() {
    for exponent in -300..=0 {
        for sign in [-1.0, 1.0] {
            let network = Network::builder()
                .layer(Dense::new(1, 1))
                .layer(Own { at_zero: 0.0 })
                .layer(Dense::new(1, 2))
                .weights(&[1.0, 0.0, 1.0, -1.0, 0.0, 0.0])
                .unwrap();
            let x = array![[sign * 10f64.powi(exponent)]];
            let batch = Batch::new(x, Targets::labels(&[0])).unwrap();
            check_network(&network, &batch).unwrap().assert_ok();
        }
    }
    // Small pre-activations, many of them.
    for seed in 0..2 {
        let network = Network::builder()
            .layer(Dense::new(20, 50))
            .layer(Own { at_zero: 0.0 })
            .layer(Dense::new(50, 10))
            .initialize(Init::Gaussian(0.01), &mut ChaCha8Rng::seed_from_u64(seed))
            .unwrap();
        let x = Array2::from_shape_fn((64, 20), |(n, i)| ((n * 20 + i) as f64 * 1.7).sin());
        let labels: Vec<usize> = (0..64).map(|n| n % 10).collect();
        let batch = Batch::new(x, Targets::labels(&labels)).unwrap();
        check_network(&network, &batch).unwrap().assert_ok();
    }
}

#[test]
fn at_a_kink_a_value_between_the_slopes_passes_and_one_outside_is_wrong() {
    let x = array![[0.0, 1.0], [-1.0, 0.0]];
    for (at_zero, right) in [
        (0.0, true),
        (0.5, true),
        (1.0, true),
        (7.0, false),
        (-3.0, false),
    ] {
        let report = check_layer(&Own { at_zero }, &x).unwrap();
        assert_eq!(report.passed(), right, "{at_zero} {report}");
        let counts = report.counts();
        let found = (counts.right, counts.wrong, counts.not_smooth);
        assert_eq!(found, if right { (2, 0, 2) } else { (2, 2, 0) }, "{report}");
    }
    // At kinks alone nothing is checked, and nothing passes unless it is allowed.
    let zeros = Array2::zeros((2, 3));
    let report = check_layer(&Own { at_zero: 0.0 }, &zeros).unwrap();
    assert!(!report.passed() && report.suspects.is_empty(), "{report}");
    assert!(
        report
            .to_string()
            .contains("NOTHING was checked, as every entry is at a kink")
    );
    let allowed = Check::new().with_unchecked_blocks();
    allowed
        .layer(&Own { at_zero: 0.0 }, &zeros)
        .unwrap()
        .assert_ok();
}

/// Zeros at the border of a picture and no bias: the ReLU behind the convolution is at its kink
/// everywhere, and the convolution's derivatives are checked all the same.
#[test]
fn a_kink_behind_a_layer_hides_nothing() {
    let image = Image::new(1, 4, 4);
    for bug in [
        Bug::None,
        Bug::Parameter(9, 2.0),
        Bug::Parameter(9, -1.0),
        Bug::Parameter(9, 0.0),
    ] {
        let inner: Box<dyn Layer<f64>> = Box::new(Conv2d::new(image, 1, 3).with_padding(1));
        let mut weights = vec![0.3; 9];
        weights.push(0.0);
        weights.extend((0..34).map(|i| (i as f64).sin()));
        let network = Network::builder()
            .layer(Planted { inner, bug })
            .layer(Activation::Relu)
            .layer(Dense::new(16, 2))
            .weights(&weights)
            .unwrap();
        let batch = Batch::new(Array2::zeros((2, 16)), Targets::labels(&[0, 1])).unwrap();
        let report = Check::new()
            .with_unchecked_blocks()
            .network(&network, &batch)
            .unwrap();
        let fault = (0, Fault::Parameters("b1".into()));
        let expected = if bug == Bug::None {
            vec![]
        } else {
            vec![fault]
        };
        assert_eq!(faults(&report), expected, "{bug:?} {report}");
    }
}

#[test]
fn a_certain_prediction_is_no_alarm() {
    for weight in [10.0, 40.0, 300.0] {
        let network = Network::builder()
            .layer(Dense::new(1, 2))
            .weights(&[weight, -weight, 0.0, 0.0])
            .unwrap();
        let batch = Batch::new(array![[1.0]], Targets::labels(&[0])).unwrap();
        check_network(&network, &batch).unwrap().assert_ok();
    }
}

#[test]
fn raw_pixels_accuse_the_wrong_layer_alone() {
    for slope in [3.0, 2.9] {
        let network = Network::builder()
            .layer(Dense::new(4, 6))
            .layer(Cube { slope })
            .layer(Dense::new(6, 2))
            .initialize(Init::Xavier, &mut ChaCha8Rng::seed_from_u64(3))
            .unwrap();
        let x = Array2::from_shape_fn((5, 4), |(n, i)| ((n * 4 + i) * 53 % 256) as f64 * 1e3);
        let batch = Batch::new(x, Targets::labels(&[0, 1, 0, 1, 1])).unwrap();
        let report = check_network(&network, &batch).unwrap();
        let expected = if slope == 3.0 {
            vec![]
        } else {
            vec![(1, Fault::Inputs)]
        };
        assert_eq!(faults(&report), expected, "{report}");
    }
}

#[test]
fn a_layer_that_is_not_deterministic_is_told() {
    #[derive(Debug)]
    struct Noisy(std::sync::atomic::AtomicU64);
    impl Layer<f64> for Noisy {
        fn name(&self) -> String {
            "noisy".into()
        }
        fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
            let calls = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            x * (1.0 + 1e-3 * (calls as f64).sin())
        }
        fn backward(
            &self,
            _: &At<'_, f64>,
            dy: &Array2<f64>,
            _: &mut [f64],
        ) -> Option<Array2<f64>> {
            Some(dy.to_owned())
        }
    }
    let network = Network::builder()
        .layer(Dense::new(2, 3))
        .layer(Noisy(0.into()))
        .layer(Dense::new(3, 2))
        .initialize(Init::Xavier, &mut ChaCha8Rng::seed_from_u64(3))
        .unwrap();
    let batch = Batch::new(array![[0.4, -0.7], [0.2, 1.1]], Targets::labels(&[0, 1])).unwrap();
    let report = check_network(&network, &batch).unwrap();
    assert_eq!(faults(&report), [(1, Fault::NotDeterministic)], "{report}");
    assert!(report.to_string().contains("not deterministic"));
}

#[test]
fn a_layer_in_single_precision_is_told_and_checked() {
    #[derive(Debug)]
    struct Single(f32);
    impl Layer<f64> for Single {
        fn name(&self) -> String {
            "single".into()
        }
        fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
            x.mapv(|x| f64::from((x as f32).tanh() * 1.3 + (x as f32)))
        }
        fn backward(
            &self,
            at: &At<'_, f64>,
            dy: &Array2<f64>,
            _: &mut [f64],
        ) -> Option<Array2<f64>> {
            let slope = |x: f64| f64::from(self.0 * (1.0 - (x as f32).tanh().powi(2)) + 1.0);
            Some(at.x.mapv(slope) * dy)
        }
    }
    for factor in [1.3, 1.35] {
        let network = Network::builder()
            .layer(Dense::new(2, 3))
            .layer(Single(factor))
            .layer(Dense::new(3, 2))
            .initialize(Init::Xavier, &mut ChaCha8Rng::seed_from_u64(3))
            .unwrap();
        let batch = Batch::new(array![[0.4, -0.7], [0.2, 1.1]], Targets::labels(&[0, 1])).unwrap();
        let report = check_network(&network, &batch).unwrap();
        let expected = if factor == 1.3 {
            vec![]
        } else {
            vec![(1, Fault::Inputs)]
        };
        assert_eq!(faults(&report), expected, "{report}");
        assert_eq!(report.single, [(1, "single".to_string())], "{report}");
    }
}

#[test]
fn settings_and_inputs_of_a_check_are_looked_at() {
    let x = array![[0.4, -0.7]];
    let tanh = Activation::Tanh;
    let setting =
        |check: Check| matches!(check.layer::<f64>(&tanh, &x), Err(Error::Setting { .. }));
    assert!(setting(Check::new().with_step(0.0)));
    assert!(setting(Check::new().with_step(f64::NAN)));
    assert!(setting(Check::new().with_tolerance(-1.0)));
    assert!(matches!(
        check_layer::<f64>(&tanh, &Array2::zeros((0, 2))),
        Err(Error::EmptyBatch)
    ));
    assert!(matches!(
        check_layer::<f64>(&Dense::new(3, 1), &x),
        Err(Error::Inputs { .. })
    ));
    assert!(matches!(
        check_layer::<f64>(&tanh, &array![[f64::NAN]]),
        Err(Error::NotFinite { .. })
    ));
    assert!(matches!(
        Check::new().layer_at::<f64>(&Dense::new(2, 1), &[1.0], &x),
        Err(Error::Length { .. })
    ));
    // Every layer alone, in both precisions, with drawn parameters.
    for layer in layers() {
        let x = Array2::from_shape_fn((3, 32), |(n, i)| ((n * 32 + i) as f64 * 0.9).sin());
        for seed in [0, 1] {
            Check::new()
                .with_seed(seed)
                .layer(&*layer, &x)
                .unwrap()
                .assert_ok();
        }
    }
    let x = Array2::from_shape_fn((3, 4), |(n, i)| ((n * 4 + i) as f32 * 0.9).sin());
    check_layer::<f32>(&Dense::new(4, 2), &x)
        .unwrap()
        .assert_ok();
    check_layer::<f32>(&Activation::Softplus, &x)
        .unwrap()
        .assert_ok();
}

/// A layer that says nothing of its increments: they are subtracted values.
#[derive(Debug)]
struct Cube {
    /// Wrong when not 3.
    slope: f64,
}

impl Layer<f64> for Cube {
    fn name(&self) -> String {
        "Cube".into()
    }
    fn outputs(&self, inputs: usize) -> usize {
        inputs
    }
    fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
        x.mapv(|x| 10.0 + x * x * x)
    }
    fn backward(&self, at: &At<'_, f64>, dy: &Array2<f64>, _: &mut [f64]) -> Option<Array2<f64>> {
        Some(at.x.mapv(|x| self.slope * x * x) * dy)
    }
}

#[test]
fn a_users_layer_is_checked_with_forward_and_backward_alone() {
    let network = |slope| {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let builder = Network::builder()
            .layer(Dense::new(2, 6))
            .layer(Cube { slope })
            .layer(Dense::new(6, 2));
        builder
            .loss(Loss::TUTORIAL)
            .initialize(Init::Glorot, &mut rng)
            .unwrap()
    };
    let batch = Batch::new(array![[0.4, -0.7], [0.2, 1.1]], Targets::labels(&[0, 1])).unwrap();
    let report = check_network(&network(3.0), &batch).unwrap();
    assert!(report.passed(), "{report}");
    let report = check_network(&network(3.0001), &batch).unwrap();
    assert!(!report.passed());
    assert_eq!(faults(&report), [(1, Fault::Inputs)]);
    assert_eq!(report.suspects[0].name, "Cube");
}

#[test]
fn a_layer_without_backward_is_an_error() {
    #[derive(Debug)]
    struct Silent;
    impl Layer<f64> for Silent {
        fn name(&self) -> String {
            "Silent".into()
        }
        fn outputs(&self, inputs: usize) -> usize {
            inputs
        }
        fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
            x.to_owned()
        }
    }
    let network = Network::builder()
        .layer(Dense::new(1, 2))
        .layer(Silent)
        .weights(&[0.0; 4])
        .unwrap();
    let batch = Batch::new(array![[1.0]], Targets::labels(&[0])).unwrap();
    assert!(matches!(
        check_network(&network, &batch),
        Err(Error::NoBackward { layer: 1, .. })
    ));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// No false alarms, in either precision. One sample alone has a batch normalization put every ReLU
    /// behind it at its kink.
    #[test]
    fn random_networks_pass(recipe in recipe(8, 6)) {
        let (network, batch) = recipe.build::<f64>();
        let report = Check::new().with_unchecked_blocks().network(&network, &batch).unwrap();
        prop_assert!(report.passed(), "{}", report);
        let (network, batch) = recipe.build::<f32>();
        let report = Check::new().with_unchecked_blocks().network(&network, &batch).unwrap();
        prop_assert!(report.passed(), "{}", report);
    }
}
